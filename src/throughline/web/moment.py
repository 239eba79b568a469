"""The edge's clock: now, and which day and which rules that makes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, the organisation's calendar day then, and the playbook in force."""

    at: datetime
    on: date
    playbook: Playbook


def moment() -> Moment:
    """Return now."""
    at, playbook = timezone.now(), current()
    return Moment(at, day_in_zone(at, playbook.organisation.zone), playbook)


def ago(then: datetime, *, at: datetime) -> str:
    """Return how long ago an instant was, as people say it; one that is still to come is now."""
    past = max(at - then, timedelta())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if count := int(past.total_seconds()) // length:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
