"""The whole ledger in few words, as pages open with it: what is remembered between two changes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from throughline.billing.book import Book
from throughline.billing.cells import Cell, cells_in, flagged
from throughline.billing.charging import drafts, open_charges
from throughline.billing.grounds import DECIDING, known_grounds
from throughline.billing.models import CostEntry, UserCount
from throughline.billing.reckoning import reckon
from throughline.billing.sheet import (
    SheetMonth,
    SheetRow,
    SourceLine,
    month_sums,
    order_of,
    sources_of,
)
from throughline.billing.unbilled import (
    MonthToMove,
    Orphan,
    Waiting,
    months_to_move,
    orphans,
    unbilled,
)
from throughline.billing.words import Reason
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.journal.remembering import remembered, remembered_each
from throughline.kernel.months import months_later
from throughline.playbook.model import Playbook

Place = tuple[int, int]  # an engagement's number and a cluster's key


@dataclass(frozen=True, slots=True)
class NotBilled:
    """What is not billed yet, without the book that it was found in."""

    currency: str
    total: Decimal
    by_reason: dict[Reason, tuple[Decimal | None, int]]
    items: list[Waiting]
    to_move: list[MonthToMove]
    orphans: list[Orphan]
    uncounted: list[str]  # names of which active users were told, and that no cluster bears
    deals: dict[int, str]  # names by engagement
    clusters: dict[int, str]


def not_billed(*, on: date, playbook: Playbook) -> NotBilled:
    """Return what is not billed yet as of a day, as `unbilled` finds it."""
    return remembered(
        ("not billed", on, playbook.sha256), DECIDING, lambda: _not_billed(on=on, playbook=playbook)
    )


def _not_billed(*, on: date, playbook: Playbook) -> NotBilled:
    grounds = known_grounds(zone=playbook.organisation.zone)
    found = unbilled(on=on, playbook=playbook, grounds=grounds)
    book = found.book
    return NotBilled(
        currency=playbook.organisation.currency,
        total=found.total,
        by_reason=found.by_reason,
        items=found.items,
        to_move=months_to_move(found, on=on),
        orphans=orphans(book),
        uncounted=sorted({one.name for one in book.uncounted}),
        deals={
            one.engagement: book.deal_of(one.engagement).name
            for one in found.items
            if one.engagement
        },
        clusters={
            one.cluster: book.clusters[one.cluster].name for one in found.items if one.cluster
        },
    )


@dataclass(frozen=True, slots=True)
class MonthSeen:
    """One month's sums, and its cells by place; none of them is flagged."""

    sums: SheetMonth
    cells: dict[Place, Cell]
    order: dict[Place, tuple[str, str, int]]


def months_seen(months: Iterable[date], *, playbook: Playbook) -> dict[date, MonthSeen]:
    """Return what the sheet has of some months; whether that still holds is asked once for all."""

    def find_out(month: date) -> MonthSeen:
        book = _book([month], playbook)
        cells = {(one.engagement, one.cluster): one for one in cells_in(book, month)}
        order = {
            (number, cluster): order_of(book.engagements[number], book.clusters[cluster])
            for number, cluster in cells
        }
        return MonthSeen(month_sums(book, month), cells, order)

    keys = {month: ("month", month, playbook.sha256) for month in months}
    found = remembered_each(
        DECIDING, {key: partial(find_out, month) for month, key in keys.items()}
    )
    return {month: found[key] for month, key in keys.items()}


def _book(
    months: Iterable[date], playbook: Playbook, within: Collection[int] | None = None
) -> Book:
    """Return the ledger of some months, read on what is known already of who bears costs."""
    grounds = known_grounds(zone=playbook.organisation.zone)
    return Book(months, playbook=playbook, within=within, grounds=grounds)


@dataclass(frozen=True, slots=True)
class SheetIndex:
    """The sums of some months, and where there is a row, in the order of the sheet."""

    months: list[SheetMonth]
    places: list[Place]


def sheet_index(months: Iterable[date], *, playbook: Playbook) -> SheetIndex:
    """Return the sums of some months and the places of their rows."""
    seen = months_seen(sorted(set(months)), playbook=playbook).values()
    order = {place: key for one in seen for place, key in one.order.items()}
    return SheetIndex([one.sums for one in seen], sorted(order, key=order.__getitem__))


def sheet_rows(
    places: Iterable[Place], months: Iterable[date], *, playbook: Playbook
) -> list[SheetRow]:
    """Return the rows of some places in their order; two queries, for a page of them."""
    listed, wanted = list(places), sorted(set(months))
    if not listed or not wanted:
        return []
    read = {one for month in wanted for one in (months_later(month, -1), month)}
    seen = months_seen(read, playbook=playbook)
    numbers = {number for number, _cluster in listed}
    engagements = Engagement.objects.select_related("deal__community").in_bulk(numbers)
    clusters = Cluster.objects.in_bulk({cluster for _number, cluster in listed})
    return [
        SheetRow(
            engagements[place[0]],
            clusters[place[1]],
            {
                month: flagged(cell, seen[months_later(month, -1)].cells.get(place), playbook)
                for month in wanted
                if (cell := seen[month].cells.get(place)) is not None
            },
        )
        for place in listed
    ]


def cell_sources(
    month: date, place: tuple[int | None, int | None], *, playbook: Playbook
) -> tuple[list[SourceLine], UserCount | None]:
    """Return the lines that a cell is made of and the count of its users, if somebody counted.

    Without an engagement: the lines of accounts that are nobody's, of which any can be one.
    """
    number, cluster = place
    if number is None:
        lines = remembered(
            ("nobody's", month, playbook.sha256),
            DECIDING,
            lambda: sources_of(_book([month], playbook), month, (None, None)),
        )
        return lines, None
    book = _book([month], playbook, [number])
    told = None if cluster is None else book.users.get((cluster, month))
    users = None if told is None else UserCount.objects.get(pk=told.pk)
    return sources_of(book, month, place), users


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry behind a cell as people see it, and how much of it is the cell's."""

    entry: CostEntry  # with its account and its file
    share_pct: Decimal  # of the account's bill


def in_full(lines: Iterable[SourceLine]) -> list[SourceEntry]:
    """Return lines with all that their entries say; one query, for a page of them."""
    listed = list(lines)
    entries = CostEntry.objects.select_related("account", "file__document")
    found = entries.in_bulk([one.entry.pk for one in listed])
    return [SourceEntry(found[one.entry.pk], one.share_pct) for one in listed]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A charge of a month that was not sent, in words."""

    what: str
    of_month: date
    amount: Decimal
    deal: str
    number: int | None  # of the engagement
    account: CloudAccount | None
    standing: str
    why: str
    is_asked_for: bool


def draft_lines(month: date, *, playbook: Playbook) -> list[DraftLine]:
    """Return what a month that was not sent would ask for."""
    return remembered(
        ("drafts", month, playbook.sha256), DECIDING, lambda: _draft_lines(month, playbook=playbook)
    )


def _draft_lines(month: date, *, playbook: Playbook) -> list[DraftLine]:
    carried = open_charges(before=month)
    book = _book([month, *(one.of_month for one in carried)], playbook)
    return [
        DraftLine(
            one.kind.label, one.of_month, one.amount,
            book.deal_of(one.share.engagement).name if one.share.engagement else "",
            one.share.engagement, one.account, one.share.standing.label, one.why, one.is_asked_for,
        )
        for one in drafts(book, reckon(book, month), carried)
    ]  # fmt: skip
