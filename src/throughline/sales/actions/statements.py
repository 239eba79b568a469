"""Keeping statements of work: each change is a new version, and older ones stay as they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.db import transaction

from throughline.documents.actions import keep_document
from throughline.documents.models import Document
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.statements.content import changed_parts, hours
from throughline.sales.words import StatementOrigin

LARGEST = 1024 * 1024  # bytes: a statement of work is a few pages
LONGEST_TITLE = 250


@dataclass(frozen=True, slots=True)
class Edition:
    """What a person wrote: its public Markdown, what the reader makes of it, the private note."""

    markdown: str
    content: dict[str, Any]
    price_note: str | None = None  # None leaves the note as it is
    renamed: Mapping[str, str] | None = None  # deliverables: title before, title now


class VersionConflict(Refused):
    """Somebody else has made a newer version since this one was begun."""

    def __init__(self, newest: StatementOfWork, *, base: int, theirs: list[str]) -> None:
        """Say who changed what."""
        changed = f" They changed {', '.join(theirs)}." if theirs else ""
        super().__init__(
            f"{newest.imported_by} has made version {newest.version} since you began with"
            f" {f'version {base}' if base else 'an empty page'}.{changed}",
            remedy="Put into your text what you want of theirs, and save it again: it is then"
            f" based on version {newest.version}.",
        )
        self.newest = newest
        self.base = base


def check_size(content: bytes, *, name: str) -> None:
    """Pass if a document can be a statement of work.

    Raises:
        Refused: it is larger than 1 MiB.
    """
    if len(content) > LARGEST:
        raise Refused(
            f"{name} has {len(content) / LARGEST:.1f} MiB; a statement of work has a few pages.",
            remedy="Leave out what is no text, such as embedded pictures. At most 1 MiB is taken.",
        )


@transaction.atomic
def keep_statement(
    content: bytes,
    read: dict[str, Any],
    *,
    name: str,
    deal: Deal | None,
    by: str,
    at: datetime,
) -> tuple[StatementOfWork, bool]:
    """Store a statement of work and return it with whether it is new; the same file stays as it is.

    `read` is what the importer made of it, in the shape of design §12. A file that an older version
    came from becomes a new version again: it is what counts from now on.

    Raises:
        Refused: it is larger than 1 MiB.
    """
    check_size(content, name=name)
    if deal is not None:
        locked_deal(deal.pk)
    document = keep_document(content, name=name, by=by, at=at)
    newest = _newest(deal) if deal else StatementOfWork.objects.filter(deal=None, document=document)
    if (standing := newest.first()) and standing.document_id == document.pk:
        return standing, False
    statement = _add(
        deal, document, read, before=standing, by=by, at=at, price_note=_note(standing)
    )
    record("sales.sow.kept", statement, by=by, at=at, name=name, sha256=document.sha256)
    return statement, True


@transaction.atomic
def write_version(
    deal_id: int, edition: Edition, *, base: int | None, by: str, at: datetime
) -> tuple[StatementOfWork, bool]:
    """Make a new version of a deal's statement of work; the same words again make none.

    `base` is the version that the writer began with, 0 where there was none; None does not ask.
    Due dates of renamed deliverables go with them. Returns the version and whether it is new.

    Raises:
        VersionConflict: somebody else has made a newer version.
        Refused: it is larger than 1 MiB, or there is no version of the number of `base`.
    """
    deal = locked_deal(deal_id)
    newest = _newest(deal).first()
    if base is not None and base != (newest.version if newest else 0):
        _refuse_late(deal, newest, base)
    note = _note(newest) if edition.price_note is None else edition.price_note.strip()
    if newest and newest.content == edition.content and newest.price_note == note:
        return newest, False
    content = edition.markdown.encode()
    check_size(content, name="The text")
    number = (newest.version if newest else 0) + 1
    name = f"statement-of-work-{deal.reference}-{number}.md"
    statement = _add(
        deal, keep_document(content, name=name, by=by, at=at), edition.content,
        before=newest, by=by, at=at, price_note=note, origin=StatementOrigin.WRITTEN,
    )  # fmt: skip
    _carry_dates(deal, edition.renamed or {})
    record(
        "sales.sow.written", statement, by=by, at=at, version=number,
        changed=changed_parts(newest.content, edition.content) if newest else [],
    )  # fmt: skip
    return statement, True


def _newest(deal: Deal) -> Any:
    return StatementOfWork.objects.filter(deal=deal).order_by("-version")


def _note(before: StatementOfWork | None) -> str:
    return before.price_note if before else ""


def _add(
    deal: Deal | None,
    document: Document,
    read: dict[str, Any],
    *,
    before: StatementOfWork | None,
    **fields: Any,
) -> StatementOfWork:
    return StatementOfWork.objects.create(
        deal=deal,
        document=document,
        version=(before.version if before else 0) + 1,
        title=read["title"][:LONGEST_TITLE],
        content=read,
        low_h=hours(read["total"]["low_h"]),
        high_h=hours(read["total"]["high_h"]),
        imported_at=fields.pop("at"),
        imported_by=fields.pop("by"),
        **fields,
    )


def _refuse_late(deal: Deal, newest: StatementOfWork | None, base: int) -> NoReturn:
    """Say who was quicker, and what they changed.

    Raises:
        VersionConflict: there is a version after the one that the writer began with.
        Refused: there is no version of that number.
    """
    if newest is None or base > newest.version:
        standing = f"the newest is {newest.version}" if newest else "there is none yet"
        raise Refused(f"There is no version {base}; {standing}.", remedy="Begin with that one.")
    begun = StatementOfWork.objects.filter(deal=deal, version=base).first()
    theirs = changed_parts(begun.content, newest.content) if begun else []
    raise VersionConflict(newest, base=base, theirs=theirs)


def _carry_dates(deal: Deal, renamed: Mapping[str, str]) -> None:
    """Let due dates go with the deliverables that have a new title."""
    due = deal.deliverable_dates
    moved = {renamed.get(title, title): day for title, day in due.items()}
    if moved != due:
        deal.deliverable_dates = moved
        deal.save(update_fields=["deliverable_dates"])
