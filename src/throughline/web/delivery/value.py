"""Whether an engagement's hubs are of value to their community: the time to first value, and since."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.delivery.value import Value, value_of
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.capacity.chart import PALETTES, drawing
from throughline.web.delivery.value_chart import HEIGHT, WIDTH, specification
from throughline.web.moment import Moment, moment

SHOWN = 30  # newest days of the table


@require_GET
@require(Permission.READ)
def value(request: PageRequest, number: int) -> HttpResponse:
    """Show how many people use an engagement's hubs, as a picture and as a table."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    found = value_of(engagement, playbook=now.playbook, on=now.on)
    return render(request, "delivery/value.html", value_context(engagement, found, now))


def value_context(engagement: Engagement, found: Value, now: Moment) -> dict[str, Any]:
    """Return what the page shows."""
    rules = now.playbook.verification
    address = {"number": engagement.number}
    return {
        "engagement": engagement,
        "deal": engagement.deal,
        "value": found,
        "rules": rules,
        "is_lost": found.is_lost(rules),
        "windows": list(reversed(found.windows))[:SHOWN],
        "charts": {
            theme: reverse("web:value-chart", kwargs=address | {"theme": theme})
            for theme in PALETTES
        },
        "size": {"width": WIDTH + 60, "height": HEIGHT + 45},
        "described": _described(found, rules.people, rules.window_days),
    }


def _described(found: Value, people: int, days: int) -> str:
    said = f"People who are not staff in {days} days, for each day since the order. "
    if found.first_on is None:
        return f"{said}{people} were never reached. The table below has the numbers."
    return f"{said}{people} were reached on {found.first_on:%-d %B %Y}. The table below has the numbers."


@never_cache
@require_GET
@require(Permission.READ)
def chart(_request: PageRequest, number: int, theme: str) -> HttpResponse:
    """Draw the use of an engagement's hubs in the colours of a theme.

    Raises:
        Http404: there is no such theme.
    """
    if theme not in PALETTES:
        raise Http404(f"There is no theme {theme}.")
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    found = value_of(engagement, playbook=now.playbook, on=now.on)
    spec = specification(found, now.playbook.verification, theme=theme)
    return HttpResponse(drawing(spec, theme=theme), content_type="image/svg+xml")
