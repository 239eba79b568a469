"""The outbox: every mail, as it was sent or will be."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from throughline.mail.queries import outbox
from throughline.mail.words import MessageState
from throughline.people.words import Permission
from throughline.web.access import PageRequest, page_query, require

A_PAGE = 50
LOOKS = {  # state of a mail: the status that the design system draws it as
    MessageState.QUEUED: "wanted",
    MessageState.SENDING: "in_flight",
    MessageState.SENT: "sent",
    MessageState.FAILED: "failed",
    MessageState.UNSURE: "unknown",
    MessageState.WITHDRAWN: "void",
}


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
        "is_captured": not settings.SMTP_HOST,
    }
    return render(request, "mail/outbox.html", context)


@require_GET
@require(Permission.READ)
def message(request: PageRequest, pk: int) -> HttpResponse:
    """Show one mail, word for word."""
    found = get_object_or_404(outbox(), pk=pk)
    kind, _, number = found.about.partition(":")
    context = {
        "message": found,
        "look": LOOKS[MessageState(found.state)],
        "sender": settings.MAIL_FROM,
        "engagement": number if kind == "engagement" and number.isdecimal() else "",
    }
    return render(request, "mail/message.html", context)
