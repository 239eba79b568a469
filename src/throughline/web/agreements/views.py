"""The agreement of a deal, and its files."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.documents.models import Document
from throughline.documents.proofs import kind_of_proof
from throughline.documents.reading import UNKNOWN, content_of
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.history import newest_entry
from throughline.sales.models import AgreementCopy, Deal
from throughline.web.access import PageRequest, require
from throughline.web.agreements.page import agreement_page
from throughline.web.moment import Moment, moment

READERS = (Permission.READ, Permission.SPONSOR_WORK)


@never_cache
@require_GET
@require(*READERS)
def agreement(request: PageRequest, number: int) -> HttpResponse:
    """Show the agreement of a deal, with its terms as of a day."""
    return show_agreement(request, number)


def show_agreement(
    request: PageRequest, number: int, refused: Refused | None = None
) -> HttpResponse:
    """Return the page of an agreement; after a refusal with what is wrong (status 422)."""
    deal, now = get_object_or_404(Deal, pk=number), moment()
    on = now.on
    try:
        on = _day_asked(request, now)
    except Refused as no_day:
        refused = refused or no_day
    seen = newest_entry(deal)  # before the terms: what comes between the two is news to the reader
    context = agreement_page(request.user, deal, now, on) | {"refused": refused, "seen": seen}
    status = 422 if refused else 200
    return render(request, "agreements/agreement.html", context, status=status)


def _day_asked(request: PageRequest, now: Moment) -> date:
    return parse_day(request.GET.get("on", "")) or now.on


@never_cache
@require_GET
@require(Permission.SEE_MONEY)
def file(request: PageRequest, number: int, pk: int) -> HttpResponse:
    """Hand out a file of the agreement: to be saved, never shown by the browser."""
    found = get_object_or_404(
        AgreementCopy.objects.select_related("document"), pk=pk, agreement__deal=number
    )
    try:
        return handed_out(found.document)
    except Refused as refused:
        return show_agreement(request, number, refused)


def handed_out(document: Document) -> HttpResponse:
    """Return a stored file as a download, for what it is and not for what it was called.

    Raises:
        Refused: it is gone, or not what was stored.
    """
    content = content_of(document)
    response = HttpResponse(content, content_type=kind_of_proof(content, document.name) or UNKNOWN)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, document.name))  # noqa: FBT003 -- Django's own signature
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
