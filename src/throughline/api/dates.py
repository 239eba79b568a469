"""The instant and the day of a call: the API is an edge that reads the clock."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from throughline.api.access import actor
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current


def at() -> datetime:
    """Return this instant."""
    return timezone.now()


def today() -> date:
    """Return the organisation's calendar day."""
    return day_in_zone(at(), current().organisation.zone)


def signed(request: HttpRequest) -> dict[str, Any]:
    """Return who acts, and when, as every action takes it."""
    return {"by": actor(request), "at": at()}


def stamped(request: HttpRequest) -> dict[str, Any]:
    """Return the same with the playbook, as actions that go by its rules take it."""
    return signed(request) | {"playbook": current()}
