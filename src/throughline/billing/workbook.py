"""The workbook of cloud costs: a view of the ledger that people may rearrange.

A group of columns is found by its defined name, never by its letter, so moving it is harmless.
Only the cells we own are written.
"""

import fcntl
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from throughline.documents.actions import write_atomically
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.kernel.tables import as_text

SHEET = "Cloud costs"
AREA = re.compile(r"[A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+")
HEAD_ROWS = 3  # engagement, cluster, column; months follow below
PAID_BY_US = ("cloud cost", "MAU", "usage fee", "invoiced")
PAID_ELSEWHERE = {
    Payer.COMMUNITY: ("community pays", "MAU", "usage fee", "invoiced"),
    Payer.UNKNOWN: ("payer unknown", "MAU", "usage fee", "invoiced"),
}


class WorkbookUnreadable(Refused):
    """The file is no workbook any more."""


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """The columns of one engagement on one cluster."""

    name: str  # the defined name that is their identity
    engagement: str
    cluster: str
    columns: tuple[str, ...]


def group_name(number: int, cluster: int) -> str:
    """Return the defined name of a group; it depends on row numbers that never change."""
    return f"throughline_e{number}_c{cluster}"


def columns_for(payer: Payer) -> tuple[str, ...]:
    """Return the headings of a group; who pays is said in a column, never left out (E15)."""
    return PAID_ELSEWHERE.get(payer, PAID_BY_US)


def workbook_path() -> Path:
    """Return where the workbook lies."""
    return Path(settings.HOME) / "workbook" / "cloud-costs.xlsx"


def read_groups() -> dict[str, ColumnGroup]:
    """Return the groups that the workbook has, by name; none where there is no workbook."""
    if not workbook_path().exists():
        return {}
    book = _open_book()
    found = (_read_group(book, name) for name in book.defined_names)
    return {group.name: group for group in found if group is not None}


def _open_book() -> Workbook:
    """Return the workbook as it lies there.

    Raises:
        WorkbookUnreadable: it is no workbook, or a broken one.
    """
    path = workbook_path()
    try:
        return load_workbook(io.BytesIO(path.read_bytes()))
    except Exception as error:  # whatever a broken file makes the reader stumble over
        raise WorkbookUnreadable(
            f"The workbook {path.name} cannot be read ({type(error).__name__}).",
            remedy=f"Restore it from a copy, or move it away from {path.parent}: the columns are"
            " then made anew. Apply the handoff again afterwards.",
        ) from error


def _read_group(book: Workbook, name: str) -> ColumnGroup | None:
    if not name.startswith("throughline_e"):
        return None
    for sheet_name, area in _places(book.defined_names[name]):
        if sheet_name not in book.sheetnames:
            continue
        rows = book[sheet_name][area]
        heads = [[str(cell.value or "") for cell in row] for row in rows[:HEAD_ROWS]]
        if len(heads) < HEAD_ROWS:
            continue
        return ColumnGroup(name, heads[0][0], heads[1][0], tuple(heads[2]))
    return None


def _places(named: DefinedName) -> Iterator[tuple[str, str]]:
    """Yield sheet and area of a name; none where the columns it stood for were deleted (#REF!)."""
    for sheet_name, area in named.destinations:
        plain = (area or "").replace("$", "")
        if AREA.fullmatch(plain):
            yield sheet_name, plain


def put_group(group: ColumnGroup) -> None:
    """Add a group at the right, or make an existing group's headings what they should be."""
    with _locked():
        path = workbook_path()
        book = _open_book() if path.exists() else _fresh_book()
        standing = book.defined_names.get(group.name)
        if standing is None or _read_group(book, group.name) is None:
            _append(book, group)
        else:
            _rewrite(book, standing, group)
        buffer = io.BytesIO()
        book.save(buffer)
        write_atomically(path, buffer.getvalue())


def _fresh_book() -> Workbook:
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):  # pragma: no cover -- a fresh book has a worksheet
        raise TypeError("openpyxl made a book without a worksheet")
    sheet.title = SHEET
    sheet["A1"], sheet["A2"], sheet["A3"] = "Engagement", "Cluster", "Month"
    for cell in (sheet["A1"], sheet["A2"], sheet["A3"]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B4"
    sheet.column_dimensions["A"].width = 14
    return book


def _append(book: Workbook, group: ColumnGroup) -> None:
    sheet = book[SHEET] if SHEET in book.sheetnames else book.create_sheet(SHEET)
    first = max(sheet.max_column, 1) + 1
    _write_heads(sheet, first, group)
    last = get_column_letter(first + len(group.columns) - 1)
    area = f"'{sheet.title}'!${get_column_letter(first)}$1:${last}${HEAD_ROWS}"
    book.defined_names[group.name] = DefinedName(group.name, attr_text=area)


def _rewrite(book: Workbook, standing: DefinedName, group: ColumnGroup) -> None:
    for sheet_name, area in _places(standing):
        first = book[sheet_name][area][0][0].column
        _write_heads(book[sheet_name], first, group)


def _write_heads(sheet: Worksheet, first: int, group: ColumnGroup) -> None:
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for offset, heading in enumerate(group.columns):
        texts = (
            group.engagement if offset == 0 else None,
            group.cluster if offset == 0 else None,
            heading,
        )
        for row, text in enumerate(texts, start=1):
            cell = sheet.cell(row=row, column=first + offset)
            cell.value = None if text is None else as_text(text)
            cell.font, cell.alignment = bold, wrapped
        sheet.column_dimensions[get_column_letter(first + offset)].width = 16


@contextmanager
def _locked() -> Iterator[None]:
    """Keep other processes away from the file: a workbook is read and written as a whole."""
    path = workbook_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
