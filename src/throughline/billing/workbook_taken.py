"""A copy of the workbook for somebody to rearrange, which says itself of which version it is.

The version stands in the file as a defined name: that comes back whatever the file is called by
then, and however long it took. A page opened in the meantime would tell a newer one.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from django.conf import settings

from throughline.billing.columns import CODES, PAID_BY_US, Shown, read_cell
from throughline.billing.workbook import groups_in
from throughline.billing.workbook_patch import Package
from throughline.billing.workbook_read import COLUMN, OURS, Books, read_books, workbook_path
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text

TAKEN_NAME = f"{OURS}taken"
IN_FILE_NAME = re.compile(r"cloud-costs-([0-9a-f]{12})")
SHORT = 12  # digits of a version, where people read it
NAMED = 5  # differences that a refusal names; the others it counts
NAMES = dict(zip(CODES, PAID_BY_US, strict=True))


@dataclass(frozen=True, slots=True)
class Taken:
    """A copy to rearrange."""

    content: bytes
    version: str  # of the workbook that it was made of

    @property
    def name(self) -> str:
        """What to call the file; its version too, for programs that drop names."""
        return f"cloud-costs-{self.version[:SHORT]}.xlsx"


def spreadsheet_address() -> str:
    """Return where the columns are if Google Sheets is their home; "" if the workbook is."""
    wanted = settings.SHEETS_SPREADSHEET
    return f"https://docs.google.com/spreadsheets/d/{wanted}/edit" if wanted else ""


def refuse_elsewhere() -> None:
    """Refuse to hand the workbook about where it is not the home of the columns.

    Raises:
        Refused: Google Sheets is.
    """
    if address := spreadsheet_address():
        raise Refused(
            "The billing columns are in Google Sheets, not in the workbook.",
            remedy=f"Rearrange them there: {address}",
        )


def take_workbook() -> Taken:
    """Return a copy of the workbook as it is now.

    Raises:
        Refused: there is none, or Google Sheets is the home of the columns.
    """
    refuse_elsewhere()
    if not workbook_path().exists():
        raise Refused(
            "There is no workbook yet.",
            remedy="Apply the handoff of an engagement that has a cluster: it is made then.",
        )
    raw = workbook_path().read_bytes()
    version = version_of(raw)
    return Taken(_marked(raw, version), version)


def version_of(raw: bytes) -> str:
    """Return what a version of the workbook is known by."""
    return hashlib.sha256(raw).hexdigest()


def _marked(raw: bytes, version: str) -> bytes:
    """Return a workbook that says its version; one that cannot be read is given out as it is."""
    try:
        package = Package(raw)
        package.define({TAKEN_NAME: f'"{version}"'})
        marked = package.packed()
        read_books(marked)
    except (Refused, zipfile.BadZipFile, ExpatError, ValueError, KeyError):  # its name says it
        return raw
    return marked


def taken_at(books: Books, name: str) -> str:
    """Return the version that a file was taken at, or its beginning; "" where nothing says it."""
    named = books.book.defined_names.get(TAKEN_NAME)
    if named is not None:
        return str(named.attr_text or "").strip('"')
    match = IN_FILE_NAME.search(name)
    return match[1] if match else ""


def differences(here: Books, yours: Books) -> str:
    """Say in which of our cells two workbooks differ, both sides of each."""
    ours, theirs = dict(_said(here)), dict(_said(yours))
    found = [
        f"{what}: {_shown(ours.get(what))} here, {_shown(theirs.get(what))} in yours"
        for what in sorted({*ours, *theirs})
        if ours.get(what) != theirs.get(what)
    ]
    if not found:
        return "Our columns say the same in both"
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return "; ".join(found[:NAMED]) + more


def _shown(value: Shown) -> str:
    return "nothing" if value is None else str(value)


def _said(books: Books) -> Iterator[tuple[str, Shown]]:
    """Yield what each of our headings and cells says, by what people call it."""
    groups = groups_in(books)
    rows = {sheet: books.months(sheet) for sheet in {one.sheet for one in books.places.values()}}
    for name, place in books.places.items():
        match = COLUMN.fullmatch(name)
        if match is None:
            continue
        group, code = groups[match[1]], match[2]
        column = f"{NAMES[code]} of {group.engagement} on {group.cluster}"
        yield f"the column {column}", "there"
        for month, row in rows[place.sheet].items():
            value = read_cell(code, books.value(place.sheet, row, place.column))
            if value is not None:
                yield f"{month_text(month)} {column}", value
