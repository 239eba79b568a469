"""Communities: the list, and one with its record, people and deals."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from throughline.communities.models import Community
from throughline.delivery.served import communities_matching, community_served
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.communities.record import community_page
from throughline.web.moment import moment

A_PAGE = 50


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
    """Show one community: names, record, context, people, deals.

    Raises:
        Http404: there is none.
    """
    try:
        served = community_served(pk)
    except Community.DoesNotExist:
        raise Http404(f"There is no community {pk}.") from None
    context = community_page(request.user, served, moment(), chosen=request.GET.get("deal", ""))
    return render(request, "communities/community.html", context)
