"""Steps with a plan: apply, keep for approval, approve, reject, look again."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from throughline.handoff.actions.applying import apply_from_page
from throughline.handoff.actions.looking import look_at
from throughline.handoff.approvals import approve_plan, reject_plan, save_plan
from throughline.handoff.connected import connected
from throughline.handoff.models import Plan
from throughline.handoff.plans import plan_handoff
from throughline.handoff.remembered import as_remembered
from throughline.handoff.wanted import Doing
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.handoff.forms import RejectForm
from throughline.web.handoff.page import Tried
from throughline.web.handoff.shown import how_it_went
from throughline.web.handoff.views import known_engagement, show_handoff
from throughline.web.moment import moment


def holder_of(request: PageRequest) -> str:
    """Return what a lease names: new for each request, as two clicks must not share one."""
    return f"web {actor(request)} {secrets.token_hex(4)}"


@require_POST
@require(Permission.APPLY_HANDOFF)
def apply(request: PageRequest, number: int) -> HttpResponse:
    """Make true what the plan lists; each line turns into a receipt."""
    engagement, now = known_engagement(number), moment()
    named = request.POST.get("plan", "")
    plan = int(named) if named.isdecimal() and len(named) < 19 else None  # noqa: PLR2004 -- what a 64-bit key holds
    try:
        applied = apply_from_page(
            engagement, plan=plan, playbook=now.playbook, holder=holder_of(request),
            doing=Doing(actor(request), now.at),
        )  # fmt: skip
    except Refused as refused:
        return show_handoff(request, engagement, Tried(refused))
    messages.add_message(request, *how_it_went(applied, now.at))
    return redirect("web:handoff", number=number)


@require_POST
@require(Permission.PLAN_HANDOFF)
def propose(request: PageRequest, number: int) -> HttpResponse:
    """Keep the plan as it is now, for somebody to approve."""
    engagement, now = known_engagement(number), moment()
    outside = as_remembered(connected())  # the page shows them so; the worker looks itself
    made = plan_handoff(engagement, playbook=now.playbook, at=now.at, outside=outside)
    plan = save_plan(made, playbook=now.playbook, by=actor(request), at=now.at)
    messages.success(request, f"Plan {plan.pk} is kept, line by line, to be approved.")
    return redirect("web:handoff", number=number)


@require_POST
@require(Permission.APPLY_HANDOFF)
def approve(request: PageRequest, pk: int) -> HttpResponse:
    """Approve a plan by name; a worker carries it out."""
    plan, now = get_object_or_404(Plan, pk=pk), moment()
    try:
        approve_plan(pk, by=actor(request), at=now.at)
    except Refused as refused:
        return show_handoff(request, known_engagement(plan.engagement_id), Tried(refused))
    messages.success(request, "Approved by name: a worker carries it out unless it is stale then.")
    return redirect("web:handoff", number=plan.engagement_id)


@require_POST
@require(Permission.APPLY_HANDOFF)
def reject(request: PageRequest, pk: int) -> HttpResponse:
    """Reject a plan, with the reason."""
    plan, now = get_object_or_404(Plan, pk=pk), moment()
    form = RejectForm(request.POST)
    if not form.carried_out(lambda value: reject_plan(pk, **value, by=actor(request), at=now.at)):
        return show_handoff(request, known_engagement(plan.engagement_id), Tried(form=form))
    messages.success(request, "Rejected: nothing of it is made.")
    return redirect("web:handoff", number=plan.engagement_id)


@require_POST
@require(Permission.PLAN_HANDOFF)
def look_again(request: PageRequest, number: int) -> HttpResponse:
    """Look at every outcome again, keep what was seen, and change nothing else."""
    engagement, now = known_engagement(number), moment()
    rows = look_at(engagement, playbook=now.playbook, doing=Doing(actor(request), now.at))
    differ = [row for row in rows if row.state != "converged"]
    if differ:
        messages.warning(
            request, f"{len(rows)} looked at; {len(differ)} are not as they should be."
        )
    else:
        messages.success(request, f"All {len(rows)} outcomes are as they should be.")
    where = "web:handoff-drift" if request.POST.get("on") == "drift" else "web:handoff"
    return redirect(where, number=number)
