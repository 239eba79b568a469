"""The first steps: how far they are, and a page for each."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.intake.beginning.actions import why_not_here
from throughline.intake.beginning.steps import NEEDED, beginning
from throughline.people.queries import everybody
from throughline.people.words import Permission
from throughline.playbook.current import own_path, path_in_force
from throughline.web.access import PageRequest, require
from throughline.web.beginning.forms import DealsFileForm, OrganisationForm
from throughline.web.beginning.shown import closures_said, installed, lines_of_others
from throughline.web.moment import moment
from throughline.web.people.forms import InviteForm


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def start(request: PageRequest) -> HttpResponse:
    """Show the first steps and how far they are."""
    now = moment()
    context = {"beginning": beginning(now.playbook), "now": now}
    return render(request, "beginning/start.html", context)


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def organisation(request: PageRequest) -> HttpResponse:
    """Ask who the organisation is."""
    return show_organisation(request, OrganisationForm.of(moment().playbook))


def show_organisation(
    request: PageRequest, form: OrganisationForm, *, status: int = 200
) -> HttpResponse:
    """Show the step about the organisation, with what is set in its surroundings."""
    file = path_in_force()
    context = {
        "form": form, "why_not": why_not_here(), "installed": installed(), "file": file or own_path(),
        "others": lines_of_others(file), "closures": closures_said(moment().playbook),
    }  # fmt: skip
    return show_step(request, "organisation", context, status=status)


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def people(request: PageRequest) -> HttpResponse:
    """Show who is here, and offer to invite somebody."""
    return show_people(request, InviteForm())


def show_people(request: PageRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    """Show the step about people."""
    found = [one for one in everybody() if one.is_active]
    held = {role for one in found for role in one.hats()}
    context = {
        "form": form,
        "people": found,
        "missing": [role.value for role in NEEDED if role not in held],
        "outbox_url": reverse("web:outbox"),
        "mail_leaves": bool(settings.MAIL_LEAVES_THROUGH),
    }
    return show_step(request, "people", context, status=status)


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def playbook(request: PageRequest) -> HttpResponse:
    """Show the rules in force, to be confirmed or changed."""
    return show_step(request, "playbook", {"file": path_in_force(), "own": own_path()})


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def import_page(request: PageRequest) -> HttpResponse:
    """Offer the ways by which deals come in."""
    return show_import(request, DealsFileForm())


def show_import(
    request: PageRequest, form: DealsFileForm, *, status: int = 200, **looked_at: Any
) -> HttpResponse:
    """Show the step about what there is already; `looked_at` is what a file would do."""
    connected = {
        "HubSpot": settings.HUBSPOT_CONNECTED,
        "GitHub": bool(settings.GITHUB_REPOSITORY),
        "Airtable": bool(settings.AIRTABLE_BASE),
    }
    return show_step(
        request, "import", {"form": form, "connected": connected, **looked_at}, status=status
    )


def show_step(
    request: PageRequest, code: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show one step between the others."""
    now = moment()
    found = beginning(now.playbook)
    page = {"beginning": found, "step": found.step(code), "now": now, **context}
    return render(request, f"beginning/{code}.html", page, status=status)
