"""PS's answer for a deal: what is computed, and the three ways to answer."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.capacity.queries import answer_shape, newest_answers
from throughline.intake.asking import ask_about_deal
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.confirming import Shown, confirm_proposal
from throughline.sales.actions.record import record_fact
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of
from throughline.sales.unanswered import CODE
from throughline.web.access import PageRequest, actor, require
from throughline.web.capacity.answer_page import answer_page, map_of_answer
from throughline.web.capacity.forms import ConfirmForm, CounterForm, RefuseForm
from throughline.web.capacity.map_page import look
from throughline.web.moment import moment
from throughline.web.sales.forms import StepForm
from throughline.web.sales.steps import known_deal, stamp


@never_cache
@require_GET
@require(Permission.SEE_CAPACITY)
def answer(request: PageRequest, number: int) -> HttpResponse:
    """Show what is computed for a deal, what PS has answered, and what is held for it."""
    return _show(request, number)


def _show(request: PageRequest, number: int, tried: StepForm | None = None) -> HttpResponse:
    now, deal = moment(), get_object_or_404(Deal, pk=number)
    seen = newest_entry(deal)  # before the facts: what comes between the two is news to the reader
    facts = facts_of(deal, on=now.on)
    start = request.GET.get("start", "") if tried is None else ""
    context = answer_page(request.user, facts, now, start=start, tried=tried)
    query = QueryDict(f"deal={deal.pk}")
    context |= map_of_answer(look(query, now, facts), query) | {"seen": seen}
    status = 422 if tried or (context["refused"] and start) else 200
    return render(request, "capacity/answer.html", context, status=status)


@require_POST
@require(Permission.SEE_CAPACITY)
def look_again(request: PageRequest, number: int) -> HttpResponse:
    """Take in what runs and what other deals ask for as it is now, before looking again."""
    deal = known_deal(number)
    try:
        ask_about_deal(deal, start_on=None, **stamp(request, moment()))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Counted anew: what runs, and what other deals ask for.")
    return redirect("web:deal-capacity", number=number)


@require_POST
@require(Permission.ANSWER_PS)
def confirm(request: PageRequest, number: int) -> HttpResponse:
    """Confirm the computed answer for PS, as it was shown."""
    known_deal(number)
    form, ways = ConfirmForm(request.POST, auto_id="confirm-%s"), stamp(request, moment())
    return _answered(
        request, number, form,
        lambda told: confirm_proposal(number, Shown(**told), seen=form.seen, **ways),
    )  # fmt: skip


@require_POST
@require(Permission.ANSWER_PS)
def counter(request: PageRequest, number: int) -> HttpResponse:
    """Answer otherwise than the computation does."""
    return _record(request, number, CounterForm(request.POST, auto_id="counter-%s"))


@require_POST
@require(Permission.ANSWER_PS)
def refuse(request: PageRequest, number: int) -> HttpResponse:
    """Say no, and why."""
    return _record(request, number, RefuseForm(request.POST, auto_id="refuse-%s"))


def _record(request: PageRequest, number: int, form: StepForm) -> HttpResponse:
    known_deal(number)
    ways = stamp(request, moment())
    return _answered(
        request, number, form,
        lambda told: record_fact(number, CODE, told, seen=form.seen, **ways),
    )  # fmt: skip


def _answered(
    request: PageRequest, number: int, form: StepForm, step: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Carry an answer out and say what it holds and affects; a refused one comes back with its form."""
    if not form.carried_out(step):
        return _show(request, number, form)
    subject = f"deal:{number}"
    found = answer_shape(newest_answers([subject])[subject])
    held = f"{found['held_h']:g} h are held." if found["held_h"] else "No hours are held."
    affected = ", ".join(one["name"] for one in found["affects"])
    told = f" It leaves no room for {affected}: their pages say so." if affected else ""
    messages.success(request, f"{actor(request)} has answered for PS. {held}{told}")
    return redirect("web:deal-capacity", number=number)
