"""HubSpot's export of deals, read into values: good rows go in, the others say why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from throughline.handoff.outside.hubspot_fields import PREFIX as OURS
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount
from throughline.kernel.tables import Row, read_rows

REQUIRED = ("id", "dealname", "dealstage")
# Column -> our word. Two columns may stand for one word; the first that is filled counts.
TEXTS = {
    "dealname": "name",
    "dealstage": "stage_name",
    "revenue_type": "revenue_type",
    "pipeline": "pipeline",
    "hubspot_owner": "owner",
    "owner": "owner",
    "currency": "currency",
    "deal_currency_code": "currency",
    "company": "buyer",
    "associated company": "buyer",
    "community": "community",
}
AMOUNTS = {
    "amount": "amount",
    "hs_mrr": "mrr",
    "hs_arr": "arr",
    "hs_projected_amount": "projected_amount",
    "amount_collected": "amount_collected",
}
DAYS = {
    "closedate": "close_on",
    "contract_start_date": "contract_start_date",
    "contract_end_date": "contract_end_date",
    "target_start_date": "target_start_date",
    "target_end_date": "target_end_date",
}
PROBABILITY = "hs_deal_stage_probability"
WORDS = {**TEXTS, **AMOUNTS, **DAYS, PROBABILITY: "probability"}
KNOWN = {"id", *WORDS}

LONGEST_ID = 40
# The widest that we keep; a longer cell is a slip, and PostgreSQL would refuse it
LONGEST = {"name": 255, "buyer": 250, "revenue_type": 60, "community": 80}
LONGEST_TEXT = 120
CURRENCY_LETTERS = 3
SHOWN = 40  # characters of a wrong value that a reason repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRow:
    """One deal of the export. None and "" say that the export does not tell."""

    line: int
    hubspot_id: str
    name: str
    stage_name: str
    revenue_type: str
    pipeline: str
    owner: str
    buyer: str
    community: str
    currency: str
    amount: Decimal | None
    mrr: Decimal | None
    arr: Decimal | None
    projected_amount: Decimal | None
    amount_collected: Decimal | None  # None is unknown, never zero
    probability: Decimal | None  # 0 to 1
    close_on: date | None
    contract_start_date: date | None
    contract_end_date: date | None
    target_start_date: date | None
    target_end_date: date | None
    extra: dict[str, str]  # filled cells of columns that we do not know
    cells: dict[str, str]

    @property
    def start_on(self) -> date | None:
        """The day the agreement starts: the contract's, where there is one."""
        return self.contract_start_date or self.target_start_date

    @property
    def end_on(self) -> date | None:
        """The last day of the agreement: the contract's, where there is one."""
        return self.contract_end_date or self.target_end_date

    @property
    def told(self) -> frozenset[str]:
        """The words that the file has a column for; of others it says nothing."""
        return frozenset(WORDS[name] for name in self.cells if name in WORDS)

    @property
    def unplaced(self) -> dict[str, str]:
        """The cells of columns that we do not know, the empty ones included."""
        unknown = (name for name in self.cells if _has_no_place(name))
        return {name: self.extra.get(name, "") for name in unknown}

    def source(self) -> dict[str, str]:
        """Return the cells as they stand in the file, to tell whether a deal has changed."""
        return dict(self.cells)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that does not go in: the line on which it starts, what is wrong, what to do."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class DealFile:
    """What an export says."""

    rows: tuple[DealRow, ...]
    rejected: tuple[Rejected, ...]
    unknown_columns: tuple[str, ...]


def read_deals(path: Path) -> DealFile:
    """Return the deals of an export, the rows that cannot be read, and the columns we do not know.

    Raises:
        Refused: the file cannot be read as a table with the columns that we need.
    """
    rows: list[DealRow] = []
    rejected: list[Rejected] = []
    first_lines: dict[str, int] = {}
    unknown: dict[str, None] = {}  # a set that keeps the order of the file
    for row in read_rows(path, required=REQUIRED):
        unknown.update(dict.fromkeys(name for name in row.cells if _has_no_place(name)))
        try:
            rows.append(_read_row(row, first_lines))
        except Refused as refused:
            rejected.append(Rejected(row.line, str(refused)))
    return DealFile(tuple(rows), tuple(rejected), tuple(unknown))


def read_cells(cells: dict[str, str]) -> DealRow:
    """Return the deal of one row of cells that come from elsewhere than a file.

    Raises:
        Refused: it cannot go in; the message names every reason.
    """
    return _read_row(Row(0, cells), {})


