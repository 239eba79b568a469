"""The edge's clock: now, and which day and which rules that makes."""

from dataclasses import dataclass
from datetime import date, datetime

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
