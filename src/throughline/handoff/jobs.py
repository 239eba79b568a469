"""The sweep: passes that are due, whatever was meant to run them."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Q

from throughline.delivery.queries import engagements
from throughline.handoff.changed import changed_since_look
from throughline.handoff.clocks import DATABASE_CLOCK, Clock
from throughline.handoff.connected import Outside, connected
from throughline.handoff.leases import Leased
from throughline.handoff.models import Outcome, Pass, Plan
from throughline.handoff.passes import Terms, continue_handoff
from throughline.handoff.queries import not_converged
from throughline.handoff.wanted import Doing
from throughline.handoff.words import OutcomeState, PlanState
from throughline.kernel.stopping import Stop, never
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)


def due_passes(*, at: datetime, playbook: Playbook | None = None) -> list[int]:
    """Return the engagements that a worker has to look at, in a constant number of queries.

    Something was asked for or approved, an outcome is to be looked at again, a pass was killed (its
    lease runs out), one left an intent without a result, or what is kept here has changed: an
    acceptance sends the welcome that was approved. Where the playbook approves by itself, those
    that were never looked at are due as well. Source: design §10.
    """
    asked_or_killed = Pass.objects.filter(Q(due_at__lte=at) | Q(leased_until__lte=at))
    approved = Plan.objects.filter(state=PlanState.APPROVED)
    again = Outcome.objects.filter(next_at__lte=at)
    without_result = not_converged().filter(
        intent_at__lte=at,
        state=OutcomeState.UNKNOWN,
        next_at__isnull=True,
        engagement__handoff_pass__leased_until__isnull=True,
    )
    due = Q(pk__in=changed_since_look(at=at))
    for found in (asked_or_killed, approved, again, without_result):
        due |= Q(pk__in=found.values("engagement"))
    if playbook is not None and playbook.approval != "person":
        due |= Q(handoff_pass__isnull=True)
    return list(engagements().filter(due).values_list("pk", flat=True))


def run_passes(
    *,
    at: datetime,
    playbook: Playbook,
    holder: str,
    stop: Stop = never,
    clock: Clock = DATABASE_CLOCK,
    connect: Callable[[], Sequence[Outside]] = connected,
) -> list[int]:
    """Go on with every handoff that is due, and return those that were; a leased one is left alone.

    `stop` is asked between two sends: the item in hand is finished, and the rest stays due.
    """
    applied = []
    terms = Terms(stop=stop, connect=connect)
    for number in due_passes(at=at, playbook=playbook):
        if stop():
            break
        doing = Doing(holder, at, clock)
        try:
            if run_pass(number, playbook=playbook, holder=holder, doing=doing, terms=terms):
                applied.append(number)
        except Exception:
            log.exception("the pass over engagement %s failed; the others go on", number)
    return applied


def run_pass(number: int, *, playbook: Playbook, holder: str, doing: Doing, terms: Terms) -> bool:
    """Go on with one handoff, and return whether it was ours to do: a leased one is not."""
    try:
        continue_handoff(
            engagements().get(pk=number),
            playbook=playbook,
            holder=holder,
            doing=doing,
            terms=terms,
        )
    except Leased:
        return False
    return True
