"""Reviews, decisions and the months of services as JSON: commands and the REST API say the same."""

from typing import Any

from throughline.delivery.meetings import Agenda
from throughline.delivery.models import Decision, Engagement, Meeting, Service, ServiceMonth
from throughline.sales.shapes import iso


def meeting_shape(meeting: Meeting) -> dict[str, Any]:
    """Return an Engagement Review, without what it decided."""
    return {
        "meeting": meeting.pk,
        "held_on": iso(meeting.held_on),
        "opened_by": meeting.opened_by,
        "opened_at": iso(meeting.opened_at),
        "closed_by": meeting.closed_by or None,
        "closed_at": iso(meeting.closed_at),
    }


def decision_shape(one: Decision) -> dict[str, Any]:
    """Return what a review decided, and who settled it."""
    return {
        "decision": one.pk,
        "meeting": one.meeting_id,
        "engagement": one.engagement_id,  # null: of all
        "text": one.text,
        "owner": one.owner or None,
        "due_on": iso(one.due_on),
        "by": one.by,
        "at": iso(one.at),
        "settled_by": one.settled_by or None,
        "settled_at": iso(one.settled_at),
    }


def agenda_shape(agenda: Agenda) -> dict[str, Any]:
    """Return what a review looks at, each engagement once."""
    return {
        "since": iso(agenda.since),
        "parts": [
            {"code": code, "title": title, "engagements": [_looked_at(one) for one in found]}
            for code, title, found in agenda.parts
        ],
        "standing": [decision_shape(one) for one in agenda.standing],
    }


def _looked_at(one: Engagement) -> dict[str, Any]:
    return {
        "engagement": one.number,
        "deal": one.deal.reference,
        "name": one.deal.name,
        "health": one.health if one.health_at else None,  # null: nobody has said
        "health_why": one.health_why or None,
        "health_at": iso(one.health_at),
    }


def service_shape(service: Service) -> dict[str, Any]:
    """Return a service with what was said of its months; `months` come prefetched."""
    said = sorted(service.months.all(), key=lambda one: one.month)
    return {
        "service": service.pk,
        "engagement": service.engagement_id,
        "code": service.code,
        "title": service.title,
        "rhythm": service.rhythm,
        "months": [month_shape(one) for one in said],
    }


def month_shape(said: ServiceMonth) -> dict[str, Any]:
    """Return what somebody said of one month of a service."""
    return {
        "month": f"{said.month:%Y-%m}",
        "given": said.is_given,
        "note": said.note or None,
        "by": said.by,
        "at": iso(said.at),
    }
