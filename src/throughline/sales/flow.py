"""How deals go from stage to stage: who entered in a period, what became of them, and how long it took.

One population for every figure: of the deals that entered a stage in the period, each once, with the
last time that it did. So a deal that went back and came again counts by how it went the last time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from django.db.models import Count, Q, QuerySet

from throughline.kernel.days import ONE_DAY, last_instant
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.models import Deal, Stay

HALF: Final = 50  # per cent
MOST: Final = 90
LONGEST: Final = 3  # deals of each stage that stand there longest
A_YEAR: Final = timedelta(days=364)  # before a day: with it 365 days


class Went(StrEnum):
    """What became of a deal that entered a stage, as of now."""

    ON = "on"
    BACK = "back"
    LOST = "lost"
    ASIDE = "aside"  # to where no stage of the playbook is: nobody has mapped it
    STILL = "still"


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days, both included, in a zone; `today` is the day of whoever looks."""

    from_on: date
    to_on: date
    today: date
    zone: str

    @property
    def begin(self) -> datetime:
        """Its first instant."""
        return last_instant(self.from_on - ONE_DAY, self.zone)

    @property
    def end(self) -> datetime:
        """Its last instant."""
        return last_instant(self.to_on, self.zone)


def period_of(from_on: date | None, to_on: date | None, *, today: date, zone: str) -> Period:
    """Return a period; without its days, the 365 that end today.

    Raises:
        Refused: it ends before it begins.
    """
    ends = to_on or today
    begins = from_on or ends - A_YEAR
    if begins > ends:
        raise Refused(f"{begins} is after {ends}.", remedy="Let the period begin before it ends.")
    return Period(begins, ends, today, zone)


@dataclass(frozen=True, slots=True)
class StageFlow:
    """What became of the deals that entered a stage in a period. Units: deals, whole days."""

    stage: Stage
    went: Mapping[Went, int]
    half_days: int | None  # half of those that left stood there at most so long; None: nobody left
    most_days: int | None  # nine in ten of them

    @property
    def entered(self) -> int:
        """How many entered; each went exactly one way, or still stands there."""
        return sum(self.went.values())

    @property
    def left(self) -> int:
        """How many stand there no more."""
        return self.entered - self.went[Went.STILL]

    def pct(self, way: Went) -> int | None:
        """Return how many of a hundred went that way; None where nobody entered."""
        return round(100 * self.went[way] / self.entered) if self.entered else None


def entered_in(period: Period) -> QuerySet[Stay]:
    """Return the last stay that each deal began in a stage in a period; deals that are gone left out."""
    return Stay.objects.filter(
        Q(again_at=None) | Q(again_at__gt=period.end),
        from_at__gt=period.begin,
        from_at__lte=period.end,
    ).exclude(deal__in=Deal.objects.filter(deleted_at__isnull=False))


def flow(period: Period, *, playbook: Playbook) -> tuple[StageFlow, ...]:
    """Return what became of those that entered each stage in a period; one query."""
    rows = (
        entered_in(period).order_by().values("stage", "next_stage", "days")
        .annotate(count=Count("pk")).values_list("stage", "next_stage", "days", "count")
    )  # fmt: skip
    by_stage: dict[str, list[tuple[str, int | None, int]]] = {}
    for stage, following, days, count in rows:
        by_stage.setdefault(stage, []).append((following, days, count))
    return tuple(_flow(one, by_stage.get(one.code, []), playbook) for one in playbook.stages)


def _flow(
    stage: Stage, rows: Iterable[tuple[str, int | None, int]], playbook: Playbook
) -> StageFlow:
    went = dict.fromkeys(Went, 0)
    taken: dict[int, int] = {}
    for following, days, count in rows:
        if days is None:
            went[Went.STILL] += count
            continue
        went[way_of(stage, following, playbook)] += count
        taken[days] = taken.get(days, 0) + count
    return StageFlow(stage, went, days_of(taken, HALF), days_of(taken, MOST))


def way_of(stage: Stage, following: str, playbook: Playbook) -> Went:
    """Return which way it is from a stage to the one that followed."""
    place = {one.code: number for number, one in enumerate(playbook.stages)}
    if following not in place:
        return Went.ASIDE
    if playbook.stages[place[following]].kind == "lost":
        return Went.LOST
    return Went.ON if place[following] > place[stage.code] else Went.BACK


def days_of(taken: Mapping[int, int], pct: int) -> int | None:
    """Return the days within which so many of a hundred left; None where nobody did.

    By nearest rank: of the days in order, the one at place ⌈pct × count ÷ 100⌉. `taken` is how many
    took so many days.
    """
    rank, seen = ceil(sum(taken.values()) * pct / 100), 0
    for days in sorted(taken):
        seen += taken[days]
        if seen >= rank:
            return days
    return None


def standing_longest(*, playbook: Playbook) -> dict[str, list[Deal]]:
    """Return, for each open stage, the deals that stand there longest; one query for each stage.

    Of a deal no more is read than how it is called, and since when it stands there.
    """
    return {
        stage.code: list(
            Deal.objects.filter(stage=stage.code, deleted_at=None)
            .select_related("community").only("name", "stage", "stage_since", "community__short_name")
            .order_by("stage_since", "pk")[:LONGEST]
        )
        for stage in playbook.stages if stage.kind == "open"
    }  # fmt: skip
