"""The tiles at the top of an engagement's page."""

from typing import Any

from throughline.delivery.promises import Counted
from throughline.sales.models import Deal
from throughline.web.templatetags.ui import day, money


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
    return {"label": "Amount", "value": money(deal.amount), "unit": unit, "note": note}
