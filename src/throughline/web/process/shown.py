"""The process as its pages show it: every number with the address of the list that it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from throughline.capacity.months import MonthLoad, RoleMonth
from throughline.kernel.months import month_of, month_text
from throughline.renewals.process import Map, Spot, loads_as_known
from throughline.renewals.terms import TERMS, Term
from throughline.sales.flow import Period, StageFlow, Went
from throughline.sales.models import Deal
from throughline.sales.revenue import Revenue, Sure, monthless, revenue_as_known
from throughline.web.charts import Picture, addresses
from throughline.web.figures import query_for
from throughline.web.moment import Moment
from throughline.web.process.charts import LOAD_HEIGHT, MONEY_HEIGHT, PART, ROW, WAYS, WIDTH
from throughline.web.sales.board import days_since
from throughline.web.templatetags.ui import days_word, money

TABS: Final = (
    ("process", "Where it stands"), ("process-flow", "Time and conversion"),
    ("process-months", "Months"),
)  # fmt: skip
FULL: Final = 100  # per cent
SURE_WORDS: Final = {Sure.COMMITTED: "won", Sure.WEIGHTED: "open"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number on a page: as it reads, the list that it counts, and how many are in it."""

    text: str
    url: str
    count: int
    note: str = ""  # read out after it


@lru_cache(maxsize=1024)  # a page has hundreds, the same ones each time that it is opened
def of_deals(figure: str, period: Period) -> str:
    """Return the address of the deals behind a figure."""
    return f"{reverse('web:pipeline')}?{query_for(figure, period, view='table')}"


def of_engagements(figure: str, period: Period) -> str:
    """Return the address of the engagements behind a figure."""
    return f"{reverse('web:engagements')}?{query_for(figure, period, view='all')}"


def shared_context(current: str, period: Period) -> dict[str, Any]:
    """Return what the pages of the process share: their tabs and the period."""
    query = urlencode({"from": period.from_on.isoformat(), "to": period.to_on.isoformat()})
    return {
        "period": period,
        "query": query,
        "tabs": [
            {"label": label, "url": f"{reverse(f'web:{name}')}?{query}", "current": name == current}
            for name, label in TABS
        ],
    }


def map_context(found: Map, period: Period) -> dict[str, Any]:
    """Return the three bands of the map, how many were renewed, and how soon there was value."""
    kept = found.retention
    return {
        "is_empty": not any(spot.count for spot in found.stages),
        "bands": [
            _band("Deals, by stage", "deal", found.stages, of_deals, period),
            _band("Engagements, by delivery", "engagement", found.places, of_engagements, period),
            _band("Engagements, by term", "engagement", found.terms, of_engagements, period),
        ],
        "over": _number(kept.over, of_engagements("over", period)),
        "kept": [
            {"name": TERMS[term][0], "number": _number(count, _over(term, period))}
            for term, count in kept.by_term.items()
        ],
        "kept_pct": None
        if kept.pct is None
        else Number(
            f"{kept.pct} %", _over(Term.RENEWED, period), kept.by_term[Term.RENEWED], "were renewed"
        ),
        "valued": _number(found.valued.count, of_engagements("valued", period)),
        "valued_days": None
        if found.valued.median_days is None
        else Number(
            f"{found.valued.median_days:g} days", of_engagements("valued", period),
            found.valued.count,
        ),
    }  # fmt: skip


def _over(term: Term, period: Period) -> str:
    return of_engagements(f"over.{term}", period)


def _number(count: int, url: str) -> Number:
    return Number(f"{count:,}", url, count)


def _band(
    title: str, what: str, spots: Sequence[Spot], address: Any, period: Period
) -> dict[str, Any]:
    most = max([spot.count for spot in spots], default=0)
    return {
        "title": title,
        "what": what,
        "spots": [
            {
                "name": spot.name,
                "kind": spot.kind,
                "number": _number(spot.count, url := address(spot.figure, period)),
                "bar": round(FULL * spot.count / most) if most else 0,
                "sums": [
                    Number(f"{money(one.total)} {one.currency}", url, spot.count)
                    for one in spot.sums
                    if one.total is not None
                ],
                "weighted": [
                    Number(f"{money(one.weighted)} {one.currency}", url, spot.count)
                    for one in spot.sums
                    if one.weighted is not None and spot.kind == "open"
                ],
            }
            for spot in spots
        ],
    }


def flow_context(
    found: Sequence[StageFlow], longest: Mapping[str, list[Deal]], period: Period, now: Moment
) -> dict[str, Any]:
    """Return the rows of the stages, and the pictures of how long it took and which way it went."""
    entered = [one for one in found if one.entered]
    has_aside = any(one.went[Went.ASIDE] for one in found)
    query = urlencode({"from": period.from_on.isoformat(), "to": period.to_on.isoformat()})
    height = ROW * max(len(entered), 1)
    timed = [one for one in found if one.half_days is not None]
    return {
        "rows": [_flow_row(one, longest, period, now, has_aside=has_aside) for one in found],
        "ways": [*WAYS.values(), *(["Unmapped since"] if has_aside else [])],
        "is_drawn": bool(entered),
        "has_deals": bool(entered) or Deal.objects.filter(deleted_at=None).exists(),
        "is_timed": bool(timed),
        "dwell": Picture(
            _with(query, "process-dwell-chart"), WIDTH + 20, ROW * max(len(timed), 1) + 60,
            _dwell_words(timed),
            "The bar is the time within which half of those that left had left; the mark, nine in"
            " ten.",
            label="Days in each stage as a picture",
        ),
        "conversion": Picture(
            _with(query, "process-conversion-chart"), 4 * (PART + 10) + 130, height + 50,
            "Of a hundred deals that entered each stage, how many went on, went back, were lost or"
            " still stand there. The table below has the numbers.",
            "Of a hundred deals that entered the stage.",
            label="Which way deals went as a picture",
        ),
    }  # fmt: skip


