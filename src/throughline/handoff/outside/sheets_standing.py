"""Where our columns, headings and months stand in a spreadsheet, as one look showed them."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from throughline.billing.columns import CODES, HEAD_ROWS, ColumnGroup, column_name, rows_of_months
from throughline.connectors.sheets.client import Sheets
from throughline.connectors.sheets.shapes import Metadata, Span, Values
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text, parse_month

COLUMN, MONTHS, HEADING, MONTH = (
    "throughline.column", "throughline.months", "throughline.heading", "throughline.month",
)  # fmt: skip
LAST_ROW = re.compile(r"[A-Z]+(\d+)$")
LARGEST = 2**31 - 1


def stable_id(what: str) -> int:
    """Return the metadata id of something: always the same one, so that it cannot be made twice."""
    digest = hashlib.sha256(f"throughline:{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % LARGEST + 1


MONTHS_ID = stable_id(MONTHS)
TAB_ID = stable_id("tab")
HEADING_IDS = tuple(stable_id(f"{HEADING}:{row}") for row in range(HEAD_ROWS))


def column_id(name: str) -> int:
    """Return the metadata id of one of our columns."""
    return stable_id(f"{COLUMN}:{name}")


def month_id(month: date) -> int:
    """Return the metadata id of a month's row."""
    return stable_id(f"{MONTH}:{month_text(month)}")


@dataclass(slots=True)
class Standing:
    """What a look showed. Rows and columns count from 0."""

    columns: dict[str, Span] = field(default_factory=dict)  # by the column's name
    months: Span | None = None
    headings: tuple[int, ...] = ()
    rows: dict[date, int] = field(default_factory=dict)
    marked: dict[date, int] = field(default_factory=dict)  # rows that we once made for a month
    height: int = 0  # rows of the tab
    cells: dict[str, Sequence[Any]] = field(default_factory=dict)  # by the column's name

    def cell(self, name: str, row: int) -> Any:
        """Return what stands in a column; None for nothing."""
        column = self.cells.get(name, ())
        value = column[row] if row < len(column) else None
        return None if value == "" else value

    def group(self, wanted: ColumnGroup) -> ColumnGroup | None:
        """Return a group as it stands; None where none of its columns is there."""
        names = {code: column_name(wanted.name, code) for code in CODES}
        if not any(name in self.columns for name in names.values()):
            return None
        rows = self.headings if len(self.headings) == HEAD_ROWS else (-1,) * HEAD_ROWS
        first = names[CODES[0]]
        return ColumnGroup(
            wanted.name,
            self._text(first, rows[0]),
            self._text(first, rows[1]),
            tuple(self._text(name, rows[2]) for name in names.values()),
        )

    def _text(self, name: str, row: int) -> str:
        return str(self.cell(name, row) or "") if row >= 0 else ""

    def lacking(self, group: ColumnGroup) -> list[str]:
        """Return the codes of the columns that a group has lost, or never had."""
        return [code for code in CODES if column_name(group.name, code) not in self.columns]


def look_at(sheets: Sheets, groups: Iterable[ColumnGroup]) -> Standing:
    """Return where everything stands that these groups need; two reads.

    Raises: as the client does.
    """
    names = [column_name(group.name, code) for group in groups for code in CODES]
    ids = {column_id(name): name for name in names}
    found = sheets.find(list(ids), keys=[MONTHS, HEADING, MONTH])
    standing = Standing()
    for one in found:
        _place(one, standing, ids)
    wanted = [column_id(name) for name in standing.columns]
    if standing.months is not None:
        wanted.append(MONTHS_ID)
    values = sheets.columns(wanted) if wanted else {}
    standing.cells = {ids[one]: _first(it) for one, it in values.items() if one in ids}
    months = values.get(MONTHS_ID, Values())
    if match := LAST_ROW.search(months.range):
        standing.height = int(match[1])
    below = max(standing.headings, default=-1) + 1
    standing.rows = _rows(rows_of_months(_first(months)[below:], first=below), standing.marked)
    return standing


def _rows(read: Mapping[date, int], marked: Mapping[date, int]) -> dict[date, int]:
    """Return the row of each month: by what it says, for sorting moves cells and leaves marks behind.

    A mark counts for a row whose label nobody can read as a month any more.
    """
    labelled = set(read.values())
    unread = {
        month: row for month, row in marked.items() if month not in read and row not in labelled
    }
    return {**unread, **read}


def _place(one: Metadata, standing: Standing, ids: Mapping[int, str]) -> None:
    span = one.location.span
    if span is None:
        return
    if one.id in ids:
        standing.columns[ids[one.id]] = span
    elif one.id == MONTHS_ID:
        standing.months = span
    elif one.id in HEADING_IDS:
        standing.headings = tuple(sorted((*standing.headings, span.start)))
    elif one.key == MONTH:
        try:
            month = parse_month(one.value)
        except Refused:
            return  # somebody else's, under our key
        if one.id == month_id(month):
            standing.marked[month] = span.start


def _first(values: Values) -> Sequence[Any]:
    return values.columns[0] if values.columns else ()
