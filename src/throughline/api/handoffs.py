"""Handoffs: what would be made, what was planned, what is true, and what PS says to it.

Other systems are taken as they were last seen. Approved here, a plan is carried out by a worker,
which looks itself.
"""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from throughline.api import handing_over, plan_schemas, schemas
from throughline.api.access import may, needs
from throughline.api.dates import at, signed, stamped
from throughline.api.deal_schemas import Words
from throughline.api.paging import page
from throughline.delivery.actions.acceptance import accept_engagement, answer_return
from throughline.delivery.actions.engagements import report_health
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements, find_engagement
from throughline.delivery.shapes import engagement_shape, return_shape
from throughline.delivery.words import Health
from throughline.handoff.approvals import approve_plan, find_plan, reject_plan, save_plan
from throughline.handoff.connected import connected
from throughline.handoff.plans import HandoffPlan, plan_handoff
from throughline.handoff.queries import outcomes_of, plans_of
from throughline.handoff.remembered import as_remembered
from throughline.handoff.shapes import outcome_shape, plan_preview_shape, plan_shape
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["handoffs"])
Number = Annotated[int, Field(ge=1, le=schemas.FARTHEST)]


class Why(Schema):
    """Why."""

    because: Words


class Said(Schema):
    """What is said."""

    text: Words


class HealthReport(Schema):
    """How it goes: on_track, at_risk or off_track; the last two need a reason."""

    health: Health
    why: Words = ""


@router.get("/engagements/{reference}/outcomes", response=schemas.Page[schemas.Outcome])
@needs(Permission.READ)
def list_outcomes(
    request: HttpRequest, reference: Path[schemas.Text], span: Query[schemas.Span]
) -> dict[str, Any]:
    """List what must be true for an engagement, and the proof that it is."""
    with_money = may(request, Permission.SEE_MONEY)
    return page(
        outcomes_of(find_engagement(reference)), span,
        lambda one: outcome_shape(one, with_money=with_money),
    )  # fmt: skip


@router.get("/engagements/{reference}/plans", response=schemas.Page[schemas.Plan])
@needs(Permission.READ)
def list_plans(
    request: HttpRequest, reference: Path[schemas.Text], span: Query[schemas.Span]
) -> dict[str, Any]:
    """List the plans of a handoff that were kept, the newest first."""
    return page(plans_of(find_engagement(reference)), span, plan_shape)


@router.get("/engagements/{reference}/plan", response=plan_schemas.PlanPreview)
@needs(Permission.READ)
def preview_plan(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Say what a handoff would make by now; other systems are taken as they were last seen."""
    made = _plan_now(find_engagement(reference))
    return plan_preview_shape(made, with_money=may(request, Permission.SEE_MONEY))


@router.post("/engagements/{reference}/plans", response={201: schemas.Plan})
@needs(Permission.PLAN_HANDOFF)
def keep_plan(request: HttpRequest, reference: Path[schemas.Text]) -> Status[dict[str, Any]]:
    """Keep the plan as it is now, for somebody to approve by its number."""
    made = _plan_now(find_engagement(reference))
    return Status(201, plan_shape(save_plan(made, **stamped(request))))


def _plan_now(engagement: Engagement) -> HandoffPlan:
    outside = as_remembered(connected())  # a call asks no other system
    return plan_handoff(engagement, playbook=current(), at=at(), outside=outside)


@router.get("/plans/{number}", response=schemas.Plan)
@needs(Permission.READ)
def show_plan(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Show where a plan stands, and who decided that."""
    return plan_shape(find_plan(number))


@router.post("/plans/{number}/approve", response=schemas.Plan)
@needs(Permission.APPLY_HANDOFF)
def approve(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Approve a plan by name: a worker carries it out, unless it is stale by then."""
    return plan_shape(approve_plan(number, **signed(request)))


@router.post("/plans/{number}/reject", response=schemas.Plan)
@needs(Permission.APPLY_HANDOFF)
def reject(request: HttpRequest, number: Path[Number], told: Why) -> dict[str, Any]:
    """Reject a plan: nothing of it is made."""
    return plan_shape(reject_plan(number, because=told.because, **signed(request)))


@router.post("/engagements/{reference}/accept", response=schemas.Engagement)
@needs(Permission.ACCEPT_HANDOFF)
def accept(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Accept a handoff for PS, by name; every note must have been read."""
    number = find_engagement(reference).number
    accept_engagement(number, **signed(request))
    return engagement_shape(engagements().get(pk=number))


@router.post("/engagements/{reference}/health", response=schemas.Engagement)
@needs(Permission.DELIVER)
def tell_health(
    request: HttpRequest, reference: Path[schemas.Text], told: HealthReport
) -> dict[str, Any]:
    """Say how an engagement goes."""
    number = find_engagement(reference).number
    report_health(number, told.health, why=told.why, **signed(request))
    return engagement_shape(engagements().get(pk=number))


@router.post("/returns/{number}/answer", response=handing_over.Return, by_alias=True)
@needs(Permission.EDIT_DEALS)
def answer(request: HttpRequest, number: Path[Number], told: Said) -> dict[str, Any]:
    """Answer a returned line for BD; with the last one it is handed over again."""
    return return_shape(answer_return(number, told.text, **signed(request)))
