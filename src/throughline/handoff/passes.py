"""A pass over one engagement: observe, write the intent, act, observe, write the result."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.handoff.early_start import stop_when_over
from throughline.handoff.models import Outcome, Pass
from throughline.handoff.plans import outcomes_for
from throughline.handoff.wanted import Doing, Seen, WaitsForPerson, Wanted, diff
from throughline.handoff.words import OutcomeState, Verb
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused, Transient
from throughline.playbook.model import Playbook
from throughline.sales.queries import facts_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than the sum of a pass's time-outs
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)


class Leased(Refused):
    """Another worker is on this engagement."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act on one engagement, until it ends."""

    number: int
    holder: str


def take_lease(number: int, *, holder: str, at: datetime) -> Lease:
    """Take the lease of an engagement by compare-and-set.

    Raises:
        Leased: another worker has it and it has not run out.
    """
    Pass.objects.get_or_create(engagement_id=number)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at) | Q(leased_by=holder)
    taken = Pass.objects.filter(free, engagement_id=number).update(
        leased_by=holder, leased_until=at + LEASE
    )
    if not taken:
        raise Leased(
            f"Another worker is on engagement {number}.", remedy="Try again in a few minutes."
        )
    return Lease(number, holder)


def give_back(lease: Lease) -> None:
    """End a lease, if it is still ours."""
    Pass.objects.filter(engagement_id=lease.number, leased_by=lease.holder).update(
        leased_by="", leased_until=None
    )


def apply_handoff(
    engagement: Engagement, *, playbook: Playbook, holder: str, doing: Doing
) -> list[Outcome]:
    """Make every outcome of an engagement true that can be, and return all of them.

    Applied twice, the second finds nothing to do. One outcome that fails stops no other.

    Raises:
        Leased: another worker is on it.
    """
    lease = take_lease(engagement.number, holder=holder, at=doing.at)
    try:
        facts = facts_of(engagement.deal, on=day_in_zone(doing.at, playbook.organisation.zone))
        wanted = stop_when_over(
            outcomes_for(engagement, facts, playbook=playbook),
            facts,
            on=day_in_zone(doing.at, playbook.organisation.zone),
        )
        done = [_converge(engagement, one, doing) for one in wanted]
        _forget_unwanted(engagement, {one.key for one in wanted}, doing)
        return done
    finally:
        give_back(lease)


def verify_handoff(engagement: Engagement, *, playbook: Playbook, doing: Doing) -> list[Outcome]:
    """Look again at every outcome of an engagement, keep what was seen, and change nothing else."""
    on = day_in_zone(doing.at, playbook.organisation.zone)
    facts = facts_of(engagement.deal, on=on)
    wanted = stop_when_over(outcomes_for(engagement, facts, playbook=playbook), facts, on=on)
    return [_verify(engagement, one, doing) for one in wanted]


def _converge(engagement: Engagement, wanted: Wanted, doing: Doing) -> Outcome:
    row = _row_for(engagement, wanted)
    return _guarded(row, doing, lambda: _make_true(row, wanted, doing))


def _verify(engagement: Engagement, wanted: Wanted, doing: Doing) -> Outcome:
    row = _row_for(engagement, wanted)
    return _guarded(row, doing, lambda: _look(row, wanted, doing))


def _guarded(row: Outcome, doing: Doing, attempt: Callable[[], Outcome]) -> Outcome:
    """Return what became of an outcome, or keep why nothing did; an error stays with its outcome."""
    try:
        return attempt()
    except (WaitsForPerson, Refused) as waits:
        return _keep_waiting(row, row.seen, str(waits), doing)
    except Transient as error:
        return _keep_unknown(row, error, doing)
    except Exception as error:
        log.exception("outcome %s failed", row.key)
        return _keep_failed(row, error, doing)


def _make_true(row: Outcome, wanted: Wanted, doing: Doing) -> Outcome:
    seen = wanted.observe()
    change = diff(wanted, seen)
    if change.verb == Verb.KEEP:
        return _keep_converged(row, seen, row.receipt or {"found": True}, doing)
    if change.verb == Verb.WAIT:
        return _keep_waiting(row, seen, change.remedy, doing)
    _write_intent(row, seen, doing)
    receipt = wanted.act(doing)
    return _keep_result(row, wanted, receipt, doing)


