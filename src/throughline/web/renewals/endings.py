"""What runs without agreement, and what is taken down."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.renewals.actions_lapse import decide_lapse, extend_lapse
from throughline.renewals.actions_offboarding import (
    answer_data_question,
    ask_about_data,
    finish_step,
    open_data_question,
    people_to_ask,
)
from throughline.renewals.known import running_as_known
from throughline.renewals.money import final_numbers, lapse_costs
from throughline.renewals.offboarding import check_list_of
from throughline.renewals.words import StepCode
from throughline.sales.models import Deal
from throughline.web.access import PageRequest, actor, page_query, require
from throughline.web.delivery.forms import check_form
from throughline.web.moment import moment
from throughline.web.renewals.forms import (
    AskDataForm,
    DataForm,
    DecideForm,
    ReasonForm,
    StepForm,
)
from throughline.web.renewals.pretend import pretence

A_PAGE = 20


@never_cache
@require_GET
@require(Permission.READ)
def running(request: PageRequest) -> HttpResponse:
    """Show everything that runs without an agreement in force, since when, and who decides."""
    return _running(request)


def _running(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    shown_on = pretence(request)
    now, user = shown_on.now, request.user
    page = Paginator(running_as_known(on=now.on, playbook=now.playbook), A_PAGE).get_page(
        request.GET.get("page")
    )
    found = list(page)
    sees_money = user.may(Permission.SEE_MONEY)
    costs = lapse_costs(found, playbook=now.playbook) if sees_money else {}
    acts = not shown_on.is_on
    context = {
        "page": page,
        "page_query": page_query(pretend=shown_on.value),
        "lines": [(one, costs.get(one.subject)) for one in found],
        "allow_form": ReasonForm(auto_id=False),
        "decide_form": DecideForm(auto_id=False),
        "may_allow": acts and user.may(Permission.EDIT_DEALS),
        "may_decide": acts and user.may(Permission.ALLOW_EARLY_START),  # the leads have that
        "sees_money": sees_money,
        "refused": refused,
        "now": now,
        "pretence": shown_on,
    }
    return render(request, "renewals/running.html", context, status=422 if refused else 200)


@require_POST
@require(Permission.EDIT_DEALS)
def allow(request: PageRequest) -> HttpResponse:
    """Let something run on without an agreement for two weeks."""
    now, given = moment(), request.POST
    try:
        token = extend_lapse(
            given.get("subject", ""), why=given.get("why", ""), playbook=now.playbook,
            by=actor(request), at=now.at,
        )  # fmt: skip
    except Refused as refused:
        return _running(request, refused)
    messages.success(request, f"It may run until {token.until_on}. The agreement stays over.")
    return redirect("web:running")


@require_POST
@require(Permission.ALLOW_EARLY_START)
def decide(request: PageRequest) -> HttpResponse:
    """Decide, as the BD lead, what becomes of it."""
    now, form = moment(), DecideForm(request.POST)
    try:
        check_form(form)
        given = form.cleaned_data
        decision = decide_lapse(
            request.POST.get("subject", ""), given["verdict"], until_on=given["until_on"],
            why=given["why"], playbook=now.playbook, by=actor(request), at=now.at,
        )  # fmt: skip
    except Refused as refused:
        return _running(request, refused)
    messages.success(
        request, f"{decision.get_verdict_display()}. Nothing is deleted by that alone."
    )
    return redirect("web:running")


@never_cache
@require_GET
@require(Permission.READ, Permission.SPONSOR_WORK)
def offboarding(request: PageRequest, number: int) -> HttpResponse:
    """Show the check list by which what a deal ran is taken down."""
    return _offboarding(request, number)


def _offboarding(request: PageRequest, number: int, refused: Refused | None = None) -> HttpResponse:
    get_object_or_404(Deal, pk=number)
    shown_on = pretence(request)
    now, user = shown_on.now, request.user
    found = check_list_of(number, on=now.on, playbook=now.playbook)
    if found is None:
        raise Http404
    people = people_to_ask(found.deal, on=now.on)
    sees_money = user.may(Permission.SEE_MONEY)
    final = final_numbers(found.deal, playbook=now.playbook, on=now.on)
    if final is not None and not sees_money:
        final = replace(final, cost=None)
    page = {
        "list": found,
        "deal": found.deal,
        "lines": [
            (one, StepForm(code=one.code, final=final, auto_id=f"id_{one.code}_%s"))
            for one in found.lines
        ],
        "ask_form": AskDataForm(people=people) if people else None,
        "may_do": not shown_on.is_on and _may_do(user),
        "sees_money": sees_money,
        "refused": refused,
        "now": now,
        "pretence": shown_on,
    }  # fmt: skip
    return render(request, "renewals/offboarding.html", page, status=422 if refused else 200)


def _may_do(user: Any) -> bool:
    wanted = (Permission.DELIVER, Permission.EDIT_DEALS, Permission.SPONSOR_WORK)
    return any(user.may(one) for one in wanted)


def _do(request: PageRequest, number: int, act: Callable[[datetime], str]) -> HttpResponse:
    get_object_or_404(Deal, pk=number)
    try:
        said = act(moment().at)
    except Refused as refused:
        return _offboarding(request, number, refused)
    messages.success(request, said)
    return redirect("web:offboarding", number=number)


@require_POST
@require(Permission.DELIVER, Permission.EDIT_DEALS, Permission.SPONSOR_WORK)
def finish(request: PageRequest, number: int, code: str) -> HttpResponse:
    """Say that a line of the check list is done, and how."""
    form = StepForm(request.POST, code=code)

    def act(at: datetime) -> str:
        check_form(form)
        playbook, by = moment().playbook, actor(request)
        step = finish_step(number, code, form.said(), playbook=playbook, by=by, at=at)
        return f"{StepCode(step.code).label}: written down under your name."

    return _do(request, number, act)


@require_POST
@require(Permission.DELIVER, Permission.EDIT_DEALS)
def ask_data(request: PageRequest, number: int) -> HttpResponse:
    """Ask somebody of the community by mail whether its data are safe."""

    def act(at: datetime) -> str:
        playbook, of = moment().playbook, request.POST.get("of", "")
        asked = ask_about_data(number, of=of, playbook=playbook, by=actor(request), at=at)
        return f"The letter to {asked.name} is in the outbox."

    return _do(request, number, act)


@login_not_required
@never_cache
@require_GET
def data_question(request: HttpRequest, token: str) -> HttpResponse:
    """Ask somebody of the community whether its data are safe; no account is needed."""
    return _data(request, token, DataForm())


def _data(
    request: HttpRequest, token: str, form: forms.Form, refused: Refused | None = None
) -> HttpResponse:
    try:
        found = open_data_question(token, at=moment().at)
    except Refused as closed:
        return render(request, "people/link_refused.html", {"refused": closed}, status=403)
    page = {
        "question": found, "deal": found.offboarding.deal, "hubs": found.offboarding.hubs,
        "token": token, "form": form, "refused": refused,
    }  # fmt: skip
    status = 422 if refused or form.errors else 200
    return render(request, "renewals/data_question.html", page, status=status)


@login_not_required
@never_cache
@require_POST
def data_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Write down what they say of their data, under the name that the link was made for."""
    form = DataForm(request.POST)
    if not form.is_valid():
        return _data(request, token, form)
    given = form.cleaned_data
    try:
        answer_data_question(token, answer=given["answer"], text=given["text"], at=moment().at)
    except Refused as refused:
        return _data(request, token, form, refused)
    return redirect("web:data-question", token=token)
