"""Steps that change a deal; a refused one comes back as the same page, with what to do."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from throughline.delivery.actions.engagements import open_engagement
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.conflicts import (
    a_waiver,
    an_early_start,
    an_explanation,
    unless_changed,
)
from throughline.sales.actions.create import create_deal
from throughline.sales.actions.exceptions import explain_exceptions
from throughline.sales.actions.record import FACTS, record_fact
from throughline.sales.actions.summary import send_summary
from throughline.sales.actions.waive import allow_early_start, waive_condition
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal
from throughline.sales.permissions import permissions_to_record
from throughline.sales.queries import facts_of
from throughline.web.access import PageRequest, actor, forbid, require
from throughline.web.moment import Moment, moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.fact_form_for import fact_form, may_record
from throughline.web.sales.fact_forms import FactForm, Setting
from throughline.web.sales.forms import (
    EarlyStartForm,
    ExplainForm,
    NewDealForm,
    StepForm,
    WaiverForm,
    seen_in,
)
from throughline.web.sales.gate_panel import Tried, page_address, standing_of
from throughline.web.sales.views import show_deal

ASK = require_http_methods(["GET", "HEAD", "POST"])


def known_deal(number: int) -> Deal:
    """Return the deal of a number; a page that is not there otherwise."""
    return get_object_or_404(Deal, pk=number)


def stamp(request: PageRequest, now: Moment) -> dict[str, Any]:
    """Return by whose rules, by whom and when a step is taken."""
    return {"playbook": now.playbook, "by": actor(request), "at": now.at}


def show_form(
    request: PageRequest, template: str, form: StepForm, **context: object
) -> HttpResponse:
    """Return the page of a form; one that was sent and not carried out has status 422."""
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, **context}, status=status)


def lead_on(request: PageRequest, address: str) -> HttpResponse:
    """Lead on to a page; htmx fetches it whole, as more than the gate has changed."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@ASK
@require(Permission.EDIT_DEALS)
def deal_new(request: PageRequest) -> HttpResponse:
    """Ask for a new deal, and write it down."""
    now = moment()
    made: list[Deal] = []
    form = NewDealForm(request.POST if request.method == "POST" else None)
    form.initial["owner"] = actor(request)
    form.fields["amount"].label = f"Amount in {now.playbook.organisation.currency}"
    ways = stamp(request, now)
    if form.carried_out(lambda value: made.append(create_deal(**value, **ways))):
        return redirect("web:deal", number=made[0].pk)
    return show_form(request, "sales/new.html", form)


@require_POST
@require(Permission.ADVANCE_DEALS)
def advance(request: PageRequest, number: int) -> HttpResponse:
    """Move a deal to a stage; show what is in the way where something is."""
    now, to = moment(), request.POST.get("to", "")
    known_deal(number)
    ways = stamp(request, now)
    try:
        deal = advance_deal(number, to=to, seen=seen_in(request.POST), **ways)
    except Refused as refused:
        return show_deal(request, number, Tried(to=to, moved=True, refused=refused), status=422)
    messages.success(request, f"{deal.name} is in {stage_name(deal.stage, now.playbook)} now.")
    return lead_on(request, _way_back(request, number))


def _way_back(request: PageRequest, number: int) -> str:
    """Return the board that a card was dropped on, else the deal's page."""
    back, board = request.GET.get("back", ""), reverse("web:pipeline")
    # Nothing but the board with its filters: an address from outside leads nowhere else.
    return back if back == board or back.startswith(f"{board}?") else page_address(number)


@ASK
@require(Permission.READ)
def record(request: PageRequest, number: int, code: str) -> HttpResponse:
    """Ask for the fact that a condition reads, and write it down.

    Raises:
        Http404: there is no such deal or fact.
    """
    if code not in FACTS:
        raise Http404(f"No fact is called {code}.")
    now, to, known = moment(), request.GET.get("to", ""), known_deal(number)
    newest = newest_entry(known)
    facts = facts_of(known, on=now.on)
    if not may_record(request.user, code, facts):
        return forbid(request, *permissions_to_record(code, facts))
    setting = Setting(facts, now.playbook, actor(request))
    form = fact_form(code, setting, request.POST if request.method == "POST" else None)
    ways = stamp(request, now)
    if form.carried_out(lambda value: record_fact(number, code, value, seen=form.seen, **ways)):
        messages.success(request, f"{form.asked.title}: written down.")
        return lead_on(request, page_address(number, to))
    return _ask(request, form, to, newest)


