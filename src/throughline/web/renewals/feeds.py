"""Renewals for calendar programs: by signing in, or by a link of one's own."""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.people.actions import revoke_link
from throughline.people.models import SignedLink
from throughline.people.queries import standing_links
from throughline.people.words import Permission
from throughline.renewals.actions_calendar import (
    PURPOSE,
    calendar_by_link,
    publish_calendar,
    subscribe,
)
from throughline.web.access import PageRequest, actor, require
from throughline.web.moment import moment

KIND = "text/calendar; charset=utf-8"


@require_GET
@require(Permission.READ)
def calendar(_request: PageRequest) -> HttpResponse:
    """Hand out the calendar of renewals to somebody who is signed in."""
    now = moment()
    return HttpResponse(publish_calendar(playbook=now.playbook, at=now.at), content_type=KIND)


@login_not_required
@never_cache
@require_GET
def calendar_of_link(_request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the calendar that a person's own link opens; in plain words where it opens none."""
    now = moment()
    try:
        content = calendar_by_link(token, playbook=now.playbook, at=now.at)
    except Refused as refused:
        return HttpResponse(f"{refused}\n", status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(content, content_type=KIND)


@never_cache
@require_GET
@require(Permission.READ)
def calendars(request: PageRequest) -> HttpResponse:
    """Show how a calendar subscribes, and which links of one's own stand."""
    return _calendars(request)


def _calendars(request: PageRequest, fresh_link: str = "") -> HttpResponse:
    now = moment()
    links = standing_links(f"user:{request.user.pk}", purpose=PURPOSE, at=now.at)
    page = {"links": list(links), "fresh_link": fresh_link}
    return render(request, "renewals/calendars.html", page)


@never_cache
@require_POST
@require(Permission.READ)
def subscribe_calendar(request: PageRequest) -> HttpResponse:
    """Make a link for one's own calendar; its address is shown this once."""
    _link, address = subscribe(actor(request), secrets.token_urlsafe(32), at=moment().at)
    return _calendars(request, fresh_link=address)


@require_POST
@require(Permission.READ)
def revoke_calendar(request: PageRequest, pk: int) -> HttpResponse:
    """Close a link of one's own; nobody closes another's."""
    own = SignedLink.objects.filter(purpose=PURPOSE, subject=f"user:{request.user.pk}")
    if (link := own.filter(pk=pk).first()) is None:
        messages.error(request, "That is no address of yours.")
    else:
        revoke_link(link.pk, by=actor(request), at=moment().at)
        messages.success(request, "That address opens nothing any more.")
    return redirect("web:calendars")
