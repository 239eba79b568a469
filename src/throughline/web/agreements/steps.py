"""Steps of an agreement: each is one action, and leads back to the page it was taken on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.agreements import withdraw_amendment
from throughline.sales.actions.conflicts import a_payer, a_signature, a_signer, unless_changed
from throughline.sales.actions.copies import add_copy, confirm_copy, reject_copy
from throughline.sales.actions.parties import name_party
from throughline.sales.actions.payers import set_payer
from throughline.sales.actions.signing import accept_order, move_signature
from throughline.sales.models import Deal
from throughline.sales.terms import documents_of
from throughline.web.access import PageRequest, actor, require
from throughline.web.agreements.forms import (
    AcceptForm,
    ConfirmForm,
    MoveForm,
    PartyForm,
    PayerForm,
    UploadForm,
    WhyForm,
    filled,
)
from throughline.web.agreements.views import show_agreement
from throughline.web.moment import moment
from throughline.web.sales.forms import seen_in

COLLECTORS = (Permission.EDIT_DEALS, Permission.SPONSOR_WORK)
Step = Callable[[dict[str, Any]], str]


def _do(request: PageRequest, number: int, step: Step) -> HttpResponse:
    """Take a step and return to the page; a refusal is shown on the agreement's (status 422)."""
    get_object_or_404(Deal, pk=number)
    now = moment()
    try:
        said = step({"playbook": now.playbook, "by": actor(request), "at": now.at})
    except Refused as refused:
        return show_agreement(request, number, refused)
    messages.success(request, said)
    if request.POST.get("back") == "desk":
        return redirect("web:sponsor-desk")
    return redirect("web:agreement", number=number)


@require_POST
@require(*COLLECTORS)
def sign(request: PageRequest, number: int) -> HttpResponse:
    """Write down what became of one party's signature."""
    form = MoveForm(request.POST)

    def step(how: dict[str, Any]) -> str:
        move = form.move()
        name = form.cleaned_data["party"]
        moved = unless_changed(
            number,
            a_signature(name, move.to, move.on),
            lambda: move_signature(number, name, move, **how),
            seen=seen_in(request.POST),
            playbook=how["playbook"],
        )
        return f"{moved.party}: {moved.get_state_display().lower()}. {moved.remedy}".strip()

    return _do(request, number, step)


@require_POST
@require(*COLLECTORS)
def accept(request: PageRequest, number: int) -> HttpResponse:
    """Write down that a purchase order was issued and accepted."""

    def step(how: dict[str, Any]) -> str:
        accept_order(number, **filled(AcceptForm(request.POST)), **how)
        return "The purchase order is accepted."

    return _do(request, number, step)


@require_POST
@require(Permission.EDIT_DEALS)
def party(request: PageRequest, number: int) -> HttpResponse:
    """Add a party, or name who else signs for one."""

    def step(how: dict[str, Any]) -> str:
        told = filled(PartyForm(request.POST))
        made = unless_changed(
            number,
            a_signer(**told),
            lambda: name_party(number, **told, **how),
            seen=seen_in(request.POST),
            playbook=how["playbook"],
        )
        return f"{made.name} signs for {made.party}."

    return _do(request, number, step)


@require_POST
@require(*COLLECTORS)
def upload(request: PageRequest, number: int) -> HttpResponse:
    """Store a file of the agreement; an executed copy waits for a second person."""

    def step(how: dict[str, Any]) -> str:
        form = _upload_form(request, number)
        made = add_copy(number, form.upload(), **how)
        return f"Stored: {made.get_role_display()}, {made.document.sha256[:12]}…"

    return _do(request, number, step)


def _upload_form(request: PageRequest, number: int) -> UploadForm:
    """Return the form of the document that a file is for.

    Raises:
        Refused: the deal has no such document.
    """
    chain = documents_of(get_object_or_404(Deal, pk=number))
    wanted = request.POST.get("of", "")
    found = next((one for one in chain if str(one.pk) == wanted), None)
    if found is None:
        raise Refused("The deal has no such document.", remedy="Look at the agreement again.")
    return UploadForm(found, request.POST, request.FILES)


@require_POST
@require(Permission.SEE_MONEY)
def confirm(request: PageRequest, number: int) -> HttpResponse:
    """Confirm, as a second person, the executed copy that was compared."""

    def step(how: dict[str, Any]) -> str:
        copy = confirm_copy(number, **filled(ConfirmForm(request.POST)), **how)
        return f"You have confirmed {copy.document.sha256[:12]}… as the executed copy."

    return _do(request, number, step)


@require_POST
@require(Permission.SEE_MONEY)
def reject(request: PageRequest, number: int) -> HttpResponse:
    """Take away an executed copy that is not what was signed."""

    def step(how: dict[str, Any]) -> str:
        reject_copy(number, **filled(WhyForm(request.POST)), **how)
        return "The copy is rejected; the right one can be uploaded."

    return _do(request, number, step)


@require_POST
@require(Permission.EDIT_DEALS)
def payer(request: PageRequest, number: int) -> HttpResponse:
    """Say who pays for a cluster's cloud, and from when."""
    form = PayerForm(get_object_or_404(Deal, pk=number), request.POST)

    def step(how: dict[str, Any]) -> str:
        told = filled(form)
        who = Payer(told["payer"])
        cluster, from_on = told["cluster"], told["from_on"]
        unless_changed(
            number,
            a_payer(cluster, who, from_on),
            lambda: set_payer(number, cluster, who, from_on=from_on, **how),
            seen=seen_in(request.POST),
            playbook=how["playbook"],
        )
        return f"{told['cluster']}: {who.label.lower()} from {told['from_on']}."

    return _do(request, number, step)


@require_POST
@require(Permission.EDIT_DEALS)
def withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Take back an amendment that is not executed."""

    def step(how: dict[str, Any]) -> str:
        withdraw_amendment(number, **filled(WhyForm(request.POST)), **how)
        return "The amendment is withdrawn; the journal keeps what it said."

    return _do(request, number, step)
