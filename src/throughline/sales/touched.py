"""Which live deals another playbook would touch: every open deal, judged under both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.gates.gate import Gate, judge
from throughline.sales.loading import facts_of_many
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts
from throughline.sales.shapes import stage_name


@dataclass(frozen=True, slots=True)
class TouchedDeal:
    """A deal whose next gate is another one under other rules."""

    deal: Deal
    stage: str  # as people call it now
    to_before: str  # the stage that follows, by name; "" where none does
    to_after: str
    open_before: bool
    open_after: bool
    more: tuple[str, ...]  # conditions in the way that were not
    less: tuple[str, ...]  # conditions no longer in the way
    notes: tuple[str, ...] = ()

    @property
    def effect(self) -> str:
        """What happens to its next gate, in a word."""
        if self.open_before != self.open_after:
            return "opens" if self.open_after else "closes"
        return "changes"

    def as_json(self) -> dict[str, Any]:
        """Return it as the command and the page's export say it."""
        return {
            "deal": self.deal.reference,
            "name": self.deal.name,
            "stage": self.stage,
            "to_before": self.to_before or None,
            "to_after": self.to_after or None,
            "effect": self.effect,
            "more": list(self.more),
            "less": list(self.less),
            "notes": list(self.notes),
        }


def deals_touched(old: Playbook, new: Playbook, *, at: datetime) -> list[TouchedDeal]:
    """Return the open deals that another playbook touches; a constant number of queries."""
    is_open = {one.code for book in (old, new) for one in book.stages if one.kind == "open"}
    numbers = Deal.objects.filter(stage__in=is_open).values_list("pk", flat=True)
    on = day_in_zone(at, old.organisation.zone)
    found = [_touched(one, old, new, at=at) for one in facts_of_many(numbers, on=on)]
    return [one for one in found if one is not None]


def _touched(facts: DealFacts, old: Playbook, new: Playbook, *, at: datetime) -> TouchedDeal | None:
    before, after = _next_gate(facts, old, at=at), _next_gate(facts, new, at=at)
    notes = tuple(_notes(facts.deal, old, new))
    was, now = _in_the_way(before), _in_the_way(after)
    same = _to(before) == _to(after) and was == now and _is_open(before) == _is_open(after)
    if same and not notes:
        return None
    return TouchedDeal(
        facts.deal,
        stage_name(facts.deal.stage, old) or "",
        (stage_name(_to(before), old) or "") if before else "",
        (stage_name(_to(after), new) or "") if after else "",
        _is_open(before),
        _is_open(after),
        tuple(code for code in now if code not in was),
        tuple(code for code in was if code not in now),
        notes,
    )


def _next_gate(facts: DealFacts, playbook: Playbook, *, at: datetime) -> Gate | None:
    following = playbook.next_stage(facts.deal.stage)
    return judge(facts, to=following, playbook=playbook, at=at) if following else None


def _notes(deal: Deal, old: Playbook, new: Playbook) -> list[str]:
    """Return what the deal has and the other playbook does not know."""
    notes = []
    known = {one.code for one in new.stages}
    if deal.stage in {one.code for one in old.stages} - known:
        notes.append("Its stage is gone: the deal would stand in no column that is known.")
    if deal.tier in {one.code for one in old.tiers} - {one.code for one in new.tiers}:
        notes.append("Its tier is gone: another one must be chosen.")
    return notes


def _in_the_way(gate: Gate | None) -> tuple[str, ...]:
    return tuple(one.code for one in gate.in_the_way) if gate else ()


def _to(gate: Gate | None) -> str:
    return gate.to_stage if gate else ""


def _is_open(gate: Gate | None) -> bool:
    return gate is not None and gate.is_open
