"""Communities: the list, and one with its record, people and deals."""

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from throughline.communities.ids import IdCheck, check_id
from throughline.communities.models import Community
from throughline.communities.queries import survivor_of
from throughline.delivery.served import communities_matching, community_served, deal_ids_of
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.communities.record import (
    community_page,
    history_page,
    id_panel,
    questions_page,
)
from throughline.web.letters import letter_with
from throughline.web.moment import Moment, moment

A_PAGE = 50
LONGEST_ASKED = 120


@require_GET
@require(Permission.READ)
def communities(request: PageRequest) -> HttpResponse:
    """List communities, 50 a page, with how many deals each has."""
    text = request.GET.get("q", "").strip()
    page = Paginator(communities_matching(text), A_PAGE).get_page(request.GET.get("page"))
    query = f"{urlencode({'q': text})}&" if text else ""
    context = {"page": page, "text": text, "query": query}
    return render(request, "communities/communities.html", context)


@require_GET
@require(Permission.READ)
def community(request: PageRequest, pk: int) -> HttpResponse:
    """Show one community: names, record, context, people, deals; a merged one leads to the other."""
    found = get_object_or_404(Community, pk=pk)
    if found.merged_into_id is not None:
        return redirect("web:community", pk=survivor_of(found).pk)
    return show_community(request, pk)


def show_community(
    request: PageRequest,
    pk: int,
    *,
    refused: Refused | None = None,
    word: str = "",
    fresh_link: str = "",
) -> HttpResponse:
    """Return a community's page, with a step that was refused and an id that is asked about.

    Raises:
        Http404: there is none.
    """
    now = moment()
    try:
        served = community_served(pk)
    except Community.DoesNotExist:
        raise Http404(f"There is no community {pk}.") from None
    chosen, on = request.GET.get("deal", ""), _day_asked(request, now)
    context = community_page(request.user, served, now, chosen=chosen, on=on)
    asked = word or request.GET.get("community_id", "").strip()[:LONGEST_ASKED]
    check = _checked(asked, served.community, now) if asked else None
    context |= {
        "refused": refused,
        "asked": asked,
        "fresh_link": fresh_link,
        "letter": _letter(fresh_link, served.community) if fresh_link else "",
        **id_panel(check, served.community, now),
    }
    status = 422 if refused else 200
    return render(request, "communities/community.html", context, status=status)


def _letter(fresh_link: str, community: Community) -> str:
    return letter_with(fresh_link, about=f"What we know about {community.short_name}")


def _day_asked(request: PageRequest, now: Moment) -> date:
    """Return the day on which people are looked at: today, unless the address names another."""
    try:
        return parse_day(request.GET.get("on", "")) or now.on
    except Refused:
        return now.on


def _checked(word: str, community: Community, now: Moment) -> IdCheck:
    deal_ids = deal_ids_of(community)
    return check_id(word, of=community, playbook=now.playbook, on=now.on, deal_ids=deal_ids)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.READ)
def check_word(request: PageRequest, pk: int) -> HttpResponse:
    """Say what is to be said of an id: while somebody types it, or when they ask by a button."""
    community = get_object_or_404(Community, pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    word = sent.get("community_id", "").strip()[:LONGEST_ASKED]
    if not request.htmx:
        return show_community(request, pk, word=word)
    check = _checked(word, community, moment()) if word else None
    return render(request, "communities/_id_check.html", {"check": check})


@require_GET
@require(Permission.READ)
def history(request: PageRequest, pk: int) -> HttpResponse:
    """Show what each field of a record has held, and who said so."""
    community = get_object_or_404(Community, pk=pk)
    context = {"community": community, "fields": history_page(community)}
    return render(request, "communities/history.html", context)


@never_cache
@require_GET
@require(Permission.READ)
def questions(request: PageRequest, pk: int) -> HttpResponse:
    """Show the context questions with earlier answers and what was asked further."""
    return show_questions(request, get_object_or_404(Community, pk=pk))


def show_questions(
    request: PageRequest, community: Community, refused: Refused | None = None
) -> HttpResponse:
    """Return the page of the context questions, with a step that was refused."""
    context = {
        "community": community,
        "questions": questions_page(community, moment()),
        "may_edit": request.user.may(Permission.EDIT_DEALS) and community.merged_into_id is None,
        "refused": refused,
    }
    return render(request, "communities/questions.html", context, status=422 if refused else 200)
