"""What happened, and by which rules."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.journal.queries import entries, older_than
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.web.access import PageRequest, require
from throughline.web.journal.events import shown_entries

A_PAGE = 50


@require_GET
@require(Permission.READ_JOURNAL)
def journal(request: PageRequest) -> HttpResponse:
    """Show what happened, the latest first, 50 a page; a journal is too long to be counted."""
    asked = {name: request.GET.get(name, "").strip() for name in ("act", "by", "subject")}
    before = request.GET.get("before", "")
    found = older_than(entries(**asked), int(before) if before.isdecimal() else None)
    listed = list(found[: A_PAGE + 1])
    context: dict[str, Any] = {
        "lines": shown_entries(listed[:A_PAGE], request.user),
        "asked": asked,
        "is_first": not before,
        "first_query": urlencode({name: text for name, text in asked.items() if text}),
        "older_query": urlencode(
            {name: text for name, text in asked.items() if text} | {"before": listed[A_PAGE - 1].pk}
        )
        if len(listed) > A_PAGE
        else "",
    }
    return render(request, "journal/journal.html", context)


@require_GET
@require(Permission.READ)
def playbook(request: PageRequest) -> HttpResponse:
    """Show the rules in force: stages and their conditions, tiers, ladder."""
    return render(request, "journal/playbook.html", {"playbook": current()})


@require_GET
@require(Permission.READ)
def design(request: PageRequest) -> HttpResponse:
    """Show every component that pages are made of."""
    return render(request, "design.html")
