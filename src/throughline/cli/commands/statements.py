"""`throughline sow …`: statements of work, from the template to the signed-off version."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from throughline.cli.commands import scope
from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.documents.actions import write_atomically
from throughline.intake.authoring import Writer, template_text, write_statement_text
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.record import record_fact
from throughline.sales.actions.statements import LARGEST
from throughline.sales.export import statement_file
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.queries import find_deal
from throughline.sales.statements.changes import Changes, Lines, Span, hours_words
from throughline.sales.statements.content import number
from throughline.sales.versions import (
    changes_of,
    find_version,
    sign_offs_of,
    statement_shape,
    version_of,
)

FILE = click.Path(path_type=Path, dir_okay=False)
file_option = click.option("--file", type=FILE, required=True, help="MyST Markdown.")


@click.group()
def sow() -> None:
    """Write, compare and sign off statements of work.

    S is a deal's HubSpot id or our number, which means its newest version, or S@N: its version N.
    """


for one in scope.COMMANDS:
    sow.add_command(one)


@sow.command("new")
@click.argument("reference", metavar="D")
@click.option("--file", type=FILE, help="A filled-in template, kept as version 1.")
@by_option
@replies
def new(reference: str, file: Path | None, by: str | None) -> Reply:
    """Print the template for a deal; or keep a filled-in one as its first version."""
    deal = find_deal(reference)
    if file is not None:
        return _kept(deal, file, base=0, by=by)
    text = template_text(deal.name)
    return Reply({"deal": deal.reference, "template": text}, [text.rstrip("\n")])


def _kept(deal: Deal, file: Path, *, base: int | None, by: str | None) -> Reply:
    writer = Writer(current(), operator(by), now(), base)
    statement, is_new = write_statement_text(deal.pk, _text(file), writer)
    became = "is kept" if is_new else "says the same already"
    shape = _shape(deal, statement) | {"new": is_new}
    hours = hours_words(statement.low_h, statement.high_h)
    lines = [f"Version {statement.version} {became}: {statement.title}, {hours}."]
    warnings = [f"{one['code']}: {one['message']}" for one in statement.content["warnings"]]
    return Reply(shape, lines, warnings)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise Refused(
                f"{file} is larger than 1 MiB; a statement of work has a few pages.",
                remedy="Leave out what is no text, such as embedded pictures.",
            )
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refused(
            f"{file} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not UTF-8.", remedy="Save it as UTF-8 and try again.") from error


def _shape(deal: Deal, statement: StatementOfWork) -> dict[str, Any]:
    return statement_shape(deal, statement, playbook=current(), with_money=True)


@sow.command("show")
@click.argument("reference", metavar="S")
@replies
def show(reference: str) -> Reply:
    """Show a version: deliverables with hours and due dates, hours by role, who signed it off."""
    deal, statement = find_version(reference)
    shape = _shape(deal, statement)
    return Reply(shape, list(_shown(deal, statement, shape)))


def _shown(deal: Deal, statement: StatementOfWork, shape: dict[str, Any]) -> Iterator[str]:
    newest = version_of(deal).version
    is_old = "" if newest == statement.version else f"; version {newest} is newer"
    yield f"{statement.title}: version {statement.version} by {statement.imported_by}{is_old}."
    for one in shape["deliverables"]:
        yield f"  {one['title']}: {_hours(one)}, due {one['due_on'] or 'on no day yet'}"
        yield from (f"      done when: {text}" for text in one.get("definition_of_done", ()))
    yield f"All together: {_hours(shape['total'])}."
    yield from (f"  {one['role']}: {_hours(one)}" for one in shape["by_role"])
    for one in sign_offs_of(statement, playbook=current()):
        yield f"  {one.name}: {f'signed off by {one.by}' if one.by else 'has not signed off'}"


def _hours(part: dict[str, Any]) -> str:
    return hours_words(part.get("low_h", 0), part.get("high_h", 0))


@sow.command("edit")
@click.argument("reference", metavar="S")
@file_option
@by_option
@replies
def edit(reference: str, file: Path, by: str | None) -> Reply:
    """Keep a changed document as a new version.

    With S@N the change is refused where somebody has made a version after N.
    """
    deal, statement = find_version(reference)
    return _kept(deal, file, base=statement.version if "@" in reference else None, by=by)


@sow.command("diff")
@click.argument("reference", metavar="S")
@click.argument("before", metavar="A", type=click.IntRange(min=1))
@click.argument("after", metavar="B", type=click.IntRange(min=1))
@replies
def diff(reference: str, before: int, after: int) -> Reply:
    """Say what changed from version A to version B, and word for word."""
    deal = find_deal(reference)
    found = changes_of(deal, before, after)
    document = {"deal": deal.reference, "from": before, "to": after, **_changes_document(found)}
    return Reply(document, list(_change_lines(found)) or ["Nothing changed."])


def _changes_document(found: Changes) -> dict[str, Any]:
    return {
        "total": _span(found.total),
        "added": [one["title"] for one in found.added],
        "removed": [one["title"] for one in found.removed],
        "changed": [
            {
                "title": one.title,
                "title_before": one.title_before,
                "hours": _span(one.hours),
                "definition_of_done": _lines(one.definition_of_done),
                "items": _lines(one.items),
                "people": _lines(one.people),
                "risks": _lines(one.risks),
                "words": list(one.words),
            }
            for one in found.changed
        ],
        "out_of_scope": _lines(found.out_of_scope),
        "overhead": _lines(found.overhead),
        "people": _lines(found.people),
        "by_role": [{"role": role, **_span(span)} for role, span in found.by_role],
        "lines": [f"{line.sign}{line.text}" for line in found.lines],
    }


def _span(span: Span) -> dict[str, Any]:
    (low, high), (new_low, new_high) = span.before, span.after
    return {
        "before": {"low_h": number(low), "high_h": number(high)},
        "after": {"low_h": number(new_low), "high_h": number(new_high)},
    }


def _lines(lines: Lines) -> dict[str, list[str]]:
    return {"added": list(lines.added), "removed": list(lines.removed)}


def _change_lines(found: Changes) -> Iterator[str]:
    yield from (f"+ {one['title']}: {_hours(dict(one))}" for one in found.added)
    yield from (f"- {one['title']}: {_hours(dict(one))}" for one in found.removed)
    for one in found.changed:
        renamed = f" (was: {one.title_before})" if one.is_renamed else ""
        moved = f": {_moved(one.hours)}" if one.hours.is_changed else ""
        yield f"~ {one.title}{renamed}{moved}"
        for lines in (one.definition_of_done, one.items, one.people, one.risks):
            yield from (f"    + {text}" for text in lines.added)
            yield from (f"    - {text}" for text in lines.removed)
        yield from (f"    ~ its {name} is worded anew" for name in one.words)
    yield from (f"~ {role}: {_moved(span)}" for role, span in found.by_role)
    if found.total.is_changed:
        yield f"All together: {_moved(found.total)}."
    if found.lines:
        yield ""
        yield from (f"{line.sign} {line.text}".rstrip() for line in found.lines)


def _moved(span: Span) -> str:
    return f"{hours_words(*span.before)} → {hours_words(*span.after)}"


@sow.command("sign")
@click.argument("reference", metavar="S")
@click.argument("role")
@click.option("--by", required=True, metavar="WHO", help="Who has read it and signs it off.")
@replies
def sign(reference: str, role: str, by: str) -> Reply:
    """Sign a version off in a role of the playbook, by code or name.

    With S@N the sign-off is refused where version N is not the newest.
    """
    deal, statement = find_version(reference)
    playbook = current()
    said = {"role": role, "version": statement.version}
    record_fact(deal.pk, "sow.signed_off", said, playbook=playbook, by=operator(by), at=now())
    signed = sign_offs_of(version_of(deal, statement.version), playbook=playbook)
    missing = [one.name for one in signed if not one.by]
    rest = f"It still lacks {', '.join(missing)}." if missing else "All have signed."
    return Reply(
        _shape(deal, version_of(deal, statement.version)),
        [f"Version {statement.version} is signed off by {by}. {rest}"],
    )


@sow.command("export")
@click.argument("reference", metavar="S")
@click.option("--format", "kind", type=click.Choice(["md", "pdf"]), required=True)
@click.argument("file", type=FILE)
@replies
def export(reference: str, kind: str, file: Path) -> Reply:
    """Write the public part of a version to FILE, as MyST Markdown or PDF."""
    deal, statement = find_version(reference)
    content = statement_file(deal, statement, kind, playbook=current())
    try:
        write_atomically(file, content)
    except OSError as error:
        raise Refused(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    document = {
        "deal": deal.reference, "version": statement.version, "format": kind, "file": str(file),
        "bytes": len(content),
    }  # fmt: skip
    return Reply(document, [f"Version {statement.version} is written to {file}."])
