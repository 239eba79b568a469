"""The sweep: passes that are due, whatever was meant to run them."""

import logging
from datetime import datetime

from django.db.models import Q

from throughline.delivery.queries import engagements
from throughline.handoff.passes import Leased, apply_handoff
from throughline.handoff.wanted import Doing
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)


def due_passes(*, at: datetime) -> list[int]:
    """Return the engagements with an outcome to look at again, or whose last pass never ended.

    A pass that was killed leaves a lease behind that runs out. Source: design §10.
    """
    again = Q(outcomes__next_at__lte=at)
    killed = Q(handoff_pass__leased_until__lte=at)
    return list(engagements().filter(again | killed).distinct().values_list("pk", flat=True))


def run_passes(*, at: datetime, playbook: Playbook, holder: str) -> list[int]:
    """Apply every handoff that is due, and return those that were; a leased one is left alone."""
    applied = []
    for number in due_passes(at=at):
        try:
            apply_handoff(
                engagements().get(pk=number),
                playbook=playbook,
                holder=holder,
                doing=Doing(by=holder, at=at),
            )
        except Leased:
            continue
        except Exception:
            log.exception("the pass over engagement %s failed; the others go on", number)
            continue
        applied.append(number)
    return applied
