"""Reads of joint work: one project that several engagements pay for. Source: E19."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from throughline.delivery.models import Deliverable, Engagement, JointShare, JointWork
from throughline.delivery.words import DeliverableState
from throughline.kernel.money import shown
from throughline.sales.models import Agreement, Deal
from throughline.sales.queries import is_executed

CENT, HUNDRED = Decimal("0.01"), Decimal(100)


@dataclass(frozen=True, slots=True)
class ShareNow:
    """What one deal carries now: per cent, hours of the low and high estimates, and money."""

    deal: Deal
    pct: Decimal
    low_h: Decimal
    high_h: Decimal
    money: Decimal | None  # None: nobody has agreed on a price yet
    currency: str  # of the price
    has_signed: bool

    @property
    def is_in_another_currency(self) -> bool:
        """Whether the deal pays in another currency than the work is priced in."""
        return self.money is not None and self.deal.currency != self.currency


@dataclass(frozen=True, slots=True)
class JointState:
    """A joint work with the shares that stand; they always add up to all of it."""

    work: JointWork
    shares: tuple[ShareNow, ...]
    left: tuple[JointShare, ...]

    @property
    def signed(self) -> int:
        """How many of those who carry it have an executed agreement."""
        return sum(share.has_signed for share in self.shares)

    @property
    def may_start(self) -> bool:
        """Whether as many have signed as were wanted."""
        return self.signed >= self.work.threshold


def joint_works() -> QuerySet[JointWork]:
    """Return joint works with shares, deals and deliverables, in a constant number of queries."""
    agreements = Agreement.objects.filter(amends=None).prefetch_related("signatories")
    shares = JointShare.objects.select_related("deal__community").prefetch_related(
        Prefetch("deal__agreements", queryset=agreements)
    )
    return (
        JointWork.objects.select_related("project__engagement__deal")
        .prefetch_related(Prefetch("shares", shares.order_by("pk")), "project__deliverables")
        .order_by("pk")
    )


def joint_works_of(engagement: Engagement) -> QuerySet[JointWork]:
    """Return the joint works that an engagement has a share in now."""
    standing = JointShare.objects.filter(deal=engagement.pk, left_at=None)
    return joint_works().filter(pk__in=standing.values("work"))


def state_of(work: JointWork) -> JointState:
    """Return who carries how much of a joint work; it comes from `joint_works`."""
    every = list(work.shares.all())
    standing = [one for one in every if one.left_at is None]
    parts = [one.parts for one in standing]
    counted = [
        one for one in work.project.deliverables.all() if one.state != DeliverableState.DROPPED
    ]
    lows = split(sum((one.low_h or Decimal(0) for one in counted), Decimal(0)), parts)
    highs = split(sum((one.high_h or Decimal(0) for one in counted), Decimal(0)), parts)
    price = work.price
    money = [None for _ in parts] if price is None else split(price, parts)
    return JointState(
        work,
        tuple(
            ShareNow(
                one.deal,
                pct,
                low,
                high,
                amount,
                work.currency,
                any(is_executed(a) for a in one.deal.agreements.all()),
            )
            for one, pct, low, high, amount in zip(
                standing, split(HUNDRED, parts), lows, highs, money, strict=True
            )
        ),
        tuple(one for one in every if one.left_at is not None),
    )


def split(whole: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Return a whole in shares of two decimals that add up to it; the largest remainders round up."""
    total = sum(parts, Decimal(0))
    exact = [whole * part / total for part in parts]
    found = [one.quantize(CENT, rounding=ROUND_DOWN) for one in exact]
    rest = int((whole - sum(found, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda place: found[place] - exact[place])
    for place in by_remainder[:rest]:
        found[place] += CENT
    return found


def shared_with(engagement: Engagement) -> Q:
    """Return which deliverables an engagement stands for: its own, and those it has a share in."""
    shares = JointShare.objects.filter(deal=engagement.pk, left_at=None)
    projects = shares.values("work__project")
    return Q(project__engagement=engagement) | Q(project__in=projects)


def joint_shape(state: JointState, *, with_money: bool) -> dict[str, Any]:
    """Return a joint work as JSON; hours are numbers, money a text, and null for who may not see it."""
    work = state.work
    price = work.price if with_money else None
    return {
        "joint_work": work.pk,
        "title": work.title,
        "project": work.project_id,
        "carried_by": work.project.engagement_id,
        "threshold": work.threshold,
        "signed": state.signed,
        "price": shown(price),
        "currency": work.currency or None,
        "started_at": work.started_at.isoformat() if work.started_at else None,
        "shares": [
            {
                "deal": share.deal.reference,
                "pct": float(share.pct),
                "low_h": float(share.low_h),
                "high_h": float(share.high_h),
                "money": shown(share.money) if with_money else None,
                "signed": share.has_signed,
            }
            for share in state.shares
        ],
        "left": [{"deal": one.deal.reference, "why": one.left_why} for one in state.left],
    }


def joint_deliverables(work: JointWork) -> QuerySet[Deliverable]:
    """Return what a joint work delivers, as it falls due."""
    return Deliverable.objects.filter(project=work.project_id).order_by("due_on", "pk")
