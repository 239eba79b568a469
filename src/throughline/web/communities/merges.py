"""Merging a record into another: the plan first, then the step."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from throughline.communities.actions import merge_communities
from throughline.communities.merging import MergePlan, merge_plan
from throughline.communities.models import Community
from throughline.communities.queries import find_community
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.communities.words import field_label
from throughline.web.moment import moment


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.EDIT_DEALS)
def merge(request: PageRequest, pk: int) -> HttpResponse:
    """Show what merging this record into another would do, and do it once it is chosen."""
    merged = get_object_or_404(Community, pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    reference = sent.get("into", "").strip()
    plan: MergePlan | None = None
    try:
        plan = _plan(merged, reference)
        if plan is not None and request.method == "POST":
            _apply(request, plan)
            return redirect("web:community", pk=plan.into.pk)
    except Refused as refused:
        return _page(request, merged, plan, reference, refused)
    return _page(request, merged, plan, reference)


def _plan(merged: Community, reference: str) -> MergePlan | None:
    if not reference:
        return None
    into = find_community(reference)
    if merged.pk == into.pk:
        raise Refused("A community cannot be merged into itself.", remedy="Name another one.")
    return merge_plan(merged, into)


def _apply(request: PageRequest, plan: MergePlan) -> None:
    choices = {
        one.name: request.POST[f"choice.{one.name}"]
        for one in plan.choices
        if request.POST.get(f"choice.{one.name}")
    }
    merge_communities(
        plan.merged.pk,
        plan.into.pk,
        fingerprint=request.POST.get("fingerprint", ""),
        choices=choices,
        by=actor(request),
        at=moment().at,
    )
    messages.success(request, f"{plan.merged.short_name} is part of {plan.into.short_name} now.")


def _page(
    request: PageRequest,
    merged: Community,
    plan: MergePlan | None,
    reference: str,
    refused: Refused | None = None,
) -> HttpResponse:
    choices = [
        {"name": one.name, "label": field_label(one.name), "into": one.into, "merged": one.merged}
        for one in (plan.choices if plan else ())
    ]
    context = {
        "community": merged,
        "plan": plan,
        "moves": [(what, len(numbers)) for what, numbers in (plan.moves if plan else ())],
        "fills": [field_label(name) for name in (plan.fills if plan else ())],
        "choices": choices,
        "reference": reference,
        "refused": refused,
    }
    return render(request, "communities/merge.html", context, status=422 if refused else 200)