def _read_row(row: Row, first_lines: dict[str, int]) -> DealRow:
    """Return the deal of a row, and remember on which line its id first stood.

    Raises:
        Refused: the row cannot go in; the message names every reason.
    """
    _check_shape(row)
    hubspot_id = _read_id(row.cells["id"].strip())
    first = first_lines.setdefault(hubspot_id, row.line)
    if first != row.line:
        raise Refused(
            f"id: {hubspot_id!r} stands on line {first} already.", remedy="Keep one of the rows."
        )
    problems: list[Refused] = []
    days = _days(row.cells, problems)
    facts: dict[str, Any] = {
        **_texts(row.cells, problems),
        **_amounts(row.cells, problems),
        **days,
        "probability": _probability(row.cells.get(PROBABILITY, ""), problems),
    }
    problems += _wrong_order(days)
    if problems:
        raise Refused(" ".join(str(problem) for problem in problems))
    return DealRow(
        line=row.line,
        hubspot_id=hubspot_id,
        extra=_extra(row.cells),
        cells=row.cells,
        **facts,
    )


def _extra(cells: dict[str, str]) -> dict[str, str]:
    unknown = ((name, cell.strip()) for name, cell in cells.items() if _has_no_place(name))
    return {name: cell for name, cell in unknown if cell}


def _has_no_place(column: str) -> bool:
    """Return whether we have no word for a column; what a handoff wrote there says nothing new."""
    return bool(column) and column not in KNOWN and not column.startswith(OURS)


def _check_shape(row: Row) -> None:
    if row.problem:
        raise Refused(
            f"{row.problem}.", remedy="Put text with commas or line breaks in double quotes."
        )
    if broken := [name for name, cell in row.cells.items() if "\0" in cell]:
        raise Refused(
            f"{broken[0]}: holds a NUL character.", remedy="Export the file again as UTF-8."
        )


def _read_id(cell: str) -> str:
    if not cell:
        raise Refused("id: is empty.", remedy="Export the deals with their Record ID.")
    if len(cell) > LONGEST_ID or any(character.isspace() for character in cell):
        raise Refused(
            f"id: {cell[:SHOWN]!r} is not a deal's id.",
            remedy=f"Write HubSpot's id without spaces, at most {LONGEST_ID} characters.",
        )
    return cell


def _texts(cells: dict[str, str], problems: list[Refused]) -> dict[str, str]:
    found = dict.fromkeys(TEXTS.values(), "")
    for column, word in TEXTS.items():
        cell = cells.get(column, "").strip()
        found[word] = found[word] or cell
        longest = LONGEST.get(word, LONGEST_TEXT)
        if len(cell) > longest:
            problem = f"{column}: {cell[:SHOWN]!r}… has {len(cell)} characters."
            problems.append(Refused(problem, remedy=f"Shorten it to {longest}."))
        elif not cell and column in REQUIRED:
            problems.append(Refused(f"{column}: is empty.", remedy="Fill it in and try again."))
    currency = found["currency"]
    code = len(currency) == CURRENCY_LETTERS and currency.isascii() and currency.isalpha()
    if currency and not code:
        problem = f"currency: {currency[:SHOWN]!r} is not a currency code."
        problems.append(Refused(problem, remedy="Write three letters, such as USD."))
    found["currency"] = currency.upper()
    return found


def _amounts(cells: dict[str, str], problems: list[Refused]) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {}
    for column, word in AMOUNTS.items():
        found[word] = None
        try:
            amount = parse_amount(cells.get(column, ""))
        except Refused as refused:
            problems.append(_named(column, refused))
            continue
        if amount is not None and amount < 0:
            problem = f"{column}: {cells[column].strip()!r} is less than zero."
            problems.append(Refused(problem, remedy="Write zero or more; empty is unknown."))
        found[word] = amount
    return found


def _probability(cell: str, problems: list[Refused]) -> Decimal | None:
    try:
        found = parse_amount(cell)
    except Refused:
        found = Decimal(-1)
    if found is not None and not 0 <= found <= 1:
        problem = f"{PROBABILITY}: {cell.strip()[:SHOWN]!r} is not a probability."
        problems.append(Refused(problem, remedy="Write a number from 0 to 1, such as 0.8."))
    return found


def _days(cells: dict[str, str], problems: list[Refused]) -> dict[str, date | None]:
    found: dict[str, date | None] = {}
    for column, word in DAYS.items():
        found[word] = None
        try:
            found[word] = parse_day(cells.get(column, ""))
        except Refused as refused:
            problems.append(_named(column, refused))
    return found


def _named(column: str, refused: Refused) -> Refused:
    return Refused(f"{column}: {refused.message}", remedy=refused.remedy)


def _wrong_order(days: dict[str, date | None]) -> Iterator[Refused]:
    """Yield what is wrong with the order of the days; contract days count before target days."""
    start = "contract_start_date" if days["contract_start_date"] else "target_start_date"
    end = "contract_end_date" if days["contract_end_date"] else "target_end_date"
    pairs = {
        ("contract_start_date", "contract_end_date"),
        ("target_start_date", "target_end_date"),
        (start, end),
    }
    for first, last in sorted(pairs):
        starts_on, ends_on = days[first], days[last]
        if starts_on and ends_on and ends_on < starts_on:
            yield Refused(
                f"{last}: {ends_on} is before {first} {starts_on}.", remedy="Correct the dates."
            )
