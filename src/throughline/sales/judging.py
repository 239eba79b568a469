"""Deals with the gate that follows, each judged once however often it is asked about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from throughline.journal.remembering import Acts
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.gates.gate import Gate, judge
from throughline.sales.loading import facts_of_many
from throughline.sales.queries import DealFacts

# What can change how a deal is judged: its facts, its community's, PS's answers, people's names.
JUDGED = Acts(("capacity.", "communities.", "documents.", "intake.", "people.", "sales."))


@dataclass(frozen=True, slots=True)
class Judged:
    """A deal that could go on, the stage that follows, and the gate before it."""

    facts: DealFacts
    to: Stage
    gate: Gate


class Judging:
    """What was judged for one page or command, at one instant by one playbook."""

    def __init__(self, playbook: Playbook, at: datetime) -> None:
        """Begin with nothing."""
        self.playbook, self.at = playbook, at
        self._known: dict[int, Judged | None] = {}

    def of(self, numbers: Iterable[int]) -> list[Judged]:
        """Return deals in the given order, without those that no stage follows.

        A constant number of queries, and none for deals that were judged before.
        """
        wanted = list(numbers)
        if missing := [one for one in wanted if one not in self._known]:
            on = day_in_zone(self.at, self.playbook.organisation.zone)
            for facts in facts_of_many(missing, on=on):
                self._known[facts.deal.pk] = self._judged(facts)
        found = (self._known.get(one) for one in wanted)
        return [one for one in found if one is not None]

    def _judged(self, facts: DealFacts) -> Judged | None:
        following = self.playbook.next_stage(facts.deal.stage)
        if following is None:
            return None
        gate = judge(facts, to=following, playbook=self.playbook, at=self.at)
        return Judged(facts, following, gate)
