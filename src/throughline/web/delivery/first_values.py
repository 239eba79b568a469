"""The time to first value of all engagements, as a picture and as a table."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.delivery.first_values import FirstValues, first_values
from throughline.journal.remembering import Acts, remembered
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.charts import Picture, addresses, picture_answer
from throughline.web.delivery.first_values_chart import HEIGHT, WIDTH, specification
from throughline.web.moment import Moment, moment

A_PAGE: Final = 50
# What can change when an engagement came to be of value.
USING: Final = Acts(("communities.", "delivery.", "infrastructure.", "sales."))


@require_GET
@require(Permission.READ)
def first_value(request: PageRequest) -> HttpResponse:
    """Show how long engagements took from the order to the first value."""
    found = _found(moment())
    page = Paginator(found.every, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "delivery/first_values.html", {"page": page} | _context(found))


def _found(now: Moment) -> FirstValues:
    return remembered(
        ("first values", now.on, now.playbook.sha256), USING,
        lambda: first_values(playbook=now.playbook, on=now.on),
    )  # fmt: skip


def _context(found: FirstValues) -> dict[str, Any]:
    reached, waiting = len(found.reached), len(found.waiting)
    usual = "" if found.median_days is None else f", half of them within {found.median_days:g} days"
    said = f"{reached} came to be of value{usual}; {waiting} wait for it."
    return {
        "found": found,
        "said": said,
        "is_drawn": bool(found.reached or found.waiting),
        "picture": Picture(
            addresses("web:first-values-chart"),
            WIDTH + 60,
            HEIGHT + 45,
            f"Days from the order to the first value, by day of the order. {said} The table below"
            " has the numbers.",
            "A full dot came to be of value after so many days; a hollow triangle waits so long by"
            " now. The dashed line is the median of those that came there.",
            label="The time to first value as a picture",
        ),
    }


@require_GET
@require(Permission.READ)
def chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw the time to first value in the colours of a theme."""
    found = _found(moment())
    return picture_answer(request, theme, lambda one: specification(found, theme=one))
