"""What the pipeline shows: columns of cards, or the same deals as rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.gates.ball import parties_to_act
from throughline.sales.gates.finding import CONDITIONS, Question
from throughline.sales.gates.gate import PASSABLE, Gate, judge
from throughline.sales.pipeline import StageSum
from throughline.sales.queries import DealFacts
from throughline.sales.waiting import ball_of
from throughline.sales.words import UNMAPPED, ConditionStatus, ExceptionState
from throughline.web.moment import Moment
from throughline.web.sales.terms import term_words

CARDS = 50  # of a column; the others are counted
BOARD = 64  # of all columns together, so that a full board is quick and small, too
UNMAPPED_KEY = "unmapped"
ANY_NUMBER = 10**15  # stands for a deal's number in an address, and is nobody's


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be told of a deal at a glance; None and "" where there is nothing to tell."""

    number: int
    url: str
    community: str
    name: str
    stage: str
    amount: Decimal | None
    currency: str
    term: str
    ball_with: str
    ball_days: int
    stage_days: int
    settled: str
    gate_met: int
    gate_total: int
    capacity: str
    exception: bool
    waits_for: tuple[str, ...]
    move_url: str = ""
    moves_url: str = ""
    seen: int = 0  # the newest entry of the journal about it
    money_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board."""

    key: str
    label: str
    count: int
    total: Decimal | None
    weighted: Decimal | None
    currency: str
    others: tuple[StageSum, ...]
    waiting: str
    cards: Sequence[Glance]
    empty: str
    more_url: str
    more_count: int
    money_hidden: bool


@dataclass(frozen=True)
class Viewer:
    """For whom the pipeline is drawn, and when."""

    now: Moment
    sees_money: bool
    moves_deals: bool
    edits_deals: bool
    address: str  # of the page, to come back to
    seen: Mapping[int, int] = field(default_factory=dict)  # newest entry by the deal's number

    @cached_property
    def _deal_address(self) -> str:
        return reverse("web:deal", args=[ANY_NUMBER])

    @cached_property
    def _move_address(self) -> str:
        back = urlencode({"back": self.address})
        return f"{reverse('web:deal-advance', args=[ANY_NUMBER])}?{back}"

    def deal_address(self, number: int) -> str:
        """Return the address of a deal; made once for all of them."""
        return self._deal_address.replace(str(ANY_NUMBER), str(number))

    def move_address(self, number: int) -> str:
        """Return where a card posts to when it is dropped; "" for those who may not move it."""
        return self._move_address.replace(str(ANY_NUMBER), str(number)) if self.moves_deals else ""

    @cached_property
    def _moves_address(self) -> str:
        back = urlencode({"back": self.address})
        return f"{reverse('web:deal-moves', args=[ANY_NUMBER])}?{back}"

    def moves_address(self, number: int) -> str:
        """Return the list of stages that a deal can move to; "" for those who may not move it."""
        return self._moves_address.replace(str(ANY_NUMBER), str(number)) if self.moves_deals else ""


def glance_at(facts: DealFacts, viewer: Viewer) -> Glance:
    """Return what a card or a row says about a deal."""
    deal, now = facts.deal, viewer.now
    gate = next_gate(facts, now)
    required = [one for one in gate.conditions if one.required] if gate else []
    ball = ball_of(gate, facts) if gate else None
    return Glance(
        number=deal.pk,
        url=viewer.deal_address(deal.pk),
        community=deal.community.short_name if deal.community else deal.name,
        name=deal.name,
        stage=stage_name(deal.stage, now.playbook),
        amount=deal.amount,
        currency=deal.currency,
        term=term_words(deal.start_on, deal.end_on),
        ball_with=ball.party.label if ball else "",
        ball_days=days_since(ball.since if ball else deal.stage_since, now),
        stage_days=days_since(deal.stage_since, now),
        settled=settled_words(facts, now),
        gate_met=sum(one.status in PASSABLE for one in required),
        gate_total=len(required),
        capacity=capacity_light(facts, now),
        exception=any(one.state == ExceptionState.OPEN for one in deal.exceptions.all()),
        waits_for=tuple(party.label for party in parties_to_act(gate, facts)) if gate else (),
        move_url=viewer.move_address(deal.pk),
        moves_url=viewer.moves_address(deal.pk),
        seen=viewer.seen.get(deal.pk, 0),
        money_hidden=not viewer.sees_money,
    )


def next_gate(facts: DealFacts, now: Moment) -> Gate | None:
    """Return the gate of the stage that follows; None where none does."""
    following = now.playbook.next_stage(facts.deal.stage)
    if following is None:
        return None
    return judge(facts, to=following, playbook=now.playbook, at=now.at)


def days_since(at: datetime, now: Moment) -> int:
    """Return how many calendar days ago an instant was."""
    return (now.on - day_in_zone(at, now.playbook.organisation.zone)).days


def stage_name(code: str, playbook: Playbook) -> str:
    """Return what people call a stage; one that the playbook no longer has goes by its code."""
    if code == UNMAPPED:
        return "Unmapped"
    return next((stage.name for stage in playbook.stages if stage.code == code), code)


def capacity_light(facts: DealFacts, now: Moment) -> str:
    """Return PS's answer, or "stale" where it no longer counts; "" before there is one."""
    if facts.capacity is None:
        return ""
    found = CONDITIONS.get("capacity.answered")(Question(facts, now.playbook, now.on))
    return "stale" if found.status == ConditionStatus.STALE else str(facts.capacity.answer)


