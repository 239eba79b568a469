"""The weekly Engagement Review as a page: what to talk about, decisions, minutes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.meetings import (
    close_meeting,
    decide,
    open_meeting,
    settle_decision,
)
from throughline.delivery.meetings import (
    agenda_for,
    decisions_of,
    minutes_of,
    open_meeting_now,
    past_meetings,
)
from throughline.delivery.models import Decision, Engagement, Meeting
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import DecisionForm, HealthForm, check_form
from throughline.web.moment import Moment, moment

A_PAGE = 20
A_PART = 6  # engagements of each part at once, each with its forms: those talked about leave it
HOLD = (Permission.DELIVER, Permission.EDIT_DEALS)


@require_GET
@require(Permission.READ)
def meetings(request: PageRequest) -> HttpResponse:
    """Show the review that is under way, or what the next one will look at, and the past ones."""
    return _show(request)


def _show(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    now, meeting = moment(), open_meeting_now()
    page = Paginator(past_meetings(), A_PAGE).get_page(request.GET.get("page"))
    context = agenda_shown(meeting, now) | {
        "page": page,
        "refused": refused,
        "may_hold": any(request.user.may(one) for one in HOLD),
        "may_deliver": request.user.may(Permission.DELIVER),
    }
    return render(request, "delivery/meeting.html", context, status=422 if refused else 200)


def agenda_shown(meeting: Meeting | None, now: Moment) -> dict[str, Any]:
    """Return what a meeting looks at, each engagement with its forms and what was decided of it."""
    agenda = agenda_for(meeting, on=now.on, at=now.at, playbook=now.playbook, most=A_PART)
    taken = decisions_of(meeting) if meeting else []
    looked_at = {one.pk for _code, _title, found in agenda.parts for one in found}
    return {
        "meeting": meeting,
        "agenda": agenda,
        "parts": [
            {
                "code": code,
                "title": title,
                "lines": [_line(one, taken) for one in found],
                "count": agenda.counts[code],
                "more": agenda.counts[code] - len(found),
            }
            for code, title, found in agenda.parts
        ],
        "general": [one for one in taken if one.engagement_id not in looked_at],
        "general_form": DecisionForm(auto_id="id_all_%s"),
        "count": sum(agenda.counts.values()),
        "now": now,
    }


def _line(one: Engagement, taken: list[Decision]) -> dict[str, Any]:
    said = {"health": one.health, "why": one.health_why}
    return {
        "engagement": one,
        "decisions": [made for made in taken if made.engagement_id == one.pk],
        "decision_form": DecisionForm(auto_id=f"id_{one.pk}_%s", initial={"number": one.pk}),
        "health_form": HealthForm(auto_id=f"id_{one.pk}_%s", initial=said),
    }


@require_POST
@require(*HOLD)
def open_one(request: PageRequest) -> HttpResponse:
    """Open today's review."""

    def act() -> str:
        now = moment()
        open_meeting(on=now.on, by=actor(request), at=now.at)
        return "The review is open."

    return _do(request, act)


@require_POST
@require(*HOLD)
def decision(request: PageRequest, pk: int) -> HttpResponse:
    """Write down a decision of a review."""
    get_object_or_404(Meeting, pk=pk)
    form = DecisionForm(request.POST)

    def act() -> str:
        check_form(form)
        decide(pk, **form.cleaned_data, by=actor(request), at=moment().at)
        return "Decided, and written down."

    number = request.POST.get("number", "")
    return _do(request, act, place=f"engagement-{number}" if number.isdecimal() else "all")


@require_POST
@require(*HOLD)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a decision is carried out."""
    made = get_object_or_404(Decision, pk=pk)

    def act() -> str:
        settle_decision(pk, by=actor(request), at=moment().at)
        return "Settled."

    if request.POST.get("back") == "engagement" and made.engagement_id:
        place = reverse("web:engagement", args=[made.engagement_id])
        return _do(request, act, address=f"{place}#decisions")
    return _do(request, act, place="standing")


@require_POST
@require(*HOLD)
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Close a review; its minutes stay as they are now."""
    get_object_or_404(Meeting, pk=pk)

    def act() -> str:
        now = moment()
        close_meeting(pk, playbook=now.playbook, on=now.on, by=actor(request), at=now.at)
        return "The review is closed, and its minutes stand."

    return _do(request, act, address=reverse("web:meeting", args=[pk]))


@require_GET
@require(Permission.READ)
def minutes(request: PageRequest, pk: int) -> HttpResponse:
    """Show the minutes of a review."""
    return render(request, "delivery/minutes.html", _minutes(pk, most=A_PAGE))


@require_GET
@require(Permission.READ)
def minutes_file(_request: PageRequest, pk: int) -> HttpResponse:
    """Hand out the minutes of a review as Markdown."""
    found = _minutes(pk)
    answer = HttpResponse(found["minutes"], content_type="text/markdown; charset=utf-8")
    name = f"engagement-review-{found['meeting'].held_on}.md"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _minutes(pk: int, most: int | None = None) -> dict[str, Any]:
    meeting, now = get_object_or_404(Meeting, pk=pk), moment()
    text = minutes_of(meeting, on=now.on, at=now.at, playbook=now.playbook, most=most)
    return {"meeting": meeting, "minutes": text}


def _do(
    request: PageRequest, act: Callable[[], str], *, place: str = "", address: str = ""
) -> HttpResponse:
    """Do it and go on; a refusal is shown on the review's page (status 422)."""
    try:
        said = act()
    except Refused as refused:
        return _show(request, refused)
    messages.success(request, said)
    return redirect(address or f"{reverse('web:meetings')}{f'#{place}' if place else ''}")