def _with(query: str, name: str) -> dict[str, str]:
    return {theme: f"{url}?{query}" for theme, url in addresses(f"web:{name}").items()}


def _dwell_words(timed: Sequence[StageFlow]) -> str:
    said = "; ".join(
        f"{one.stage.name}: half within {days_word(one.half_days)}, nine in ten within"
        f" {days_word(one.most_days)}"
        for one in timed
    )
    return f"Days that deals stood in each stage. {said}. The table below has the numbers."


def _flow_row(
    one: StageFlow, longest: Mapping[str, list[Deal]], period: Period, now: Moment, *,
    has_aside: bool,
) -> dict[str, Any]:  # fmt: skip
    code = one.stage.code
    left = of_deals(f"left.{code}", period)
    ways = [*WAYS, *([Went.ASIDE] if has_aside else [])]
    return {
        "name": one.stage.name,
        "entered": _number(one.entered, of_deals(f"entered.{code}", period)),
        "ways": [
            {
                "number": _number(one.went[way], url := of_deals(f"went.{code}.{way}", period)),
                "pct": None
                if one.pct(way) is None
                else Number(f"{one.pct(way)} %", url, one.went[way]),
            }
            for way in ways
        ],
        "half": None if one.half_days is None else Number(f"{one.half_days}", left, one.left),
        "most": None if one.most_days is None else Number(f"{one.most_days}", left, one.left),
        "longest": [
            {
                "name": deal.community.short_name if deal.community else deal.name,
                "url": reverse("web:deal", args=[deal.pk]),
                "days": days_since(deal.stage_since, now),
            }
            for deal in longest.get(code, [])
        ],
    }


def months_context(now: Moment, *, sees_money: bool, sees_capacity: bool) -> dict[str, Any]:
    """Return the coming twelve months: money by currency, and the load of each role beside it."""
    first = month_of(now.on)
    found = revenue_as_known(first, playbook=now.playbook) if sees_money else ()
    months = loads_as_known(now.on, playbook=now.playbook) if sees_capacity else ()
    period = Period(now.on, now.on, now.on, now.playbook.organisation.zone)
    main = found[0] if found else None
    return {
        "currencies": [_currency(one, period) for one in found],
        "unplaced": _unplaced(now, period) if sees_money else [],
        "roles": [role.name for role in now.playbook.team_roles],
        "beside": _beside(main, months, period),
        "has_money": any(one.deals[sure] for each in found for one in each.months for sure in Sure),
        "has_team": any(role.capacity_h for one in months for role in one.roles),
        "sees_capacity": sees_capacity,
        "money_picture": Picture(
            addresses("web:process-money-chart"), WIDTH + 80, MONEY_HEIGHT + 70,
            f"Money by month, {main.currency if main else ''}: committed, and on it weighted."
            " The table below has the numbers.",
            label="Money by month as a picture",
        ),
        "load_picture": Picture(
            addresses("web:process-load-chart"), WIDTH + 80, MONEY_HEIGHT + LOAD_HEIGHT + 110,
            "Money by month, and below it how full each role is in the same months."
            " The table below has the numbers.",
            "Above the dashed line a role has more work than hours.",
            label="Load beside money as a picture",
        ),
    }  # fmt: skip


def _currency(found: Revenue, period: Period) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "rows": [
            {"month": month_text(one.month), "cells": _cells(found, place, period)}
            for place, one in enumerate(found.months)
        ],
        "totals": [money(found.total(sure)) for sure in Sure],
    }


def _cells(found: Revenue, place: int, period: Period) -> list[dict[str, Any]]:
    one = found.months[place]
    return [
        {
            "money": Number(money(one.amounts[sure]), url := _money_url(sure, found, place, period),
                            one.deals[sure]),
            "deals": _number(one.deals[sure], url),
        }
        for sure in Sure
    ]  # fmt: skip


def _money_url(sure: Sure, found: Revenue, place: int, period: Period) -> str:
    month = month_text(found.months[place].month)
    return of_deals(f"money.{sure}.{month}.{found.currency}", period)


def _unplaced(now: Moment, period: Period) -> list[dict[str, Any]]:
    counts = [(sure, monthless(sure, playbook=now.playbook).count()) for sure in Sure]
    return [
        {"sure": SURE_WORDS[sure], "number": _number(count, of_deals(f"monthless.{sure}", period))}
        for sure, count in counts
        if count
    ]


def _beside(
    main: Revenue | None, months: Sequence[MonthLoad], period: Period
) -> list[dict[str, Any]]:
    return [
        {
            "month": month_text(one.month),
            "money": _cells(main, place, period) if main else [],
            "deals": _number(len(one.deals), of_deals(f"load.{month_text(one.month)}", period)),
            "roles": [_role(role, month_text(one.month), period) for role in one.roles],
        }
        for place, one in enumerate(months)
    ]


def _role(role: RoleMonth, month: str, period: Period) -> Number:
    text = "nobody" if role.used_pct is None else f"{role.used_pct} %"
    hours = f"{_hours(role.used_h)} of {_hours(role.capacity_h)} h"
    url = of_deals(f"load.{month}.{role.code}", period)
    return Number(text, url, len(role.deals), hours)


def _hours(hours: float) -> str:
    return f"{Decimal(str(hours)).quantize(Decimal(1)):,}"
