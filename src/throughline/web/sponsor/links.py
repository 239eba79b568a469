"""One work order of the Sponsor, for somebody with a link to it and no account.

Whatever they do is written down under the name that the link was made for.
"""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.people.models import SignedLink
from throughline.sales.actions.copies import add_copy
from throughline.sales.actions.signing import last_document, move_signature
from throughline.sales.actions.sponsor import finish_sponsor_work, open_work, require_work
from throughline.sales.desk import DeskItem, desk_items, works
from throughline.sales.models import SponsorWork
from throughline.sales.words import CopyRole, WorkKind
from throughline.web.agreements.forms import MoveForm, UploadForm, filled
from throughline.web.agreements.views import handed_out
from throughline.web.moment import moment
from throughline.web.sponsor.forms import ReceiptForm
from throughline.web.sponsor.shown import linked_work

SIGNING = frozenset({WorkKind.SIGNATURES})
CLOSING = frozenset({WorkKind.INVOICING, WorkKind.LEGAL, WorkKind.CREDIT})
Step = Callable[[SignedLink, SponsorWork, datetime], str]


@login_not_required
@never_cache
@require_GET
def work(request: HttpRequest, token: str) -> HttpResponse:
    """Show the work order that a link opens; a link that opens nothing says what to do."""
    try:
        link, found = open_work(token, at=moment().at)
    except Refused as refused:
        return _refuse(request, refused)
    return _show(request, token, link, found)


def _refuse(request: HttpRequest, refused: Refused) -> HttpResponse:
    return render(request, "people/link_refused.html", {"refused": refused}, status=403)


def _show(
    request: HttpRequest, token: str, link: SignedLink, found: SponsorWork,
    refused: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    context = linked_work(_item(found)) | {"link": link, "token": token, "refused": refused}
    return render(request, "sponsor/work_link.html", context, status=422 if refused else 200)


def _item(found: SponsorWork) -> DeskItem:
    now = moment()
    return desk_items(works().filter(pk=found.pk), playbook=now.playbook, at=now.at)[0]


def _do(request: HttpRequest, token: str, kinds: frozenset[WorkKind], step: Step) -> HttpResponse:
    """Take a step under the name of the link; a refusal is shown on the page (status 422)."""
    at = moment().at
    try:
        link, found = open_work(token, at=at)
    except Refused as refused:
        return _refuse(request, refused)
    try:
        require_work(found, kinds=kinds)
        said = step(link, found, at)
    except Refused as refused:
        return _show(request, token, link, found, refused)
    messages.success(request, said)
    return redirect("web:work-link", token=token)


@login_not_required
@never_cache
@require_POST
def sign(request: HttpRequest, token: str) -> HttpResponse:
    """Write down what became of one party's signature."""
    form = MoveForm(request.POST)

    def step(link: SignedLink, found: SponsorWork, at: datetime) -> str:
        move, playbook = form.move(), moment().playbook
        moved = move_signature(
            found.deal_id, form.cleaned_data["party"], move, playbook=playbook,
            by=link.issued_to, at=at,
        )  # fmt: skip
        return f"{moved.party}: {moved.get_state_display().lower()}. {moved.remedy}".strip()

    return _do(request, token, SIGNING, step)


@login_not_required
@never_cache
@require_POST
def finish(request: HttpRequest, token: str) -> HttpResponse:
    """Close the work order with its receipt, or answer the question."""

    def step(link: SignedLink, found: SponsorWork, at: datetime) -> str:
        receipt, playbook = filled(ReceiptForm(request.POST))["receipt"], moment().playbook
        finish_sponsor_work(found.pk, receipt=receipt, playbook=playbook, by=link.issued_to, at=at)
        return "Thank you: it is written down."

    return _do(request, token, CLOSING, step)


@login_not_required
@never_cache
@require_POST
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Store the signed PDF; somebody with an account confirms it."""

    def step(link: SignedLink, found: SponsorWork, at: datetime) -> str:
        told = request.POST.copy()
        told["role"] = CopyRole.EXECUTED  # whatever was sent: a new version to sign is BD's to make
        form = UploadForm(last_document(found.deal), told, request.FILES)
        playbook = moment().playbook
        add_copy(found.deal_id, form.upload(), playbook=playbook, by=link.issued_to, at=at)
        return "Stored. A second person compares it and confirms it."

    return _do(request, token, SIGNING, step)


@login_not_required
@never_cache
@require_GET
def file(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Hand out the document that is to be signed, and no other.

    Raises:
        Http404: that file is not the one.
    """
    try:
        _link, found = open_work(token, at=moment().at)
        wanted = linked_work(_item(found))["to_sign"]
        if wanted is None or wanted.pk != pk:
            raise Http404("This link opens no such file.")
        return handed_out(wanted.document)
    except Refused as refused:
        return _refuse(request, refused)
