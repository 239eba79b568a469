"""Doing the first steps."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from throughline.intake.beginning.actions import (
    confirm_playbook,
    pass_over,
    preview_deals,
    take_in_deals,
    tell_organisation,
)
from throughline.intake.beginning.steps import ALL, beginning
from throughline.kernel.errors import Refused
from throughline.mail.actions.access import invite_person
from throughline.people.words import Permission, RoleName
from throughline.web.access import PageRequest, actor, require
from throughline.web.beginning.forms import DealsFileForm, OrganisationForm
from throughline.web.beginning.views import show_import, show_organisation, show_people
from throughline.web.moment import moment
from throughline.web.people.forms import InviteForm

MOST = 25  # rows and warnings of a file that are shown


def _onward() -> HttpResponse:
    """Go to the next step that is left; to all of them where none is."""
    left = beginning(moment().playbook).left
    return redirect(f"web:start-{left[0].code}" if left else "web:start")


@require_POST
@require(Permission.ADMINISTER)
def tell(request: PageRequest) -> HttpResponse:
    """Write down who the organisation is."""
    form, now = OrganisationForm(request.POST), moment()
    if not form.carried_out(lambda _: tell_organisation(form.told(), by=actor(request), at=now.at)):
        return show_organisation(request, form, status=422)
    messages.success(request, f"This is {form.told().name} now.")
    return _onward()


@require_POST
@require(Permission.ADMINISTER)
def invite(request: PageRequest) -> HttpResponse:
    """Invite somebody, and stay: there are more."""
    form, now = InviteForm(request.POST), moment()
    if not form.carried_out(
        lambda told: invite_person(
            told["username"], secrets.token_urlsafe(32), email=told["email"],
            full_name=told["full_name"], roles=[RoleName(one) for one in told["roles"]],
            playbook=now.playbook, by=actor(request), at=now.at,
        )
    ):  # fmt: skip
        return show_people(request, form, status=422)
    messages.success(request, f"{form.cleaned_data['email']} is invited; the mail is queued.")
    return redirect("web:start-people")


@require_POST
@require(Permission.ADMINISTER)
def confirm(request: PageRequest) -> HttpResponse:
    """Say that the playbook in force is our own."""
    now = moment()
    confirm_playbook(playbook=now.playbook, by=actor(request), at=now.at)
    messages.success(request, "The playbook is confirmed.")
    return _onward()


@require_POST
@require(Permission.ADMINISTER)
def look(request: PageRequest) -> HttpResponse:
    """Say what a file of deals would do; nothing is changed."""
    form, now = DealsFileForm(request.POST, request.FILES), moment()
    found: list[Any] = []

    def step(told: dict[str, Any]) -> None:
        file, by = told["file"], actor(request)
        found.extend(
            preview_deals(file.read(), name=file.name, playbook=now.playbook, by=by, at=now.at)
        )

    if not form.carried_out(step):
        return show_import(request, form, status=422)
    document, taken = found
    return show_import(request, form, document=document, taken=taken, most=MOST)


@require_POST
@require(Permission.ADMINISTER)
def take(request: PageRequest) -> HttpResponse:
    """Take in the file that was looked at."""
    now, form = moment(), DealsFileForm()
    try:
        taken = take_in_deals(
            request.POST.get("file", ""), playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        form.refused = refused
        return show_import(request, form, status=422)
    messages.success(
        request,
        f"Taken in: {taken.created} created, {taken.updated} updated, {taken.unchanged} unchanged.",
    )
    if taken.rejected:
        messages.warning(
            request,
            f"Rows left out: {len(taken.rejected)}. Mend them, and bring the file again.",
        )
    return _onward()


@require_POST
@require(Permission.ADMINISTER)
def skip(request: PageRequest, step: str) -> HttpResponse:
    """Pass over a step, or put the list away."""
    try:
        pass_over(step, by=actor(request), at=moment().at)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("web:start")
    if step == ALL:
        messages.info(
            request, "The first steps are put away. They stay at Help: Start from nothing."
        )
        return redirect("web:today")
    return _onward()
