"""The inbox of PS, and one review with all its context."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.people.words import Permission
from throughline.sales import reviews as queries
from throughline.sales.queries import facts_of
from throughline.web.access import PageRequest, actor, page_query, require
from throughline.web.moment import moment
from throughline.web.review_lines import shown_reviews
from throughline.web.reviews.forms import forms_with
from throughline.web.reviews.shown import review_page
from throughline.web.sales.forms import StepForm

A_PAGE = 50
TABS = {
    "open": "Waiting for PS",
    "overdue": "Overdue",
    "mine": "Mine",
    "answered": "Answered",
    "declined": "Declined",
    "not_needed": "No input needed",
    "all": "All",
}


@never_cache
@require_GET
@require(Permission.READ)
def reviews(request: PageRequest) -> HttpResponse:
    """Show what BD asks PS, with whom the ball is and since when.

    Raises:
        Http404: there is no such tab.
    """
    now, tab = moment(), request.GET.get("tab", "open")
    if tab not in TABS:
        raise Http404(f"There is no tab {tab}.")
    found = queries.reviews_in(tab, who=actor(request), on=now.on)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": shown_reviews(page.object_list, now),
        "tabs": _tabs(tab, overdue=queries.overdue_reviews(on=now.on).count()),
        "page_query": page_query(tab=tab),
    }
    return render(request, "reviews/reviews.html", context)


def _tabs(current: str, *, overdue: int) -> list[dict[str, object]]:
    return [
        {
            "label": label,
            "url": f"?tab={code}",
            "current": code == current,
            "count": overdue if code == "overdue" and overdue else "",
        }
        for code, label in TABS.items()
    ]


@never_cache
@require_GET
@require(Permission.READ)
def review(request: PageRequest, pk: int) -> HttpResponse:
    """Show one review: the question, the thread, and the deal it is about."""
    return show_review(request, pk)


def show_review(request: PageRequest, pk: int, tried: StepForm | None = None) -> HttpResponse:
    """Return a review's page; a form that was tried and refused is shown in it (status 422)."""
    now = moment()
    found = get_object_or_404(queries.reviews(), pk=pk)
    facts = facts_of(found.deal, on=now.on)
    context = review_page(request.user, found, facts, now)
    context |= {"forms": forms_with(tried), "tried": tried}
    return render(request, "reviews/review.html", context, status=422 if tried else 200)