def _ask(request: PageRequest, form: FactForm, to: str, newest: int) -> HttpResponse:
    """Show a fact's form: on the deal's page where it was sent from there, else on its own."""
    deal, now = form.setting.facts.deal, moment()
    if request.htmx.target == "gate":
        return show_deal(request, deal.pk, Tried(to=to, form=form), status=422)
    standing = standing_of(form.code, form.setting.facts, now)
    context = {"deal": deal, "standing": standing, "to": to, "seen": newest}
    return show_form(request, "sales/record.html", form, **context)


@ASK
@require(Permission.READ)
def waive(request: PageRequest, number: int, code: str) -> HttpResponse:
    """Ask why a condition is set aside and until when, and set it aside.

    Raises:
        Http404: there is no such deal, or nobody may waive that.
    """
    now, deal = moment(), known_deal(number)
    entitled = now.playbook.entitled_to_waive(code)
    if not entitled:
        raise Http404(f"Nobody may waive {code}.")
    form, seen = WaiverForm(request.POST if request.method == "POST" else None), newest_entry(deal)
    ways = stamp(request, now)

    def step(value: dict[str, Any]) -> object:
        return unless_changed(
            number,
            a_waiver(code, **value),
            lambda: waive_condition(number, code, **value, **ways),
            seen=form.seen,
            playbook=now.playbook,
        )

    if form.carried_out(step):
        messages.success(request, f"Set aside until {form.cleaned_data['until']}.")
        return redirect(page_address(number, request.GET.get("to", "")))
    standing = standing_of(code, facts_of(deal, on=now.on), now)
    context = {"deal": deal, "standing": standing, "entitled": entitled, "seen": seen}
    return show_form(request, "sales/waive.html", form, **context)


@ASK
@require(Permission.ALLOW_EARLY_START)
def early_start(request: PageRequest, number: int) -> HttpResponse:
    """Ask for leave to order before the agreement is executed, and give it."""
    now, deal = moment(), known_deal(number)
    form = EarlyStartForm(request.POST if request.method == "POST" else None)
    ways, seen = stamp(request, now), newest_entry(deal)

    def step(value: dict[str, Any]) -> object:
        return unless_changed(
            number,
            an_early_start(**value),
            lambda: allow_early_start(number, **value, **ways),
            seen=form.seen,
            playbook=now.playbook,
        )

    if form.carried_out(step):
        messages.success(request, "The deal may be ordered early, within the limit.")
        return redirect("web:deal", number=number)
    return show_form(request, "sales/early_start.html", form, deal=deal, seen=seen)


@require_POST
@require(Permission.ADVANCE_DEALS)
def explain(request: PageRequest, number: int) -> HttpResponse:
    """Close a deal's exceptions with an explanation."""
    now, form = moment(), ExplainForm(request.POST)
    known_deal(number)
    said: dict[str, Any] = {"by": actor(request), "at": now.at}

    def step(value: dict[str, Any]) -> object:
        return unless_changed(
            number,
            an_explanation(**value),
            lambda: explain_exceptions(number, **value, **said),
            seen=form.seen,
            playbook=now.playbook,
        )

    if form.carried_out(step):
        messages.success(request, "The exception is explained and closed.")
        return redirect("web:deal", number=number)
    return show_deal(request, number, Tried(explain=form), status=422)


@require_POST
@require(Permission.ORDER)
def order(request: PageRequest, number: int) -> HttpResponse:
    """Request delivery: place the order and open the engagement."""
    now, deal = moment(), known_deal(number)
    try:
        engagement, created = open_engagement(
            deal.pk, playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        return show_deal(request, number, Tried(order_refused=refused), status=422)
    said = "Ordered: the engagement is open." if created else "The order stands already."
    messages.success(request, f"{said} Next, plan its handoff.")
    return lead_on(request, reverse("web:engagement", args=[engagement.number]))


@require_POST
@require(Permission.EDIT_DEALS)
def summary(request: PageRequest, number: int) -> HttpResponse:
    """Tell the community by mail what was agreed."""
    known_deal(number)
    try:
        sent = send_summary(number, **stamp(request, moment()))
    except Refused as refused:
        return show_deal(request, number, Tried(refused=refused), status=422)
    messages.success(request, f"On its way to {', '.join(sent.to)}.")
    return redirect("web:deal", number=number)
