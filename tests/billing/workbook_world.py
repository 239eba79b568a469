"""A workbook as a person edits it: spreadsheet programs move names along with their columns."""

import re
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter

from throughline.billing.columns import PAID_BY_US, ColumnGroup, group_name
from throughline.billing.workbook import workbook_path

PART = re.compile(r"\$?([A-Z]+)\$?([0-9]+)")


def group(number=12, cluster="leap", engagement="12 LEAP", columns=PAID_BY_US) -> ColumnGroup:
    return ColumnGroup(group_name(number, len(cluster)), engagement, cluster, columns)


def edit(change: Callable[[Workbook], Any]) -> None:
    """Open the file as a person would, change it, and save it."""
    book = load_workbook(workbook_path())
    change(book)
    book.save(workbook_path())


def cells() -> dict[tuple[str, str], Any]:
    """Return every cell that holds something, by sheet and place."""
    book = load_workbook(workbook_path())
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def shift_names(book: Workbook, moved: Callable[[str, int, int], tuple[str, int, int]]) -> None:
    """Move what every name stands for; `moved` gets sheet, row and column of each corner."""
    for named in book.defined_names.values():
        for sheet, area in named.destinations:
            corners = []
            for part in area.split(":"):
                match = PART.fullmatch(part)
                assert match
                column = column_index_from_string(match[1])
                title, row, column = moved(sheet, int(match[2]), column)
                corners.append(f"${get_column_letter(column)}${row}")
            quoted = title.replace("'", "''")
            named.attr_text = f"'{quoted}'!{':'.join(corners)}"


def insert_columns(book: Workbook, sheet: str, at: int, count: int = 1) -> None:
    book[sheet].insert_cols(at, count)
    shift_names(
        book, lambda one, row, col: (one, row, col + count if one == sheet and col >= at else col)
    )


def insert_rows(book: Workbook, sheet: str, at: int, count: int = 1) -> None:
    book[sheet].insert_rows(at, count)
    shift_names(
        book, lambda one, row, col: (one, row + count if one == sheet and row >= at else row, col)
    )


def rename(book: Workbook, sheet: str, title: str) -> None:
    book[sheet].title = title
    shift_names(book, lambda one, row, col: (title if one == sheet else one, row, col))


def move_column(book: Workbook, sheet: str, column: int, to: int) -> None:
    """Cut a column and paste it into an empty one further right."""
    page = book[sheet]
    letter = get_column_letter(column)
    page.move_range(f"{letter}1:{letter}{page.max_row}", cols=to - column)
    shift_names(
        book, lambda one, row, col: (one, row, to if one == sheet and col == column else col)
    )


def parts() -> dict[str, bytes]:
    """Return the parts of the file as they lie in it."""
    with zipfile.ZipFile(workbook_path()) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repack(changed: dict[str, bytes]) -> None:
    """Write the file anew with some parts changed or added."""
    there = parts() | changed
    with zipfile.ZipFile(workbook_path(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in there.items():
            archive.writestr(name, content)
