"""The Sponsor's desk."""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.sponsor import (
    finish_sponsor_work,
    issue_work_link,
    remind,
    revoke_work_link,
    take_sponsor_work,
)
from throughline.sales.desk import desk_items, works
from throughline.sales.history import newest_entries
from throughline.web.access import PageRequest, actor, require
from throughline.web.agreements.forms import filled
from throughline.web.letters import letter_with
from throughline.web.moment import moment
from throughline.web.sponsor.forms import LinkForm, ReceiptForm, ReminderForm
from throughline.web.sponsor.shown import work_panel

A_PAGE = 10
READERS = (Permission.READ, Permission.SPONSOR_WORK)
LINKERS = (Permission.SEND_LINKS, Permission.SPONSOR_WORK)


@never_cache
@require_GET
@require(*READERS)
def desk(request: PageRequest) -> HttpResponse:
    """Show what waits for the Sponsor, with whom it is and since when."""
    return show_desk(request)


def show_desk(
    request: PageRequest, refused: Refused | None = None, *, pk: int = 0, fresh_link: str = ""
) -> HttpResponse:
    """Return the desk; after a refusal with what is wrong (status 422)."""
    user, now = request.user, moment()
    is_done = request.GET.get("view") == "done"
    found = works().filter(done_at__isnull=not is_done)
    if is_done:
        found = found.order_by("-done_at", "-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    seen = newest_entries({one.deal_id for one in page.object_list})
    items = desk_items(page.object_list, playbook=now.playbook, at=now.at)
    may = {
        "may_work": user.may(Permission.SPONSOR_WORK),
        "may_sign": user.may(Permission.SPONSOR_WORK) or user.may(Permission.EDIT_DEALS),
        "may_link": any(user.may(one) for one in LINKERS),
    }
    context = {
        "page": page,
        "panels": [
            work_panel(one, username=actor(request), **may) | {"seen": seen.get(one.deal.pk, 0)}
            for one in items
        ],
        "tabs": _tabs(is_done=is_done),
        "is_done": is_done,
        "late": sum(one.is_late for one in items),
        "reads_deals": user.may(Permission.READ),
        "refused": refused,
        "refused_pk": pk,
        "fresh_link": fresh_link,
        "letter": letter_with(fresh_link, about="Work for you to do") if fresh_link else "",
    }
    return render(request, "sponsor/desk.html", context, status=422 if refused else 200)


def _tabs(*, is_done: bool) -> list[dict[str, object]]:
    address = reverse("web:sponsor-desk")
    return [
        {"label": "Waiting", "url": address, "current": not is_done},
        {"label": "Done", "url": f"{address}?view=done", "current": is_done},
    ]


def _do(request: PageRequest, pk: int, step: Callable[[datetime], str]) -> HttpResponse:
    """Take a step and return to the desk; a refusal is shown there (status 422)."""
    try:
        said = step(moment().at)
    except Refused as refused:
        return show_desk(request, refused, pk=pk)
    messages.success(request, said)
    return redirect(f"{reverse('web:sponsor-desk')}#work-{pk}")


@require_POST
@require(Permission.SPONSOR_WORK)
def finish(request: PageRequest, pk: int) -> HttpResponse:
    """Close a work order with its receipt."""

    def step(at: datetime) -> str:
        receipt, playbook = filled(ReceiptForm(request.POST))["receipt"], moment().playbook
        work = finish_sponsor_work(pk, receipt=receipt, playbook=playbook, by=actor(request), at=at)
        return f"{work.get_kind_display()} is done: {work.receipt}"

    return _do(request, pk, step)


@require_POST
@require(Permission.SPONSOR_WORK)
def take(request: PageRequest, pk: int) -> HttpResponse:
    """Say by name who does a work order."""

    def step(at: datetime) -> str:
        take_sponsor_work(pk, by=actor(request), at=at)
        return "It is yours now, by name."

    return _do(request, pk, step)


@require_POST
@require(*READERS)
def remind_of(request: PageRequest, pk: int) -> HttpResponse:
    """Write down that somebody was reminded."""

    def step(at: datetime) -> str:
        made = remind(pk, **filled(ReminderForm(request.POST)), by=actor(request), at=at)
        return f"Written down: {made.to} was reminded."

    return _do(request, pk, step)


@never_cache
@require_POST
@require(*LINKERS)
def send_link(request: PageRequest, pk: int) -> HttpResponse:
    """Issue a link that opens one work order without an account; its address is shown this once."""
    token = secrets.token_urlsafe(32)
    try:
        told = filled(LinkForm(request.POST))
        issue_work_link(pk, token, **told, by=actor(request), at=moment().at)
    except Refused as refused:
        return show_desk(request, refused, pk=pk)
    address = f"{settings.BASE_URL}{reverse('web:work-link', args=[token])}"
    return show_desk(request, pk=pk, fresh_link=address)


@require_POST
@require(*LINKERS)
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Close a link to a work order for good."""
    try:
        work = revoke_work_link(pk, by=actor(request), at=moment().at)
    except Refused as refused:
        return show_desk(request, refused)
    messages.success(request, "The link opens nothing any more.")
    return redirect(f"{reverse('web:sponsor-desk')}#work-{work.pk}")
