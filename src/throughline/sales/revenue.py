"""In which months the money of deals falls: what is won, and what is open, weighted.

An amount is spread over the days of its term, both ends included, each day alike; a month has the
part of its days. Without a term all of it falls in the month in which the deal should close.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Final

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    F,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Cast

from throughline.journal.remembering import Acts, remembered
from throughline.kernel.months import last_day, months_later
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal
from throughline.sales.pipeline import likelihood

MONTHS: Final = 12
CENTS, THOUSANDTHS = 100, 1000
_LIKELY: Final[str] = "likely"  # as `_so_sure` calls it
NO_TERM = Q(start_on=None) | Q(end_on=None)


class Sure(StrEnum):
    """How sure money is."""

    COMMITTED = "committed"  # the deal is won
    WEIGHTED = "weighted"  # it is open: times its probability


# What can change a deal's stage, term, money or probability.
PRICING: Final = Acts(("communities.", "delivery.engagement.", "intake.", "renewals.", "sales."))
KINDS: Final = {Sure.COMMITTED: "won", Sure.WEIGHTED: "open"}


@dataclass(frozen=True, slots=True)
class MonthMoney:
    """What falls in one month. Units: whole units of the currency, not rounded; deals."""

    month: date
    amounts: dict[Sure, Decimal]
    deals: dict[Sure, int]


@dataclass(frozen=True, slots=True)
class Revenue:
    """The money of one currency, month by month."""

    currency: str
    months: tuple[MonthMoney, ...]

    def total(self, sure: Sure) -> Decimal:
        """Return what falls in all of the months."""
        return sum((one.amounts[sure] for one in self.months), Decimal(0))


@dataclass(frozen=True, slots=True)
class Part:
    """Money of a deal over its term: `weight` is in thousandths of a cent."""

    sure: Sure
    start_on: date
    end_on: date
    weight: int


def falling(sure: Sure, first: date, last: date, *, playbook: Playbook) -> QuerySet[Deal]:
    """Return the deals that are so sure and bring money between two days, with how likely they are."""
    inside = Q(start_on__lte=last, end_on__gte=first)
    closing = NO_TERM & Q(close_on__gte=first, close_on__lte=last)
    found = _so_sure(sure, playbook).filter(inside | closing, amount__isnull=False)
    return found.exclude(Q(likely=None))


def monthless(sure: Sure, *, playbook: Playbook) -> QuerySet[Deal]:
    """Return the deals that are so sure and whose money nobody can place in a month."""
    undated = NO_TERM & Q(close_on=None)
    return _so_sure(sure, playbook).filter(Q(amount=None) | Q(likely=None) | undated)


def _so_sure(sure: Sure, playbook: Playbook) -> QuerySet[Deal]:
    stages = [one.code for one in playbook.stages if one.kind == KINDS[sure]]
    found = Deal.objects.filter(stage__in=stages, deleted_at=None)
    return found.annotate(likely=likelihood(playbook))


def revenue(first: date, *, playbook: Playbook, count: int = MONTHS) -> tuple[Revenue, ...]:
    """Return the money of `count` months by currency, the organisation's first; two queries."""
    by_currency: dict[str, list[Part]] = {playbook.organisation.currency: []}
    last = last_day(months_later(first, count - 1))
    for sure in Sure:
        for currency, part in _parts(sure, first, last, playbook):
            by_currency.setdefault(currency, []).append(part)
    return tuple(
        Revenue(currency, spread(parts, first, count)) for currency, parts in by_currency.items()
    )


def revenue_as_known(first: date, *, playbook: Playbook) -> tuple[Revenue, ...]:
    """Return what `revenue` does, remembered until something is done about deals: for pages."""
    key = ("revenue", first, playbook.sha256)
    return remembered(key, PRICING, lambda: revenue(first, playbook=playbook))


def _parts(sure: Sure, first: date, last: date, playbook: Playbook) -> Iterator[tuple[str, Part]]:
    """Yield the currency and the money of each deal.

    Whole numbers and texts come straight from the database: decimals and days of 20,000 rows would
    take longer to make than everything else together.
    """
    found = falling(sure, first, last, playbook=playbook).order_by()
    begun, ended = (
        Case(When(NO_TERM, then=F("close_on")), default=F(name), output_field=DateField())
        for name in ("start_on", "end_on")
    )
    rows = found.values_list(
        "currency",
        Cast(begun, CharField()),
        Cast(ended, CharField()),
        Cast(F("amount") * CENTS, BigIntegerField()),
        Cast(F(_LIKELY) * THOUSANDTHS, BigIntegerField()),
    )
    day = cache(date.fromisoformat)  # there are fewer days than deals
    for currency, start_on, end_on, cents, thousandths in rows:
        yield currency, Part(sure, day(start_on), day(end_on), cents * thousandths)


def spread(parts: Iterable[Part], first: date, count: int) -> tuple[MonthMoney, ...]:
    """Return parts of money spread over months, exactly: by the days of each one's term."""
    lines = {sure: _Line(first, count) for sure in Sure}
    for part in parts:
        lines[part.sure].add(part)
    summed = {sure: line.amounts() for sure, line in lines.items()}
    counted = {sure: line.counts() for sure, line in lines.items()}
    return tuple(
        MonthMoney(
            months_later(first, place),
            {sure: summed[sure][place] for sure in Sure},
            {sure: counted[sure][place] for sure in Sure},
        )
        for place in range(count)
    )


class _Line:
    """Sums of one kind, without a loop over the months of each deal.

    Terms of one length share their divisor, so the sums before it are whole numbers: what begins and
    ends whole months is kept as a change from month to month, and the rest as it falls.
    """

    def __init__(self, first: date, count: int) -> None:
        self.first, self.count = first, count
        self.begin = first.year * 12 + first.month
        self.whole: dict[int, list[int]] = {}  # by length of term: change of weight per day
        self.partly: dict[int, list[int]] = {}  # by length of term: weight times days
        self.begun = [0] * (count + 1)  # change of how many deals

    def add(self, part: Part) -> None:
        """Count a part in the months that it touches."""
        start, end = part.start_on, part.end_on
        length = (end - start).days + 1
        come = start.year * 12 + start.month - self.begin
        go = end.year * 12 + end.month - self.begin
        self._change(self.begun, come, go, 1)
        partly = self.partly.setdefault(length, [0] * self.count)
        if come == go:
            partly[come] += part.weight * length
            return
        if come >= 0:
            partly[come] += part.weight * (last_day(start.replace(day=1)).day - start.day + 1)
        if go < self.count:
            partly[go] += part.weight * end.day
        whole = self.whole.setdefault(length, [0] * (self.count + 1))
        self._change(whole, come + 1, go - 1, part.weight)

    def _change(self, line: list[int], come: int, go: int, by: int) -> None:
        """Add to the months from one to another, as far as they are there."""
        come, go = max(come, 0), min(go, self.count - 1)
        if come <= go:
            line[come] += by
            line[go + 1] -= by

    def amounts(self) -> list[Decimal]:
        """Return the money of each month."""
        days = [last_day(months_later(self.first, place)).day for place in range(self.count)]
        found = [Decimal(0)] * self.count
        for length, partly in self.partly.items():
            whole, standing = self.whole.get(length, [0] * (self.count + 1)), 0
            for place in range(self.count):
                standing += whole[place]
                found[place] += Decimal(standing * days[place] + partly[place]) / length
        return [one / (CENTS * THOUSANDTHS) for one in found]

    def counts(self) -> Sequence[int]:
        """Return the deals of each month."""
        return [sum(self.begun[: place + 1]) for place in range(self.count)]
