"""The tiles at the top of an engagement's page."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from throughline.communities.models import RoleAssignment
from throughline.delivery.models import Engagement
from throughline.delivery.promises import Counted
from throughline.delivery.value import Value, value_of
from throughline.sales.models import Deal
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import brief_money, day, days_word, money


def stats_of(
    deal: Deal, how_far: Counted, days_left: int | None, *, sees_money: bool
) -> list[dict[str, Any]]:
    """Return the term, how far the promises are, the estimate, and to some the money."""
    tiles = [_term(deal, days_left), _verified(how_far), _estimate(deal)]
    return [*tiles, _amount(deal)] if sees_money else tiles


def _term(deal: Deal, days_left: int | None) -> dict[str, Any]:
    if days_left is None:
        return {"label": "Days left", "value": "unknown", "note": "record the end on the deal"}
    note = f"last day {day(deal.end_on)}"
    if days_left < 0:
        return {
            "label": "Days since the end",
            "value": str(-days_left),
            "note": note,
            "tone": "bad",
        }
    return {"label": "Days left", "value": str(days_left), "note": note}


def _verified(how_far: Counted) -> dict[str, Any]:
    waiting = how_far.done - how_far.verified
    note = f"{waiting} {'waits' if waiting == 1 else 'wait'} for BD" if waiting else ""
    return {
        "label": "Verified",
        "value": f"{how_far.verified} of {how_far.total}",
        "note": note if how_far.total else "the handoff plans them",
        "tone": "good" if how_far.total and how_far.verified == how_far.total else "",
    }


def _estimate(deal: Deal) -> dict[str, Any]:
    newest = max(deal.statements_of_work.all(), key=lambda one: one.version, default=None)
    if newest is None:
        return {"label": "Estimate", "value": "none", "note": "no statement of work"}
    hours = f"{newest.low_h.normalize():f}–{newest.high_h.normalize():f}"
    return {"label": "Estimate", "value": hours, "unit": "hours"}


def _amount(deal: Deal) -> dict[str, Any]:
    collected = deal.amount_collected
    note = "" if collected is None else f"{money(collected)} collected"
    unit = "" if deal.amount is None else deal.currency
    return {"label": "Amount", "value": brief_money(deal.amount), "unit": unit, "note": note}


def value_tile(
    engagement: Engagement, now: Moment, held: Sequence[RoleAssignment]
) -> dict[str, Any]:
    """Return the time to first value; what nobody can tell is unknown, and not zero."""
    found = value_of(engagement, playbook=now.playbook, on=now.on, held=held)
    tile = {
        "label": "Time to first value",
        "url": reverse("web:engagement-value", args=[engagement.number]),
    }
    if found.unknown_because:
        return tile | {"value": "unknown", "note": "no source tells who uses it"}
    last = found.last
    note = f"{last.people} people up to {day(last.to_on)}" if last else "nothing is told yet"
    if found.is_lost(now.playbook.verification):
        return tile | {"value": _reached(found), "note": f"lost since: {note}", "tone": "bad"}
    return tile | {"value": _reached(found), "note": note}


def _reached(found: Value) -> str:
    if found.first_on is None:
        return "not yet"
    return day(found.first_on) if found.days is None else days_word(found.days)