def settled_words(facts: DealFacts, now: Moment) -> str:
    """Return what became of a deal that waits for nobody; "" while it is on its way."""
    deal = facts.deal
    kinds = {stage.code: stage.kind for stage in now.playbook.stages}
    match kinds.get(deal.stage):
        case "won":
            return "Won"
        case "lost":
            return f"Lost: {deal.lost_reason}" if deal.lost_reason else "Lost"
        case None:
            return f"“{deal.stage_elsewhere}” elsewhere" if deal.stage_elsewhere else "No stage"
        case _:
            return ""


def columns_of(
    sums: Iterable[StageSum],
    by_stage: dict[str, list[DealFacts]],
    viewer: Viewer,
    *,
    query: Mapping[str, str | list[str]],
) -> list[Column]:
    """Return a column for each stage of the playbook, and one for unmapped deals if there are any.

    A stage that the playbook no longer has is unmapped, too: no deal is ever dropped.
    """
    known = {stage.code for stage in viewer.now.playbook.stages}
    totals: dict[str, list[StageSum]] = {}
    for one in sums:
        totals.setdefault(one.stage if one.stage in known else UNMAPPED, []).append(one)
    columns = [
        _column(stage, totals.get(stage.code, []), by_stage.get(stage.code, []), viewer, query)
        for stage in viewer.now.playbook.stages
    ]
    if UNMAPPED in totals:
        strays = [one for code, found in by_stage.items() if code not in known for one in found]
        columns.append(_column(None, totals[UNMAPPED], strays[:CARDS], viewer, query))
    return columns


def _column(
    stage: Stage | None,
    sums: list[StageSum],
    found: list[DealFacts],
    viewer: Viewer,
    query: Mapping[str, str | list[str]],
) -> Column:
    key = stage.code if stage else UNMAPPED_KEY
    cards = [glance_at(one, viewer) for one in found]
    count = sum(one.count for one in sums)
    first = (
        sums[0] if sums else StageSum(key, viewer.now.playbook.organisation.currency, 0, None, None)
    )
    more = {**query, "view": "table", "stage": key}
    return Column(
        key=key,
        label=stage.name if stage else "Unmapped",
        count=count,
        total=first.total if sums else Decimal(0),
        weighted=first.weighted,
        currency=first.currency,
        others=tuple(sums[1:]),
        waiting=_waiting(cards, count) if stage is None or stage.kind == "open" else "",
        cards=cards,
        empty=_empty(stage, viewer.now.playbook),
        more_url=f"?{urlencode(more, doseq=True)}" if count > len(cards) else "",
        more_count=count - len(cards),
        money_hidden=not viewer.sees_money,
    )


def _waiting(cards: list[Glance], count: int) -> str:
    """Return whom the deals wait for, in words; it says so where only some were looked at."""
    waits = Counter(party for card in cards for party in card.waits_for)
    parts = [f"{n} wait{'s' if n == 1 else ''} for {party}" for party, n in waits.most_common()]
    ready = sum(bool(card.gate_total) and card.gate_met >= card.gate_total for card in cards)
    parts += [f"{ready} ready to move"] if ready else []
    words = ", ".join(parts)
    return f"Of the newest {len(cards)}: {words}" if words and count > len(cards) else words


def _empty(stage: Stage | None, playbook: Playbook) -> str:
    if stage is None:
        return ""
    if stage.kind == "lost":
        return "A deal that was lost comes here with its reason, from any stage."
    if stage == playbook.stages[0]:
        return "A deal begins here: press “New deal”, or import the deals of another system."
    count = sum(one.required for one in stage.conditions)
    return f"A deal comes here once its {count} conditions hold, or are waived."
