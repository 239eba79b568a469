"""The outbox: every mail, as it was sent or will be; what came back; and mails before they are."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.queries import find_engagement
from throughline.intake.previews import Preview, preview_mail
from throughline.kernel.errors import Refused
from throughline.kernel.money import without_amounts
from throughline.mail.actions.echoes import see_echo, settle_message
from throughline.mail.leaving import html_part, picture_as_data
from throughline.mail.models import Attachment, Message
from throughline.mail.queries import echoes_to_see, outbox
from throughline.mail.words import FOR_A_PERSON, EchoKind, MessageState
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, forbid, page_query, require
from throughline.web.moment import moment

A_PAGE = 50
LOOKS = {  # state of a mail: the status that the design system draws it as
    MessageState.QUEUED: "wanted",
    MessageState.SENDING: "in_flight",
    MessageState.SENT: "sent",
    MessageState.FAILED: "failed",
    MessageState.UNSURE: "unknown",
    MessageState.WITHDRAWN: "void",
}
TO_SETTLE = (MessageState.FAILED, MessageState.UNSURE)
# A mail is looked at in a frame of its own: it may draw itself, and nothing else.
FRAMED = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
)


@require_GET
@require(Permission.READ)
def outbox_list(request: PageRequest) -> HttpResponse:
    """List mails, the newest first, 50 a page."""
    state = request.GET.get("state", "")
    found = outbox().filter(state=state) if state in MessageState else outbox()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [(one, LOOKS[MessageState(one.state)]) for one in page.object_list],
        "states": MessageState.choices,
        "state": state,
        "page_query": page_query(state=state),
        "is_captured": not settings.MAIL_LEAVES_THROUGH,
        "back": echoes_to_see().count(),
    }
    return render(request, "mail/outbox.html", context)


@require_GET
@require(Permission.READ)
def message(request: PageRequest, pk: int) -> HttpResponse:
    """Show one mail, word for word, with what goes along and what came back."""
    return _message(request, get_object_or_404(outbox(), pk=pk))


def _message(request: PageRequest, found: Message, refused: Refused | None = None) -> HttpResponse:
    kind, _, number = found.about.partition(":")
    context = {
        "message": found,
        "look": LOOKS[MessageState(found.state)],
        "is_hidden": _is_hidden(request, found),
        "sender": settings.MAIL_FROM,
        "engagement": number if kind == "engagement" and number.isdecimal() else "",
        "attachments": found.attachments.select_related("document"),
        "echoes": _shown(found.echoes.order_by("heard_at", "pk")),
        "to_settle": found.state in TO_SETTLE and request.user.may(Permission.SEND_LINKS),
        "refused": refused,
    }
    return render(request, "mail/message.html", context, status=422 if refused else 200)


def _shown(echoes: Any) -> list[tuple[Any, bool]]:
    """Return what came back, with whether a person must still see it."""
    return [(one, EchoKind(one.kind) in FOR_A_PERSON and one.seen_at is None) for one in echoes]


@require_GET
@xframe_options_sameorigin
@require(Permission.READ)
def message_html(request: PageRequest, pk: int) -> HttpResponse:
    """Show the HTML part of a mail, for a frame."""
    found = get_object_or_404(outbox(), pk=pk)
    if _is_hidden(request, found):
        return forbid(request, Permission.ADMINISTER)
    is_shown = request.user.may(Permission.SEE_MONEY)
    return _framed(request, html_part(found, address=picture_as_data if is_shown else _kept_back))


def _kept_back(_one: Attachment) -> str:
    """Return no address: a picture may show money."""
    return ""


def _is_hidden(request: PageRequest, message: Message) -> bool:
    """Return whether a mail opens a door for another person: Admins could make such links anyway."""
    return message.is_confidential and not request.user.may(Permission.ADMINISTER)


def _framed(request: PageRequest, html: str) -> HttpResponse:
    shown = html if request.user.may(Permission.SEE_MONEY) else without_amounts(html)
    return HttpResponse(shown, headers={"Content-Security-Policy": FRAMED})


@require_POST
@require(Permission.SEND_LINKS)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a mail has arrived, or have it sent again."""
    arrived = request.POST.get("what") == "arrived"
    return _done(
        request,
        pk,
        lambda: settle_message(pk, arrived=arrived, by=actor(request), at=timezone.now()),
        "It counts as sent." if arrived else "It goes out again, under the same Message-ID.",
    )


def _done(request: PageRequest, pk: int, step: Callable[[], object], said: str) -> HttpResponse:
    found = get_object_or_404(outbox(), pk=pk)
    try:
        step()
    except Refused as refused:
        return _message(request, found, refused)
    messages.success(request, said)
    return redirect("web:message", pk=pk)


@require_GET
@require(Permission.READ)
def came_back(request: PageRequest) -> HttpResponse:
    """List what came back for mails and waits for a person."""
    page = Paginator(echoes_to_see(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "mail/back.html", {"page": page, "page_query": ""})


@require_POST
@require(Permission.SEND_LINKS)
def seen(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a person has seen what came back."""
    try:
        see_echo(pk, by=actor(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("web:mail-back")


@require_GET
@require(Permission.READ)
def preview(request: PageRequest) -> HttpResponse:
    """Show a mail of the playbook with the facts of an engagement, before it is sent."""
    found = _previewed(request)
    context = {
        "codes": [(one.code, one.subject) for one in moment().playbook.mails],
        "code": request.GET.get("code", ""),
        "engagement": request.GET.get("engagement", ""),
        "preview": found if isinstance(found, Preview) else None,
        "refused": found if isinstance(found, Refused) else None,
        "frame_query": request.GET.urlencode(),
    }
    status = 422 if context["refused"] else 200
    return render(request, "mail/preview.html", context, status=status)


@require_GET
@xframe_options_sameorigin
@require(Permission.READ)
def preview_html(request: PageRequest) -> HttpResponse:
    """Show the HTML part of a mail that is not sent, for a frame."""
    found = _previewed(request)
    return _framed(request, found.html if isinstance(found, Preview) else "")


def _previewed(request: PageRequest) -> Preview | Refused | None:
    code, reference = request.GET.get("code", ""), request.GET.get("engagement", "").strip()
    if not code or not reference:
        return None
    now = moment()
    try:
        engagement = find_engagement(reference)
        return preview_mail(code, engagement, playbook=now.playbook, at=now.at)
    except Refused as refused:
        return refused
