"""The whole life on one map: how much stands where, from lead to the end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final

from django.db.models import Count, QuerySet, Sum

from throughline.capacity.months import MonthLoad, load_by_month
from throughline.capacity.queries import team_on
from throughline.delivery.first_values import days_to_first_value
from throughline.delivery.models import Engagement
from throughline.delivery.places import PLACES, Placed, places_of
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.months import month_of
from throughline.playbook.model import Playbook
from throughline.renewals.figures import living
from throughline.renewals.terms import TERMS, Term, ended_between, with_term
from throughline.sales.figures import NOWHERE
from throughline.sales.flow import Period
from throughline.sales.models import Deal
from throughline.sales.pipeline import StageSum, sums_by_stage
from throughline.sales.revenue import MONTHS

# What can change where a deal or an engagement stands, what it comes to, and when it was of value.
MOVING: Final = Acts((
    "billing.", "communities.", "delivery.", "handoff.", "infrastructure.", "intake.", "renewals.",
    "sales.",
))  # fmt: skip
TERM: Final[str] = "term"  # as `with_term` calls it


@dataclass(frozen=True, slots=True)
class Money:
    """Money of one currency. Units: whole units of it; None is not known, not zero."""

    currency: str
    total: Decimal | None
    weighted: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """One place on the map: how many stand there, and what they come to by currency."""

    code: str
    figure: str  # as an address names it
    name: str
    kind: str  # "open", "won", "lost", "unmapped"; "place", "term"
    count: int
    sums: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """What became of the engagements whose last day was in a period."""

    over: int
    by_term: dict[Term, int]

    @property
    def pct(self) -> int | None:
        """How many of a hundred were renewed; None where none ended."""
        return round(100 * self.by_term[Term.RENEWED] / self.over) if self.over else None


@dataclass(frozen=True, slots=True)
class Valued:
    """How many came to be of value, and the days within which half of them did."""

    count: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Map:
    """Three bands; every deal stands in one place of the first, every engagement in one of each other."""

    stages: tuple[Spot, ...]
    places: tuple[Spot, ...]
    terms: tuple[Spot, ...]
    retention: Retention
    valued: Valued


def process_map(period: Period, *, on: date, playbook: Playbook) -> Map:
    """Return how much stands where on a day; six queries, however much there is."""
    days = days_to_first_value(playbook=playbook)
    termed = with_term(living(Engagement.objects.all()), on=on, playbook=playbook)
    return Map(
        stages=_stages(playbook),
        places=_places(),
        terms=_terms(termed),
        retention=retention(period, on=on, playbook=playbook),
        valued=Valued(len(days), float(median(days)) if days else None),
    )


def map_as_known(period: Period, *, on: date, playbook: Playbook) -> Map:
    """Return what `process_map` does, remembered until something is done that moves one: for pages."""
    key = ("process map", period, on, playbook.sha256)
    return remembered(key, MOVING, lambda: process_map(period, on=on, playbook=playbook))


def _stages(playbook: Playbook) -> tuple[Spot, ...]:
    known = {one.code for one in playbook.stages}
    found: dict[str, list[StageSum]] = {}
    for one in sums_by_stage(Deal.objects.filter(deleted_at=None), playbook=playbook):
        found.setdefault(one.stage if one.stage in known else NOWHERE, []).append(one)
    spots = [
        _spot_of(stage.code, stage.name, stage.kind, found.get(stage.code, []))
        for stage in playbook.stages
    ]
    if NOWHERE in found:
        spots.append(_spot_of(NOWHERE, "Unmapped", "unmapped", found[NOWHERE]))
    return tuple(spots)


def _spot_of(code: str, name: str, kind: str, sums: Iterable[StageSum]) -> Spot:
    by_currency: dict[str, list[StageSum]] = {}
    for one in sums:
        by_currency.setdefault(one.currency, []).append(one)
    return Spot(
        code, f"in.{code}", name, kind,
        sum(one.count for many in by_currency.values() for one in many),
        tuple(
            Money(currency, added(one.total for one in many), _all(one.weighted for one in many))
            for currency, many in by_currency.items()
        ),
    )  # fmt: skip


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of what is known; None where nothing is."""
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None


def _all(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum; None where a part is not known, since it would look like a sum of all."""
    every = list(amounts)
    return None if None in every else added(every)


def _places() -> tuple[Spot, ...]:
    found: dict[str, list[Placed]] = {}
    for one in places_of(living(Engagement.objects.all())):
        found.setdefault(one.place, []).append(one)
    spots = []
    for place, (name, _words) in PLACES.items():
        there = found.get(place, [])
        sums = [
            Money(currency, added(one.amount for one in there if one.currency == currency))
            for currency in sorted({one.currency for one in there})
        ]
        figure = f"place.{place}"
        spots.append(Spot(place, figure, name, "place", len(there), tuple(sums)))
    return tuple(spots)


def _terms(found: QuerySet[Engagement]) -> tuple[Spot, ...]:
    rows: dict[str, list[dict[str, Any]]] = {}
    grouped = found.order_by().values(TERM, "deal__currency")
    for row in grouped.annotate(count=Count("pk"), total=Sum("deal__amount")):
        rows.setdefault(row[TERM], []).append(row)
    spots = []
    for term, (name, _words) in TERMS.items():
        there = sorted(rows.get(term, []), key=lambda row: str(row["deal__currency"]))
        sums = tuple(Money(row["deal__currency"], row["total"]) for row in there)
        count = sum(row["count"] for row in there)
        spots.append(Spot(term, f"term.{term}", name, "term", count, sums))
    return tuple(spots)


def loads_as_known(on: date, *, playbook: Playbook) -> tuple[MonthLoad, ...]:
    """Return what `loads` does, remembered until something is done about capacity or deals."""
    acts = Acts(("capacity.", "sales.deal."))
    return remembered(("loads", on, playbook.sha256), acts, lambda: loads(on, playbook=playbook))


def loads(on: date, *, playbook: Playbook) -> tuple[MonthLoad, ...]:
    """Return the team's hours of the months that `revenue` tells of, with the deals that live."""
    team = team_on(on, playbook=playbook)
    found = load_by_month(team, month_of(on), playbook=playbook, count=MONTHS)
    every = frozenset[int]().union(*(one.deals for one in found))
    living_deals = frozenset(
        Deal.objects.filter(pk__in=every, deleted_at=None).values_list("pk", flat=True)
    )
    return tuple(
        replace(
            one,
            roles=tuple(replace(role, deals=role.deals & living_deals) for role in one.roles),
        )
        for one in found
    )


def retention(period: Period, *, on: date, playbook: Playbook) -> Retention:
    """Return what became of the engagements that ended in a period; one query."""
    ended = ended_between(living(Engagement.objects.all()), period.from_on, period.to_on, on=on)
    rows = with_term(ended, on=on, playbook=playbook).order_by().values(TERM)
    counts = {row[TERM]: row["count"] for row in rows.annotate(count=Count("pk"))}
    by_term = {one: counts.get(one.value, 0) for one in (Term.RENEWED, Term.LAPSED, Term.ENDED)}
    return Retention(sum(by_term.values()), by_term)
