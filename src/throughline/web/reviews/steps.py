"""Steps of a review; a refused one comes back as the same page, with what to do."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from throughline.people.words import Permission
from throughline.sales.actions import reviews as actions
from throughline.sales.models import Review
from throughline.web.access import PageRequest, actor, require
from throughline.web.moment import moment
from throughline.web.reviews.forms import (
    AnswerForm,
    AskForm,
    CommentForm,
    DeclineForm,
    HandOnForm,
    SpokenForm,
)
from throughline.web.reviews.views import show_review
from throughline.web.sales.forms import StepForm
from throughline.web.sales.steps import ASK, known_deal, show_form, stamp


def _step(
    request: PageRequest,
    pk: int,
    form: StepForm,
    act: Callable[[dict[str, Any]], object],
    said: str,
) -> HttpResponse:
    """Carry a form out on a review that is there, and return to its page."""
    get_object_or_404(Review, pk=pk)
    if not form.carried_out(act):
        return show_review(request, pk, form)
    messages.success(request, said)
    return redirect("web:review", pk=pk)


@require_POST
@require(Permission.ANSWER_PS)
def accept(request: PageRequest, pk: int) -> HttpResponse:
    """Take a review for PS, by name."""
    by, at = actor(request), moment().at
    form = StepForm(request.POST)
    return _step(
        request, pk, form, lambda _: actions.accept_review(pk, by=by, at=at), "It is yours now."
    )


@require_POST
@require(Permission.ANSWER_PS)
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Answer a review for PS."""
    ways = stamp(request, moment())
    form = AnswerForm(request.POST, auto_id="id_answer_%s")
    return _step(
        request, pk, form, lambda value: actions.answer_review(pk, **value, **ways), "Answered."
    )


@require_POST
@require(Permission.ANSWER_PS)
def decline(request: PageRequest, pk: int) -> HttpResponse:
    """Decline a review for PS."""
    by, at = actor(request), moment().at
    form = DeclineForm(request.POST, auto_id="id_decline_%s")
    return _step(
        request, pk, form, lambda value: actions.decline_review(pk, **value, by=by, at=at),
        "Declined: BD is asked to try another way.",
    )  # fmt: skip


@require_POST
@require(Permission.ANSWER_PS)
def hand_on(request: PageRequest, pk: int) -> HttpResponse:
    """Hand a review on to another person of PS."""
    by, at = actor(request), moment().at
    form = HandOnForm(request.POST, auto_id="id_hand_on_%s")
    return _step(
        request, pk, form, lambda value: actions.hand_on_review(pk, **value, by=by, at=at),
        "Handed on.",
    )  # fmt: skip


@require_POST
@require(Permission.READ)
def comment(request: PageRequest, pk: int) -> HttpResponse:
    """Add a comment or a link to a review."""
    by, at = actor(request), moment().at
    form = CommentForm(request.POST, auto_id="id_comment_%s")
    return _step(
        request, pk, form, lambda value: actions.comment_review(pk, **value, by=by, at=at),
        "Your comment is there.",
    )  # fmt: skip


@ASK
@require(Permission.ASK_PS)
def ask(request: PageRequest, number: int) -> HttpResponse:
    """Ask what PS is asked for, and ask it."""
    deal, ways = known_deal(number), stamp(request, moment())
    form = AskForm(request.POST if request.method == "POST" else None)
    made: list[Review] = []
    if form.carried_out(lambda _: made.append(actions.ask_review(number, form.request(), **ways))):
        messages.success(request, f"PS is asked, and answers by {made[0].needed_by}.")
        return redirect("web:review", pk=made[0].pk)
    return show_form(request, "reviews/ask.html", form, deal=deal)


@ASK
@require(Permission.READ)
def spoken(request: PageRequest, number: int) -> HttpResponse:
    """Ask what was said orally, and write it down."""
    now, deal = moment(), known_deal(number)
    form = SpokenForm(request.POST if request.method == "POST" else None)
    form.initial.update({"on": now.on, "asked_by": deal.owner})
    ways, made = stamp(request, now), list[Review]()
    if form.carried_out(
        lambda _: made.append(actions.record_spoken(number, form.spoken(), **ways))
    ):
        counts = "it counts" if made[0].answered_at else f"{made[0].holder} confirms it"
        messages.success(request, f"Written down: {counts}.")
        return redirect("web:review", pk=made[0].pk)
    return show_form(request, "reviews/spoken.html", form, deal=deal)
