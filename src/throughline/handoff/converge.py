"""Making outcomes true: the intent, one send, the result, for one system after the other."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.connectors.http import AnswerLost
from throughline.handoff import keeping
from throughline.handoff.buckets import Exhausted, limits_of, take_calls
from throughline.handoff.in_house import InHouse
from throughline.handoff.leases import Lease, renew
from throughline.handoff.looks import NEEDS_A_PERSON, Look, close_if_asked
from throughline.handoff.models import Outcome
from throughline.handoff.policy import rule_for
from throughline.handoff.steps import MOST_DOUBTS, Step, step_for
from throughline.handoff.systems import Done, Identifies, System, sends_of
from throughline.handoff.wanted import Change, Doing, NotYet, Seen, digest_of
from throughline.handoff.words import OutcomeState
from throughline.kernel.errors import Transient
from throughline.kernel.stopping import Stop
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

FOUND = {"found": True}  # a receipt of what was there already, where its system names it not
TROUBLES = 2  # sends in a row that a system did not take; then it is left alone for this pass


@dataclass(slots=True, kw_only=True)
class Turn:
    """One pass that goes on: its lease, its rows, and what it may make."""

    doing: Doing
    playbook: Playbook
    rows: dict[str, Outcome]
    lease: Lease | None  # None: it only looks
    is_asked: bool = False  # a person wants everything that differs made true, now
    stop: Stop
    is_stopped: bool = False

    def now(self) -> datetime:
        """Return the instant that leases and settling times go by."""
        return self.doing.clock.now()


def converge(turn: Turn, look: Look) -> None:
    """Keep what a look showed, and make true what differs and may be made.

    Raises:
        Leased: the lease was lost; nothing was sent after that.
    """
    at = turn.now() if look.changes or look.failures else turn.doing.at
    for key, error in look.failures.items():
        _keep_unseen(turn, turn.rows[key], error, at)
    to_send = [change for change in look.changes if _settled(turn, look.system, change, at)]
    if to_send:
        _send_all(turn, look.system, to_send)


def _keep_unseen(turn: Turn, row: Outcome, error: Exception, at: datetime) -> None:
    """Keep why an outcome could not be looked at; what time will mend changes no state."""
    if isinstance(error, NEEDS_A_PERSON):
        keeping.keep_waiting(row, row.seen, str(error), turn.doing)
    elif not isinstance(error, Transient):
        keeping.keep_failed(row, error, turn.doing)
    elif turn.lease is None or (row.state == OutcomeState.CONVERGED and row.seen == row.wanted):
        return
    elif row.state == OutcomeState.CONVERGED:
        keeping.keep_next_look(row, error, at=at)
    elif isinstance(error, Exhausted):
        keeping.keep_in_line(row, error, at=at)
    else:
        keeping.keep_postponed(row, error, turn.doing, at=at)


def _settled(turn: Turn, system: System, change: Change, at: datetime) -> bool:
    """Keep what a look alone decides of an outcome, and return whether it is to be sent."""
    row, doing = turn.rows[change.outcome], turn.doing
    step = step_for(
        row, change, at=at, is_asked=turn.is_asked, is_approved=_is_approved(turn, system, change)
    )
    match step:
        case Step.KEEP:
            keeping.keep_converged(row, change.before, _proof(row, system), doing)
        case Step.WAIT:
            keeping.keep_waiting(row, change.before, change.remedy, doing)
        case Step.SETTLE:
            keeping.keep_settling(row, doing)
        case Step.ASK:
            keeping.keep_waiting(row, change.before, _look_yourself(row, system), doing)
        case Step.OPEN:
            _keep_open(turn, row, change, system)
        case Step.SEND:
            return _is_sent(turn, row, change)
        case Step.LEAVE | Step.REST:
            pass
    return False


def _is_sent(turn: Turn, row: Outcome, change: Change) -> bool:
    """Return whether this pass sends what is due; one that only looks leaves it to the next."""
    if turn.lease is None:
        keeping.keep_open(row, change.before, turn.doing, is_due=True)
        return False
    row.approved = digest_of(row.wanted)  # also where a rule did: a retry needs it anew
    return True


def _proof(row: Outcome, system: System) -> Seen:
    """Return the receipt of what a look found: ours, else what the system calls it."""
    if row.receipt is not None and row.receipt != FOUND:
        return dict(row.receipt)
    return (system.receipt(row.key) if isinstance(system, Identifies) else None) or FOUND


def _keep_open(turn: Turn, row: Outcome, change: Change, system: System) -> None:
    if turn.lease is not None and row.state == OutcomeState.UNKNOWN:
        keeping.keep_waiting(row, change.before, _look_yourself(row, system), turn.doing)
    else:
        keeping.keep_open(row, change.before, turn.doing)


def _look_yourself(row: Outcome, system: System) -> str:
    often = f"{row.doubts} times" if row.doubts > 1 else "once"
    return (
        f"It was sent {often} and no answer came, and {system.name} does not show it. Look there"
        f" for “{row.summary}”; if it is not there, apply again and it is sent once more."
    )


def _is_approved(turn: Turn, system: System, change: Change) -> bool:
    row = turn.rows[change.outcome]
    if row.approved and row.approved == digest_of(change.after):
        return True
    is_outside = not isinstance(system, InHouse)
    return bool(rule_for(turn.playbook, row, change, is_outside=is_outside))


def _send_all(turn: Turn, system: System, changes: Sequence[Change]) -> None:
    sends = list(sends_of(system, changes))
    troubles = 0
    for place, batch in enumerate(sends):
        if turn.stop():
            turn.is_stopped = True
            return
        trouble = _send(turn, system, batch)
        troubles = troubles + 1 if trouble else 0
        if trouble and (troubles == TROUBLES or isinstance(trouble, Exhausted)):
            _leave_alone(turn, sends[place + 1 :], trouble)
            return


def _leave_alone(turn: Turn, sends: Sequence[Sequence[Change]], trouble: Transient) -> None:
    at = turn.now()
    for change in (one for batch in sends for one in batch):
        row = turn.rows[change.outcome]
        if isinstance(trouble, Exhausted):
            keeping.keep_in_line(row, trouble, at=at)
        else:
            keeping.keep_postponed(row, trouble, turn.doing, at=at)


def _send(turn: Turn, system: System, batch: Sequence[Change]) -> Transient | None:
    """Send once, with the intent written before and the result after; return what time must mend."""
    rows = [turn.rows[change.outcome] for change in batch]
    for row, change in zip(rows, batch, strict=True):
        row.replaced = change.before
    try:
        if not isinstance(system, InHouse):
            limits = limits_of(turn.playbook.limits, system.name, "writes")
            take_calls(system.name, limits, clock=turn.doing.clock)
    except Exhausted as error:
        for row in rows:
            keeping.keep_in_line(row, error, at=turn.now())
        return error
    _intend(turn, system, rows)
    results = _act(system, batch, turn.doing)
    at = turn.now() if system.settling else turn.doing.at
    for row in rows:
        result = results.get(row.key) or AnswerLost(f"{system.name} did not say what became of it.")
        keeping.keep_result(row, result, turn.doing, at=at, settling=system.settling)
    trouble = next((one for one in results.values() if isinstance(one, Transient)), None)
    close_if_asked(system, trouble, turn.doing)
    return trouble


def _intend(turn: Turn, system: System, rows: Sequence[Outcome]) -> None:
    at = turn.now()
    with transaction.atomic():
        if turn.lease is not None:
            renew(turn.lease, at=at)
        if turn.is_asked:
            for row in rows:  # a person has looked: the count of lost answers begins anew
                row.doubts = 0 if row.doubts >= MOST_DOUBTS else row.doubts
        keeping.write_intents(rows, at=at, settling=system.settling)


def _act(system: System, batch: Sequence[Change], doing: Doing) -> dict[str, Done | Exception]:
    """Return by key what became of one send; whatever is raised is the result of all of them."""
    try:
        return dict(system.act(batch, doing))
    except (Transient, NotYet, *NEEDS_A_PERSON) as error:
        return dict.fromkeys((change.outcome for change in batch), error)
    except Exception as error:
        log.exception("%s failed", ", ".join(change.outcome for change in batch))
        return dict.fromkeys((change.outcome for change in batch), error)
