"""Searching everything; and which keys do what."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.people.actions_users import choose_single_keys
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.search.shown import hits, results

SEARCHERS: Final = (Permission.READ, Permission.SPONSOR_WORK)


@never_cache
@require_GET
@require(*SEARCHERS)
def search(request: PageRequest) -> HttpResponse:
    """Show what goes by some words, by kind; for the field in the header a short list of it."""
    if request.htmx.target == "search-hits":
        return render(request, "search/_hits.html", hits(request))
    return render(request, "search/search.html", results(request))


@require_GET
def keys(request: PageRequest) -> HttpResponse:
    """Show all keys, and whether single letters do anything for this person."""
    return render(request, "search/keys.html")


@require_POST
def choose_keys(request: PageRequest) -> HttpResponse:
    """Turn single letters on or off for this person, in every browser."""
    on = request.POST.get("single") == "on"
    choose_single_keys(request.user, on=on, by=actor(request), at=timezone.now())
    messages.success(request, f"Single-letter keys are {'on' if on else 'off'} for you.")
    return redirect("web:keys")
