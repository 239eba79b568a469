"""The organisation's week: its numbers on Today, and the list behind each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.intake.week import figures
from throughline.intake.week.figures import Figure
from throughline.intake.week.look import DAYS, Look
from throughline.intake.week.parts import Line
from throughline.journal.remembering import ANYTHING, remembered
from throughline.kernel.errors import NotThere
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.web.access import PageRequest, page_query, require
from throughline.web.moment import Moment
from throughline.web.renewals.pretend import FIELD, Pretence, pretence
from throughline.web.today.shapes import Item

A_PAGE: Final = 50
ADDRESSES: Final[dict[str, Callable[[str], str]]] = {  # kind of thing: where it is seen to
    "deal": lambda key: reverse("web:deal", args=[key]),
    "review": lambda key: reverse("web:review", args=[key]),
    "capacity": lambda key: reverse("web:deal-capacity", args=[key]),
    "verdict": lambda key: f"{reverse('web:verification')}#deliverable-{key}",
    "renewal": lambda key: reverse("web:renewal", args=[key]),
    "running": lambda key: f"{reverse('web:running')}#{slugify(key)}",
    "alert": lambda key: reverse("web:alert", args=[key]),
    "word": lambda key: f"{reverse('web:alerts')}#word-{key}",
    "engagement": lambda key: reverse("web:engagement", args=[key]),
    "account": lambda _key: reverse("web:billing"),
    "handoff": lambda key: reverse("web:handoff", args=[key]),
    "message": lambda key: reverse("web:message", args=[key]),
    "hubspot": lambda _key: reverse("web:hubspot"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One number of the week as the page shows it."""

    figure: Figure
    count: int
    url: str


def look_from(now: Moment) -> Look:
    """Return a moment of the edge as what the week is looked at with."""
    return Look(now.at, now.on, now.playbook)


def week_of(user: User, look: Look, shown_on: Pretence) -> dict[str, Any]:
    """Return what Today shows of the week; nothing for those who may not read what it counts."""
    if not user.may(Permission.READ):
        return {}
    return {"week": shown_week(look, shown_on), "week_look": look, "days": DAYS.days}


def shown_week(look: Look, shown_on: Pretence) -> Sequence[Shown]:
    """Return the numbers, each with the address of its list."""
    query = f"?{urlencode({FIELD: shown_on.value})}" if shown_on.value else ""
    found = remembered(("week", *look.key), ANYTHING, lambda: list(figures.week(look)))
    return [
        Shown(one, one.count, f"{reverse('web:week', args=[one.code])}{query}") for one in found
    ]


@never_cache
@require_GET
@require(Permission.READ)
def week_list(request: PageRequest, figure: str) -> HttpResponse:
    """Show exactly what one number of the week counts.

    Raises:
        Http404: the week has no such number.
    """
    shown_on = pretence(request)
    look = look_from(shown_on.now)
    try:
        found = figures.figure(figure, look)
    except NotThere as error:
        raise Http404(str(error)) from error
    page: Page[Line] = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": found,
        "page": page,
        "items": [item_of(one) for one in page.object_list],
        "page_query": page_query(**{FIELD: shown_on.value}),
        "pretence": shown_on,
        "look": look,
        "days": DAYS.days,
    }
    return render(request, "today/week.html", context)


def item_of(line: Line) -> Item:
    """Return a line of the week as Today shows things that wait."""
    url = ADDRESSES[line.about](line.key)
    return Item(url, line.name, line.what, line.ball, since=line.since_on, due_on=line.due_on)
