"""Budgets and alerts: what clouds cost their agreements, and what is done about it."""

from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from throughline.api import budget_schemas as shapes
from throughline.api import schemas
from throughline.api.access import may, needs
from throughline.api.dates import signed, today
from throughline.api.deal_schemas import Words
from throughline.api.paging import enveloped, page
from throughline.budgets.actions import deciding
from throughline.budgets.listing import (
    alert_shape,
    engagements_with_accounts,
    line_shape,
    lines_of,
)
from throughline.budgets.models import Alert
from throughline.budgets.queries import alerts, find_alert, waiting_alerts
from throughline.budgets.words import TOLD_IN_MONEY
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["budgets"])
P = Permission
Number = Annotated[int, Field(ge=1, le=schemas.FARTHEST)]
MONEY: Final = ("ceiling", "spent", "forecast", "monthly_rate", "months")
TOLD_MONEY: Final = ("amount", "limit")


class Cause(Schema):
    """What made the costs."""

    text: Words


class Decision(Schema):
    """What is done about it: expected, reduce or absorb; and why."""

    decision: schemas.Text
    because: Words


@router.get("/budgets", response=schemas.Page[shapes.Budget])
@needs(P.READ)
def list_budgets(request: HttpRequest, wanted: Query[shapes.BudgetsWanted]) -> dict[str, Any]:
    """List each account of each engagement: what it costs, when it runs out, and who is told."""
    found = engagements_with_accounts(wanted.q)
    lines = lines_of(found, on=wanted.on or today(), playbook=current())
    part = lines[wanted.offset : wanted.offset + wanted.limit]
    hidden = {} if may(request, P.SEE_MONEY) else dict.fromkeys(MONEY)
    items = [line_shape(one) | hidden for one in part]
    return enveloped(items, count=len(lines), span=wanted)


@router.get("/alerts", response=schemas.Page[shapes.Alert])
@needs(P.READ)
def list_alerts(request: HttpRequest, wanted: Query[shapes.AlertsWanted]) -> dict[str, Any]:
    """List the alerts that wait for a decision, what is newest first."""
    found = alerts() if wanted.all else waiting_alerts()
    with_money = may(request, P.SEE_MONEY)
    return page(found, wanted, lambda one: _alert(one, with_money))


@router.get("/alerts/{number}", response=shapes.Alert)
@needs(P.READ)
def show_alert(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Show an alert with all that was told of it."""
    return _shown(request, number)


@router.post("/alerts/{number}/take", response=shapes.Alert)
@needs(P.DELIVER, P.EDIT_DEALS)
def take_alert(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """See to an alert, by name."""
    deciding.take_alert(number, **signed(request))
    return _shown(request, number)


@router.post("/alerts/{number}/acknowledge", response=shapes.Alert)
@needs(P.DELIVER, P.EDIT_DEALS)
def acknowledge_alert(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Say that somebody has seen it."""
    deciding.acknowledge_alert(number, **signed(request))
    return _shown(request, number)


@router.post("/alerts/{number}/cause", response=shapes.Alert)
@needs(P.DELIVER, P.EDIT_DEALS)
def explain_alert(request: HttpRequest, number: Path[Number], told: Cause) -> dict[str, Any]:
    """Write down what made the costs."""
    deciding.explain_alert(number, cause=told.text, **signed(request))
    return _shown(request, number)


@router.post("/alerts/{number}/decide", response=shapes.Alert)
@needs(P.DELIVER, P.EDIT_DEALS)
def decide_alert(request: HttpRequest, number: Path[Number], told: Decision) -> dict[str, Any]:
    """Decide about it. Nothing else closes an alert; its cause is written down first."""
    deciding.decide_alert(number, decision=told.decision, why=told.because, **signed(request))
    return _shown(request, number)


def _shown(request: HttpRequest, number: int) -> dict[str, Any]:
    return _alert(find_alert(number), may(request, P.SEE_MONEY))


def _alert(one: Alert, with_money: bool) -> dict[str, Any]:  # noqa: FBT001 -- one of ours
    """Return an alert; what AWS tells of a threshold is an amount, too."""
    shape = alert_shape(one)
    if with_money:
        return shape
    return shape | {"crossings": [_without_money(each) for each in shape["crossings"]]}


def _without_money(crossing: dict[str, Any]) -> dict[str, Any]:
    also = ("threshold",) if crossing["source"] in TOLD_IN_MONEY else ()
    return crossing | dict.fromkeys((*TOLD_MONEY, *also))
