"""The whole life on one map: how much stands where, from lead to the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final

from django.db.models import Count, QuerySet, Sum

from throughline.delivery.first_values import days_to_first_value
from throughline.delivery.models import Engagement
from throughline.delivery.places import PLACES, with_place
from throughline.playbook.model import Playbook
from throughline.renewals.figures import living
from throughline.renewals.terms import TERMS, Term, ended_between, with_term
from throughline.sales.figures import NOWHERE
from throughline.sales.flow import Period
from throughline.sales.models import Deal
from throughline.sales.pipeline import StageSum, sums_by_stage

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
    placed = with_place(living(Engagement.objects.all()))
    termed = with_term(living(Engagement.objects.all()), on=on, playbook=playbook)
    return Map(
        stages=_stages(playbook),
        places=_spots("place", {one.value: words[0] for one, words in PLACES.items()}, placed),
        terms=_spots("term", {one.value: words[0] for one, words in TERMS.items()}, termed),
        retention=retention(period, on=on, playbook=playbook),
        valued=Valued(len(days), float(median(days)) if days else None),
    )


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


def _spots(key: str, names: dict[str, str], found: QuerySet[Engagement]) -> tuple[Spot, ...]:
    rows: dict[str, list[dict[str, Any]]] = {}
    grouped = found.order_by().values(key, "deal__currency")
    for row in grouped.annotate(count=Count("pk"), total=Sum("deal__amount")):
        rows.setdefault(row[key], []).append(row)
    return tuple(
        Spot(
            code, f"{key}.{code}", name, key, sum(row["count"] for row in rows.get(code, [])),
            tuple(
                Money(row["deal__currency"], row["total"])
                for row in sorted(rows.get(code, []), key=lambda row: row["deal__currency"])
            ),
        )
        for code, name in names.items()
    )  # fmt: skip


def retention(period: Period, *, on: date, playbook: Playbook) -> Retention:
    """Return what became of the engagements that ended in a period; one query."""
    ended = ended_between(living(Engagement.objects.all()), period.from_on, period.to_on, on=on)
    rows = with_term(ended, on=on, playbook=playbook).order_by().values(TERM)
    counts = {row[TERM]: row["count"] for row in rows.annotate(count=Count("pk"))}
    by_term = {one: counts.get(one.value, 0) for one in (Term.RENEWED, Term.LAPSED, Term.ENDED)}
    return Retention(sum(by_term.values()), by_term)
