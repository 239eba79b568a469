"""Engagements: the list, and one with its promises."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.engagements import report_health
from throughline.delivery.models import Engagement
from throughline.delivery.words import Health
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link
from throughline.people.words import Permission
from throughline.renewals.actions_courses import end_engagement
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import HealthForm, problems_of
from throughline.web.delivery.page import engagement_page
from throughline.web.moment import moment
from throughline.web.people.forms import LinkForm
from throughline.web.people.views import link_address

A_PAGE = 50
LINK_VALID = timedelta(days=30)


@never_cache
@require_GET
@require(Permission.READ)
def engagement(request: PageRequest, number: int) -> HttpResponse:
    """Show one engagement: what was promised, how it goes, what it runs on."""
    return show_engagement(request, number)


def show_engagement(
    request: PageRequest, number: int, *, refused: Refused | None = None, refused_pk: int = 0,
    fresh_link: str = "",
) -> HttpResponse:  # fmt: skip
    """Return an engagement's page; after a refusal with what is wrong (status 422).

    `refused_pk` is the deliverable at which it went wrong.

    Raises:
        Http404: there is no such engagement.
    """
    try:
        page = engagement_page(request.user, number, moment(), as_of=request.GET.get("as_of", ""))
    except Engagement.DoesNotExist as error:
        raise Http404(f"There is no engagement {number}.") from error
    extra = {"refused": refused, "refused_pk": refused_pk, "fresh_link": fresh_link}
    status = 422 if refused else 200
    return render(request, "delivery/engagement.html", page | extra, status=status)


def _do(
    request: PageRequest, number: int, act: Callable[[datetime], object], said: str,
    *, place: str = "engagement",
) -> HttpResponse:  # fmt: skip
    """Do it and show the engagement, or the review, again; a refusal is shown (status 422)."""
    get_object_or_404(Engagement, pk=number)
    try:
        act(moment().at)
    except Refused as refused:
        return show_engagement(request, number, refused=refused)
    messages.success(request, said)
    if place == "meetings":
        return redirect(f"{reverse('web:meetings')}#engagement-{number}")
    return redirect("web:engagement", number=number)


@require_POST
@require(Permission.ACCEPT_HANDOFF)
def accept(request: PageRequest, number: int) -> HttpResponse:
    """Have PS take responsibility, by the name of the person."""

    def act(at: datetime) -> None:
        accept_engagement(number, by=actor(request), at=at)

    return _do(request, number, act, "You have accepted it: it is yours by name now.")


@require_POST
@require(Permission.DELIVER)
def health(request: PageRequest, number: int) -> HttpResponse:
    """Say how an engagement goes, and why."""
    form = HealthForm(request.POST)

    def act(at: datetime) -> None:
        if not form.is_valid():
            raise Refused(problems_of(form), remedy="Correct it and send it again.")
        said, why = Health(form.cleaned_data["health"]), form.cleaned_data["why"]
        report_health(number, said, why=why, by=actor(request), at=at)

    place = "meetings" if request.POST.get("page") == "meeting" else "engagement"
    return _do(request, number, act, "Said, with your name and the day.", place=place)


@require_POST
@require(Permission.EDIT_DEALS)
def end(request: PageRequest, number: int) -> HttpResponse:
    """Decide that an engagement ends and is not renewed."""

    def act(at: datetime) -> None:
        end_engagement(number, by=actor(request), at=at)

    return _do(request, number, act, "It ends: its representatives are told 14 and 2 days before.")


@never_cache
@require_POST
@require(Permission.SEND_LINKS)
def send_link(request: PageRequest, number: int) -> HttpResponse:
    """Issue a link that shows a champion what was promised; its address is shown this once."""
    form = LinkForm(request.POST)
    if not form.is_valid():
        refused = Refused(problems_of(form), remedy="Say whom the link is for.")
        return show_engagement(request, number, refused=refused)
    get_object_or_404(Engagement, pk=number)
    token, subject = secrets.token_urlsafe(32), f"engagement:{number}"
    issue_link(
        token, purpose="engagement", subject=subject, issued_to=form.cleaned_data["issued_to"],
        valid_for=LINK_VALID, by=actor(request), at=moment().at,
    )  # fmt: skip
    return show_engagement(request, number, fresh_link=link_address(token))
