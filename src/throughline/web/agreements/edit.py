"""Writing down the terms of an agreement, and amending it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from throughline.people.words import Permission
from throughline.sales.actions.agreements import amend_agreement, set_terms
from throughline.sales.models import Deal
from throughline.sales.terms import documents_of
from throughline.web.access import PageRequest, actor, require
from throughline.web.agreements.term_forms import AmendForm, TermsEdit
from throughline.web.moment import moment

ASK = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@ASK
@require(Permission.EDIT_DEALS)
def terms(request: PageRequest, number: int) -> HttpResponse:
    """Ask for the terms of the document that is being prepared, and write them down.

    Raises:
        Http404: there is no such deal, or no document governs it.
    """
    deal, now = get_object_or_404(Deal, pk=number), moment()
    chain = documents_of(deal)
    if not chain:
        raise Http404("No document governs the deal.")
    form = TermsEdit(chain[-1], now.playbook, request.POST if request.method == "POST" else None)
    how: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    seen = request.POST.get("seen", "")
    if form.carried_out(lambda value: set_terms(number, value, seen=seen, **how)):
        messages.success(request, "The terms are written down.")
        return redirect("web:agreement", number=number)
    context = {"form": form, "deal": deal, "document": chain[-1]}
    return render(request, "agreements/terms.html", context, status=422 if form.is_bound else 200)


@never_cache
@ASK
@require(Permission.EDIT_DEALS)
def amend(request: PageRequest, number: int) -> HttpResponse:
    """Ask what an amendment changes, and chain it below the agreement."""
    deal, now = get_object_or_404(Deal, pk=number), moment()
    form = AmendForm(deal, now.playbook, request.POST if request.method == "POST" else None)
    how: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    if form.carried_out(lambda value: amend_agreement(number, value, **how)):
        messages.success(request, "It is to be signed now, and changes nothing until it is.")
        return redirect("web:agreement", number=number)
    context = {"form": form, "deal": deal}
    return render(request, "agreements/amend.html", context, status=422 if form.is_bound else 200)
