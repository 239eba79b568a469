"""HubSpot's page and its steps: reading now, mapping, orders that wait, merges to settle."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.intake.hubspot.actions.mapped import map_field, map_label, map_stage
from throughline.intake.hubspot.actions.merges import Decision, settle_merge
from throughline.intake.hubspot.actions.orders import place_again
from throughline.intake.hubspot.actions.reading import ask_to_read
from throughline.intake.hubspot.actions.telling_stages import ask_to_tell
from throughline.intake.models import (
    HowSettled,
    HubSpotField,
    HubSpotLabel,
    HubSpotMerge,
    HubSpotOrder,
    HubSpotStage,
)
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.models import Deal
from throughline.web.access import PageRequest, actor, require
from throughline.web.hubspot.forms import SettleForm
from throughline.web.hubspot.shown import Tried, hubspot_page
from throughline.web.moment import moment

FOLLOWS = "Deals follow with the next full reading."


@never_cache
@require_GET
@require(Permission.READ)
def page(request: PageRequest) -> HttpResponse:
    """Show how HubSpot is read, what stands for what, and what waits for a person."""
    return _page(request)


def _page(request: PageRequest, tried: Tried | None = None) -> HttpResponse:
    context = hubspot_page(moment(), tried or Tried())
    context["may_map"] = request.user.may(Permission.ADVANCE_DEALS)
    context["may_order"] = request.user.may(Permission.ORDER)
    return render(request, "hubspot/page.html", context, status=422 if tried else 200)


def _done(
    request: PageRequest, step: Callable[[], object], said: str, tried: Tried | None = None
) -> HttpResponse:
    """Do a step and say so; a refusal is shown on the page."""
    try:
        step()
    except Refused as refused:
        before = tried or Tried()
        return _page(request, Tried(refused, before.settle_pk, before.settle))
    messages.success(request, said)
    return redirect("web:hubspot")


@require_POST
@require(Permission.ADVANCE_DEALS)
def read_now(request: PageRequest) -> HttpResponse:
    """Have everything read as soon as the worker comes to it."""
    said = "HubSpot is read as soon as the worker comes to it, within seconds."
    return _done(request, lambda: ask_to_read(by=actor(request), at=moment().at), said)


@require_POST
@require(Permission.ADVANCE_DEALS)
def tell_now(request: PageRequest) -> HttpResponse:
    """Have HubSpot told every stage that it is to be told, now."""
    now, by = moment(), actor(request)
    said = "HubSpot is told as soon as the worker comes to it, within seconds."
    return _done(request, lambda: ask_to_tell(by=by, at=now.at), said)


@require_POST
@require(Permission.ADVANCE_DEALS)
def stage(request: PageRequest, pk: int) -> HttpResponse:
    """Say which of our stages a stage of HubSpot stands for."""
    row, now = get_object_or_404(HubSpotStage, pk=pk), moment()
    to, by = request.POST.get("to", ""), actor(request)
    return _done(
        request,
        lambda: map_stage(row.stage_id, to, playbook=now.playbook, by=by, at=now.at),
        f"{row.label} is mapped. {FOLLOWS}",
    )


@require_POST
@require(Permission.ADVANCE_DEALS)
def label(request: PageRequest, pk: int) -> HttpResponse:
    """Say which role a label of HubSpot stands for."""
    row, now = get_object_or_404(HubSpotLabel, pk=pk), moment()
    to, by = request.POST.get("to", ""), actor(request)
    return _done(
        request,
        lambda: map_label(row.key, to, playbook=now.playbook, by=by, at=now.at),
        f"{row.label} is mapped. {FOLLOWS}",
    )


@require_POST
@require(Permission.ADVANCE_DEALS)
def field(request: PageRequest, pk: int) -> HttpResponse:
    """Say which of our fields a property of HubSpot fills."""
    row = get_object_or_404(HubSpotField, pk=pk)
    to, by, at = request.POST.get("to", ""), actor(request), moment().at
    said = f"{row.label} is mapped. {FOLLOWS}"
    return _done(request, lambda: map_field(row.name, to, by=by, at=at), said)


@require_POST
@require(Permission.ORDER)
def order(request: PageRequest, pk: int) -> HttpResponse:
    """Try again to place an order that waits."""
    row, now = get_object_or_404(HubSpotOrder, pk=pk), moment()
    ways: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    said = "The order is placed, and the engagement is open."
    return _done(request, lambda: place_again(row.pk, **ways), said)


@require_POST
@require(Permission.ADVANCE_DEALS)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Settle which engagement goes on after a merge."""
    row, now = get_object_or_404(HubSpotMerge, pk=pk), moment()
    deals = list(Deal.objects.filter(pk__in=row.deals).order_by("pk"))
    form = SettleForm(deals, request.POST, auto_id=f"id_merge_{pk}_%s")
    if not form.is_valid():
        return _page(request, Tried(settle_pk=pk, settle=form))
    told = form.cleaned_data
    decision = Decision(HowSettled(told["how"]), told["keep"], told["reason"], told["until_on"])
    ways: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    step = lambda: settle_merge(row.survivor_id, decision, **ways)  # noqa: E731 -- one step, given on
    return _done(request, step, "The merge is settled.", Tried(settle_pk=pk, settle=form))
