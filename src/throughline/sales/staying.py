"""From moves to stays: what the journal tells of a deal's way, as times that it stood somewhere.

Plain values only, so that the table of stays can be made anew from the journal at any time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

DAY: Final = timedelta(days=1)
MOVES: Final = ("sales.deal.advanced", "sales.deal.moved_back")
ELSEWHERE: Final = "sales.deal.changed_elsewhere"


@dataclass(frozen=True, slots=True)
class Moved:
    """A deal went from one stage to another."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Stood:
    """One time that a deal stood in a stage; `days` are whole ones, of 24 hours."""

    stage: str
    from_at: datetime
    to_at: datetime | None = None
    days: int | None = None
    next_stage: str = ""
    again_at: datetime | None = None


def days_between(from_at: datetime, to_at: datetime) -> int:
    """Return how many whole days of 24 hours lie between two instants; none is negative."""
    return max(0, (to_at - from_at) // DAY)


def move_told(act: str, at: datetime, facts: Mapping[str, Any]) -> Moved | None:
    """Return the move that an entry of the journal tells of; None where it tells of none."""
    before, after = facts.get("before"), facts.get("after")
    if act == ELSEWHERE and isinstance(before, dict) and isinstance(after, dict):
        before, after = before.get("stage"), after.get("stage")
    elif act not in MOVES:
        return None
    if not (isinstance(before, str) and isinstance(after, str)) or before == after:
        return None
    return Moved(at, before, after)


def stays_told(moves: Iterable[Moved], *, stage: str, since: datetime) -> list[Stood]:
    """Return the stays of a deal, the oldest first: from the stage it began in, through its moves.

    `stage` is where it began, `since` when. A move that is told of an earlier instant than the one
    before it (a clock that was set back) ends its stay at once.
    """
    found: list[Stood] = []
    begun = since
    for move in moves:
        ended = max(move.at, begun)
        days = days_between(begun, ended)
        found.append(Stood(stage, begun, ended, days, move.after))
        stage, begun = move.after, ended
    found.append(Stood(stage, begun))
    return _seen_again(found)


def _seen_again(found: list[Stood]) -> list[Stood]:
    """Return stays with when the same stage was entered the next time."""
    next_of: dict[str, datetime] = {}
    told = []
    for one in reversed(found):
        again_at = next_of.get(one.stage)
        told.append(Stood(one.stage, one.from_at, one.to_at, one.days, one.next_stage, again_at))
        next_of[one.stage] = one.from_at
    return told[::-1]
