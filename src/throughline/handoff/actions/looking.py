"""The daily look: every handoff of an engagement that runs is looked at again, spread over time."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.handoff.clocks import DATABASE_CLOCK, Clock
from throughline.handoff.connected import Outside, connected
from throughline.handoff.models import LastLook, Outcome
from throughline.handoff.passes import verify_handoff
from throughline.handoff.wanted import Doing
from throughline.kernel.stopping import Stop, never
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
AT_ONCE: Final = 10  # looks of one run: the next run goes on, so that no system gets all at once


def due_looks(*, at: datetime, on: date) -> list[int]:
    """Return the engagements to look at again, the longest not looked at first; one query.

    Something was made for them, they have not ended, and nobody has looked for a day.
    """
    made = Outcome.objects.filter(engagement=OuterRef("pk"), receipt__isnull=False)
    stale = Q(last_look__isnull=True) | Q(last_look__at__lte=at - EVERY)
    runs = Q(deal__end_on__isnull=True) | Q(deal__end_on__gte=on)
    found = Engagement.objects.filter(Exists(made), stale, runs)
    ordered = found.order_by(F("last_look__at").asc(nulls_first=True), "pk")
    return list(ordered.values_list("pk", flat=True)[:AT_ONCE])


def look_at_due(
    *,
    at: datetime,
    on: date,
    playbook: Playbook,
    by: str,
    stop: Stop = never,
    clock: Clock = DATABASE_CLOCK,
    connect: Callable[[], Sequence[Outside]] = connected,
) -> list[int]:
    """Look again at what is due, changing nothing in the world, and return whose it was."""
    looked = []
    for number in due_looks(at=at, on=on):
        if stop():
            break
        try:
            engagement = engagements().get(pk=number)
            look_at(engagement, playbook=playbook, doing=Doing(by, at, clock), connect=connect)
        except Exception:
            log.exception("the look at engagement %s failed; the others go on", number)
            _keep_look(number, at=at)  # its next turn is tomorrow, or by hand
        looked.append(number)
    return looked


def look_at(
    engagement: Engagement,
    *,
    playbook: Playbook,
    doing: Doing,
    connect: Callable[[], Sequence[Outside]] = connected,
) -> list[Outcome]:
    """Look again at every outcome of an engagement, keep what was seen, and return the rows."""
    rows = verify_handoff(engagement, playbook=playbook, doing=doing, connect=connect)
    _keep_look(engagement.number, at=doing.at)
    return rows


def _keep_look(number: int, *, at: datetime) -> None:
    LastLook.objects.update_or_create(engagement_id=number, defaults={"at": at})
