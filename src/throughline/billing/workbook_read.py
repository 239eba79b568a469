"""The workbook of cloud costs as it lies there: our columns by their names, and what stands where."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from openpyxl import Workbook, load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from throughline.billing.columns import CODES, HEAD_ROWS, MONTHS, rows_of_months
from throughline.kernel.errors import Refused

SHEET = "Cloud costs"
OURS = "throughline_"
MONTHS_NAME = f"{OURS}{MONTHS}"
COLUMN = re.compile(rf"({OURS}e\d+_c\d+)_({'|'.join(CODES)})")
REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?([0-9]+):\$?[A-Z]{1,3}\$?([0-9]+)"
)


class WorkbookUnreadable(Refused):
    """The file is no workbook any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of our columns: where its headings begin."""

    sheet: str
    column: int
    row: int  # the first of its heading rows: the engagement's
    last: int  # the last one: the column's own heading

    @property
    def letter(self) -> str:
        """The letter that the column has at the moment."""
        return get_column_letter(self.column)


@dataclass(frozen=True, slots=True)
class Books:
    """A workbook as it was read, and the places of our columns in it."""

    book: Workbook
    places: Mapping[str, Place]  # by defined name
    values: Mapping[str, Mapping[tuple[int, int], Any]]  # by sheet, then row and column

    def value(self, sheet: str, row: int, column: int) -> Any:
        """Return what stands in a cell; None for nothing."""
        return self.values[sheet].get((row, column))

    def cluster_row(self, place: Place) -> int | None:
        """Return the heading row of the cluster; None where somebody deleted it.

        Rows that people insert among the headings widen them, so it is found by what stands there.
        """
        between = range(place.row + 1, place.last)
        written = (row for row in between if self.value(place.sheet, row, place.column))
        return next(written, place.last - 1 if between else None)

    def height(self, sheet: str) -> int:
        """Return the last row in which anything stands."""
        return max((row for row, _column in self.values[sheet]), default=0)

    def months(self, sheet: str) -> dict[date, int]:
        """Return the rows of the months on a sheet."""
        place = self.months_place(sheet)
        return {} if place is None else self._rows(sheet, place.column, place.row)

    def months_place(self, sheet: str) -> Place | None:
        """Return where the column of months stands: by its name, else by what is in it."""
        named = self.places.get(MONTHS_NAME)
        if named is not None and named.sheet == sheet:
            return named
        columns = {column for _row, column in self.values[sheet]}
        found = [(len(self._rows(sheet, column, 1)), -column) for column in columns]
        most, column = max(found, default=(0, 0))
        return Place(sheet, -column, 1, HEAD_ROWS) if most else None

    def _rows(self, sheet: str, column: int, first: int) -> dict[date, int]:
        rows = range(first, self.height(sheet) + 1)
        return rows_of_months([self.value(sheet, row, column) for row in rows], first=first)


def workbook_path() -> Path:
    """Return where the workbook lies."""
    return Path(settings.HOME) / "workbook" / "cloud-costs.xlsx"


def standing_books() -> Books:
    """Return the workbook as it lies there now; the same file is read once.

    Raises:
        WorkbookUnreadable: it is no workbook, or a broken one.
    """
    path = workbook_path()
    there = path.stat()
    return _remembered(str(path), there.st_ino, there.st_mtime_ns, there.st_size)


@lru_cache(maxsize=1)
def _remembered(path: str, _inode: int, _changed: int, _size: int) -> Books:
    """Return the workbook as it was read; each look of a pass would read the same file again."""
    return read_books(Path(path).read_bytes())


@lru_cache(maxsize=1)
def read_books(raw: bytes) -> Books:
    """Return the workbook; the same bytes are read once.

    What is written is read back before it is kept, and is what the next look and the next writing
    begin with.

    Raises:
        WorkbookUnreadable: it is no workbook, or a broken one.
    """
    path = workbook_path()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not know stays in the file
            book = load_workbook(io.BytesIO(raw))
        places, values = dict(_places(book)), {page.title: _values(page) for page in book}
    except Exception as error:  # whatever a broken file makes the reader stumble over
        raise WorkbookUnreadable(
            f"The workbook {path.name} cannot be read ({type(error).__name__}).",
            remedy=f"Restore it from a copy, or move it away from {path.parent}: the columns are"
            " then made anew. Apply the handoff again afterwards.",
        ) from error
    return Books(book, places, values)


def _values(page: Any) -> dict[tuple[int, int], Any]:
    """Return what stands on a sheet; one that is a chart has no cells."""
    if not isinstance(page, Worksheet):
        return {}
    return {
        (cell.row, cell.column): cell.value
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _places(book: Workbook) -> Iterator[tuple[str, Place]]:
    """Yield our names with their places; none where the columns were deleted (#REF!)."""
    for name, named in book.defined_names.items():
        if not name.startswith(OURS):
            continue
        match = REFERENCE.fullmatch(named.attr_text or "")
        sheet = (match[1] or match[2]).replace("''", "'") if match else ""
        if match and sheet in {page.title for page in book}:
            yield (
                name,
                Place(sheet, column_index_from_string(match[3]), int(match[4]), int(match[5])),
            )
