"""Webhooks: which programs are told of what happens. For Admins."""

import os
import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.handoff.actions_webhooks import keeping
from throughline.handoff.words import DeliveryState
from throughline.kernel.errors import NotThere, Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.sales.forms import StepForm

A_PAGE = 50
SECRET_BYTES = 32
LOOKS = {
    DeliveryState.WAITING: "wanted",
    DeliveryState.ARRIVED: "sent",
    DeliveryState.GIVEN_UP: "failed",
}


class WebhookForm(StepForm):
    """Who is told, and of what."""

    name = forms.CharField(max_length=60, help_text="Such as n8n.")
    url = forms.CharField(
        label="Address", max_length=500, help_text="Public and https, as the receiver gives it."
    )
    acts = forms.CharField(
        label="Acts",
        required=False,
        max_length=2000,
        help_text="Beginnings of acts, one a line, such as sales.deal. Left empty, all are told.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def webhooks_page(request: PageRequest) -> HttpResponse:
    """List webhooks, and offer to make one."""
    return _show(request, WebhookForm())


def _show(
    request: PageRequest, form: WebhookForm, *, fresh: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "fresh": fresh, "webhooks": keeping.webhooks()}
    return render(request, "hooks/webhooks.html", context, status=status)


@never_cache
@require_POST
@require(Permission.ADMINISTER)
def new(request: PageRequest) -> HttpResponse:
    """Make a webhook, and show its secret this once."""
    form, made = WebhookForm(request.POST), []

    def act(told: dict[str, Any]) -> None:
        made.append(
            keeping.subscribe(
                told["name"], told["url"], told["acts"].split(),
                randomness=os.urandom(SECRET_BYTES), by=actor(request), at=timezone.now(),
            )
        )  # fmt: skip

    if not form.carried_out(act):
        return _show(request, form, status=422)
    return _show(request, WebhookForm(), fresh=made[0][1])


@never_cache
@require_POST
@require(Permission.ADMINISTER)
def rotate(request: PageRequest, pk: int) -> HttpResponse:
    """Make a new secret, and show it this once; for a day both are good."""
    ways: dict[str, Any] = {"by": actor(request), "at": timezone.now()}
    try:
        _one, secret = keeping.rotate_secret(pk, randomness=os.urandom(SECRET_BYTES), **ways)
    except Refused as refused:
        return _refused(request, refused)
    return _show(request, WebhookForm(), fresh=secret)


@require_GET
@require(Permission.ADMINISTER)
def log_page(request: PageRequest, pk: int) -> HttpResponse:
    """Show what one webhook was told, the latest first, and what became of it."""
    try:
        one = keeping.webhook(pk)
    except NotThere as refused:
        return _refused(request, refused)
    page = Paginator(keeping.deliveries_of(one), A_PAGE).get_page(request.GET.get("page"))
    lines = [(row, LOOKS[DeliveryState(row.state)]) for row in page.object_list]
    context = {"one": one, "page": page, "lines": lines}
    return render(request, "hooks/webhook.html", context)


@require_POST
@require(Permission.ADMINISTER)
def stop(request: PageRequest, pk: int) -> HttpResponse:
    """Send nothing for now."""
    return _do(request, pk, keeping.stop_webhook, "It is stopped; what happens waits.")


@require_POST
@require(Permission.ADMINISTER)
def go_on(request: PageRequest, pk: int) -> HttpResponse:
    """Send again."""
    return _do(request, pk, keeping.go_on_with_webhook, "It goes on with what waits.")


@require_POST
@require(Permission.ADMINISTER)
def end(request: PageRequest, pk: int) -> HttpResponse:
    """End a webhook for good."""
    return _do(request, pk, keeping.end_webhook, "It is ended.")


@require_POST
@require(Permission.ADMINISTER)
def test(request: PageRequest, pk: int) -> HttpResponse:
    """Have a test told."""

    def act(number: int, **ways: Any) -> object:
        return keeping.send_test(number, f"msg_test_{secrets.token_hex(12)}", **ways)

    return _do(request, pk, act, "A test is on its way; its log says what is answered.")


@require_POST
@require(Permission.ADMINISTER)
def again(request: PageRequest, pk: int) -> HttpResponse:
    """Send one telling again."""
    return _do(request, pk, keeping.send_again, "It is sent again.")


def _do(request: PageRequest, pk: int, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(pk, by=actor(request), at=timezone.now())
    except Refused as refused:
        return _refused(request, refused)
    messages.success(request, said)
    return redirect("web:webhooks")


def _refused(request: PageRequest, refused: Refused) -> HttpResponse:
    form = WebhookForm()
    form.refused = refused
    status = 404 if isinstance(refused, NotThere) else 422
    return _show(request, form, status=status)
