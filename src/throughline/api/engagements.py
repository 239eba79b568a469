"""Engagements, and all that they are made of."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router

from throughline.api import schemas
from throughline.api.access import reader
from throughline.api.paging import page
from throughline.delivery.gates import acceptance_gate
from throughline.delivery.queries import engagement_in_full, engagements, find_engagement
from throughline.delivery.returns import handoff_ball, returns_of
from throughline.delivery.shapes import engagement_in_full_shape, engagement_shape, return_shape
from throughline.handoff.drift import drift_of, drift_shape
from throughline.handoff.queries import ledger_now
from throughline.handoff.shapes import ledger_shape
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current

router = Router(tags=["engagements"])


@router.get("", response=schemas.Page[schemas.Engagement])
def list_engagements(request: HttpRequest, span: Query[schemas.Span]) -> dict[str, Any]:
    """List engagements by number."""
    reader(request)
    return page(engagements(), span, engagement_shape)


@router.get("/{reference}", response=schemas.EngagementInFull)
def show_engagement(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show one engagement with its projects, deliverables, evidence, services and clusters."""
    reader(request)
    return engagement_in_full_shape(engagement_in_full(find_engagement(reference).number))


@router.get("/{reference}/ledger", response=schemas.Ledger)
def show_ledger(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Say where every field of a handoff goes, and whether it is there; values are not shown."""
    reader(request)
    engagement = find_engagement(reference)
    found = ledger_now(engagement, playbook=current(), at=timezone.now())
    return {"engagement": engagement.number} | ledger_shape(found)


@router.get("/{reference}/returns", response=schemas.Returns, by_alias=True)
def show_returns(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Say what PS returned and BD answered, what is in the way, and with whom the ball is."""
    reader(request)
    engagement = find_engagement(reference)
    ball = handoff_ball(engagement)
    in_the_way = () if engagement.accepted_by else acceptance_gate(engagement)
    return {
        "engagement": engagement.number,
        "accepted_by": engagement.accepted_by or None,
        "ball": ball.party if ball else None,
        "in_the_way": [asdict(one) for one in in_the_way],
        "returns": [return_shape(one) for one in returns_of(engagement)],
    }


@router.get("/{reference}/drift", response=list[schemas.Drift])
def show_drift(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show what a handoff made, with both sides of what differs, as last seen."""
    reader(request)
    on = day_in_zone(timezone.now(), current().organisation.zone)
    return [drift_shape(line) for line in drift_of(find_engagement(reference), on=on)]
