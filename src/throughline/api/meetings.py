"""The weekly Engagement Review, and the months of services."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.dates import signed, stamped
from throughline.api.deal_schemas import Words
from throughline.api.paging import page
from throughline.api.schemas import Day, Instant
from throughline.delivery.actions.meetings import (
    close_meeting,
    decide,
    open_meeting,
    settle_decision,
)
from throughline.delivery.meeting_shapes import agenda_shape, decision_shape, meeting_shape
from throughline.delivery.meetings import (
    agenda_for,
    decisions_of,
    every_decision,
    every_meeting,
    meeting_of,
    minutes_of,
    open_meeting_now,
)
from throughline.delivery.queries import find_engagement
from throughline.kernel.days import day_in_zone
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["meetings"])
HOLDERS = (
    Permission.EDIT_DEALS,
    Permission.DELIVER,
)  # BD, PS, Lead, Admin: `actions.meetings.HOLDS`
Number = Annotated[int, Field(ge=1, le=schemas.FARTHEST)]


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


class NewDecision(Schema):
    """What a review decides; of all engagements, where none is named."""

    text: Words
    engagement: schemas.Text | None = None
    owner: schemas.Text = ""
    due_on: schemas.OurDay | None = None


class DecisionsWanted(schemas.Span):
    """All decisions, or those that nobody has settled."""

    open: bool = False


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


@router.get("/decisions", response=schemas.Page[Decision])
@needs(Permission.READ)
def list_decisions(request: HttpRequest, wanted: Query[DecisionsWanted]) -> dict[str, Any]:
    """List what reviews decided, the newest first: all, or what nobody has settled."""
    return page(every_decision(is_open=wanted.open), wanted, decision_shape)


@router.post("", response={201: Meeting})
@needs(*HOLDERS)
def open_review(request: HttpRequest) -> Status[dict[str, Any]]:
    """Open today's review, or return the one of today that is under way."""
    return Status(201, meeting_shape(open_meeting(on=_today(), **signed(request))))


@router.post("/decisions/{number}/settle", response=Decision)
@needs(*HOLDERS)
def settle(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Say that a decision is carried out: no later review asks about it."""
    return decision_shape(settle_decision(number, **signed(request)))


@router.post("/{held_on}/decisions", response={201: Decision})
@needs(*HOLDERS)
def write_decision(
    request: HttpRequest, held_on: schemas.OurDay, told: NewDecision
) -> Status[dict[str, Any]]:
    """Write down what the review of a day decides, of one engagement or of all."""
    number = find_engagement(told.engagement).number if told.engagement else None
    made = decide(
        meeting_of(held_on).pk, told.text, number=number, owner=told.owner, due_on=told.due_on,
        **signed(request),
    )  # fmt: skip
    return Status(201, decision_shape(made))


@router.post("/{held_on}/close", response=MeetingInFull)
@needs(*HOLDERS)
def close_review(request: HttpRequest, held_on: schemas.OurDay) -> dict[str, Any]:
    """Close the review of a day; its minutes stay as they are then."""
    found = meeting_of(held_on)
    close_meeting(found.pk, on=_today(), **stamped(request))
    return _in_full(held_on)


@router.get("/{held_on}", response=MeetingInFull)
@needs(Permission.READ)
def show_meeting(request: HttpRequest, held_on: schemas.OurDay) -> dict[str, Any]:
    """Show what the review of a day decided, and its minutes."""
    return _in_full(held_on)


def _in_full(held_on: date) -> dict[str, Any]:
    found = meeting_of(held_on)
    minutes = minutes_of(found, on=_today(), at=timezone.now(), playbook=current())
    decisions = [decision_shape(one) for one in decisions_of(found)]
    return meeting_shape(found) | {"decisions": decisions, "minutes": minutes}


def _today() -> date:
    return day_in_zone(timezone.now(), current().organisation.zone)
