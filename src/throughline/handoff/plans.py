"""Planning: look at the world, say what is missing, change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from throughline.delivery.joined import has_gone_on
from throughline.delivery.models import Engagement
from throughline.handoff.audience import keep_private
from throughline.handoff.clocks import DATABASE_CLOCK, Clock
from throughline.handoff.connected import Outside, connected
from throughline.handoff.early_start import stop_when_over
from throughline.handoff.ignoring import leave_ignored
from throughline.handoff.ledger import Ledger, ledger_of
from throughline.handoff.looks import lines_of, look_at_all
from throughline.handoff.outcomes.bookings import bookings_wanted
from throughline.handoff.outcomes.budgets import budgets_of
from throughline.handoff.outcomes.ladder import LadderStands
from throughline.handoff.outcomes.mails import mails_of
from throughline.handoff.outcomes.structure import structure_of
from throughline.handoff.outcomes.workbook import columns_of
from throughline.handoff.wanted import Change, Doing, Wanted
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
    outside: frozenset[str] = frozenset()  # which systems are not ours

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would be created or updated."""
        return tuple(line for line in self.lines if line.verb in {Verb.CREATE, Verb.UPDATE})

    @property
    def waiting(self) -> tuple[Change, ...]:
        """What waits for a person."""
        return tuple(line for line in self.lines if line.verb == Verb.WAIT)

    @property
    def later(self) -> tuple[Change, ...]:
        """What could not be looked at for now: time mends it, and nobody is asked."""
        return tuple(line for line in self.lines if line.verb == Verb.LATER)

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12."""
        return {
            "engagement": self.engagement.number,
            "changes": [_line(change) for change in self.changes],
            "waiting": [_line(change) | {"remedy": change.remedy} for change in self.waiting],
            "later": [_line(change) | {"remedy": change.remedy} for change in self.later],
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
    engagement: Engagement,
    facts: DealFacts,
    *,
    playbook: Playbook,
    outside: Sequence[Outside] = (),
) -> tuple[Wanted, ...]:
    """Return everything that must be true for an engagement, in the order it is made.

    What is wanted of outside systems is named in `connected.py`. Of an engagement that goes on as
    another nothing is wanted any more.
    """
    if has_gone_on(engagement):
        return ()
    deal = facts.deal
    return (
        *structure_of(engagement, facts, playbook),
        *bookings_wanted(engagement, facts, playbook),
        *columns_of(engagement, facts, playbook),
        *budgets_of(engagement, playbook),
        LadderStands(engagement.number, deal.start_on, deal.end_on, playbook),
        *mails_of(engagement, facts, playbook),
        *(one for system in outside for one in system.wanted_of(engagement, facts, playbook)),
    )


def wanted_now(
    engagement: Engagement,
    *,
    playbook: Playbook,
    at: datetime,
    outside: Sequence[Outside] = (),
) -> tuple[tuple[Wanted, ...], DealFacts]:
    """Return what must be true at an instant, with what holds some of it back, and the facts."""
    on = day_in_zone(at, playbook.organisation.zone)
    facts = facts_of(engagement.deal, on=on)
    every = outcomes_for(engagement, facts, playbook=playbook, outside=outside)
    open_ones = keep_private(stop_when_over(every, facts, on=on), facts)
    return leave_ignored(open_ones, engagement, on=on), facts


def plan_handoff(
    engagement: Engagement,
    *,
    playbook: Playbook,
    at: datetime,
    outside: Sequence[Outside] | None = None,
    clock: Clock = DATABASE_CLOCK,
) -> HandoffPlan:
    """Return what applying would do now. Looks only; each outside system once."""
    systems = connected() if outside is None else outside
    wanted, facts = wanted_now(engagement, playbook=playbook, at=at, outside=systems)
    looks = look_at_all(wanted, systems, limits=playbook.limits, doing=Doing("plan", at, clock))
    return HandoffPlan(
        engagement,
        lines_of(looks, wanted),
        ledger_of(facts, keys=(one.key for one in wanted), playbook=playbook),
        frozenset(one.system.name for one in systems),
    )
