"""The time to first value of all engagements that were ordered, as the newest looks saw it."""

from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from throughline.delivery.models import Engagement, EvidenceLook
from throughline.delivery.queries import engagements
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.shapes import iso


@dataclass(frozen=True, slots=True)
class FirstValue:
    """How long one engagement took from its order to the first value, or waits for it by now."""

    engagement: Engagement
    ordered_on: date
    first_on: date | None
    days: int | None  # to the first value; None while there is none
    waiting_days: int | None  # so far; None once there was value
    people: int | None  # in the newest window
    people_to: date | None
    is_lost: bool
    unknown_because: str  # nothing can be said of it, and why
    looked_at: datetime | None  # None: nobody has looked yet


@dataclass(frozen=True, slots=True)
class FirstValues:
    """All of them, those ordered last first, and what is usual."""

    every: tuple[FirstValue, ...]

    @property
    def reached(self) -> tuple[FirstValue, ...]:
        """Those that came to be of value."""
        return tuple(one for one in self.every if one.days is not None)

    @property
    def waiting(self) -> tuple[FirstValue, ...]:
        """Those whose use is told, and that are of no value yet."""
        told = (one for one in self.every if one.waiting_days is not None)
        return tuple(one for one in told if not one.unknown_because and one.looked_at)

    @property
    def median_days(self) -> float | None:
        """Half of those that came to be of value took at most so many days."""
        days = [one.days for one in self.every if one.days is not None]
        return float(median(days)) if days else None


def first_values(*, playbook: Playbook, on: date) -> FirstValues:
    """Return the time to first value of every engagement that was ordered; two queries.

    What came in already won was ordered by nobody here: no time runs for it.
    """
    looks = {one.pk: one for one in EvidenceLook.objects.all()}
    ordered = engagements().filter(deal__order__isnull=False).order_by("-deal__order__at", "-pk")
    zone = playbook.organisation.zone
    return FirstValues(
        tuple(
            _seen(one, looks.get(one.number), day_in_zone(one.deal.order.at, zone), on)
            for one in ordered
        )
    )


def valued(found: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Return the engagements that were ordered and came to be of value."""
    came = EvidenceLook.objects.filter(pk=OuterRef("pk"), first_value_on__isnull=False)
    return found.filter(Exists(came), deal__order__isnull=False)


def days_to_first_value(*, playbook: Playbook) -> list[int]:
    """Return the days from order to first value of those that came there; two narrow queries."""
    zone = playbook.organisation.zone
    came = dict(
        EvidenceLook.objects.filter(first_value_on__isnull=False).values_list(
            "pk", "first_value_on"
        )
    )
    ordered = valued(Engagement.objects.filter(deal__deleted_at=None))
    return [
        (came[number] - day_in_zone(at, zone)).days
        for number, at in ordered.values_list("pk", "deal__order__at")
    ]


def _seen(
    engagement: Engagement, look: EvidenceLook | None, ordered_on: date, on: date
) -> FirstValue:
    first_on = look.first_value_on if look else None
    return FirstValue(
        engagement=engagement,
        ordered_on=ordered_on,
        first_on=first_on,
        days=(first_on - ordered_on).days if first_on else None,
        waiting_days=None if first_on else max((on - ordered_on).days, 0),
        people=look.people if look else None,
        people_to=look.people_to if look else None,
        is_lost=look.is_lost if look else False,
        unknown_because=look.unknown_because if look else "",
        looked_at=look.at if look else None,
    )


def first_values_shape(found: FirstValues) -> dict[str, Any]:
    """Return all of them as JSON."""
    return {
        "median_days": found.median_days,
        "reached": len(found.reached),
        "waiting": len(found.waiting),
        "engagements": [_shape(one) for one in found.every],
    }


def _shape(one: FirstValue) -> dict[str, Any]:
    return {
        "engagement": one.engagement.number,
        "deal": one.engagement.deal.reference,
        "name": one.engagement.deal.name,
        "ordered_on": iso(one.ordered_on),
        "first_value_on": iso(one.first_on),
        "days": one.days,
        "waiting_days": one.waiting_days,
        "people": one.people,
        "people_to": iso(one.people_to),
        "is_lost": one.is_lost,
        "unknown_because": one.unknown_because or None,
        "looked_at": iso(one.looked_at),
    }
