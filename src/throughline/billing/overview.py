"""The whole ledger in few words, as pages open with it: what is remembered between two changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.book import Book
from throughline.billing.cells import cells_of
from throughline.billing.charging import drafts, open_charges
from throughline.billing.models import UserCount
from throughline.billing.reckoning import reckon
from throughline.billing.sheet import SheetMonth, SheetRow, SourceLine, sheet, sources_of
from throughline.billing.unbilled import (
    MonthToMove,
    Orphan,
    Waiting,
    months_to_move,
    orphans,
    unbilled,
)
from throughline.billing.words import Reason
from throughline.infrastructure.models import CloudAccount
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.months import months_later
from throughline.playbook.model import Playbook

# What these rooms do can change what a month comes to. Acts that only concern what is promised and
# delivered are left out by name; one that is new counts.
DECIDING = Acts(
    ("billing.", "communities.", "delivery.", "infrastructure.", "sales."),
    (
        "communities.question.", "communities.role.", "delivery.activity.", "delivery.champion.",
        "delivery.clause.", "delivery.decision.", "delivery.deliverable.", "delivery.evidence.",
        "delivery.handoff.", "delivery.hours.", "delivery.meeting.", "delivery.need.",
        "delivery.point.", "delivery.project.", "delivery.scope.", "delivery.service.",
        "sales.condition.", "sales.note.", "sales.review.", "sales.sow.", "sales.sponsor.",
    ),
)  # fmt: skip
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
    found = unbilled(on=on, playbook=playbook)
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
class SheetIndex:
    """The sums of some months, and where there is a row, in the order of the sheet."""

    months: list[SheetMonth]
    places: list[Place]


def sheet_index(months: Iterable[date], *, playbook: Playbook) -> SheetIndex:
    """Return the sums of some months and the places of their rows."""
    wanted = tuple(sorted(set(months)))

    def find_out() -> SheetIndex:
        found = sheet(wanted, playbook=playbook)
        places = [(one.engagement.pk, one.cluster.pk) for one in found.rows]
        return SheetIndex(found.months, places)

    return remembered(("sheet", wanted, playbook.sha256), DECIDING, find_out)


def sheet_rows(
    places: Iterable[Place], months: Iterable[date], *, playbook: Playbook
) -> list[SheetRow]:
    """Return the rows of some places in their order; reads no more than decides about them."""
    listed, wanted = list(places), sorted(set(months))
    if not listed or not wanted:
        return []
    within = {engagement for engagement, _cluster in listed}
    book = Book([months_later(wanted[0], -1), *wanted], playbook=playbook, within=within)
    cells = cells_of(book)
    return [
        SheetRow(
            book.engagements[number],
            book.clusters[cluster],
            {
                month: cell
                for month in wanted
                if (cell := cells.get((number, cluster, month))) is not None
            },
        )
        for number, cluster in listed
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
            lambda: sources_of(Book([month], playbook=playbook), month, (None, None)),
        )
        return lines, None
    book = Book([month], playbook=playbook, within=[number])
    users = None if cluster is None else book.users.get((cluster, month))
    return sources_of(book, month, place), users


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
    book = Book([month, *(one.of_month for one in carried)], playbook=playbook)
    return [
        DraftLine(
            one.kind.label, one.of_month, one.amount,
            book.deal_of(one.share.engagement).name if one.share.engagement else "",
            one.share.engagement, one.account, one.share.standing.label, one.why, one.is_asked_for,
        )
        for one in drafts(book, reckon(book, month), carried)
    ]  # fmt: skip
