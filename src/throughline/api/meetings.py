"""The weekly Engagement Review, and the months of services."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.paging import page
from throughline.api.schemas import Day, Instant
from throughline.delivery.meeting_shapes import agenda_shape, decision_shape, meeting_shape
from throughline.delivery.meetings import (
    agenda_for,
    decisions_of,
    every_meeting,
    meeting_of,
    minutes_of,
    open_meeting_now,
)
from throughline.kernel.days import day_in_zone
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["meetings"])


class Meeting(Schema):
    """One Engagement Review."""

    meeting: int
    held_on: Day
    opened_by: str
    opened_at: Instant
    closed_by: str | None
    closed_at: Instant | None


class Decision(Schema):
    """What a review decided; of all engagements, where `engagement` is null."""

    decision: int
    meeting: int
    engagement: int | None
    text: str
    owner: str | None
    due_on: Day | None
    by: str
    at: Instant
    settled_by: str | None
    settled_at: Instant | None


class MeetingInFull(Meeting):
    """A review with what it decided, and its minutes as Markdown."""

    decisions: list[Decision]
    minutes: str


class LookedAt(Schema):
    """An engagement on the agenda; `health` is null while nobody has said how it goes."""

    engagement: int
    deal: str
    name: str
    health: str | None
    health_why: str | None
    health_at: Instant | None


class AgendaPart(Schema):
    """One part of an agenda."""

    code: str
    title: str
    engagements: list[LookedAt]


class Agenda(Schema):
    """What the review under way, or the next one, looks at."""

    since: Instant
    parts: list[AgendaPart]
    standing: list[Decision]


@router.get("", response=schemas.Page[Meeting])
@needs(Permission.READ)
def list_meetings(request: HttpRequest, span: Query[schemas.Span]) -> dict[str, Any]:
    """List the Engagement Reviews, the latest first."""
    return page(every_meeting(), span, meeting_shape)


@router.get("/agenda", response=Agenda)
@needs(Permission.READ)
def show_agenda(request: HttpRequest) -> dict[str, Any]:
    """Say what the review under way, or the next one, looks at."""
    at, playbook = timezone.now(), current()
    return agenda_shape(agenda_for(open_meeting_now(), on=_today(), at=at, playbook=playbook))


@router.get("/{held_on}", response=MeetingInFull)
@needs(Permission.READ)
def show_meeting(request: HttpRequest, held_on: schemas.OurDay) -> dict[str, Any]:
    """Show what the review of a day decided, and its minutes."""
    found = meeting_of(held_on)
    minutes = minutes_of(found, on=_today(), at=timezone.now(), playbook=current())
    decisions = [decision_shape(one) for one in decisions_of(found)]
    return meeting_shape(found) | {"decisions": decisions, "minutes": minutes}


def _today() -> date:
    return day_in_zone(timezone.now(), current().organisation.zone)
