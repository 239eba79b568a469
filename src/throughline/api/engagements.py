"""Engagements, and all that they are made of."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router

from throughline.api import delivery_schemas, handing_over, schemas
from throughline.api.access import may, needs
from throughline.api.paging import page
from throughline.delivery.first_values import first_values, first_values_shape
from throughline.delivery.gates import acceptance_gate
from throughline.delivery.joint import joint_shape, joint_works_of, state_of
from throughline.delivery.meeting_shapes import service_shape
from throughline.delivery.promised import gap_shape, promise_gaps
from throughline.delivery.queries import (
    engagement_in_full,
    engagements,
    find_engagement,
    services_of,
)
from throughline.delivery.readiness import ready_shape, ready_tables
from throughline.delivery.returns import handoff_ball, returns_of
from throughline.delivery.shapes import engagement_in_full_shape, engagement_shape, return_shape
from throughline.handoff.drift import drift_of, drift_shape
from throughline.handoff.queries import ledger_now
from throughline.handoff.shapes import ledger_shape
from throughline.kernel.days import day_in_zone
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["engagements"])


@router.get("", response=schemas.Page[schemas.Engagement])
@needs(Permission.READ)
def list_engagements(request: HttpRequest, span: Query[schemas.Span]) -> dict[str, Any]:
    """List engagements by number."""
    return page(engagements(), span, engagement_shape)


@router.get("/first-value", response=delivery_schemas.FirstValues)
@needs(Permission.READ)
def show_first_values(request: HttpRequest) -> dict[str, Any]:
    """Say how long every engagement that was ordered took to its first value, or waits for it."""
    return first_values_shape(first_values(playbook=current(), on=_today()))


@router.get("/{reference}", response=delivery_schemas.EngagementInFull)
@needs(Permission.READ)
def show_engagement(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show one engagement with its projects, deliverables, evidence, services and clusters."""
    return engagement_in_full_shape(engagement_in_full(find_engagement(reference).number))


@router.get("/{reference}/ledger", response=handing_over.Ledger)
@needs(Permission.READ)
def show_ledger(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Say where every field of a handoff goes, and whether it is there; values are not shown."""
    engagement = find_engagement(reference)
    found = ledger_now(engagement, playbook=current(), at=timezone.now())
    return {"engagement": engagement.number} | ledger_shape(found)


@router.get("/{reference}/returns", response=handing_over.Returns, by_alias=True)
@needs(Permission.READ)
def show_returns(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Say what PS returned and BD answered, what is in the way, and with whom the ball is."""
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


@router.get("/{reference}/ready", response=list[delivery_schemas.ReadyTable], by_alias=True)
@needs(Permission.READ)
def show_readiness(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Say for each phase whether work on it can begin, and what is missing."""
    tables = ready_tables(find_engagement(reference), playbook=current(), on=_today())
    return [ready_shape(table) for table in tables]


@router.get("/{reference}/promises", response=list[delivery_schemas.PromiseGap])
@needs(Permission.READ)
def show_promise_gaps(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show promises that no deliverable serves, and work that serves no promise."""
    engagement = find_engagement(reference)
    return [gap_shape(one) for one in promise_gaps(engagement, playbook=current())]


@router.get("/{reference}/services", response=list[delivery_schemas.ServiceInFull])
@needs(Permission.READ)
def show_services(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show the services of an engagement, and what was said of their months."""
    return [service_shape(one) for one in services_of(find_engagement(reference))]


@router.get("/{reference}/joint", response=list[delivery_schemas.JointWork])
@needs(Permission.READ)
def show_joint_works(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show the joint works that an engagement has a share in, and who carries how much."""
    with_money = may(request, Permission.SEE_MONEY)
    found = joint_works_of(find_engagement(reference))
    return [joint_shape(state_of(work), with_money=with_money) for work in found]


def _today() -> date:
    return day_in_zone(timezone.now(), current().organisation.zone)


@router.get("/{reference}/drift", response=list[handing_over.Drift])
@needs(Permission.READ)
def show_drift(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show what a handoff made, with both sides of what differs, as last seen."""
    on = day_in_zone(timezone.now(), current().organisation.zone)
    with_money = may(request, Permission.SEE_MONEY)
    found = drift_of(find_engagement(reference), on=on)
    return [drift_shape(line, with_money=with_money) for line in found]
