"""Bringing a rearranged workbook back in place of the one that lies there."""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.billing.workbook import check_writable, groups_in, locked_workbook
from throughline.billing.workbook_patch import TYPES
from throughline.billing.workbook_read import (
    COLUMN,
    Books,
    WorkbookUnreadable,
    read_books,
    workbook_path,
)
from throughline.billing.workbook_taken import (
    SHORT,
    differences,
    refuse_elsewhere,
    taken_at,
    version_of,
)
from throughline.documents.actions import LARGEST, keep_document, write_atomically
from throughline.documents.models import Document
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

UNPACKED = 10 * LARGEST  # a small file may unpack to more than the memory holds
SAVE_IT = "Save it as .xlsx in a spreadsheet program, and bring that one."


@dataclass(frozen=True, slots=True)
class Brought:
    """The workbook that lies there now."""

    document: Document
    lacks: int  # of the columns of ours that the one before had

    @property
    def lacks_said(self) -> str:
        """What to look at; "" where every column is there."""
        if not self.lacks:
            return ""
        return f"It lacks {self.lacks} of our columns; the next handoff makes them again."


def bring_workbook(content: bytes, *, name: str, by: str, at: datetime) -> Brought:
    """Put a rearranged workbook in place of the standing one; both are kept as documents.

    Raises:
        Refused: it is no workbook, ours could not be written into it, or the standing one was
            written since it was taken.
    """
    refuse_elsewhere()
    _refuse_strange(content, name)
    with locked_workbook():
        raw = workbook_path().read_bytes() if workbook_path().exists() else b""
        standing, brought = _standing(raw), _readable(content, name)
        if standing is not None:
            _refuse_older(standing, brought, taken_at(brought, name), version_of(raw))
        try:
            check_writable(content, groups_in(standing) if standing else {})
        except Refused:
            raise
        except Exception as error:  # whatever a strange file makes the writer stumble over
            raise Refused(f"{name} cannot be written into.", remedy=SAVE_IT) from error
        document = _replace(raw, content, name, by=by, at=at)
    ours = _ours(standing) if standing else set()
    return Brought(document, len(ours - _ours(brought)))


def _replace(raw: bytes, content: bytes, name: str, *, by: str, at: datetime) -> Document:
    """Keep both files, then write: whatever fails before leaves the standing one where it is."""
    before = keep_document(raw, name=workbook_path().name, by=by, at=at) if raw else None
    document = keep_document(content, name=name, by=by, at=at)
    with transaction.atomic():
        record(
            "billing.workbook.replaced", document, by=by, at=at, name=document.name,
            sha256=document.sha256, before=before.sha256 if before else None,
        )  # fmt: skip
        write_atomically(workbook_path(), content)
    return document


def _refuse_strange(content: bytes, name: str) -> None:
    """Refuse what no program should open.

    Raises:
        Refused: it is too large, no XLSX, or has macros.
    """
    if len(content) > LARGEST:
        raise Refused(
            f"{name} is larger than 25 MiB.", remedy="Take pictures out of it, and bring it again."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            types = archive.read(TYPES) if size <= UNPACKED else b""
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refused(f"{name} is no XLSX workbook.", remedy=SAVE_IT) from error
    if size > UNPACKED:
        raise Refused(
            f"{name} unpacks to more than 250 MiB.",
            remedy="Delete the rows and columns that are formatted but empty, and bring it again.",
        )
    if b"macroEnabled" in types:
        raise Refused(f"{name} has macros.", remedy=SAVE_IT)


def _standing(raw: bytes) -> Books | None:
    """Return the workbook that lies there; None where there is none that can be read."""
    try:
        return read_books(raw) if raw else None
    except WorkbookUnreadable:
        return None


def _readable(content: bytes, name: str) -> Books:
    try:
        return read_books(content)
    except WorkbookUnreadable as error:
        raise Refused(f"{name} cannot be read as a workbook.", remedy=SAVE_IT) from error


def _refuse_older(standing: Books, brought: Books, taken: str, version: str) -> None:
    if not taken:
        raise Refused(
            "The file does not say which version of the workbook it was taken from.",
            remedy="Download the workbook again and rearrange that one; or put the version back"
            " into the file's name, as it was: cloud-costs-VERSION.xlsx.",
        )
    if len(taken) < SHORT or not version.startswith(taken):
        raise Refused(
            f"The workbook was written since yours was taken: it is {version[:SHORT]} now, yours"
            f" was taken at {taken[:SHORT]}. {differences(standing, brought)}.",
            remedy="Nothing was replaced. Download it again, and rearrange that one.",
        )


def _ours(books: Books) -> set[str]:
    return {name for name in books.places if COLUMN.fullmatch(name)}
