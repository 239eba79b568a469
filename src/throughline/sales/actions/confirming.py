"""PS confirms the capacity answer that was computed, as it was shown."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from throughline.capacity.asking import Proposal
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.record import record_fact
from throughline.sales.demand import answer_for, ask_of_deal
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person was shown and says yes to; `expires_on` None: as long as the playbook says."""

    answer: str
    start_on: date | None = None
    expires_on: date | None = None
    note: str = ""


@transaction.atomic
def confirm_proposal(
    number: int, shown: Shown, *, playbook: Playbook, by: str, at: datetime, seen: int | None = None
) -> Deal:
    """Give the computed answer for PS, with what it assumes, if it still is what was shown.

    Raises:
        Refused: nothing can be computed, it has another result by now, or this person may not.
    """
    deal = locked_deal(number)
    on = day_in_zone(at, playbook.organisation.zone)
    facts = facts_of(deal, on=on)
    asked = ask_of_deal(facts.deal, facts.statement, playbook=playbook, on=on)
    proposal = answer_for(asked, playbook=playbook, on=on)
    if (shown.answer, shown.start_on) != (proposal.answer.word, proposal.answer.start_on):
        raise Refused(
            f"Since you looked, something has changed. It is now: {proposal.sentence}",
            remedy="Read it again, and confirm what it says now.",
        )
    value = _value(proposal, shown)
    return record_fact(
        number, "capacity.answered", value, playbook=playbook, by=by, at=at, seen=seen
    )


def _value(proposal: Proposal, shown: Shown) -> dict[str, Any]:
    word = proposal.answer.word
    return {
        "answer": word,
        "start_on": proposal.answer.start_on if word == "yes_from" else None,
        "only_if": list(proposal.only_if) if word == "only_if" else [],
        "assumptions": list(proposal.assumptions),
        "expires_on": shown.expires_on,
        "note": shown.note,
    }
