"""What is written down about an outcome: the intent before an act, the result after it.

Every write asks that the row still has the intent that we know of: whoever was stopped, and wakes
when another has gone on, changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from throughline.connectors.http import AnswerLost, UnknownShape
from throughline.handoff.models import Outcome
from throughline.handoff.steps import wait_after
from throughline.handoff.systems import Done
from throughline.handoff.wanted import Doing, NotYet, Seen, WaitsForPerson, digest_of
from throughline.handoff.words import TRIED_AGAIN, OutcomeState
from throughline.journal.actions import entry, record_all
from throughline.journal.models import Entry
from throughline.kernel.errors import Permanent, Refused, Transient

CALL = timedelta(minutes=1)  # a call that was begun is over by then, whatever became of it
RESULT = (
    "state", "seen", "receipt", "receipt_at", "remedy", "approved", "rounds", "doubts", "next_at",
    "intent_at", "settles_at",
)  # fmt: skip
INTENT = (
    "state", "remedy", "approved", "doubts", "next_at", "intent_at", "settles_at", "attempts",
    "replaced",
)  # fmt: skip
KILLED = "The worker stopped before the answer."
IN_NEXT_GO = "It is made true by the next pass."
CHANGED_HERE = "What is wanted of it has changed here: apply again to make it so."
CHANGED_THERE = "It was true and is not any more: apply again to restore it."
NEXT_LOOK = timedelta(minutes=30)  # at most: what it belongs to may be there by then


def write_intents(rows: Sequence[Outcome], *, at: datetime, settling: timedelta) -> None:
    """Say, before one send, what it is for: from here until the result, nobody knows."""
    for row in rows:
        row.state, row.remedy = OutcomeState.UNKNOWN, "It was being made, and no result is known."
        row.intent_at, row.next_at = at, None
        row.settles_at = at + CALL + settling if settling else None
        row.attempts += 1
        row.doubts += 1
    if len(rows) == 1:  # as most systems are: several times as fast
        Outcome.objects.filter(pk=rows[0].pk).update(**_values(rows[0], INTENT))
    else:
        Outcome.objects.bulk_update(rows, INTENT)


def keep_result(
    row: Outcome, result: Done | BaseException, doing: Doing, *, at: datetime, settling: timedelta
) -> None:
    """Keep what became of an act, as the system answered; `at` is when it did."""
    if isinstance(result, Done):
        _keep_done(row, result, doing, settles_at=at + settling if settling else None)
    elif isinstance(result, AnswerLost):
        row.settles_at = at + settling if settling else None
        keep_unknown(row, result, doing, at=at)
    elif isinstance(result, Transient):
        row.settles_at = at + settling if settling else None  # who is unwell may have done it too
        row.doubts -= 1
        row.intent_at = None
        keep_postponed(row, result, doing, at=at)
    elif isinstance(result, NotYet):
        keep_not_yet(row, result, at=at)
    elif isinstance(result, Permanent | Refused | WaitsForPerson):
        keep_refused(row, result, doing)
    else:
        keep_failed(row, result, doing)


def _keep_done(row: Outcome, done: Done, doing: Doing, *, settles_at: datetime | None) -> None:
    row.receipt, row.receipt_at, row.settles_at = done.receipt, doing.at, settles_at
    if done.seen != row.wanted:
        row.seen = done.seen
        keep_failed(row, RuntimeError("it was done, and the world still differs"), doing)
    else:
        keep_converged(row, done.seen, done.receipt, doing)


def keep_converged(row: Outcome, seen: Seen | None, receipt: Seen, doing: Doing) -> None:
    """Keep that an outcome is true, with the proof; what was approved is done with."""
    known = _fields(row)
    is_news = row.state != OutcomeState.CONVERGED
    row.state, row.seen, row.receipt, row.remedy = OutcomeState.CONVERGED, seen, receipt, ""
    row.receipt_at = row.receipt_at or doing.at
    row.approved, row.rounds, row.doubts = "", 0, 0
    row.intent_at, row.next_at = None, None
    if known != _fields(row):
        made = entry("handoff.outcome.converged", row, by=doing.by, at=doing.at, receipt=receipt)
        _save(row, made if is_news else None)


def keep_waiting(row: Outcome, seen: Seen | None, remedy: str, doing: Doing) -> None:
    """Keep that a person has to do something; an intent without result stays known."""
    known = _fields(row)
    is_news = (row.state, row.remedy) != (OutcomeState.WAITING, remedy)
    row.state, row.seen, row.remedy, row.next_at = OutcomeState.WAITING, seen, remedy, None
    if known != _fields(row):
        waits = entry("handoff.outcome.waits", row, by=doing.by, at=doing.at, remedy=remedy)
        _save(row, waits if is_news else None)


def keep_refused(row: Outcome, error: Exception, doing: Doing) -> None:
    """Keep that a system refused, in its words. An answer that nobody can read may mean "done"."""
    if not isinstance(error, UnknownShape):
        row.intent_at, row.settles_at = None, None
        row.doubts = max(0, row.doubts - 1)
    keep_waiting(row, row.seen, str(error), doing)


def keep_unknown(row: Outcome, error: Exception, doing: Doing, *, at: datetime) -> None:
    """Keep that nobody knows whether it came true, and when a look can tell."""
    row.state, row.rounds = OutcomeState.UNKNOWN, row.rounds + 1
    row.remedy = f"{error} It will be looked up again."
    row.next_at = max(_next_try(row, error, at=at), row.settles_at or at)
    _save(row, entry("handoff.outcome.unknown", row, by=doing.by, at=doing.at, error=str(error)))


def keep_postponed(row: Outcome, error: Transient, doing: Doing, *, at: datetime) -> None:
    """Keep that it could not be made for now, and when it is tried again."""
    row.rounds += 1
    if row.intent_at is None:
        row.state = _not_true(row)
        row.remedy = f"{error} {TRIED_AGAIN}"
    row.next_at = _next_try(row, error, at=at)
    _save(row, entry("handoff.outcome.postponed", row, by=doing.by, at=doing.at, error=str(error)))


def keep_in_line(row: Outcome, error: Transient, *, at: datetime) -> None:
    """Keep when its turn comes: nothing went wrong, the system takes no more calls for now."""
    if row.intent_at is None:
        row.state, row.remedy = _not_true(row), f"{error} It waits in line."
    row.next_at = at + timedelta(seconds=max(1.0, error.retry_after_s or 0))
    _save(row, None)


def keep_not_yet(row: Outcome, error: NotYet, *, at: datetime) -> None:
    """Keep that nothing was sent, for what it belongs to is not there; nothing has to settle."""
    row.rounds, row.doubts = row.rounds + 1, row.doubts - 1
    row.intent_at = None
    if row.receipt is None:
        row.settles_at = None
    row.state, row.remedy = _not_true(row), f"{error} It goes on by itself once that is there."
    row.next_at = at + min(NEXT_LOOK, wait_after(row.key, row.rounds))
    _save(row, None)


def keep_next_look(row: Outcome, error: Transient, *, at: datetime) -> None:
    """Keep when to look again at what was true when it was last seen; it has not drifted."""
    row.rounds += 1
    row.next_at = _next_try(row, error, at=at)
    _save(row, None)


def keep_settling(row: Outcome, doing: Doing) -> None:
    """Keep that it is looked up once the system would show what we did a moment ago."""
    was_killed = row.state == OutcomeState.UNKNOWN and row.next_at is None
    if row.state != OutcomeState.UNKNOWN:
        row.state = _not_true(row)
    row.next_at = row.settles_at
    unknown = entry("handoff.outcome.unknown", row, by=doing.by, at=doing.at, error=KILLED)
    _save(row, unknown if was_killed else None)


def keep_failed(row: Outcome, error: BaseException, doing: Doing) -> None:
    """Keep that a person must see to it: the sweep would only fail again."""
    row.state, row.next_at, row.approved = OutcomeState.FAILED, None, ""
    row.remedy = f"{type(error).__name__}: {error}. Apply again; if it stays, see the log."
    _save(row, entry("handoff.outcome.failed", row, by=doing.by, at=doing.at, error=repr(error)))


def keep_open(row: Outcome, seen: Seen | None, doing: Doing, *, is_due: bool = False) -> None:
    """Keep that it differs, and that nothing is done about it until somebody approves.

    `is_due`: it is approved already, and the next pass makes it true.
    """
    if row.intent_at is not None and row.state == OutcomeState.UNKNOWN:
        return
    known, before = _fields(row), row.state
    row.remedy = IN_NEXT_GO if is_due else _why_open(row, seen)
    row.state, row.seen = _not_true(row), seen
    row.next_at = doing.at if is_due else None
    if is_due:
        row.approved = digest_of(row.wanted)
    if known != _fields(row):
        differs = entry("handoff.outcome.differs", row, by=doing.by, at=doing.at, state=row.state)
        _save(row, differs if before != row.state else None)


def _why_open(row: Outcome, seen: Seen | None) -> str:
    """Return what a person reads about what differs; the second look says what the first did."""
    if row.receipt is None:
        return ""
    if row.state == OutcomeState.CONVERGED and row.seen == seen:
        return CHANGED_HERE
    again = row.state == OutcomeState.DRIFTED and row.seen == seen
    return CHANGED_HERE if again and row.remedy == CHANGED_HERE else CHANGED_THERE


def _not_true(row: Outcome) -> OutcomeState:
    return OutcomeState.WANTED if row.receipt is None else OutcomeState.DRIFTED


def _next_try(row: Outcome, error: Exception, *, at: datetime) -> datetime:
    wait = wait_after(row.key, row.rounds)
    asked_s = error.retry_after_s if isinstance(error, Transient) else None
    return at + max(wait, timedelta(seconds=asked_s or 0))


def _fields(row: Outcome) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in RESULT)


def _save(row: Outcome, news: Entry | None) -> None:
    """Write the row and what the journal says of it, if the row's last intent is still ours."""
    ours = Outcome.objects.filter(pk=row.pk, attempts=row.attempts)
    with transaction.atomic():
        is_ours = ours.update(**_values(row, RESULT))
        if is_ours and news is not None:
            record_all([news])


def _values(row: Outcome, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
