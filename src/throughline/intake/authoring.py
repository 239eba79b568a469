"""Writing statements of work here: what is written is kept as the reader of documents reads it.

So an authored document and an imported one have one structure, and an export always reads back.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from throughline.intake.hours import SowError
from throughline.intake.statement_of_work import parse
from throughline.playbook.model import Playbook
from throughline.sales import statements
from throughline.sales.actions.statements import Edition, check_size, write_version
from throughline.sales.models import StatementOfWork
from throughline.sales.statements.content import draft_of
from throughline.sales.statements.drafts import DraftRefused, Problem, checked
from throughline.sales.statements.render import markdown

TEMPLATE = Path(statements.__file__).with_name("template.md")
BLANK = re.compile(r"<[A-Z ]+>")  # a place of the template that is to be filled in
READ_AS_OTHER = (
    "This would be read as another part of the document. Leave tables of hours, totals and the"
    " names of sections out of it."
)
PARAGRAPHS = (
    "Write this in plain paragraphs without a total: a list here is read as items with hours."
)


@dataclass(frozen=True, slots=True)
class Writer:
    """By whose rules a text is written, by whom, when, and which version they began with.

    `base` is 0 where there was none; None does not ask whether somebody was quicker.
    """

    playbook: Playbook
    by: str
    at: datetime
    base: int | None = None


def template_text(title: str) -> str:
    """Return the template of a statement of work as Markdown, with its title filled in."""
    words = json.dumps(" ".join(title.split()), ensure_ascii=False)  # as YAML has it, too
    return TEMPLATE.read_text(encoding="utf-8").replace("<TITLE>", words, 1)


def blank_draft(title: str) -> dict[str, Any]:
    """Return the draft that the template is; what is to be filled in is empty."""
    draft = draft_of(parse(template_text("")).as_json())
    draft["deliverables"] = [_blanked(one) for one in draft["deliverables"]]
    lists = {name: _filled(draft[name]) for name in ("people", "out_of_scope")}
    return draft | lists | {"title": title}


def _blanked(one: dict[str, Any]) -> dict[str, Any]:
    title = "" if BLANK.fullmatch(one["title"]) else one["title"]
    lists = {name: _filled(one[name]) for name in ("definition_of_done", "risks", "people")}
    return one | lists | {"title": title}


def _filled(texts: list[str]) -> list[str]:
    return [text for text in texts if not BLANK.fullmatch(text)]


def write_statement(
    deal_id: int,
    draft: Mapping[str, Any],
    writer: Writer,
    *,
    price_note: str | None = None,
    renamed: Mapping[str, str] | None = None,
) -> tuple[StatementOfWork, bool]:
    """Make a new version of a deal's statement of work from a draft; the same words make none.

    Raises:
        DraftRefused: something in the draft is wrong; nothing is kept.
        VersionConflict: somebody else has made a newer version.
    """
    text, content = publish_draft(draft, playbook=writer.playbook)
    edition = Edition(text, content, price_note, renamed)
    return write_version(deal_id, edition, base=writer.base, by=writer.by, at=writer.at)


def write_statement_text(deal_id: int, text: str, writer: Writer) -> tuple[StatementOfWork, bool]:
    """Make a new version from a Markdown text, by the rules for drafts.

    Raises:
        SowError: the text is no statement of work; its line is said.
        DraftRefused: something in it is wrong; nothing is kept.
        VersionConflict: somebody else has made a newer version.
    """
    check_size(text.encode(), name="The text")
    return write_statement(deal_id, draft_of(parse(text).as_json()), writer)


def publish_draft(draft: Mapping[str, Any], *, playbook: Playbook) -> tuple[str, dict[str, Any]]:
    """Return a draft as its public Markdown, and as the content that this reads back as.

    Raises:
        DraftRefused: a field is wrong, or would be read as something else.
    """
    wanted = checked(draft, roles=playbook.team_roles, named=playbook.team_role_named)
    text = markdown(wanted)
    check_size(text.encode(), name="The text")
    try:
        read = parse(text).as_json()
    except SowError as error:
        raise DraftRefused([Problem("deliverables", str(error))]) from error
    if problems := [*_misread(wanted, read), *_unknown_people(wanted, read, playbook)]:
        raise DraftRefused(problems)
    # Whoever writes 0 to 20 hours knows it: it is no cap that somebody else worded.
    read["warnings"] = [one for one in read["warnings"] if one["code"] != "capped"]
    return text, read


def _misread(wanted: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the fields that say something else once they stand in the document."""
    titles = [one["title"] for one in read["deliverables"]]
    for at, one in enumerate(wanted["deliverables"]):
        if one["title"] not in titles:
            yield Problem(
                f"deliverables.{at}.title",
                f"{one['title']!r} is the name of a section, or states hours. Name what will be"
                " there at the end.",
            )
    if titles == [one["title"] for one in wanted["deliverables"]]:
        for at, pair in enumerate(zip(wanted["deliverables"], read["deliverables"], strict=True)):
            yield from _misread_deliverable(f"deliverables.{at}", *pair)
    yield from _misread_items("overhead", wanted["overhead"], read["overhead"])
    for name in ("title", "background", "technical_details", "overhead_text", "out_of_scope"):
        if (wanted[name] or None) != (read.get(name) or None):
            yield Problem(name, PARAGRAPHS if name == "overhead_text" else READ_AS_OTHER)
    if wanted["sections"] != read.get("sections", []):
        yield Problem("sections", READ_AS_OTHER)


def _misread_deliverable(
    path: str, wanted: Mapping[str, Any], read: Mapping[str, Any]
) -> Iterator[Problem]:
    if items := list(_misread_items(path, wanted, read)):
        yield from items  # what else differs may follow from these
        return
    for name in ("overview", "demo", "definition_of_done", "risks", "people"):
        if (wanted[name] or None) != (read.get(name) or None):
            yield Problem(f"{path}.{name}", READ_AS_OTHER)
    if read["stated_low_h"] is not None:
        yield Problem(
            f"{path}.overview", "A text states a total of hours. Leave it out: items are added up."
        )


def _misread_items(
    path: str, wanted: Mapping[str, Any], read: Mapping[str, Any]
) -> Iterator[Problem]:
    if wanted["items"] == read["items"]:
        return
    for at, item in enumerate(wanted["items"]):
        if item not in read["items"]:
            yield Problem(
                f"{path}.items.{at}.text",
                f"{item['text']!r} would be read as a total or a heading. Say what is done.",
            )


def _unknown_people(
    wanted: Mapping[str, Any], read: Mapping[str, Any], playbook: Playbook
) -> Iterator[Problem]:
    if not wanted["people"]:
        return
    known = ", ".join(role.name for role in playbook.team_roles)
    for person in read["people"]:
        if playbook.team_role_named(person["role"]) is None:
            yield Problem(
                "people", f"Nobody of the team is {person['role']!r}. Name one of {known}."
            )
