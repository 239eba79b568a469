"""The CSV of Google Cloud's billing reports, grouped by project.

With a column “Month”, or of one month, which then is in the file's name. Lines of totals follow.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
    period_in_name,
    read_table,
    without_currency,
)
from throughline.kernel.errors import Refused
from throughline.kernel.months import parse_month

NAMES = ("project name", "project")
IDENTIFIERS = ("project id",)
MONTHS = ("month", "invoice month")
AMOUNTS = ("unrounded subtotal", "subtotal", "cost")  # the first there is; it is after all credits
TOTALS = frozenset({"subtotal", "tax", "total", "filtered total", "rounding error"})
GROUP = "Group by “Project” in the billing report (in English), and download the CSV."

Watch = Callable[[list[Line]], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where what stands; None: nowhere."""

    name: int | None
    identifier: int | None
    month: int | None
    amount: int
    currency: str


@dataclass(slots=True)
class _Found:
    """What the rows say."""

    sums: dict[tuple[str, date], list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    totals: dict[str, Decimal] = field(default_factory=dict)  # "Subtotal", "Tax", "Filtered total"
    rows: int = 0


def read_gcp(content: bytes, *, name: str, own: str, watch: Watch = iter) -> Bill:
    """Return what a billing report says; all of it, or nothing.

    Source: design §6; requirements R29, E33.

    Raises:
        Refused: it is no such file, its month cannot be told, or its total is another one.
    """
    table = read_table(content, name=name)
    columns = _columns(table, own)
    only_month, warnings = _only_month(table, columns)
    projects = [line for line in table.lines[1:] if _project(line, columns)]
    style = number_style(table, [columns.amount], projects)
    found = _Found()
    for line in watch(table.lines[1:]):
        _take(table, line, columns, style, only_month, found)
    if not found.sums:
        raise table.refuse(table.lines[-1].number, "no row of a project.", remedy=GROUP)
    stated = _stated(table, found, _surcharges(table, found))
    lines = tuple(
        Billed(
            identifier, found.names.get(identifier, ""), month, sum(parts, Decimal(0)), len(parts)
        )
        for (identifier, month), parts in sorted(found.sums.items(), key=lambda one: one[0])
    )
    return Bill("gcp", columns.currency, lines, stated, found.rows, warnings)


def _columns(table: Table, own: str) -> _Columns:
    head = table.lines[0]
    plain = [without_currency(cell).casefold() for cell in head.cells]

    def at(*wanted: str) -> int | None:
        return next((plain.index(one) for one in wanted if one in plain), None)

    amount = at(*AMOUNTS)
    name, identifier = at(*NAMES), at(*IDENTIFIERS)
    if amount is None or (name is None and identifier is None):
        missing = (
            "of an amount (“Subtotal”)" if amount is None else "“Project name” or “Project ID”"
        )
        raise table.refuse(head.number, f"there is no column {missing}.", remedy=GROUP)
    currency = currency_of(head.cells[amount], own=own) or own
    return _Columns(name, identifier, at(*MONTHS), amount, currency)


def _only_month(table: Table, columns: _Columns) -> tuple[date | None, tuple[str, ...]]:
    if columns.month is not None:
        return None, ()
    month, is_whole = period_in_name(table.name)
    if not month:
        raise table.refuse(
            table.lines[0].number,
            "there is no column “Month”, and the file's name says no month.",
            remedy="Give the file the name that it was downloaded with,"
            " such as “…, 2026-03-01 — 2026-03-31.csv”.",
        )
    partly = f"Its name says that it does not tell of all days of {month}."
    return parse_month(month), () if is_whole else (partly,)


def _project(line: Line, columns: _Columns) -> str:
    """Return what identifies a row's project: its id, else its name; "" in a line of totals."""
    told = [line.cell(one) for one in (columns.identifier, columns.name) if one is not None]
    project = next(filter(None, told), "")
    is_total = project.casefold() in TOTALS and project not in told[:-1]
    if is_total and (columns.month is None or not line.cell(columns.month)):
        return ""  # in a report with few columns the word stands under the names
    return project


def _take(
    table: Table, line: Line, columns: _Columns, style: Style, only: date | None, found: _Found
) -> None:
    project = _project(line, columns)
    if not project:
        _take_total(table, line, style, found)
        return
    amount = _amount(table, line, columns.amount, style)
    if amount is None:
        raise table.refuse(line.number, f"{project[:60]} has no amount.")
    month = only if columns.month is None else _month(table, line, columns.month)
    if month is None:
        raise table.refuse(line.number, "there is no month.")
    found.sums[project, month].append(amount)
    if columns.name is not None and (name := line.cell(columns.name)):
        found.names[project] = name
    found.rows += 1


def _take_total(table: Table, line: Line, style: Style, found: _Found) -> None:
    """Keep a line of totals: a word, and the amount in the last cell that holds anything."""
    filled = [index for index in range(len(line.cells)) if line.cell(index)]
    label = next((line.cell(i) for i in filled if any(map(str.isalpha, line.cell(i)))), "")
    amount = _amount(table, line, filled[-1], style) if len(filled) > 1 else None
    if not label or amount is None:
        raise table.refuse(line.number, "a row without a project that is no total either.")
    if label in found.totals:
        raise table.refuse(line.number, f"“{label[:40]}” stands twice.")
    found.totals[label] = amount


def _amount(table: Table, line: Line, index: int, style: Style) -> Decimal | None:
    try:
        return parse_localised(line.cells[index], style)
    except Refused as refused:
        heading = table.lines[0].cell(index)
        raise table.refuse(
            line.number, f"{heading}: {refused.message}", remedy=refused.remedy
        ) from refused


def _month(table: Table, line: Line, index: int) -> date:
    month = month_in(line.cell(index))
    if month is None:
        raise table.refuse(line.number, f"Month: {line.cell(index)[:40]!r} is not a month.")
    return parse_month(month)


def _surcharges(table: Table, found: _Found) -> Decimal:
    """Book what is added below the projects (tax and the like) on an account of its own."""
    added = {
        label: amount
        for label, amount in found.totals.items()
        if "total" not in label.casefold() and amount
    }
    months = {month for _project, month in found.sums}
    if added and len(months) > 1:
        raise table.refuse(
            table.lines[-1].number,
            f"{', '.join(added)} is of several months together.",
            remedy="Download a report of each month by itself.",
        )
    for label, amount in added.items():
        found.sums[f"[{label}]", next(iter(months))].append(amount)
    return sum(added.values(), Decimal(0))


def _stated(table: Table, found: _Found, surcharges: Decimal) -> dict[date, Decimal]:
    """Return the provider's total of each month, after the file's own was held against it.

    Raises:
        Refused: the two differ by more than rounding.
    """
    sums: dict[date, Decimal] = defaultdict(Decimal)
    parts = [(month, amount) for (_id, month), many in found.sums.items() for amount in many]
    for month, amount in parts:
        sums[month] += amount
    everything = sum(sums.values(), Decimal(0))
    total = _total(found, surcharges)
    if total is None:
        return dict(sums)
    half = Decimal(5).scaleb(-decimals_of([total]) - 1)
    if abs(everything - total) > half * (len(parts) + 1):
        raise Refused(
            f"{table.name}: the projects sum up to {everything}, and the file says {total}.",
            remedy="It is cut off, or somebody changed it: download it again.",
        )
    return dict.fromkeys(sums, total) if len(sums) == 1 else dict(sums)


def _total(found: _Found, surcharges: Decimal) -> Decimal | None:
    """Return the grand total that the file names, tax included; None where it names none."""
    totals = {label.casefold(): amount for label, amount in found.totals.items()}
    grand = [amount for label, amount in totals.items() if "total" in label and label != "subtotal"]
    if grand:
        return grand[-1]
    subtotal = totals.get("subtotal")
    return None if subtotal is None else subtotal + surcharges
