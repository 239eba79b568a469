"""Drift: both sides of what was made, and what a person decides about a difference."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.models import Engagement
from throughline.handoff.actions.drifting import (
    adopt_outcome,
    ignore_drift,
    mind_drift,
    restore_outcome,
)
from throughline.handoff.drift import drift_of, drifted_outcomes
from throughline.handoff.models import Outcome
from throughline.handoff.wanted import Doing
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.handoff.differing import shown_drift
from throughline.web.handoff.forms import IgnoreForm
from throughline.web.handoff.planning import holder_of
from throughline.web.handoff.views import known_engagement
from throughline.web.moment import moment
from throughline.web.sales.forms import StepForm

A_PAGE = 50


@require_GET
@require(Permission.PLAN_HANDOFF)
def drift(request: PageRequest, number: int) -> HttpResponse:
    """Show what was made and what is there, side by side."""
    return _page(request, known_engagement(number))


def _page(
    request: PageRequest, engagement: Engagement, tried: StepForm | None = None, pk: int = 0
) -> HttpResponse:
    now = moment()
    shown = shown_drift(
        drift_of(engagement, on=now.on),
        tried,
        pk,
        sees_money=request.user.may(Permission.SEE_MONEY),
    )
    context = {
        "engagement": engagement,
        "deal": engagement.deal,
        "may_decide": request.user.may(Permission.APPLY_HANDOFF),
        "on": now.on,
        "refused": tried.refused if tried else None,
    } | shown
    return render(request, "handoff/drift.html", context, status=422 if tried else 200)


@require_GET
@require(Permission.READ)
def everything(request: PageRequest) -> HttpResponse:
    """List what differs in all handoffs, 50 a page."""
    page = Paginator(drifted_outcomes(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "handoff/drift_list.html", {"page": page})


def _step(
    request: PageRequest, pk: int, form: StepForm, act: Callable[[str, dict[str, Any]], object],
    said: str,
) -> HttpResponse:  # fmt: skip
    """Decide about an outcome, and return to its page."""
    row = get_object_or_404(Outcome, pk=pk)
    if not form.carried_out(lambda value: act(row.key, value)):
        return _page(request, known_engagement(row.engagement_id), form, pk)
    messages.success(request, said)
    return redirect("web:handoff-drift", number=row.engagement_id)


def _stamp(request: PageRequest) -> str:
    return request.POST.get("stamp", "")[:16]


@require_POST
@require(Permission.APPLY_HANDOFF)
def adopt(request: PageRequest, pk: int) -> HttpResponse:
    """Make what is there what is wanted."""
    by, at, stamp = actor(request), moment().at, _stamp(request)
    return _step(
        request, pk, StepForm(request.POST),
        lambda key, _: adopt_outcome(key, by=by, at=at, stamp=stamp),
        "Adopted: what is there is what is wanted now.",
    )  # fmt: skip


@require_POST
@require(Permission.APPLY_HANDOFF)
def restore(request: PageRequest, pk: int) -> HttpResponse:
    """Make one outcome true again."""
    now, stamp = moment(), _stamp(request)
    doing, holder = Doing(actor(request), now.at), holder_of(request)
    return _step(
        request, pk, StepForm(request.POST),
        lambda key, _: restore_outcome(
            key, playbook=now.playbook, holder=holder, doing=doing, stamp=stamp
        ),
        "Applied again; its line says how it went.",
    )  # fmt: skip


@require_POST
@require(Permission.APPLY_HANDOFF)
def ignore(request: PageRequest, pk: int) -> HttpResponse:
    """Let an outcome differ, for a reason and until a day."""
    now, stamp, by = moment(), _stamp(request), actor(request)
    return _step(
        request, pk, IgnoreForm(request.POST, auto_id=f"id_{pk}_%s"),
        lambda key, value: ignore_drift(
            key, **value, playbook=now.playbook, by=by, at=now.at, stamp=stamp
        ),
        "It may differ until then.",
    )  # fmt: skip


@require_POST
@require(Permission.APPLY_HANDOFF)
def mind(request: PageRequest, pk: int) -> HttpResponse:
    """Stop ignoring."""
    by, at = actor(request), moment().at
    return _step(
        request, pk, StepForm(request.POST), lambda key, _: mind_drift(key, by=by, at=at),
        "It is drift again.",
    )  # fmt: skip
