"""For the weekly review: waivers, early starts, and moves past an open gate."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales import setaside
from throughline.sales.actions.conflicts import a_waiver, unless_changed
from throughline.sales.actions.exceptions import revert_move
from throughline.sales.actions.waive import renew_waiver, withdraw_waiver
from throughline.sales.history import newest_entries
from throughline.sales.models import GateException, Waiver
from throughline.sales.words import ExceptionState
from throughline.web.access import PageRequest, actor, page_query, require
from throughline.web.fact_words import condition_name
from throughline.web.moment import Moment, moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.forms import StepForm, WaiverForm
from throughline.web.sales.gate_panel import Tried
from throughline.web.sales.steps import known_deal, stamp
from throughline.web.sales.views import show_deal

A_PAGE = 50
A_FEW = 15  # of those that come with their forms
STATES = {"": "All", **{state.value: state.label for state in ExceptionState}}


class RenewForm(WaiverForm):
    """A waiver for longer; an empty reason keeps the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text = "Left out, the reason stays as it was."


@require_GET
@require(Permission.READ)
def waivers(request: PageRequest) -> HttpResponse:
    """Show what is set aside, until when, and what was."""
    return _waivers(request)


def _waivers(
    request: PageRequest, tried: StepForm | None = None, refused: Refused | None = None, pk: int = 0
) -> HttpResponse:
    now = moment()
    past = Paginator(setaside.past_waivers(on=now.on), A_PAGE).get_page(request.GET.get("page"))
    standing = Paginator(setaside.standing_waivers(on=now.on), A_FEW).get_page(
        request.GET.get("standing")
    )
    seen = newest_entries({one.deal_id for one in standing})
    context = {
        "standing_page": standing,
        "standing": [
            _waiver(one, tried if one.pk == pk else None) | {"seen": seen.get(one.deal_id, 0)}
            for one in standing
        ],
        "past": past,
        "past_lines": [_waiver(one, None) for one in past.object_list],
        "early_starts": [_early(one, now) for one in setaside.early_starts()[:A_FEW]],
        "refused": refused,
        "tried_pk": pk,
        "tabs": _tabs("waivers"),
        "sees_money": request.user.may(Permission.SEE_MONEY),
        "now": now,
    }
    status = 422 if tried or refused else 200
    return render(request, "setaside/waivers.html", context, status=status)


def _tabs(current: str) -> list[dict[str, object]]:
    pages = {"waivers": "Waivers and early starts", "exceptions": "Moves past an open gate"}
    return [
        {"label": label, "url": reverse(f"web:{name}"), "current": name == current}
        for name, label in pages.items()
    ]


def _waiver(waiver: Waiver, tried: StepForm | None) -> dict[str, Any]:
    form = tried or RenewForm(auto_id=f"id_{waiver.pk}_%s")
    return {"waiver": waiver, "name": condition_name(waiver.code), "form": form}


def _early(early: Any, now: Moment) -> dict[str, Any]:
    order = getattr(early.deal, "order", None)
    is_over = early.until_on < now.on
    is_used = order is not None and order.early_start_id == early.pk
    return {"early": early, "is_over": is_over, "is_used": is_used}


@require_POST
@require(Permission.READ)
def renew(request: PageRequest, pk: int) -> HttpResponse:
    """Set the condition of a waiver aside for longer."""
    standing, now = get_object_or_404(Waiver, pk=pk), moment()
    form = RenewForm(request.POST, auto_id=f"id_{pk}_%s")
    ways = stamp(request, now)

    def step(value: dict[str, Any]) -> object:
        return unless_changed(
            standing.deal_id,
            a_waiver(
                standing.code, reason=value["reason"] or standing.reason, until=value["until"]
            ),
            lambda: renew_waiver(pk, **value, **ways),
            seen=form.seen,
            playbook=now.playbook,
        )

    if not form.carried_out(step):
        return _waivers(request, form, form.refused, pk)
    messages.success(request, f"Set aside until {form.cleaned_data['until']}.")
    return redirect("web:waivers")


@require_POST
@require(Permission.READ)
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """End a waiver before its day."""
    get_object_or_404(Waiver, pk=pk)
    try:
        ended = withdraw_waiver(pk, **stamp(request, moment()))
    except Refused as refused:
        return _waivers(request, refused=refused, pk=pk)
    messages.success(request, f"{condition_name(ended.code)} counts again for {ended.deal.name}.")
    return redirect("web:waivers")


@require_GET
@require(Permission.READ)
def exceptions(request: PageRequest) -> HttpResponse:
    """Show the moves past an open gate, explained or not."""
    now, state = moment(), request.GET.get("state", "")
    state = state if state in STATES else ""
    page = Paginator(setaside.exceptions(state), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [_exception(one, now) for one in page.object_list],
        "tabs": _tabs("exceptions"),
        "states": [
            {"label": label, "url": f"?state={code}", "current": code == state}
            for code, label in STATES.items()
        ],
        "page_query": page_query(state=state),
    }
    return render(request, "setaside/exceptions.html", context)


def _exception(one: GateException, now: Moment) -> dict[str, Any]:
    return {
        "exception": one,
        "from": stage_name(one.from_stage, now.playbook),
        "to": stage_name(one.to_stage, now.playbook),
        "conditions": [condition_name(code) for code in one.conditions],
        "pill": {"open": "exception", "explained": "met", "reverted": "void"}[one.state],
    }


@require_POST
@require(Permission.ADVANCE_DEALS)
def revert(request: PageRequest, number: int) -> HttpResponse:
    """Take a move past an open gate back."""
    known_deal(number)
    now = moment()
    try:
        deal = revert_move(number, playbook=now.playbook, by=actor(request), at=now.at)
    except Refused as refused:
        return show_deal(request, number, Tried(refused=refused), status=422)
    messages.success(request, f"{deal.name} is back at {stage_name(deal.stage, now.playbook)}.")
    return redirect("web:deal", number=number)
