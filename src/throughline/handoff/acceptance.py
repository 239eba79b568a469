"""Returning a handoff: PS names one line of it, and says what is wrong."""

from collections.abc import Iterator
from datetime import datetime

from throughline.delivery.actions.acceptance import keep_return
from throughline.delivery.models import Engagement, HandoffReturn
from throughline.handoff.manifest import manifest
from throughline.handoff.plans import outcomes_for
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.knowledge import notes_of
from throughline.sales.queries import facts_of

LEDGER, PLAN, NOTE = "ledger:", "plan:", "note:"


class NoSuchLine(Refused):
    """The handoff has no such line."""


def returnable_lines(engagement: Engagement, *, playbook: Playbook, at: datetime) -> dict[str, str]:
    """Return every line that PS can name, with how it reads: notes, fields, lines of the plan.

    No values and no words of notes: what is returned is read by people who may not see them.
    """
    return dict(_lines(engagement, playbook, at))


def _lines(engagement: Engagement, playbook: Playbook, at: datetime) -> Iterator[tuple[str, str]]:
    facts = facts_of(engagement.deal, on=day_in_zone(at, playbook.organisation.zone))
    for note in notes_of(engagement.pk):
        yield f"{NOTE}{note.pk}", f"Note {note.pk}: {note.get_kind_display().lower()} by {note.by}"
    for wanted in outcomes_for(engagement, facts, playbook=playbook):
        yield f"{PLAN}{wanted.key}", f"{wanted.summary} ({wanted.system})"
    for field, _value in manifest(facts):
        yield f"{LEDGER}{field}", f"Field {field}"


def return_handoff(
    engagement: Engagement, line: str, why: str, *, playbook: Playbook, by: str, at: datetime
) -> HandoffReturn:
    """Return a handoff to BD, naming one line: "ledger:FIELD", "plan:OUTCOME" or "note:NUMBER".

    The word in front may be left out of a field and of an outcome.

    Raises:
        NoSuchLine: the handoff has no such line.
        Refused: nothing is said, it waits already, it was accepted, or the person is not of PS.
    """
    known = returnable_lines(engagement, playbook=playbook, at=at)
    wanted = line.strip()
    for name in (wanted, f"{LEDGER}{wanted}", f"{PLAN}{wanted}"):
        if name in known:
            return keep_return(engagement.number, name, known[name], why, by=by, at=at)
    raise NoSuchLine(
        f"The handoff has no line {wanted!r}.",
        remedy="Name a field of the ledger, an outcome of the plan, or a note (note:5).",
    )
