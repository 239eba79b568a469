"""AWS Cost Explorer's CSV, grouped by linked account, by the month.

The first row has the accounts' numbers, the second their names; then a row of totals and a row for
each month; the last column is the month's total.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from throughline.billing.told import Bill, Billed
from throughline.intake.amounts import Style, decimals_of, parse_localised
from throughline.intake.bill_table import (
    Line,
    Table,
    currency_of,
    month_in,
    number_style,
    read_table,
    without_currency,
)
from throughline.kernel.errors import Refused
from throughline.kernel.months import parse_month

ACCOUNT_DIGITS = 12
HEAD_ROWS = 2
GROUP = "Group by “Linked account”, by month, in Cost Explorer, and download the CSV."

Watch = Callable[[list[Line]], Iterable[Line]]


def read_aws(content: bytes, *, name: str, own: str, watch: Watch = iter) -> Bill:
    """Return what a file of Cost Explorer says; all of it, or nothing.

    Source: design §6; requirements R29, E33.

    Raises:
        Refused: it is no such file, or its totals are not the sums of its cells.
    """
    table = read_table(content, name=name)
    accounts, total_at = _heads(table)
    body = table.lines[HEAD_ROWS:]
    style = number_style(table, range(1, total_at + 1), body)
    months: dict[date, dict[int, Decimal]] = {}
    sums: dict[int, Decimal] = {}
    for line in watch(body):
        amounts = _amounts(table, line, style)
        label = line.cell(0).casefold()
        if label.endswith("total") or label.startswith("total"):
            sums = amounts
            continue
        month = _month(table, line)
        if month in months:
            raise table.refuse(line.number, f"{month:%Y-%m} stands twice.")
        months[month] = amounts
    if not months:
        raise table.refuse(table.lines[-1].number, "no row of a month.", remedy=GROUP)
    _check_sums(table, months, sums, total_at)
    lines = tuple(
        Billed(*accounts[index], month, amount)
        for month, amounts in sorted(months.items())
        for index, amount in amounts.items()
        if index != total_at
    )
    stated = {month: amounts.get(total_at, Decimal(0)) for month, amounts in months.items()}
    return Bill("aws", _currency(table, own), lines, stated, len(lines))


def _heads(table: Table) -> tuple[dict[int, tuple[str, str]], int]:
    """Return number and name of the account of each column, and the column of the totals."""
    if len(table.lines) <= HEAD_ROWS:
        raise table.refuse(table.lines[-1].number, "no rows of months.", remedy=GROUP)
    ids, names = table.lines[0], table.lines[1]
    if ids.cell(0).casefold() != "linked account":
        what = ids.cell(0)[:40] or "nothing"
        raise table.refuse(
            ids.number, f"it is grouped by {what!r}, not by linked account.", remedy=GROUP
        )
    if names.cell(0).casefold() != "linked account name":
        raise table.refuse(
            names.number, "the second row does not name the linked accounts.", remedy=GROUP
        )
    total_at = len(ids.cells) - 1
    if not names.cell(total_at).casefold().startswith("total cost"):
        raise table.refuse(
            names.number, "the last column is not “Total costs”; the file is cut off or broken."
        )
    accounts = {index: _account(table, index) for index in range(1, total_at)}
    seen: dict[str, int] = {}
    for index, (number, _name) in accounts.items():
        if seen.setdefault(number, index) != index:
            raise table.refuse(ids.number, f"the account {number} stands twice.")
    return accounts, total_at


def _account(table: Table, index: int) -> tuple[str, str]:
    number = table.lines[0].cell(index).lstrip("'=").strip('"')
    name = without_currency(table.lines[1].cell(index))
    if not (number.isascii() and number.isdecimal() and len(number) <= ACCOUNT_DIGITS):
        raise table.refuse(
            table.lines[0].number,
            f"column {index + 1}: {number[:40]!r} is no account number.",
        )
    return number.zfill(ACCOUNT_DIGITS), name  # spreadsheets drop the zeros in front


def _amounts(table: Table, line: Line, style: Style) -> dict[int, Decimal]:
    found = {}
    for index in range(1, len(line.cells)):
        try:
            amount = parse_localised(line.cells[index], style)
        except Refused as refused:
            heading = table.lines[1].cell(index)
            raise table.refuse(
                line.number, f"{heading}: {refused.message}", remedy=refused.remedy
            ) from refused
        if amount is not None:
            found[index] = amount
    return found


def _month(table: Table, line: Line) -> date:
    month = month_in(line.cell(0))
    if month is None:
        raise table.refuse(
            line.number,
            f"{line.cell(0)[:40]!r} is not the first day of a month.",
            remedy="Choose the granularity “Monthly” in Cost Explorer, and download the CSV.",
        )
    return parse_month(month)


def _currency(table: Table, own: str) -> str:
    found = {currency_of(cell, own=own) for cell in table.lines[1].cells[1:]} - {""}
    if len(found) > 1:
        raise table.refuse(
            table.lines[1].number, f"the columns are in {' and '.join(sorted(found))}."
        )
    return found.pop() if found else own


def _check_sums(
    table: Table, months: dict[date, dict[int, Decimal]], sums: dict[int, Decimal], total_at: int
) -> None:
    """Pass if the totals are the sums of the cells, up to what rounding each of them can make."""
    everything = [amount for row in months.values() for amount in row.values()]
    half = Decimal(5).scaleb(-decimals_of([*everything, *sums.values()]) - 1)
    for month, row in months.items():
        parts = [amount for index, amount in row.items() if index != total_at]
        _check_sum(table, f"{month:%Y-%m}", parts, row.get(total_at), half)
    if not sums:
        raise table.refuse(
            table.lines[-1].number, "no row “Linked account total”; the file is cut off or broken."
        )
    for index, stated in sums.items():
        parts = [row[index] for row in months.values() if index in row]
        _check_sum(table, table.lines[1].cell(index), parts, stated, half)


def _check_sum(
    table: Table, what: str, parts: list[Decimal], stated: Decimal | None, half: Decimal
) -> None:
    told, total = stated or Decimal(0), sum(parts, Decimal(0))
    if abs(total - told) > half * (len(parts) + 1):
        raise Refused(
            f"{table.name}: the amounts of {what} sum up to {total}, and the file says {told}.",
            remedy="It is cut off, or somebody changed it: download it again.",
        )
