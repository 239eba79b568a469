"""Planning: look at the world, say what is missing, change nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from throughline.delivery.models import Engagement
from throughline.handoff.early_start import stop_when_over
from throughline.handoff.ledger import Ledger, ledger_of
from throughline.handoff.outcomes.bookings import bookings_wanted
from throughline.handoff.outcomes.ladder import LadderStands
from throughline.handoff.outcomes.mails import mails_of
from throughline.handoff.outcomes.structure import structure_of
from throughline.handoff.outcomes.workbook import columns_of
from throughline.handoff.wanted import Change, Wanted, look
from throughline.handoff.words import Verb
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts, facts_of


@dataclass(frozen=True, slots=True)
class HandoffPlan:
    """What a handoff would do, and where every field goes."""

    engagement: Engagement
    lines: tuple[Change, ...]
    ledger: Ledger

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would be created or updated."""
        return tuple(line for line in self.lines if line.verb in {Verb.CREATE, Verb.UPDATE})

    @property
    def waiting(self) -> tuple[Change, ...]:
        """What waits for a person."""
        return tuple(line for line in self.lines if line.verb == Verb.WAIT)

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12."""
        return {
            "engagement": self.engagement.number,
            "changes": [_line(change) for change in self.changes],
            "waiting": [_line(change) | {"remedy": change.remedy} for change in self.waiting],
            "unchanged": sum(line.verb == Verb.KEEP for line in self.lines),
            "ledger": self.ledger.as_json(),
        }


def _line(change: Change) -> dict[str, Any]:
    return {
        "outcome": change.outcome,
        "system": change.system,
        "verb": change.verb.value,
        "summary": change.summary,
    }


def outcomes_for(
    engagement: Engagement, facts: DealFacts, *, playbook: Playbook
) -> tuple[Wanted, ...]:
    """Return everything that must be true for an engagement, in the order it is made."""
    deal = facts.deal
    return (
        *structure_of(engagement, facts, playbook),
        *bookings_wanted(engagement, facts, playbook),
        *columns_of(engagement, facts),
        LadderStands(engagement.number, deal.start_on, deal.end_on, playbook),
        *mails_of(engagement, facts, playbook),
    )


def plan_handoff(engagement: Engagement, *, playbook: Playbook, at: datetime) -> HandoffPlan:
    """Return what applying would do now. Looks only."""
    on = day_in_zone(at, playbook.organisation.zone)
    facts = facts_of(engagement.deal, on=on)
    wanted = stop_when_over(outcomes_for(engagement, facts, playbook=playbook), facts, on=on)
    return HandoffPlan(
        engagement,
        tuple(look(one) for one in wanted),
        ledger_of(facts, systems=frozenset(one.system for one in wanted), playbook=playbook),
    )
