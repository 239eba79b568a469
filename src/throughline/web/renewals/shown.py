"""Ladders and findings as pages show them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.urls import reverse

from throughline.renewals.known import running_as_known
from throughline.renewals.money import lapse_costs
from throughline.renewals.queries import NoticeLine, Renewal
from throughline.renewals.reconcile import Finding, counted
from throughline.renewals.reconcile_words import KINDS
from throughline.renewals.words import TermState
from throughline.sales.queries import deal_numbers
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import MONTHS, day

MONTHS_BACK, MONTHS_SHOWN = 3, 18
FULL: Final = 100.0


def shown_notices(one: Renewal) -> list[dict[str, Any]]:
    """Return the steps of a ladder with their arithmetic: 60 days before 30 Jun is 1 May."""
    end_on = one.standing.deal.end_on
    return [
        {
            "line": line,
            "label": line.state.label,
            "minus": _minus(line, end_on),
            "to": ", ".join(line.to),
        }
        for line in one.notices
    ]


def _minus(line: NoticeLine, end_on: date | None) -> int | None:
    """Return how many days before the end a step is counted; None of an older end date."""
    if end_on is None or line.state == "void":
        return None
    return line.days if line.days is not None else (end_on - line.due_on).days


def lapse_money(lines: Sequence[Renewal], now: Moment) -> dict[int, str]:
    """Return what those that lapsed have cost us since, in words, by engagement."""
    if not any(one.state == TermState.LAPSED for one in lines):
        return {}
    numbers = {one.standing.engagement.number for one in lines}
    found = running_as_known(on=now.on, playbook=now.playbook)
    mine = [one for one in found if one.deal is not None and one.deal.pk in numbers]
    costs = lapse_costs(mine, playbook=now.playbook)
    return {
        one.deal.pk: cost.said
        for one in mine
        if one.deal is not None and (cost := costs[one.subject]).amount is not None
    }


def shown_ladder(
    lines: Sequence[Renewal], *, on: date, money: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """Return the bars of 18 months, three of them past; every position is a percentage."""
    begin = _month(on, -MONTHS_BACK)
    finish = _month(begin, MONTHS_SHOWN)
    months = [_month(begin, index) for index in range(MONTHS_SHOWN)]
    return {
        "rows": [
            _row(one, begin, finish, on) | _at_our_expense(one, money or {})
            for one in lines
            if _is_within(one, begin, finish)
        ],
        "months": [
            {"at": _at(first, begin, finish), "label": _month_label(first)} for first in months
        ],
        "today": _at(on, begin, finish),
    }


def _month(of: date, plus: int) -> date:
    """Return the first day of a month, so many months on."""
    index = of.year * 12 + of.month - 1 + plus
    return date(index // 12, index % 12 + 1, 1)


def _month_label(first: date) -> str:
    return str(first.year) if first.month == 1 else MONTHS[first.month - 1]


def _at(wanted: date, begin: date, finish: date) -> float:
    share = (wanted - begin) / (finish - begin)
    return min(FULL, max(0.0, share * FULL))


def _at_our_expense(one: Renewal, money: Mapping[int, str]) -> dict[str, str]:
    return {"money": money.get(one.standing.engagement.number, "")}


def _is_within(one: Renewal, begin: date, finish: date) -> bool:
    deal = one.standing.deal
    if one.state == TermState.LAPSED:
        return True  # its striped part reaches to today, however long ago it ended
    return deal.end_on is not None and deal.end_on >= begin and (deal.start_on or begin) < finish


def _row(one: Renewal, begin: date, finish: date, on: date) -> dict[str, Any]:
    deal = one.standing.deal
    start, end = deal.start_on or begin, deal.end_on or finish
    left, right = _at(start, begin, finish), _at(end + timedelta(days=1), begin, finish)
    is_lapsed = one.state == TermState.LAPSED
    return {
        "label": deal.name,
        "url": reverse("web:renewal", args=[deal.pk]),
        "start": left,
        "width": max(right - left, 0.5),
        "lapsed_at": right if is_lapsed else None,
        "lapsed": _at(on, begin, finish) - right if is_lapsed else None,
        "end_text": f"{-(one.days_left or 0)} days ago" if is_lapsed else day(end),
        "state": "lapsed" if is_lapsed else None,
        "ticks": [
            _tick(line, begin, finish) for line in one.notices if begin <= line.due_on < finish
        ],
    }


def _tick(line: NoticeLine, begin: date, finish: date) -> dict[str, Any]:
    return {
        "at": _at(line.due_on, begin, finish),
        "state": line.state.value,
        "title": f"{line.step}, {day(line.due_on)}",
    }


def shown_findings(found: Sequence[Finding], *, code: str) -> dict[str, Any]:
    """Return findings by code, each with what it is called, what to do, and the deal's page."""
    counts = counted(found)
    numbers = deal_numbers({one.deal_id for one in found if one.deal_id})
    groups = [
        {
            "code": each,
            "kind": KINDS[each],
            "lines": [(one, numbers.get(one.deal_id or "")) for one in found if one.code == each],
        }
        for each in counts
        if code in {"", each}
    ]
    tabs = [{"label": "All", "url": "?", "current": not code, "count": len(found)}] + [
        {
            "label": KINDS[each].title,
            "url": f"?code={each}",
            "current": code == each,
            "count": count,
        }
        for each, count in counts.items()
    ]
    return {"groups": groups, "tabs": tabs, "count": len(found)}
