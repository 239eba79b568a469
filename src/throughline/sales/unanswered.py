"""Deals that wait for PS to say whether they can be delivered."""

from dataclasses import dataclass
from datetime import datetime

from throughline.journal.remembering import remembered
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.gates.gate import JudgedCondition
from throughline.sales.judging import JUDGED, Judging
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts
from throughline.sales.waiting import LOOKED_AT, deals_in_progress

CODE = "capacity.answered"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A deal whose next gate wants PS's capacity answer: there is none, or it counts no longer."""

    deal: Deal
    condition: JudgedCondition
    hours: str  # of its newest estimate, "10–20 h"; "" where there is none
    since: datetime


def unanswered_deals(judging: Judging) -> list[Unanswered]:
    """Return the deals that wait for a capacity answer, the longest waiting first.

    Looks at the 50 that have stood longest where the next gate wants one, in a constant number of
    queries. A waived answer is not waited for.
    """
    playbook = judging.playbook
    stages = [stage.code for stage in playbook.stages if _wants_it(stage.code, playbook)]
    chosen = deals_in_progress(playbook).filter(stage__in=stages).values_list("pk", flat=True)
    return [
        Unanswered(one.facts.deal, condition, _hours(one.facts), one.facts.deal.stage_since)
        for one in judging.of(chosen[:LOOKED_AT])
        for condition in one.gate.in_the_way
        if condition.code == CODE
    ]


def unanswered_as_known(judging: Judging) -> list[Unanswered]:
    """Return what `unanswered_deals` does, remembered until something is done that changes it."""
    playbook = judging.playbook
    key = ("unanswered", day_in_zone(judging.at, playbook.organisation.zone), playbook.sha256)
    return remembered(key, JUDGED, lambda: unanswered_deals(judging))


def _wants_it(stage: str, playbook: Playbook) -> bool:
    following = playbook.next_stage(stage)
    return following is not None and any(one.code == CODE for one in following.conditions)


def _hours(facts: DealFacts) -> str:
    statement = facts.statement
    return f"{float(statement.low_h):g}–{float(statement.high_h):g} h" if statement else ""
