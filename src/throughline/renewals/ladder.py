"""The arithmetic of the ladder: which notice is due on which day. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from throughline.playbook.parts import Step

HALF_TERM = "half-term"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder of one end date."""

    step: str  # the playbook's code, or "half-term"
    due_on: date
    kind: str  # "flag" or "mail"
    to: str  # "renewals" or "representatives"; "" for a flag
    mail: str  # code of the mail text
    is_dropped: bool = False  # it falls before the start


def rungs(
    start_on: date | None, end_on: date, steps: Sequence[Step], *, is_ending: bool
) -> tuple[Rung, ...]:
    """Return the ladder of an end date, the earliest step first.

    The end is the last day. A step is due `days` before it; one that falls before the start is
    dropped, and where that happens to every renewal notice, one at half term replaces them.
    Steps for an ending agreement count only once that is decided. Source: design §8; E18, E42.
    """
    found = []
    for step in steps:
        if step.only_if == "end" and not is_ending:
            continue
        due_on = end_on - timedelta(days=step.days)
        is_dropped = start_on is not None and due_on < start_on
        found.append(Rung(step.code, due_on, step.kind, step.to, step.mail, is_dropped))
    notices = [rung for rung in found if rung.kind == "mail" and rung.to == "renewals"]
    if start_on is not None and notices and all(rung.is_dropped for rung in notices):
        half = start_on + (end_on - start_on) // 2
        found.append(replace(notices[-1], step=HALF_TERM, due_on=half, is_dropped=False))
    return tuple(sorted(found, key=lambda rung: rung.due_on))


def due(ladder: Sequence[Rung], *, end_on: date, on: date) -> tuple[Rung, ...]:
    """Return the mails whose day has come, the earliest first; none once the end is past."""
    if on > end_on:
        return ()
    return tuple(
        rung for rung in ladder if rung.kind == "mail" and not rung.is_dropped and rung.due_on <= on
    )
