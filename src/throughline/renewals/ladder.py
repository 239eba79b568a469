"""The arithmetic of the ladder: which notice is due on which day. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughline.playbook.mail_parts import Step
from throughline.playbook.parts import Closure
from throughline.playbook.working_days import working_day_near

HALF_TERM = "half-term"
A_MONTH, A_YEAR = 31, timedelta(days=366)  # no closure is longer than a month


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder of one end date."""

    step: str  # the playbook's code, or "half-term"
    due_on: date
    kind: str  # "flag" or "mail"
    to: str  # "renewals" or "representatives"; "" for a flag
    mail: str  # code of the mail text
    is_dropped: bool = False  # it falls before the start
    days: int | None = None  # how many before the end; None at half term
    counted_on: date | None = None  # that day, where another one is due because nobody works on it


def rungs(
    start_on: date | None,
    end_on: date,
    steps: Sequence[Step],
    *,
    is_ending: bool,
    closures: Sequence[Closure] = (),
) -> tuple[Rung, ...]:
    """Return the ladder of an end date, the earliest step first.

    The end is the last day. A step is due `days` before it, or on the working day that its rule
    asks for; one that falls before the start is dropped, and where that happens to every renewal
    notice, one at half term replaces them. Steps for an ending agreement count only once that is
    decided. Source: design §8; E18, E42.
    """
    found = [
        _rung(step, start_on, end_on, closures)
        for step in steps
        if is_ending or step.only_if != "end"
    ]
    notices = [rung for rung in found if rung.kind == "mail" and rung.to == "renewals"]
    if start_on is not None and notices and all(rung.is_dropped for rung in notices):
        half = start_on + (end_on - start_on) // 2
        last = notices[-1]
        found.append(Rung(HALF_TERM, half, last.kind, last.to, last.mail))
    return tuple(sorted(found, key=lambda rung: rung.due_on))


def _rung(step: Step, start_on: date | None, end_on: date, closures: Sequence[Closure]) -> Rung:
    counted_on = end_on - timedelta(days=step.days)
    is_dropped = start_on is not None and counted_on < start_on
    due_on = counted_on
    if step.working_day and not is_dropped:
        found = working_day_near(counted_on, closures, back=step.working_day == "before")
        # A rule never takes a notice away: what it would put outside the term stays where it is.
        if (start_on or counted_on - A_YEAR) <= found <= end_on:
            due_on = found
    return Rung(
        step.code, due_on, step.kind, step.to, step.mail, is_dropped, step.days,
        counted_on if counted_on != due_on else None,
    )  # fmt: skip


def farthest_days(steps: Sequence[Step]) -> int:
    """Return how many days before its end an agreement can bring mail at the earliest."""
    margin = A_MONTH if any(step.working_day == "before" for step in steps) else 0
    return max((step.days + margin for step in steps if step.kind == "mail"), default=0)


def due(ladder: Sequence[Rung], *, end_on: date, on: date) -> tuple[Rung, ...]:
    """Return the mails whose day has come, the earliest first; none once the end is past."""
    if on > end_on:
        return ()
    return tuple(
        rung for rung in ladder if rung.kind == "mail" and not rung.is_dropped and rung.due_on <= on
    )
