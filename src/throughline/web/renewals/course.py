"""One engagement's end: its pack, what is decided, and what follows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.renewals.actions_courses import (
    amend_engagement,
    end_engagement,
    extend_engagement,
    renew_engagement,
    withdraw_course,
)
from throughline.renewals.courses import courses_of, following_of, predecessors_of, standing_course
from throughline.renewals.known import running_as_known
from throughline.renewals.lists import renewals_of
from throughline.renewals.models import Course
from throughline.renewals.money import lapse_costs
from throughline.renewals.offboarding import check_list_of, own_hubs
from throughline.renewals.pack import pack_of, pack_pdf
from throughline.renewals.repoint import patch_for
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import check_form
from throughline.web.moment import Moment, moment
from throughline.web.renewals.forms import (
    AmendForm,
    ExtendForm,
    ReasonForm,
    RenewForm,
    WhyForm,
)
from throughline.web.renewals.pretend import Pretence, pretence
from throughline.web.renewals.shown import shown_notices


@never_cache
@require_GET
@require(Permission.READ)
def one_renewal(request: PageRequest, number: int) -> HttpResponse:
    """Show one engagement's end: the pack, the ladder, what is decided, and what can be."""
    return _show(request, number)


def _show(
    request: PageRequest, number: int, *, refused: Refused | None = None,
    filled: dict[str, forms.Form] | None = None,
) -> HttpResponse:  # fmt: skip
    found = engagements().select_related("successor")
    engagement = get_object_or_404(found, pk=number)
    shown_on = pretence(request)
    page = (
        _standing(request, engagement, shown_on)
        | _forms(request, engagement, shown_on.now)
        | (filled or {})
    )
    status = 422 if refused else 200
    page |= {"refused": refused, "opened": next(iter(filled or {}), "")}
    return render(request, "renewals/renewal.html", page, status=status)


def _standing(request: PageRequest, engagement: Engagement, shown_on: Pretence) -> dict[str, Any]:
    now, number, user = shown_on.now, engagement.number, request.user
    (line,) = renewals_of([number], on=now.on, playbook=now.playbook)
    known = running_as_known(on=now.on, playbook=now.playbook)
    running = next((one for one in known if one.subject == engagement.deal.subject), None)
    sees_money = user.may(Permission.SEE_MONEY)
    costs = lapse_costs([running], playbook=now.playbook) if running and sees_money else {}
    return {
        "engagement": engagement,
        "deal": engagement.deal,
        "line": line,
        "notices": shown_notices(line),
        "pack": pack_of(number, sees_money=sees_money, playbook=now.playbook, on=now.on),
        "course": standing_course(engagement),
        "courses": courses_of(engagement),
        "following": following_of(engagement),
        "predecessors": predecessors_of(engagement.deal),
        "running": running,
        "cost": costs.get(engagement.deal.subject),
        "check_list": check_list_of(number, on=now.on, playbook=now.playbook),
        "may_decide": user.may(Permission.EDIT_DEALS) and not shown_on.is_on,
        "sees_money": sees_money,
        "now": now,
        "pretence": shown_on,
    }


def _forms(request: PageRequest, engagement: Engagement, now: Moment) -> dict[str, forms.Form]:
    sees_money = request.user.may(Permission.SEE_MONEY)
    hubs, _clusters = own_hubs(engagement.deal)
    return {
        "renew_form": RenewForm(hubs=hubs, sees_money=sees_money, auto_id="id_renew_%s"),
        "extend_form": ExtendForm(auto_id="id_extend_%s"),
        "amend_form": AmendForm(playbook=now.playbook, auto_id="id_amend_%s"),
        "end_form": WhyForm(auto_id="id_end_%s"),
        "take_back_form": ReasonForm(auto_id="id_back_%s"),
    }


def _do(
    request: PageRequest,
    number: int,
    name: str,
    form: forms.Form,
    act: Callable[[datetime], Course],
) -> HttpResponse:
    """Do it and show the page again; a refusal is shown with what was filled in (status 422)."""
    get_object_or_404(Engagement, pk=number)
    try:
        check_form(form)
        course = act(moment().at)
    except Refused as refused:
        return _show(request, number, refused=refused, filled={name: form})
    messages.success(request, _said(course))
    return redirect("web:renewal", number=number)


