"""Monthly active users in a file: cluster,date,unique_users."""

from datetime import date
from pathlib import Path

from throughline.billing.told import Counted, Counts
from throughline.intake.bill_table import text_of
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_of, parse_month
from throughline.kernel.tables import Row, rows_in

COLUMNS = ("cluster", "date", "unique_users")
BLANK = frozenset({"", "n/a", "na", "nan", "null", "none", "-", "–"})
MOST_DIGITS = 9
LONGEST_NAME = 120
SHOWN = 40


def read_users(content: bytes, *, name: str) -> Counts:
    """Return what a file says of active users; a row that makes no sense is told, the others stand.

    A blank, or N/A, is a number that nobody knows: a task, never zero. Source: requirements E34.

    Raises:
        Refused: it is no table with the columns that are needed.
    """
    counted: list[Counted] = []
    rejected: list[tuple[int, str]] = []
    lines: dict[tuple[str, date], int] = {}
    text = text_of(content, name=name)
    for row in rows_in(_with_commas(text), name=Path(name).name, required=COLUMNS):
        try:
            one = _counted(row)
            _check_once(one, lines.setdefault((one.cluster, one.month), row.line), row.line)
            counted.append(one)
        except Refused as refused:
            rejected.append((row.line, str(refused)))
    return Counts(tuple(counted), tuple(rejected))


def _check_once(one: Counted, first: int, line: int) -> None:
    if first != line:
        raise Refused(
            f"date: {one.cluster} in {one.month:%Y-%m} stands on line {first} already.",
            remedy="Keep one row for each month: users of days do not add up to a month's.",
        )


def _with_commas(text: str) -> str:
    """Return a file that was saved with semicolons as it was before."""
    head = text.lstrip().splitlines()[0]
    return text.replace(";", ",") if ";" in head and "," not in head else text


def _counted(row: Row) -> Counted:
    if row.problem:
        raise Refused(f"{row.problem}.", remedy="Put a cell with a comma into quotes.")
    cluster = row.cells["cluster"].strip()
    if not cluster or len(cluster) > LONGEST_NAME:
        raise Refused("cluster: is empty or too long.", remedy="Write the cluster's name.")
    return Counted(cluster, _month(row.cells["date"]), _users(row.cells["unique_users"]))


def _month(cell: str) -> date:
    text = cell.strip()
    try:
        if len(text) == len("2026-03"):
            return parse_month(text)
        day = parse_day(text)
    except Refused as refused:
        raise Refused(f"date: {refused.message}", remedy=refused.remedy) from refused
    if day is None:
        raise Refused("date: is empty.", remedy="Write a day of the month, such as 2026-03-31.")
    return month_of(day)


def _users(cell: str) -> int | None:
    text = cell.strip()
    if text.casefold() in BLANK:
        return None
    whole = text.removesuffix(".0")
    if not (whole.isascii() and whole.isdecimal() and len(whole) < MOST_DIGITS):
        raise Refused(
            f"unique_users: {text[:SHOWN]!r} is not a number of people.",
            remedy="Write a whole number; leave it empty where nobody knows.",
        )
    return int(whole)
