"""Services as dots: one for each month of the term, or quarter where that is the rhythm."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from throughline.delivery.models import Engagement, Service
from throughline.web.delivery.forms import ServiceMonthForm
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import MONTHS

MOST: Final = 24  # dots of a service; longer terms show those around now
AHEAD: Final = 12
QUARTER: Final = 3


def services_of(engagement: Engagement, now: Moment) -> list[dict[str, Any]]:
    """Return the services of an engagement with their dots; months come prefetched."""
    return [_service(one, engagement, now) for one in engagement.services.all()]


def _service(service: Service, engagement: Engagement, now: Moment) -> dict[str, Any]:
    step = QUARTER if service.rhythm == "quarterly" else 1
    said = {one.month: one for one in service.months.all()}
    dots: list[dict[str, Any]] = []
    for first in _months(engagement, now, step):
        last = _later(first, step)
        found = max(
            (one for month, one in said.items() if first <= month < last),
            key=lambda one: one.month,
            default=None,
        )
        name = f"{MONTHS[first.month - 1]} {first.year}"
        dots.append({"name": name, "first": first} | _look(found, first, last, now.on))
    open_months = [(f"{dot['first']:%Y-%m}", dot["name"]) for dot in dots if not dot["is_ahead"]]
    newest = next((dot for dot in reversed(dots) if dot["said"]), None)
    return {
        "service": service,
        "dots": dots,
        "newest": newest,
        "unsaid": sum(dot["status"] == "unknown" for dot in dots),
        "form": ServiceMonthForm(auto_id=f"id_service_{service.pk}_%s", months=open_months[::-1])
        if open_months
        else None,
    }


def _look(found: Any, first: date, last: date, on: date) -> dict[str, Any]:
    """Return how a dot looks; a month that is not over and of which nobody spoke is still to come."""
    if found is not None:
        status, word = ("met", "given") if found.is_given else ("unmet", "not given")
        return {"status": status, "word": word, "said": found, "is_ahead": False}
    if last > on:
        return {"status": "planned", "word": "to come", "said": None, "is_ahead": first > on}
    return {"status": "unknown", "word": "nobody has said", "said": None, "is_ahead": False}


def _months(engagement: Engagement, now: Moment, step: int) -> Iterator[date]:
    deal = engagement.deal
    start = (deal.start_on or engagement.opened_at.date()).replace(day=1)
    end = deal.end_on or _later(now.on.replace(day=1), AHEAD) - timedelta(days=1)
    months = []
    while start <= end:
        months.append(start)
        start = _later(start, step)
    past = sum(one <= now.on for one in months)
    begin = max(0, min(past - MOST // 2, len(months) - MOST))
    yield from months[begin : begin + MOST]


def _later(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
