"""Reads of returned handoffs, and with whom the ball is until PS has accepted."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from throughline.delivery.models import Engagement, HandoffReturn
from throughline.delivery.words import Origin


@dataclass(frozen=True, slots=True)
class HandoffBall:
    """Whose move a handoff is, and since when."""

    party: str  # "BD" or "PS"
    since: datetime


def returns_of(engagement: Engagement) -> QuerySet[HandoffReturn]:
    """Return every line that PS has returned, the oldest first: the history of the handover."""
    return HandoffReturn.objects.filter(engagement=engagement).order_by("at", "pk")


def open_returns(engagement: Engagement) -> QuerySet[HandoffReturn]:
    """Return the lines that BD has not answered."""
    return returns_of(engagement).filter(answered_at=None)


def returned() -> QuerySet[HandoffReturn]:
    """Return what BD has to answer in all handoffs, the oldest first."""
    return (
        HandoffReturn.objects.filter(answered_at=None)
        .select_related("engagement__deal__community")
        .order_by("at", "pk")
    )


def handoff_ball(engagement: Engagement) -> HandoffBall | None:
    """Return whose move it is: BD's while a returned line waits; None where nobody need accept.

    One query. An engagement that came in already won is nobody's move.
    """
    if engagement.accepted_at is not None or engagement.origin != Origin.ORDERED:
        return None
    found = list(returns_of(engagement))
    waiting = [one.at for one in found if one.answered_at is None]
    if waiting:
        return HandoffBall("BD", min(waiting))
    answered = [one.answered_at for one in found if one.answered_at is not None]
    return HandoffBall("PS", max(answered, default=engagement.opened_at))
