"""The billing columns: a group for each engagement on a cluster, a row for each month.

The ledger is ours; workbook and Google Sheets are views of it. This is what both show, and how a
cell that a person may have written over is told from ours.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from throughline.billing.cells import Cell
from throughline.infrastructure.words import Payer
from throughline.kernel.months import months_between, months_later
from throughline.kernel.tables import as_text

HEAD_ROWS: Final = 3  # engagement, cluster, column; months follow below
MONTHS: Final = "months"  # what names the column of months
CODES: Final = ("cost", "mau", "fee", "invoiced")
MONEY: Final = frozenset({"cost", "fee", "invoiced"})
PAID_BY_US: Final = ("cloud cost", "MAU", "usage fee", "invoiced")
PAID_ELSEWHERE: Final = {
    Payer.COMMUNITY: ("community pays", *PAID_BY_US[1:]),
    Payer.UNKNOWN: ("payer unknown", *PAID_BY_US[1:]),
}
COMMUNITY_PAYS: Final = "community pays"
FIRST_DAY: Final = date(1899, 12, 30)  # day 0 of spreadsheets
FIRST_SERIAL, LAST_SERIAL = 32_874, 73_050  # 1990 to 2099: what may be meant as a month
NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2}.*)?")
TURNED = re.compile(r"(\d{1,2})[-/.](\d{4})")
WORDED = re.compile(r"([a-z]{3,9})\.?[\s,'’/-]*(\d{4}|\d{2})")
NUMBER = re.compile(r"-?\d+(\.\d+)?")

Shown = str | int | None  # as an outcome holds a cell: money as text, users as a number


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """The columns of one engagement on one cluster."""

    name: str  # what begins the names of its columns, which are their identity
    engagement: str
    cluster: str
    columns: tuple[str, ...]  # headings, in the order of CODES; "" where a column is gone
    places: Mapping[str, str] = field(default_factory=dict, compare=False)  # by code: "Costs!B"


def group_name(number: int, cluster: int) -> str:
    """Return what names a group; it depends on row numbers that never change."""
    return f"throughline_e{number}_c{cluster}"


def column_name(group: str, code: str) -> str:
    """Return what names one column of a group: its identity, wherever it is moved."""
    return f"{group}_{code}"


def columns_for(payer: Payer) -> tuple[str, ...]:
    """Return the headings of a group; who pays is said in a column, never left out (E15)."""
    return PAID_ELSEWHERE.get(payer, PAID_BY_US)


def shown_cells(cell: Cell) -> dict[str, Shown]:
    """Return the cells of a month by column. Blank is a task, zero a number (S8).

    Amounts are rounded half up to the cent by the ledger already.
    """
    cost: Shown = COMMUNITY_PAYS if cell.payer == Payer.COMMUNITY else _money(cell.cost)
    return {
        "cost": cost,
        "mau": cell.users,
        "fee": _money(cell.fee),
        "invoiced": _money(cell.invoiced),
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def to_write(code: str, shown: Shown) -> Decimal | int | str | None:
    """Return what to write into a cell: numbers as numbers, so that formulas can use them."""
    if code in MONEY and isinstance(shown, str) and NUMBER.fullmatch(shown):
        return Decimal(shown)
    return as_text(shown) if isinstance(shown, str) else shown


def read_cell(code: str, value: Any) -> Shown:
    """Return a cell that was read, in the form of `shown_cells`: the same number is no difference.

    A formula stays text: a person put it there.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool | date | datetime):
        return str(value)
    if isinstance(value, str):
        text = value.strip()
        return _number(code, Decimal(text)) if NUMBER.fullmatch(text) else text or None
    try:
        return _number(code, Decimal(str(value)))
    except InvalidOperation:
        return str(value)


def _number(code: str, number: Decimal) -> Shown:
    if code in MONEY:
        cents = round(number, 2)
        return f"{cents:.2f}" if cents == number else str(number)
    return int(number) if number == int(number) else str(number)


def meant_month(value: Any) -> date | None:
    """Return the month that a cell of the column of months means; None where it means none.

    People write months as they like: 2026-03, March 2026, 03/2026, a date, a spreadsheet's day.
    """
    if isinstance(value, datetime | date):
        return date(value.year, value.month, 1)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if FIRST_SERIAL <= value <= LAST_SERIAL:
            return (FIRST_DAY + timedelta(days=int(value))).replace(day=1)
        return None
    return _worded(str(value).strip().lower()) if isinstance(value, str) else None


def _worded(text: str) -> date | None:
    if found := ISO.fullmatch(text):
        return _month(int(found[1]), int(found[2]))
    if found := TURNED.fullmatch(text):
        return _month(int(found[2]), int(found[1]))
    if found := WORDED.fullmatch(text):
        named = [place for place, name in enumerate(NAMES, 1) if name.startswith(found[1])]
        year = int(found[2]) + (2000 if len(found[2]) == len("26") else 0)
        return _month(year, named[0]) if len(named) == 1 else None
    return None


def _month(year: int, month: int) -> date | None:
    return date(year, month, 1) if 1 <= month <= len(NAMES) else None


def rows_of_months(column: Sequence[Any], *, first: int) -> dict[date, int]:
    """Return the row of each month in a column that begins at row `first`, found by content.

    Where a month stands twice, the first one counts.
    """
    rows: dict[date, int] = {}
    for row, value in enumerate(column, first):
        if (month := meant_month(value)) is not None:
            rows.setdefault(month, row)
    return rows


def missing_months(standing: Iterable[date], wanted: Iterable[date]) -> list[date]:
    """Return which months need a row, in order; without gaps behind the last one that stands."""
    there = set(standing)
    lacking = sorted(set(wanted) - there)
    if not there or not lacking or lacking[-1] < max(there):
        return lacking
    following = months_between(months_later(max(there), 1), lacking[-1])
    return sorted({*lacking, *following})
