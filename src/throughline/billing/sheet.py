"""The billing sheet: communities by month, with what is nobody's and the check of each month."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.attribution import shares_of_account
from throughline.billing.book import Book, Entry
from throughline.billing.cells import Cell, cells_of
from throughline.billing.models import BillFile, BillingMonth
from throughline.billing.reckoning import Part, reckon
from throughline.billing.splitting import to_cents
from throughline.billing.words import EntryKind, MonthState, Standing
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import Cluster
from throughline.kernel.months import month_text, months_later
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """One month: where it stands, and whether all that was billed is in it.

    `communities`, `nobodys`, `ours`, `late` and `rounding` are `total`, to the cent.
    """

    month: date
    state: MonthState
    row: BillingMonth | None
    communities: Decimal  # costs of the month that are some engagement's
    nobodys: Decimal  # of accounts that nobody assigned, split, or serves
    ours: Decimal
    late: Decimal  # of earlier months, and counted in this one
    rounding: Decimal
    total: Decimal
    billed: Decimal  # by providers for the month, as the ledger has it, wherever it counts
    provider: Decimal  # the same, as the files say
    has_bills: bool

    @property
    def checks(self) -> bool:
        """Whether the ledger has what the providers billed."""
        return self.billed == self.provider


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An engagement on a cluster."""

    engagement: Engagement
    cluster: Cluster
    cells: dict[date, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows by community, and a column for each month."""

    months: list[SheetMonth]
    rows: list[SheetRow]
    book: Book


def sheet(months: Iterable[date], *, playbook: Playbook) -> Sheet:
    """Return the sheet of some months in a constant number of queries."""
    wanted = sorted(set(months))
    if not wanted:
        return Sheet([], [], Book([], playbook=playbook))
    book = Book([months_later(wanted[0], -1), *wanted], playbook=playbook)
    cells: dict[tuple[int, int], dict[date, Cell]] = defaultdict(dict)
    for (number, cluster, month), cell in cells_of(book).items():
        if month in set(wanted):
            cells[number, cluster][month] = cell
    rows = [
        SheetRow(book.engagements[number], book.clusters[cluster], found)
        for (number, cluster), found in cells.items()
    ]
    return Sheet(
        [month_sums(book, one) for one in wanted],
        sorted(rows, key=lambda row: order_of(row.engagement, row.cluster)),
        book,
    )


def order_of(engagement: Engagement, cluster: Cluster) -> tuple[str, str, int]:
    """Return by what the rows of the sheet are in order: community, then cluster."""
    community = engagement.deal.community
    name = community.short_name if community else engagement.deal.name
    return (name.casefold(), cluster.name, engagement.pk)


def month_sums(book: Book, wanted: date) -> SheetMonth:
    """Return the sums of one of a book's months."""
    month = reckon(book, wanted)
    own = [one for one in month.parts if one.of_month == month.month]
    bills = [one for one in book.entries if one.of_month == month.month and one.file_id is not None]
    return SheetMonth(
        month=month.month,
        state=book.state(month.month),
        row=book.states.get(month.month),
        communities=_sum(one for one in own if one.share.engagement is not None),
        nobodys=_sum(one for one in own if _is_nobodys(one)),
        ours=_sum(one for one in own if one.standing == Standing.OURS),
        late=_sum(one for one in month.parts if one.of_month != month.month),
        rounding=month.rounding,
        total=to_cents(month.total),
        billed=to_cents(sum((one.amount for one in bills), Decimal(0))),
        provider=to_cents(provider_total(bills, month.month, book.files)),
        has_bills=bool(bills),
    )


def _is_nobodys(part: Part) -> bool:
    return part.share.engagement is None and part.standing != Standing.OURS


def _sum(parts: Iterable[Part]) -> Decimal:
    return sum((one.amount for one in parts), Decimal(0))


def provider_total(bills: Iterable[Entry], month: date, files: Mapping[int, BillFile]) -> Decimal:
    """Return what the files in force say all their accounts cost in a month, in our currency.

    The newest file counts with its own total; an older one with what the newer ones do not name.
    """
    by_file: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for one in bills:
        if one.file_id is not None and one.kind == EntryKind.BILL and one.account_id is not None:
            by_file[one.file_id][one.account_id] = one.stated or Decimal(0)
    total, covered = Decimal(0), set[tuple[str, int]]()
    for pk in sorted(by_file, reverse=True):
        file, lines = files[pk], by_file[pk]
        fresh = {one: said for one, said in lines.items() if (file.provider, one) not in covered}
        covered |= {(file.provider, one) for one in lines}
        whole = Decimal(file.stated.get(month_text(month), "0"))
        said = whole if len(fresh) == len(lines) else sum(fresh.values(), Decimal(0))
        total += said * (file.fx_rate if file.fx_rate is not None else 1)
    return total


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One entry behind a cell, and how much of it is the cell's."""

    entry: Entry
    share_pct: Decimal  # of the account's bill


def sources_of(book: Book, month: date, place: tuple[int | None, int | None]) -> list[SourceLine]:
    """Return the entries that make up an engagement's cost on a cluster in a month, in order.

    Without an engagement: those of accounts that are nobody's.
    """
    found = []
    for entry in book.entries_in[month]:
        if entry.engagement_id is not None:
            if (entry.engagement_id, entry.cluster_id) == place:
                found.append(SourceLine(entry, Decimal(100)))
            continue
        if entry.account_id is None:
            continue
        shares = shares_of_account(book.accounts[entry.account_id], entry.of_month, book)
        whole = sum((one.weight for one in shares), Decimal(0))
        mine = sum((one.weight for one in shares if _is_of(one.place, place)), Decimal(0))
        if mine and not (place[0] is None and shares[0].standing == Standing.OURS):
            found.append(SourceLine(entry, mine / whole * 100))
    return found


def _is_of(place: tuple[int | None, int | None], wanted: tuple[int | None, int | None]) -> bool:
    return place == wanted if wanted[0] is not None else place[0] is None
