"""Deals and their parts that wait for somebody, and since when."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.gates.ball import Party, ball_holder, party_to_act
from throughline.sales.gates.gate import Gate, JudgedCondition
from throughline.sales.judging import Judging
from throughline.sales.models import (
    Agreement,
    Deal,
    EarlyStart,
    GateException,
    Order,
    Review,
    SponsorWork,
)
from throughline.sales.queries import (
    DealFacts,
    chain_of,
    facts_of,
    is_executed,
)
from throughline.sales.reviews import open_reviews
from throughline.sales.words import ExceptionState, WorkKind

HELD = 100  # deals whose gates are judged for one number
LOOKED_AT = 50  # judging is cheap, not free: the deals that have not moved for longest come first


WORK_OF = {
    "legal.involved": WorkKind.LEGAL,
    "invoicing.prepared": WorkKind.INVOICING,
    "agreement.executed": WorkKind.SIGNATURES,
}


@dataclass(frozen=True, slots=True)
class Ball:
    """With whom the ball is, and since when."""

    party: Party
    since: datetime


def ball_of(gate: Gate, facts: DealFacts) -> Ball:
    """Return whose move a deal is, and since when: since they were asked, else since it is here."""
    party = ball_holder(gate, facts)
    first = next(iter(gate.in_the_way), None)
    asked = None if first is None or party == Party.BD else _asked_at(first.code, facts)
    return Ball(party, asked or facts.deal.stage_since)


def _asked_at(code: str, facts: DealFacts) -> datetime | None:
    """Return when PS or the Sponsor was asked for what a condition wants; None if never."""
    deal = facts.deal
    match code:
        case "ps.reviewed" | "capacity.answered":
            found = [one.asked_at for one in deal.reviews.all() if one.is_open]
        case "sow.signed_off":
            found = [facts.statement.imported_at] if facts.statement else []
        case _:
            kind = WORK_OF.get(code)
            open_work = (one for one in deal.sponsor_work.all() if one.done_at is None)
            found = [one.asked_at for one in open_work if one.kind == kind]
    return min(found, default=None)


@dataclass(frozen=True, slots=True)
class WaitingDeal:
    """A deal, the stage it could enter next, and what BD can do for that now."""

    deal: Deal
    to: Stage
    to_do: tuple[JudgedCondition, ...]  # empty: the gate is open, and moving on is all


def deals_in_progress(playbook: Playbook) -> QuerySet[Deal]:
    """Return the deals that are neither won nor lost, the one that has stood longest first."""
    open_stages = [stage.code for stage in playbook.stages if stage.kind == "open"]
    return Deal.objects.filter(stage__in=open_stages).order_by("stage_since", "pk")


def waiting_for_bd(judging: Judging, *, owner: str) -> list[WaitingDeal]:
    """Return the deals for whose next gate BD can do something now, the longest waiting first.

    Deals of `owner` and deals that nobody has; of all of them where it is "". Looks at the 50
    that have stood longest, in a constant number of queries.
    """
    wanted = deals_in_progress(judging.playbook)
    if owner:
        wanted = wanted.filter(owner__in=["", owner])
    found = []
    for one in judging.of(wanted.values_list("pk", flat=True)[:LOOKED_AT]):
        in_the_way = one.gate.in_the_way
        to_do = tuple(each for each in in_the_way if party_to_act(each, one.facts) == Party.BD)
        if to_do or not in_the_way:
            found.append(WaitingDeal(one.facts.deal, one.to, to_do))
    return found


@dataclass(frozen=True, slots=True)
class HeldDeal:
    """A deal whose next gate lacks something, and whose move it is."""

    deal: Deal
    to: Stage
    gate: Gate
    ball: Ball


def deals_held(judging: Judging) -> list[HeldDeal]:
    """Return the deals whose next gate is closed, the one that has stood longest first.

    Looks at the `HELD` that have stood longest, in a constant number of queries.
    """
    numbers = deals_in_progress(judging.playbook).values_list("pk", flat=True)[:HELD]
    return [
        HeldDeal(one.facts.deal, one.to, one.gate, ball_of(one.gate, one.facts))
        for one in judging.of(numbers)
        if not one.gate.is_open
    ]


def open_exceptions() -> QuerySet[GateException]:
    """Return the moves past an open gate that nobody has explained, the oldest first."""
    return (
        GateException.objects.filter(state=ExceptionState.OPEN)
        .select_related("deal__community")
        .order_by("found_at", "pk")
    )


def unanswered_reviews() -> QuerySet[Review]:
    """Return what BD has asked PS and PS has neither answered nor declined, the oldest first."""
    return open_reviews()


def early_starts_that_ran_out(*, on: date) -> QuerySet[Order]:
    """Return the orders under an early start that is over, while the agreement is not executed."""
    orders = Order.objects.filter(early_start__isnull=False).exclude(
        deal__early_starts__until_on__gte=on
    )
    numbers = [order.pk for order in _with_agreements(orders) if _is_unsigned(order)]
    return (
        Order.objects.filter(pk__in=numbers)
        .select_related("deal__community", "early_start")
        .order_by("at", "pk")
    )


def early_start_over(number: int, *, on: date) -> EarlyStart | None:
    """Return the leave under which a deal was ordered, if it is over and nothing is signed.

    One query for the many deals that were not ordered early.
    """
    order = Order.objects.filter(deal=number, early_start__isnull=False).first()
    return facts_of(order.deal, on=on).early_start_over(on) if order else None


def _with_agreements(orders: QuerySet[Order]) -> QuerySet[Order]:
    signed = Agreement.objects.prefetch_related("signatories")
    return orders.select_related("deal").prefetch_related(
        Prefetch("deal__agreements", queryset=signed)
    )


def _is_unsigned(order: Order) -> bool:
    chain = chain_of(order.deal.agreements.all())
    return not is_executed(chain[0] if chain else None)


def open_sponsor_work() -> QuerySet[SponsorWork]:
    """Return what the Sponsor is asked to do and has not done, the oldest first."""
    return (
        SponsorWork.objects.filter(done_at=None)
        .select_related("deal__community")
        .order_by("asked_at", "pk")
    )