def _row_for(engagement: Engagement, wanted: Wanted) -> Outcome:
    row, _created = Outcome.objects.update_or_create(
        key=wanted.key,
        defaults={"summary": wanted.summary[:300], "wanted": wanted.wanted},
        create_defaults={
            "engagement": engagement,
            "system": wanted.system,
            "summary": wanted.summary[:300],
            "wanted": wanted.wanted,
        },
    )
    return row


def _write_intent(row: Outcome, seen: Seen | None, doing: Doing) -> None:
    row.seen, row.intent_at, row.attempts = seen, doing.at, row.attempts + 1
    row.save(update_fields=["seen", "intent_at", "attempts"])


def _keep_result(row: Outcome, wanted: Wanted, receipt: Seen, doing: Doing) -> Outcome:
    seen = wanted.observe()
    if seen != wanted.wanted:
        return _keep_failed(row, RuntimeError("it was done, and the world still differs"), doing)
    row.receipt_at = doing.at
    return _keep_converged(row, seen, receipt, doing)


@transaction.atomic
def _keep_converged(row: Outcome, seen: Seen | None, receipt: Seen, doing: Doing) -> Outcome:
    before = row.state
    row.state, row.seen, row.receipt, row.remedy = OutcomeState.CONVERGED, seen, receipt, ""
    row.receipt_at = row.receipt_at or doing.at
    row.intent_at, row.next_at = None, None
    row.save()
    if before != row.state:
        record("handoff.outcome.converged", row, by=doing.by, at=doing.at, receipt=receipt)
    return row


@transaction.atomic
def _keep_waiting(row: Outcome, seen: Seen | None, remedy: str, doing: Doing) -> Outcome:
    before = (row.state, row.remedy)
    row.state, row.seen, row.remedy = OutcomeState.WAITING, seen, remedy
    row.intent_at, row.next_at = None, None
    row.save()
    if before != (row.state, row.remedy):
        record("handoff.outcome.waits", row, by=doing.by, at=doing.at, remedy=remedy)
    return row


@transaction.atomic
def _keep_unknown(row: Outcome, error: Transient, doing: Doing) -> Outcome:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.attempts, 12))
    if error.retry_after_s is not None:
        wait = max(wait, timedelta(seconds=error.retry_after_s))
    row.state, row.remedy = OutcomeState.UNKNOWN, f"{error} It will be looked up again."
    row.next_at = doing.at + wait
    row.save()
    record("handoff.outcome.unknown", row, by=doing.by, at=doing.at, error=str(error))
    return row


@transaction.atomic
def _keep_failed(row: Outcome, error: Exception, doing: Doing) -> Outcome:
    row.state = OutcomeState.FAILED
    row.remedy = f"{type(error).__name__}: {error}. Apply again; if it stays, see the log."
    row.next_at = None  # a person decides; the sweep would only fail again
    row.save()
    record("handoff.outcome.failed", row, by=doing.by, at=doing.at, error=repr(error))
    return row


@transaction.atomic
def _look(row: Outcome, wanted: Wanted, doing: Doing) -> Outcome:
    seen = wanted.observe()
    change = diff(wanted, seen)
    row.seen = seen
    if change.verb == Verb.KEEP:
        return _keep_converged(row, seen, row.receipt or {"found": True}, doing)
    if change.verb == Verb.WAIT:
        return _keep_waiting(row, seen, change.remedy, doing)
    before = row.state
    was_true = row.receipt is not None
    row.state = OutcomeState.DRIFTED if was_true else OutcomeState.WANTED
    row.remedy = "It was true and is not any more: apply again to restore it." if was_true else ""
    row.save()
    if before != row.state:
        record("handoff.outcome.differs", row, by=doing.by, at=doing.at, state=row.state)
    return row


@transaction.atomic
def _forget_unwanted(engagement: Engagement, keys: set[str], doing: Doing) -> None:
    """Drop rows of outcomes that are not wanted any more and never came true.

    What came true stays, for a person: nothing that others may rely on vanishes by itself.
    """
    stale = Outcome.objects.filter(engagement=engagement, receipt__isnull=True).exclude(
        key__in=keys
    )
    for row in stale:
        record("handoff.outcome.dropped", engagement, by=doing.by, at=doing.at, outcome=row.key)
    stale.delete()
