"""The process as JSON, and its tables as rows for a CSV file."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from throughline.capacity.months import MonthLoad
from throughline.kernel.money import shown
from throughline.kernel.months import month_of, month_text
from throughline.playbook.model import Playbook
from throughline.renewals.process import Map, Spot, loads, process_map
from throughline.sales.flow import Period, StageFlow, Went, flow
from throughline.sales.revenue import Revenue, Sure, monthless, revenue

Rows = list[Sequence[object]]


def process_shape(
    period: Period, *, playbook: Playbook, sees_money: bool, sees_capacity: bool
) -> dict[str, Any]:
    """Return everything that the pages of the process say; what is not to be seen is null."""
    on = period.today
    found = process_map(period, on=on, playbook=playbook)
    return {
        "on": on.isoformat(),
        "from": period.from_on.isoformat(),
        "to": period.to_on.isoformat(),
        "stages": [_spot(one, sees_money=sees_money) for one in found.stages],
        "delivery": [_spot(one, sees_money=sees_money) for one in found.places],
        "terms": [_spot(one, sees_money=sees_money) for one in found.terms],
        "flow": [_flow(one) for one in flow(period, playbook=playbook)],
        "retention": _retention(found),
        "first_value": {"engagements": found.valued.count, "median_days": found.valued.median_days},
        "revenue": [_revenue(one) for one in revenue(month_of(on), playbook=playbook)]
        if sees_money else None,
        "monthless": {sure: monthless(sure, playbook=playbook).count() for sure in Sure}
        if sees_money else None,
        "load": [_load(one) for one in loads(on, playbook=playbook)] if sees_capacity else None,
    }  # fmt: skip


def _spot(one: Spot, *, sees_money: bool) -> dict[str, Any]:
    sums = [
        {"currency": each.currency, "total": shown(each.total), "weighted": shown(each.weighted)}
        for each in one.sums
    ]
    return {
        "code": one.code, "name": one.name, "figure": one.figure, "count": one.count,
        "sums": sums if sees_money else None,
    }  # fmt: skip


def _flow(one: StageFlow) -> dict[str, Any]:
    return {
        "stage": one.stage.code,
        "name": one.stage.name,
        "entered": one.entered,
        **{way.value: one.went[way] for way in Went},
        "left": one.left,
        "half_days": one.half_days,
        "nine_in_ten_days": one.most_days,
    }


def _retention(found: Map) -> dict[str, Any]:
    kept = found.retention
    return {"ended": kept.over, "pct": kept.pct} | {
        f"{term.value}": count for term, count in kept.by_term.items() if term.value != "ended"
    }


def _revenue(found: Revenue) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "months": [
            {
                "month": month_text(one.month),
                **{sure.value: shown(one.amounts[sure]) for sure in Sure},
                **{f"{sure.value}_deals": one.deals[sure] for sure in Sure},
            }
            for one in found.months
        ],
    }


def _load(one: MonthLoad) -> dict[str, Any]:
    return {
        "month": month_text(one.month),
        "deals": len(one.deals),
        "roles": [
            {
                "role": role.code, "name": role.name, "capacity_h": role.capacity_h,
                "committed_h": role.committed_h, "soft_h": role.soft_h,
                "used_pct": role.used_pct, "deals": len(role.deals),
            }
            for role in one.roles
        ],
    }  # fmt: skip


def tables(
    period: Period, *, playbook: Playbook, sees_money: bool, sees_capacity: bool
) -> dict[str, Callable[[], Rows]]:
    """Return what makes each table that somebody may see, by its name: a header, then rows."""
    found: dict[str, Callable[[], Rows]] = {
        "map": lambda: list(_map_rows(period, playbook, sees_money=sees_money)),
        "flow": lambda: list(_flow_rows(period, playbook)),
    }
    if sees_money:
        found["months"] = lambda: list(_month_rows(period, playbook))
    if sees_capacity:
        found["load"] = lambda: list(_load_rows(period, playbook))
    return found


def _map_rows(
    period: Period, playbook: Playbook, *, sees_money: bool
) -> Iterator[Sequence[object]]:
    yield ("band", "place", "count") + (("currency", "total", "weighted") if sees_money else ())
    found = process_map(period, on=period.today, playbook=playbook)
    bands = (("stage", found.stages), ("delivery", found.places), ("term", found.terms))
    for band, spots in bands:
        for one in spots:
            head = (band, one.name, one.count)
            if not sees_money or not one.sums:
                yield head + (("", "", "") if sees_money else ())
            for each in one.sums if sees_money else ():
                yield (*head, each.currency, shown(each.total), shown(each.weighted))


def _flow_rows(period: Period, playbook: Playbook) -> Iterator[Sequence[object]]:
    yield ("stage", "entered", *Went, "left", "half_days", "nine_in_ten_days")
    for one in flow(period, playbook=playbook):
        ways = [one.went[way] for way in Went]
        yield (one.stage.name, one.entered, *ways, one.left, one.half_days, one.most_days)


def _month_rows(period: Period, playbook: Playbook) -> Iterator[Sequence[object]]:
    yield ("currency", "month", *Sure, *(f"{sure}_deals" for sure in Sure))
    for found in revenue(month_of(period.today), playbook=playbook):
        for one in found.months:
            amounts = [shown(one.amounts[sure]) for sure in Sure]
            counts = [one.deals[sure] for sure in Sure]
            yield (found.currency, month_text(one.month), *amounts, *counts)


def _load_rows(period: Period, playbook: Playbook) -> Iterator[Sequence[object]]:
    yield ("month", "role", "capacity_h", "committed_h", "soft_h", "used_pct", "deals")
    for month in loads(period.today, playbook=playbook):
        for one in month.roles:
            yield (
                month_text(month.month), one.name, one.capacity_h, one.committed_h, one.soft_h,
                one.used_pct, len(one.deals),
            )  # fmt: skip
