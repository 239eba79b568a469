"""The team: who it is, when they are away, and a file of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.capacity.actions.team import give_back_time_off, keep_colleague, take_time_off
from throughline.capacity.models import Colleague
from throughline.intake.people_file import PeopleTakenIn, colleague_in, import_people_text
from throughline.kernel.errors import Refused
from throughline.kernel.tables import text_in
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.capacity.forms import AwayForm, ColleagueForm, PeopleFileForm
from throughline.web.capacity.team_page import team_page
from throughline.web.moment import moment
from throughline.web.sales.steps import ASK, show_form, stamp


@never_cache
@require_GET
@require(Permission.SEE_CAPACITY)
def team(request: PageRequest) -> HttpResponse:
    """Show who is in the team, who is away when, and what runs beside projects."""
    return _show(request)


def _show(request: PageRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    may_keep = request.user.may(Permission.KEEP_TEAM)
    context = team_page(moment(), request.GET.get("page")) | {"may_keep": may_keep, **more}
    return render(request, "capacity/team.html", context, status=status)


@ASK
@require(Permission.KEEP_TEAM)
def new(request: PageRequest) -> HttpResponse:
    """Ask who is new in the team, and write it down."""
    return _keep(request, None)


@ASK
@require(Permission.KEEP_TEAM)
def colleague(request: PageRequest, pk: int) -> HttpResponse:
    """Ask what has changed about somebody of the team, and write it down."""
    return _keep(request, get_object_or_404(Colleague, pk=pk))


def _keep(request: PageRequest, found: Colleague | None) -> HttpResponse:
    now = moment()
    form = ColleagueForm(now.playbook, request.POST if request.method == "POST" else None)
    if found is not None:
        form.show(found)
    said: dict[str, Any] = {"pk": found.pk if found else None, "by": actor(request), "at": now.at}
    if form.carried_out(lambda told: keep_colleague(colleague_in(told, now.playbook), **said)):
        name = form.cleaned_data["name"]
        messages.success(request, f"{name} is written down. Below is what has no place any more.")
        return redirect("web:capacity-team")
    context = {"colleague": found, "away": AwayForm(auto_id="away-%s")}
    return show_form(request, "capacity/colleague.html", form, **context)


@require_POST
@require(Permission.KEEP_TEAM)
def away(request: PageRequest, pk: int) -> HttpResponse:
    """Write down that somebody is away."""
    found, now = get_object_or_404(Colleague, pk=pk), moment()
    form = AwayForm(request.POST, auto_id="away-%s")
    if form.carried_out(
        lambda told: take_time_off(found.name, **told, by=actor(request), at=now.at)
    ):
        messages.success(request, f"{found.name} is away then.")
        return redirect("web:capacity-team")
    shown = ColleagueForm(now.playbook)
    shown.show(found)
    context = {"form": shown, "colleague": found, "away": form}
    return render(request, "capacity/colleague.html", context, status=422)


@require_POST
@require(Permission.KEEP_TEAM)
def give_back(request: PageRequest, pk: int) -> HttpResponse:
    """Take back that somebody is away."""
    try:
        give_back_time_off(pk, by=actor(request), at=moment().at)
    except Refused as refused:
        return _show(request, status=422, refused=refused)
    messages.success(request, "They work on those days after all.")
    return redirect("web:capacity-team")


@require_POST
@require(Permission.KEEP_TEAM)
def import_file(request: PageRequest) -> HttpResponse:
    """Take in the team from a CSV file; rows that make no sense are named by their line."""
    form = PeopleFileForm(request.POST, request.FILES, auto_id="people-%s")
    taken: list[PeopleTakenIn] = []

    def take(told: dict[str, Any]) -> None:
        file = told["file"]
        text = text_in(file.read(), name=file.name)
        ways = stamp(request, moment())
        taken.append(import_people_text(text, name=file.name, **ways))

    if not form.carried_out(take):
        return _show(request, status=422, file_form=form)
    found = taken[0]
    if found.rejected:
        return _show(request, status=422, file_form=form, taken=found)
    messages.success(
        request,
        f"{found.created} created, {found.updated} updated, {found.unchanged} unchanged.",
    )
    return redirect("web:capacity-team")
