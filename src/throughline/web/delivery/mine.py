"""The page of PS: my deliverables, what waits for evidence, what BD returned."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.delivery.models import Deliverable
from throughline.delivery.promises import missing_evidence
from throughline.delivery.working_on import Listed, work_of
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.moment import moment

EMPTY = {
    "returned": "Nothing that was returned waits here.",
    "to_do": "No open deliverable here: take one on its engagement’s page with “I see to it”.",
    "unproven": "Whatever is said to be done has its evidence.",
}


@require_GET
@require(Permission.READ)
def my_deliverables(request: PageRequest) -> HttpResponse:
    """Show what one person of PS sees to, or all of PS."""
    now, everybody = moment(), request.GET.get("whose") == "all"
    work = work_of("" if everybody else request.user.get_username())
    context = {
        "parts": [
            _part("returned", "BD returned", work.returned, now.on),
            _part("to_do", "To do", work.to_do, now.on),
            _part("unproven", "Done, and evidence is missing", work.unproven, now.on),
        ],
        "tabs": [
            {"label": "Mine", "url": "?", "current": not everybody},
            {"label": "All of PS", "url": "?whose=all", "current": everybody},
        ],
    }
    return render(request, "delivery/mine.html", context)


def _part(code: str, title: str, listed: Listed, on: date) -> dict[str, Any]:
    lines = [_line(one, on) for one in listed.first]
    return {
        "code": code, "title": title, "lines": lines, "count": listed.count,
        "more": listed.more, "empty": EMPTY[code],
    }  # fmt: skip


def _line(one: Deliverable, on: date) -> dict[str, Any]:
    late = (on - one.due_on).days if one.due_on else 0
    return {
        "one": one,
        "deal": one.project.engagement.deal,
        "late": max(late, 0) if one.state != "done" else 0,
        "missing": missing_evidence(one),
    }
