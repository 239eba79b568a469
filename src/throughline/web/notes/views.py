"""What BD holds about a deal: written down, read by name, asked back about."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from throughline.people.words import Permission
from throughline.sales.actions import knowledge as actions
from throughline.sales.knowledge import notes_of
from throughline.sales.models import Deal, DealNote
from throughline.web.access import PageRequest, actor, require
from throughline.web.moment import moment
from throughline.web.notes.forms import NoteForm, ReplyForm, WithdrawForm
from throughline.web.notes.shown import shown_notes
from throughline.web.sales.forms import StepForm


@require_GET
@require(Permission.READ)
def notes(request: PageRequest, number: int) -> HttpResponse:
    """Show what PS must know of a deal, and who has read it."""
    return _page(request, get_object_or_404(Deal, pk=number))


def _page(
    request: PageRequest, deal: Deal, tried: StepForm | None = None, pk: int = 0
) -> HttpResponse:
    context = {
        "deal": deal,
        "notes": shown_notes(notes_of(deal.pk), request.user, tried, pk),
        "note_form": tried if isinstance(tried, NoteForm) else NoteForm(auto_id="id_note_%s"),
        "tried": tried,
        "has_engagement": hasattr(deal, "engagement"),
    }
    return render(request, "notes/notes.html", context, status=422 if tried else 200)


def _back(request: PageRequest, deal: Deal) -> HttpResponse:
    """Return to the page that the form stood on: the handoff's, or the notes' own."""
    if request.POST.get("on") == "handoff" and hasattr(deal, "engagement"):
        return redirect(f"{reverse('web:handoff', args=[deal.pk])}#notes")
    return redirect("web:notes", number=deal.pk)


@require_POST
@require(Permission.READ)
def write(request: PageRequest, number: int) -> HttpResponse:
    """Write a note."""
    deal, now = get_object_or_404(Deal, pk=number), moment()
    form = NoteForm(request.POST, auto_id="id_note_%s")
    if not form.carried_out(
        lambda value: actions.write_note(number, **value, by=actor(request), at=now.at)
    ):
        return _page(request, deal, form)
    messages.success(request, "Written down: somebody of PS confirms it before they accept.")
    return _back(request, deal)


def _step(
    request: PageRequest, pk: int, form: StepForm, act: Callable[[dict[str, Any]], object],
    said: str,
) -> HttpResponse:  # fmt: skip
    note = get_object_or_404(DealNote.objects.select_related("deal__engagement"), pk=pk)
    if not form.carried_out(act):
        return _page(request, note.deal, form, pk)
    messages.success(request, said)
    return _back(request, note.deal)


@require_POST
@require(Permission.ACCEPT_HANDOFF)
def read(request: PageRequest, pk: int) -> HttpResponse:
    """Confirm by name that a note was read."""
    by, at = actor(request), moment().at
    return _step(
        request, pk, StepForm(request.POST),
        lambda _: actions.confirm_note(pk, by=by, at=at), "Confirmed, with your name.",
    )  # fmt: skip


@require_POST
@require(Permission.READ)
def reply(request: PageRequest, pk: int) -> HttpResponse:
    """Say something to a note."""
    by, at = actor(request), moment().at
    form = ReplyForm(request.POST, auto_id=f"id_{pk}_%s")
    return _step(
        request, pk, form,
        lambda value: actions.reply_to_note(pk, **value, by=by, at=at), "Your reply is there.",
    )  # fmt: skip


@require_POST
@require(Permission.READ)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a question is answered."""
    by, at = actor(request), moment().at
    return _step(
        request, pk, StepForm(request.POST),
        lambda _: actions.settle_question(pk, by=by, at=at), "The question is settled.",
    )  # fmt: skip


@require_POST
@require(Permission.READ)
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take a note back."""
    by, at = actor(request), moment().at
    form = WithdrawForm(request.POST, auto_id=f"id_{pk}_%s")
    return _step(
        request, pk, form,
        lambda value: actions.withdraw_note(pk, **value, by=by, at=at), "The note is withdrawn.",
    )  # fmt: skip
