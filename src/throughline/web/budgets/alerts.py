"""Alerts: the inbox, one ticket, and what people do about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from throughline.budgets.actions import asking, deciding
from throughline.budgets.actions.receiving import settle_received
from throughline.budgets.models import Alert
from throughline.budgets.queries import alerts, unreadable_words, waiting_alerts
from throughline.delivery.queries import find_engagement
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.web.access import PageRequest, actor, page_query, require
from throughline.web.agreements.forms import filled
from throughline.web.budgets import forms
from throughline.web.budgets.shown import alert_lines, tabs
from throughline.web.moment import moment
from throughline.web.sales.forms import StepForm

A_PAGE = 50
WORKERS = (Permission.DELIVER, Permission.EDIT_DEALS)


@require_GET
@require(Permission.READ)
def inbox(request: PageRequest) -> HttpResponse:
    """Show the alerts that wait, and what came in and cannot be read."""
    return _inbox(request)


def _inbox(
    request: PageRequest, refused: Refused | None = None, text: str = "", pk: int = 0
) -> HttpResponse:
    every = request.GET.get("view") == "all"
    found = alerts() if every else waiting_alerts()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    odd = list(unreadable_words()[:A_PAGE])
    context = {
        "page": page,
        "lines": alert_lines(page.object_list),
        "odd": [(one, forms.SettleForm(auto_id=f"settle-{one.pk}-%s")) for one in odd],
        "tabs": tabs("alerts", waiting_alerts().count() + len(odd)),
        "every": every,
        "add_form": forms.AddForm(initial={"text": text}, auto_id="add-%s"),
        "may_work": any(request.user.may(one) for one in WORKERS),
        "refused": refused,
        "refused_pk": pk,
        "page_query": page_query(view="all" if every else ""),
        "now": moment(),
    }
    return render(request, "budgets/alerts.html", context, status=422 if refused else 200)


@require_POST
@require(*WORKERS)
def add(request: PageRequest) -> HttpResponse:
    """Take in an alert that somebody pasted, and read it."""
    now = moment()
    try:
        text = filled(forms.AddForm(request.POST))["text"]
        kept, _is_new = take_text(text, by=actor(request), at=now.at)
    except Refused as refused:
        return _inbox(request, refused, request.POST.get("text", ""))
    read_alerts(playbook=now.playbook, at=now.at)
    kept.refresh_from_db()
    found = Alert.objects.filter(crossings__received=kept).first()
    if found is not None:
        messages.success(request, f"Taken in: {found}.")
        return redirect("web:alert", pk=found.pk)
    said = kept.why or "The same was told before: nothing is new."
    messages.info(request, f"Kept. {said}")
    return redirect("web:alerts")


@require_GET
@require(Permission.READ)
def alert(request: PageRequest, pk: int) -> HttpResponse:
    """Show an alert with all that was told, whose it is, and what people did."""
    return _page(request, get_object_or_404(alerts(), pk=pk))


def _page(
    request: PageRequest, found: Alert, refused: Refused | None = None, step: str = ""
) -> HttpResponse:
    may_work = any(request.user.may(one) for one in WORKERS)
    tried = request.POST if refused else None
    panels = [
        (name, title, button, form(tried if name == step else None, auto_id=f"{name}-%s"))
        for name, (title, button, form) in FORMS.items()
        if may_work and _is_open_to(name, found)
    ]
    context = {
        "alert": found,
        "crossings": list(found.crossings.all()),
        "engagement": found.engagement,
        "panels": panels,
        "may_work": may_work,
        "may_take": may_work and found.owner != actor(request),
        "may_acknowledge": may_work and found.state == "open",
        "refused": refused,
        "now": moment(),
    }
    return render(request, "budgets/alert.html", context, status=422 if refused else 200)


FORMS: dict[str, tuple[str, str, type[StepForm]]] = {
    "cause": ("The cause", "Save the cause", forms.CauseForm),
    "decide": ("The decision", "Decide", forms.DecideForm),
    "match": ("Whose alert it is", "It is theirs", forms.MatchForm),
    "tell": ("Write to the champion", "Send", forms.TellForm),
    "credit": ("Ask the Sponsor for a credit", "Ask for it", forms.CreditForm),
}


def _is_open_to(name: str, found: Alert) -> bool:
    if name == "decide":
        return found.state != "decided"
    if name == "match":
        return found.engagement_id is None
    return name == "cause" or found.engagement_id is not None


Step = Callable[[int, dict[str, Any], Playbook, str, datetime], str]


def _take(pk: int, _value: dict[str, Any], _playbook: Playbook, by: str, at: datetime) -> str:
    deciding.take_alert(pk, by=by, at=at)
    return "It is yours now, by name."


def _acknowledge(pk: int, _value: dict[str, Any], _p: Playbook, by: str, at: datetime) -> str:
    deciding.acknowledge_alert(pk, by=by, at=at)
    return "Acknowledged."


def _cause(pk: int, value: dict[str, Any], _playbook: Playbook, by: str, at: datetime) -> str:
    deciding.explain_alert(pk, cause=value["cause"], by=by, at=at)
    return "The cause is written down."


def _decide(pk: int, value: dict[str, Any], _playbook: Playbook, by: str, at: datetime) -> str:
    found = deciding.decide_alert(pk, **value, by=by, at=at)
    return f"Decided: {found.get_decision_display().lower()}."


def _match(pk: int, value: dict[str, Any], _playbook: Playbook, by: str, at: datetime) -> str:
    found = deciding.match_alert(pk, find_engagement(value["engagement"]), by=by, at=at)
    return f"It is about engagement {found.engagement_id} now."


def _tell(pk: int, value: dict[str, Any], playbook: Playbook, by: str, at: datetime) -> str:
    asking.tell_champion(pk, text=value["text"], playbook=playbook, by=by, at=at)
    return "The champion is written to; the mail lies in the outbox."


def _credit(pk: int, value: dict[str, Any], playbook: Playbook, by: str, at: datetime) -> str:
    asking.ask_credit(pk, amount=value["amount"], why=value["why"], playbook=playbook, by=by, at=at)
    return "The Sponsor is asked: a work order lies on the desk."


STEPS: dict[str, Step] = {
    "take": _take, "acknowledge": _acknowledge, "cause": _cause, "decide": _decide,
    "match": _match, "tell": _tell, "credit": _credit,
}  # fmt: skip


@require_POST
@require(*WORKERS)
def step(request: PageRequest, pk: int, step: str) -> HttpResponse:
    """Do one thing about an alert; a refusal is shown with it (status 422).

    Raises:
        Http404: there is no such alert, or nothing of that name is done about one.
    """
    found, now = get_object_or_404(alerts(), pk=pk), moment()
    if step not in STEPS:
        raise Http404(f"Nothing called {step} is done about an alert.")
    try:
        value = filled(FORMS[step][2](request.POST)) if step in FORMS else {}
        said = STEPS[step](pk, value, now.playbook, actor(request), now.at)
    except Refused as refused:
        return _page(request, found, refused, step)
    messages.success(request, said)
    return redirect("web:alert", pk=pk)


@require_POST
@require(*WORKERS)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Say that something which cannot be read has been seen to."""
    try:
        why = filled(forms.SettleForm(request.POST))["why"]
        settle_received(pk, why=why, by=actor(request), at=moment().at)
    except Refused as refused:
        return _inbox(request, refused, pk=pk)
    messages.success(request, "Settled.")
    return redirect("web:alerts")
