"""The scope of a statement of work by a link: what a community reads, and says of it."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.scope import (
    LONGEST_TEXT,
    comment_on_scope,
    issue_scope_link,
    open_scope,
)
from throughline.sales.models import StatementOfWork
from throughline.web.access import PageRequest, actor, require
from throughline.web.moment import moment
from throughline.web.sales.forms import StepForm
from throughline.web.sales.steps import known_deal
from throughline.web.statements.shown import scope_page
from throughline.web.statements.views import show_statement


class ScopeForm(StepForm):
    """What somebody thinks of the scope that they have read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**6)
    text = forms.CharField(
        label="What should be different, or what is missing?",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    accepts = forms.BooleanField(label="This is what we want.", required=False)


@never_cache
@require_POST
@require(Permission.EDIT_DEALS)
def send_link(request: PageRequest, number: int) -> HttpResponse:
    """Issue a link by which the community reads the scope; its address is shown this once."""
    deal, token = known_deal(number), secrets.token_urlsafe(32)
    name = request.POST.get("issued_to", "")
    try:
        issue_scope_link(deal.pk, token, issued_to=name, by=actor(request), at=moment().at)
    except Refused as refused:
        return show_statement(request, number, None, refused=refused)
    address = f"{settings.BASE_URL}{reverse('web:scope', args=[token])}"
    return show_statement(request, number, None, fresh_link=address)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scope(request: HttpRequest, token: str) -> HttpResponse:
    """Show somebody of the community the scope, and keep what they say of it."""
    now = moment()
    try:
        link, statement = open_scope(token, at=now.at)
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=403)
    sent = request.POST if request.method == "POST" else None
    form = ScopeForm(sent, initial={"version": statement.version})
    if form.carried_out(lambda value: comment_on_scope(token, **value, at=now.at)):
        return _page(request, statement, {"link": link, "is_done": True})
    if form.refused is not None:  # what they send next is about the version that they see now
        again = request.POST.copy()
        again["version"] = str(statement.version)
        form.data = again
    return _page(request, statement, {"link": link, "form": form}, 422 if sent is not None else 200)


def _page(
    request: HttpRequest, statement: StatementOfWork, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = scope_page(statement) | more
    return render(request, "statements/scope.html", context, status=status)
