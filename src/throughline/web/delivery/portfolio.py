"""The portfolio: every engagement, narrowed by views, sentences and saved views."""

from datetime import timedelta
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.portfolio import SENTENCES, AsOf, Progress, narrowed, progress_of
from throughline.delivery.words import Health, Origin
from throughline.people.models import User
from throughline.people.queries import saved_views
from throughline.people.words import Permission
from throughline.renewals.lists import VIEWS, engagements_in, matching, terms_of
from throughline.renewals.words import TermState
from throughline.web.access import PageRequest, require
from throughline.web.figures import NAMES, chip_of
from throughline.web.figures import engagements_in as engagements_in_figure
from throughline.web.moment import Moment, moment
from throughline.web.saved_views import drop_view, keep_view

A_PAGE: Final = 50
PAGE: Final = "engagements"  # as saved views name it
PILLS: Final = {  # how a state looks that has no look of its own name
    TermState.EXPIRING: "at_risk", TermState.RENEWED: "met", TermState.UNKNOWN_END: "unknown",
}  # fmt: skip
KEPT: Final = (
    "view",
    "q",
    "health",
    "origin",
    "tier",
    "is",
    *NAMES,
)  # what a view of the portfolio is


@require_GET
@require(Permission.READ)
def engagement_list(request: PageRequest) -> HttpResponse:
    """List engagements with state, health, promises and end, 50 a page."""
    now = moment()
    asked = {name: request.GET.get(name, "") for name in ("view", "q", "health", "origin", "tier")}
    chosen = [code for code in SENTENCES if code in request.GET.getlist("is")]
    found = matching(engagements_in(asked["view"], on=now.on), asked["q"])
    found = narrowed(found, asked, chosen, as_of=AsOf(now.at, now.on, now.playbook))
    of_figure = engagements_in_figure(request.GET, now)
    found = of_figure.figure.narrow(found) if of_figure else found
    page = Paginator(found.values_list("pk", flat=True), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": _lines(list(page.object_list), now),
        "views": VIEWS,
        "healths": Health.choices,
        "origins": Origin.choices,
        "tiers": [(tier.code, tier.name) for tier in now.playbook.tiers],
        "asked": asked | {"view": asked["view"] or "current"},
        "now": now,
        "figure": chip_of(of_figure, query_of(request.GET)),
    } | _filters(request.GET, request.user, chosen)
    return render(request, "delivery/engagements.html", context)


def _lines(numbers: list[int], now: Moment) -> list[dict[str, Any]]:
    limit = now.at - timedelta(days=now.playbook.periods.status_stale_days)
    progress = progress_of(numbers, on=now.on)
    return [
        {
            "term": one,
            "pill": PILLS.get(one.state, one.state),
            "engagement": one.engagement,
            "deal": one.engagement.deal,
            "progress": progress.get(one.engagement.number, Progress()),
            "is_stale": (said := one.engagement.health_at) is None or said < limit,
        }
        for one in terms_of(numbers, on=now.on, playbook=now.playbook)
    ]


def query_of(asked: QueryDict) -> str:
    """Return what an address asks of the portfolio, without what is not its own."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if values := [value for value in asked.getlist(name) if value]:
            kept.setlist(name, values)
    return kept.urlencode()


def _filters(asked: QueryDict, user: User, chosen: list[str]) -> dict[str, Any]:
    query = query_of(asked)
    return {
        "query": query,
        "page_query": f"{query}&" if query else "",
        "chosen": chosen,
        "sentences": [
            {"words": one.words, "on": code in chosen, "url": f"?{_toggled(query, chosen, code)}"}
            for code, one in SENTENCES.items()
        ],
        "saved": [
            {"view": one, "current": one.query == query} for one in saved_views(user, page=PAGE)
        ],
    }


def _toggled(query: str, chosen: list[str], code: str) -> str:
    """Return the query with one sentence taken away, or added where it is not there."""
    toggled = QueryDict(query, mutable=True)
    others = [one for one in chosen if one != code]
    toggled.setlist("is", others if code in chosen else [*chosen, code])
    return toggled.urlencode()


@require_POST
@require(Permission.READ)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters in force under a name."""
    query = query_of(QueryDict(request.POST.get("query", "")))
    return keep_view(request, PAGE, query, shown_at="web:engagements")


@require_POST
@require(Permission.READ)
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    return drop_view(request, pk, of="engagement", shown_at="web:engagements")
