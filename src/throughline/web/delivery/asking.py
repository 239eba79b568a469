"""Before a verdict: look again, ask a champion; after the last one: the certificate."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.champions import ask_champion
from throughline.delivery.certificate import certificate_of
from throughline.delivery.models import ChampionQuestion, Engagement
from throughline.delivery.queries import engagements
from throughline.intake.evidence import eyes_from_settings, look_for_evidence
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.verdicts import judge
from throughline.web.delivery.views import show_engagement
from throughline.web.moment import moment


@require_POST
@require(Permission.VERIFY)
def ask(request: PageRequest, pk: int) -> HttpResponse:
    """Ask somebody of the community by mail whether it is what they needed."""
    now = moment()

    def act() -> ChampionQuestion:
        told = request.POST
        return ask_champion(
            pk, of=told.get("of", ""), text=told.get("text", ""), playbook=now.playbook,
            by=actor(request), at=now.at,
        )  # fmt: skip

    return judge(request, pk, act, "The letter about “{}” is in the outbox.")


@require_POST
@require(Permission.DELIVER, Permission.VERIFY)
def look(request: PageRequest, number: int) -> HttpResponse:
    """Look for evidence now, as the worker does each day."""
    found = get_object_or_404(engagements(), pk=number)
    now = moment()
    new = look_for_evidence(
        found, eyes=eyes_from_settings(), playbook=now.playbook, by=actor(request), at=now.at
    )
    said = f"{len(new)} new pieces of evidence." if new else "Nothing new since the last look."
    messages.success(request, f"Looked: {said}")
    if request.POST.get("page") == "verification":
        return redirect("web:verification")
    return redirect("web:engagement", number=number)


@require_GET
@require(Permission.READ)
def certificate(request: PageRequest, number: int) -> HttpResponse:
    """Hand out the certificate of a verified engagement; else the page says what is missing."""
    get_object_or_404(Engagement, pk=number)
    try:
        content = certificate_of(number, playbook=moment().playbook)
    except Refused as refused:
        return show_engagement(request, number, refused=refused)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="acceptance-{number}.pdf"'},
    )
