"""The deals behind a figure: an address names the figure, and a list shows exactly those deals.

A figure is written as words with points: "in.proposal", "went.proposal.on", "money.committed.2026-12".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from throughline.capacity.months import month_of_load
from throughline.capacity.queries import team_on
from throughline.kernel.errors import Refused
from throughline.kernel.months import last_day, month_text, parse_month
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.flow import Period, Went, entered_in, way_of
from throughline.sales.models import Deal
from throughline.sales.revenue import Sure, falling, monthless

Row = TypeVar("Row", bound=Model)
Deals = QuerySet[Deal]
May = Callable[[Permission], bool]
NOWHERE: Final = "unmapped"
WAYS: Final = {
    Went.ON: "went on from", Went.BACK: "went back from", Went.LOST: "were lost from",
    Went.ASIDE: "went to no stage of the playbook from", Went.STILL: "still stand in",
}  # fmt: skip
SURE: Final = {Sure.COMMITTED: "won", Sure.WEIGHTED: "open"}


@dataclass(frozen=True, slots=True)
class Figure(Generic[Row]):
    """What a figure counts, after "Deals that …", and those of which it is true."""

    words: str
    narrow: Callable[[QuerySet[Row]], QuerySet[Row]]


def figure_of(text: str, *, period: Period, playbook: Playbook, may: May) -> Figure[Deal] | None:
    """Return what a figure counts; None where it is none, or none for somebody who may not see it.

    One without a period ignores it. `may` says what somebody may.
    """
    kind, *rest = text.split(".")
    make, needed = FIGURES.get(kind), SEEN_BY.get(kind)
    if make is None or (needed is not None and not may(needed)):
        return None
    return make(rest, period, playbook)


def _stage(code: str, playbook: Playbook) -> Stage | None:
    return next((one for one in playbook.stages if one.code == code), None)


def _standing(rest: list[str], _period: Period, playbook: Playbook) -> Figure[Deal] | None:
    code = ".".join(rest)
    if code == NOWHERE:
        known = [one.code for one in playbook.stages]
        return Figure(
            "stand in no stage of the playbook",
            lambda deals: deals.filter(deleted_at=None).exclude(stage__in=known),
        )
    stage = _stage(code, playbook)
    if stage is None:
        return None
    return Figure(
        f"stand in {stage.name}", lambda deals: deals.filter(stage=stage.code, deleted_at=None)
    )


def _in(period: Period) -> str:
    return f"which they entered from {period.from_on:%-d %b %Y} to {period.to_on:%-d %b %Y}"


def _stays(deals: Deals, stage: Stage, period: Period, **narrow: object) -> Deals:
    found = entered_in(period).filter(deal=OuterRef("pk"), stage=stage.code, **narrow)
    return deals.filter(Exists(found), deleted_at=None)


def _entered(rest: list[str], period: Period, playbook: Playbook) -> Figure[Deal] | None:
    stage = _stage(".".join(rest), playbook)
    if stage is None:
        return None
    words = f"entered {stage.name} from {period.from_on:%-d %b %Y} to {period.to_on:%-d %b %Y}"
    return Figure(words, lambda deals: _stays(deals, stage, period))


def _left(rest: list[str], period: Period, playbook: Playbook) -> Figure[Deal] | None:
    stage = _stage(".".join(rest), playbook)
    if stage is None:
        return None
    return Figure(
        f"have left {stage.name}, {_in(period)}",
        lambda deals: _stays(deals, stage, period, to_at__isnull=False),
    )


def _went(rest: list[str], period: Period, playbook: Playbook) -> Figure[Deal] | None:
    code, _, way = ".".join(rest).rpartition(".")
    stage = _stage(code, playbook)
    if stage is None or way not in list(Went):
        return None
    words = f"{WAYS[Went(way)]} {stage.name}, {_in(period)}"
    return Figure(words, lambda deals: _gone(deals, stage, Went(way), period, playbook))


def _gone(deals: Deals, stage: Stage, way: Went, period: Period, playbook: Playbook) -> Deals:
    if way == Went.STILL:
        return _stays(deals, stage, period, to_at=None)
    known = [one.code for one in playbook.stages]
    if way == Went.ASIDE:
        aside = entered_in(period).filter(deal=OuterRef("pk"), stage=stage.code)
        aside = aside.filter(to_at__isnull=False).exclude(next_stage__in=known)
        return deals.filter(Exists(aside), deleted_at=None)
    there = [code for code in known if way_of(stage, code, playbook) == way]
    return _stays(deals, stage, period, to_at__isnull=False, next_stage__in=there)


def _money(rest: list[str], _period: Period, playbook: Playbook) -> Figure[Deal] | None:
    kind, month, currency = (*rest, "", "", "")[:3]
    if kind not in list(Sure) or (first := _month(month)) is None:
        return None
    sure, last = Sure(kind), last_day(first)
    whose = falling(sure, first, last, playbook=playbook).values("pk")
    whose = whose.filter(currency=currency) if currency else whose
    return Figure(
        f"are {SURE[sure]} and bring {currency or 'money'} in {month_text(first)}",
        lambda deals: deals.filter(pk__in=whose),
    )


def _load(rest: list[str], period: Period, playbook: Playbook) -> Figure[Deal] | None:
    month, role = (*rest, "", "")[:2]
    names = {one.code: one.name for one in playbook.team_roles}
    if (first := _month(month)) is None or (role and role not in names):
        return None

    def narrow(deals: Deals) -> Deals:
        team = team_on(period.today, playbook=playbook)
        takers = month_of_load(team, first, role=role, playbook=playbook)
        return deals.filter(pk__in=takers, deleted_at=None)

    whose = f" of {names[role]}" if role else ""
    return Figure(f"take hours{whose} in {month_text(first)}", narrow)


def _month(text: str) -> date | None:
    try:
        return parse_month(text)
    except Refused:
        return None


def _monthless(rest: list[str], _period: Period, playbook: Playbook) -> Figure[Deal] | None:
    kind = ".".join(rest)
    if kind not in list(Sure):
        return None
    whose = monthless(Sure(kind), playbook=playbook).values("pk")
    return Figure(
        f"are {SURE[Sure(kind)]} and whose money falls in no month: without an amount or a"
        " probability, or without a term and a day to close",
        lambda deals: deals.filter(pk__in=whose),
    )


SEEN_BY: Final = {  # figures that not everybody sees who sees deals
    "money": Permission.SEE_MONEY, "monthless": Permission.SEE_MONEY,
    "load": Permission.SEE_CAPACITY,
}  # fmt: skip
FIGURES: Final[Mapping[str, Callable[[list[str], Period, Playbook], Figure[Deal] | None]]] = {
    "in": _standing, "entered": _entered, "left": _left, "went": _went, "money": _money,
    "monthless": _monthless, "load": _load,
}  # fmt: skip
