"""The handoff of an engagement: what would be made, where everything goes, who has accepted."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.handoff.page import Tried, handoff_page
from throughline.web.moment import moment

NOTHING = Tried()


@require_GET
@require(Permission.PLAN_HANDOFF)
def handoff(request: PageRequest, number: int) -> HttpResponse:
    """Show what applying would do now, where every field goes, and what was done so far."""
    return show_handoff(request, known_engagement(number))


def known_engagement(number: int) -> Engagement:
    """Return the engagement of a number; a page that is not there otherwise."""
    found: Engagement = get_object_or_404(engagements(), pk=number)
    return found


def show_handoff(
    request: PageRequest, engagement: Engagement, tried: Tried = NOTHING
) -> HttpResponse:
    """Return the page of a handoff; after a refusal with what is wrong (status 422)."""
    context = handoff_page(engagement, request.user, moment(), tried)
    status = 200 if tried.is_nothing else 422
    return render(request, "handoff/handoff.html", context, status=status)
