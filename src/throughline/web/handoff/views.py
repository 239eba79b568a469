"""The handoff of an engagement: plan, apply, verify; later the same page shows drift."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.handoff.passes import apply_handoff, verify_handoff
from throughline.handoff.plans import plan_handoff
from throughline.handoff.queries import exact_contents, outcomes_of
from throughline.handoff.wanted import Doing
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.handoff.shown import how_it_went, shown_ledger, shown_plan, shown_receipts
from throughline.web.moment import moment


@require_GET
@require(Permission.PLAN_HANDOFF)
def handoff(request: PageRequest, number: int) -> HttpResponse:
    """Show what applying would do now, where every field goes, and what was done so far."""
    return _page(request, _found(number))


def _found(number: int) -> Engagement:
    found: Engagement = get_object_or_404(engagements(), pk=number)
    return found


def _page(
    request: PageRequest, engagement: Engagement, refused: Refused | None = None
) -> HttpResponse:
    now, sees_money = moment(), request.user.may(Permission.SEE_MONEY)
    plan = plan_handoff(engagement, playbook=now.playbook, at=now.at)
    contents = exact_contents(engagement, playbook=now.playbook, at=now.at)
    context = {
        "engagement": engagement,
        "deal": engagement.deal,
        "plan": shown_plan(plan, contents),
        "ledger": shown_ledger(plan.ledger, sees_money=sees_money),
        "receipts": shown_receipts(outcomes_of(engagement)),
        "may_apply": request.user.may(Permission.APPLY_HANDOFF),
        "may_accept": request.user.may(Permission.ACCEPT_HANDOFF),
        "refused": refused,
    }
    return render(request, "handoff/handoff.html", context, status=422 if refused else 200)


@require_POST
@require(Permission.APPLY_HANDOFF)
def apply(request: PageRequest, number: int) -> HttpResponse:
    """Make true what the plan lists; each line turns into a receipt."""
    engagement, now = _found(number), moment()
    changes = len(plan_handoff(engagement, playbook=now.playbook, at=now.at).changes)
    # The holder is new for each request: two clicks of one person must not share a lease.
    holder = f"web {actor(request)} {secrets.token_hex(4)}"
    try:
        rows = apply_handoff(
            engagement, playbook=now.playbook, holder=holder, doing=Doing(actor(request), now.at)
        )
    except Refused as refused:
        return _page(request, engagement, refused)
    messages.add_message(request, *how_it_went(rows, changes))
    return redirect("web:handoff", number=number)


@require_POST
@require(Permission.PLAN_HANDOFF)
def look_again(request: PageRequest, number: int) -> HttpResponse:
    """Look at every outcome again, keep what was seen, and change nothing else."""
    engagement, now = _found(number), moment()
    rows = verify_handoff(engagement, playbook=now.playbook, doing=Doing(actor(request), now.at))
    differ = [row for row in rows if row.state != "converged"]
    if differ:
        messages.warning(
            request, f"{len(rows)} looked at; {len(differ)} are not as they should be."
        )
    else:
        messages.success(request, f"All {len(rows)} outcomes are as they should be.")
    return redirect("web:handoff", number=number)