def _said(course: Course) -> str:
    if course.withdrawn_at is not None:
        return "Taken back: nothing is decided about its end."
    if course.awaited:
        return f"Make the deal “{course.awaited}” in HubSpot: it is linked when it arrives."
    if course.successor is not None:
        return f"It is to be renewed by {course.successor}."
    if course.amendment is not None:
        return f"{course.amendment.title} is on the Sponsor's desk; it counts once it is signed."
    return (
        "It ends: its representatives are told 14 and 2 days before, and its check list is begun."
    )


@require_POST
@require(Permission.EDIT_DEALS)
def renew(request: PageRequest, number: int) -> HttpResponse:
    """Renew an engagement by a deal of its own."""
    engagement = get_object_or_404(engagements(), pk=number)
    form = RenewForm(
        request.POST, hubs=own_hubs(engagement.deal)[0], auto_id="id_renew_%s",
        sees_money=request.user.may(Permission.SEE_MONEY),
    )  # fmt: skip

    def act(at: datetime) -> Course:
        playbook = moment().playbook
        return renew_engagement(number, form.renewal(), playbook=playbook, by=actor(request), at=at)

    return _do(request, number, "renew_form", form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def extend(request: PageRequest, number: int) -> HttpResponse:
    """Move the end of the same deal by an amendment."""
    form = ExtendForm(request.POST, auto_id="id_extend_%s")

    def act(at: datetime) -> Course:
        given = form.cleaned_data
        return extend_engagement(
            number, given["end_on"], why=given["why"], title=given["title"],
            playbook=moment().playbook, by=actor(request), at=at,
        )  # fmt: skip

    return _do(request, number, "extend_form", form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def amend(request: PageRequest, number: int) -> HttpResponse:
    """Change scope or tier of the same deal from a day on."""
    now = moment()
    form = AmendForm(request.POST, playbook=now.playbook, auto_id="id_amend_%s")

    def act(at: datetime) -> Course:
        return amend_engagement(
            number, form.value(), why=form.cleaned_data["why"], playbook=now.playbook,
            by=actor(request), at=at,
        )  # fmt: skip

    return _do(request, number, "amend_form", form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def end(request: PageRequest, number: int) -> HttpResponse:
    """Decide that an engagement ends and is not renewed."""
    form = WhyForm(request.POST, auto_id="id_end_%s")

    def act(at: datetime) -> Course:
        return end_engagement(number, why=form.cleaned_data["why"], by=actor(request), at=at)

    return _do(request, number, "end_form", form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def take_back(request: PageRequest, number: int) -> HttpResponse:
    """Take back what was decided about the end."""
    form = ReasonForm(request.POST, auto_id="id_back_%s")

    def act(at: datetime) -> Course:
        return withdraw_course(
            number,
            why=form.cleaned_data["why"],
            playbook=moment().playbook,
            by=actor(request),
            at=at,
        )

    return _do(request, number, "take_back_form", form, act)


@require_GET
@require(Permission.READ)
def pack_file(request: PageRequest, number: int) -> HttpResponse:
    """Hand out the renewal pack as PDF; money is in it for those who see money."""
    get_object_or_404(Engagement, pk=number)
    now = pretence(request).now
    found = pack_of(
        number, sees_money=request.user.may(Permission.SEE_MONEY), playbook=now.playbook, on=now.on
    )
    return _file(pack_pdf(found, playbook=now.playbook), "application/pdf", f"renewal-{number}.pdf")


@require_GET
@require(Permission.READ)
def patch_file(request: PageRequest, number: int) -> HttpResponse:
    """Hand out the patch by which clusters name the successor; else the page says what is missing."""
    engagement = get_object_or_404(engagements().select_related("successor"), pk=number)
    try:
        found = patch_for(engagement)
    except Refused as refused:
        return _show(request, number, refused=refused)
    return _file(found.text.encode(), "text/x-diff; charset=utf-8", f"clusters-{number}.patch")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
