"""What people bring to show that something is done, and its files."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.deliverables import give_evidence
from throughline.delivery.models import Evidence
from throughline.documents.models import Document
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.agreements.views import handed_out
from throughline.web.delivery.forms import ProofForm, check_form
from throughline.web.delivery.verdicts import judge
from throughline.web.delivery.views import show_engagement
from throughline.web.moment import moment


@require_POST
@require(Permission.DELIVER, Permission.VERIFY)
def prove(request: PageRequest, pk: int) -> HttpResponse:
    """Keep a person's word, link or file as evidence."""
    form = ProofForm(request.POST, request.FILES)

    def act() -> Evidence:
        check_form(form)
        said = form.cleaned_data
        return give_evidence(
            pk, text=said["evidence"], link=said["link"], file=said["file"], by=actor(request),
            at=moment().at,
        )  # fmt: skip

    return judge(request, pk, act, "What shows “{}” is kept, with your name.")


@never_cache
@require_GET
@require(Permission.READ)
def file(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out a file that was brought as evidence: to be saved, never shown by the browser."""
    document = get_object_or_404(Document, evidence=pk)
    try:
        return handed_out(document)
    except Refused as refused:
        number = Evidence.objects.get(pk=pk).deliverable.project.engagement_id
        return show_engagement(request, number, refused=refused)
