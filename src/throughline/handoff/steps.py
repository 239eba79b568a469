"""What a pass does about one outcome after a look: pure, from its row and the line of the plan."""

import hashlib
from datetime import datetime, timedelta
from enum import Enum, auto

from throughline.handoff.models import Outcome
from throughline.handoff.wanted import Change
from throughline.handoff.words import OutcomeState, Verb

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MOST_DOUBTS = 3  # sends in a row whose answer was lost; then a person looks


class Step(Enum):
    """One answer to "what now?"."""

    KEEP = auto()  # it is as it should be
    WAIT = auto()  # a person has to do something first
    LEAVE = auto()  # the look came too early to be believed against the system's own last answer
    SETTLE = auto()  # it may have been made a moment ago: look again once that would show
    OPEN = auto()  # it differs, and nobody has approved the change
    REST = auto()  # approved, and its next try is not due
    ASK = auto()  # sent again and again without an answer: a person looks
    SEND = auto()


def step_for(
    row: Outcome, change: Change, *, at: datetime, is_asked: bool, is_approved: bool
) -> Step:
    """Return what to do. `is_asked`: a person wants it now, whatever its next try is.

    Nothing that was sent is sent again before its settling time is over, not even for a person:
    a listing that lags would make a double of it.
    """
    if change.verb == Verb.KEEP:
        return Step.KEEP
    if row.settles_at is not None and at < row.settles_at:
        was_true = row.state == OutcomeState.CONVERGED and row.seen == change.after
        is_late_view = change.before == row.replaced  # a listing that lags shows what was before
        if was_true and is_late_view and (change.before is None or not is_asked):
            return Step.LEAVE
        if change.before is None:
            return Step.SETTLE
    if change.verb == Verb.WAIT:
        return Step.WAIT
    if not (is_asked or is_approved):
        return Step.OPEN
    return _step_of_approved(row, change, at=at, is_asked=is_asked)


def _step_of_approved(row: Outcome, change: Change, *, at: datetime, is_asked: bool) -> Step:
    if not is_asked and row.next_at is not None and row.next_at > at:
        return Step.REST
    if change.verb == Verb.CREATE and row.doubts >= MOST_DOUBTS:
        was_told = is_asked and row.state == OutcomeState.WAITING
        return Step.SEND if was_told else Step.ASK
    return Step.SEND


def puts_back(row: Outcome | None, change: Change) -> bool:
    """Return whether a change undoes what somebody did in the world to what was true before."""
    if row is None or row.receipt is None:
        return False
    return row.state != OutcomeState.CONVERGED or row.seen != change.before


def wait_after(key: str, rounds: int) -> timedelta:
    """Return how long to wait after so many rounds in a row that did not make an outcome true.

    It doubles from two minutes to six hours, and up to a quarter is added: the same for one outcome
    whoever computes it, and different for different ones, so that they do not come back together.
    """
    wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(rounds, 12)))
    chance = int(hashlib.sha256(f"{key}:{rounds}".encode()).hexdigest()[:8], 16) / 2**32
    return wait + wait * chance / 4
