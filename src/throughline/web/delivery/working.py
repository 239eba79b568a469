"""Deliverables and services on their way: owner, points, hours, another due date, months."""

from collections.abc import Callable
from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from throughline.delivery.actions.months import check_service
from throughline.delivery.actions.working import (
    own_deliverable,
    replan_deliverable,
    spend_hours,
    tick_point,
)
from throughline.delivery.models import Deliverable, Service
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import (
    HoursForm,
    OwnerForm,
    PointForm,
    ReplanForm,
    ServiceMonthForm,
    check_form,
)
from throughline.web.delivery.views import show_engagement
from throughline.web.moment import moment


@require_POST
@require(Permission.DELIVER)
def own(request: PageRequest, pk: int) -> HttpResponse:
    """Name who of PS sees to a deliverable."""
    form = OwnerForm(request.POST)

    def act() -> str:
        found = own_deliverable(pk, form.cleaned_data["owner"], by=actor(request), at=moment().at)
        return f"{found.owner or 'Nobody'} sees to “{found.title}”."

    return _work(request, pk, form, act)


@require_POST
@require(Permission.DELIVER)
def tick(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a point of a definition of done holds, or take that back."""
    form = PointForm(request.POST)

    def act() -> str:
        point, is_done = form.cleaned_data["point"], form.cleaned_data["is_done"]
        tick_point(pk, point, is_done=is_done, by=actor(request), at=moment().at)
        return "Ticked, with your name." if is_done else "Taken back."

    return _work(request, pk, form, act)


@require_POST
@require(Permission.DELIVER)
def hours(request: PageRequest, pk: int) -> HttpResponse:
    """Count hours that were worked on a deliverable."""
    form = HoursForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        spend_hours(
            pk, said["hours"], on=said["on"], note=said["note"], by=actor(request), at=moment().at
        )
        return f"{said['hours']} h are counted."

    return _work(request, pk, form, act)


@require_POST
@require(Permission.DELIVER, Permission.VERIFY)
def replan(request: PageRequest, pk: int) -> HttpResponse:
    """Move a due date, with a reason."""
    form = ReplanForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        found = replan_deliverable(
            pk, said["due_on"], why=said["why"], by=actor(request), at=moment().at
        )
        return f"“{found.title}” is due on {found.due_on} now."

    return _work(request, pk, form, act)


@require_POST
@require(Permission.DELIVER)
def check(request: PageRequest, pk: int) -> HttpResponse:
    """Say whether a service was given in a month."""
    service = get_object_or_404(Service, pk=pk)
    asked = request.POST.get("month", "")
    form = ServiceMonthForm(request.POST, months=[(asked, asked)])

    def act() -> str:
        said, now = form.cleaned_data, moment()
        check_service(
            pk, _month(said["month"]), is_given=said["is_given"] == "yes", note=said["note"],
            on=now.on, by=actor(request), at=now.at,
        )  # fmt: skip
        return f"Said of “{service.title}”, with your name."

    return _say(request, service.engagement_id, form, act, "services")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Refused(f"{text[:20]} is no month.", remedy="Choose one of the list.") from error


def _work(request: PageRequest, pk: int, form: forms.Form, act: Callable[[], str]) -> HttpResponse:
    one = get_object_or_404(Deliverable.objects.select_related("project"), pk=pk)
    return _say(request, one.project.engagement_id, form, act, f"deliverable-{pk}")


def _say(
    request: PageRequest, number: int, form: forms.Form, act: Callable[[], str], place: str
) -> HttpResponse:
    """Do it and return to its place on the page; a refusal is shown there (status 422)."""
    try:
        check_form(form)
        said = act()
    except Refused as refused:
        return show_engagement(request, number, refused=refused)
    messages.success(request, said)
    return redirect(f"{reverse('web:engagement', args=[number])}#{place}")
