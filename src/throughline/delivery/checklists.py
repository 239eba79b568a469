"""Reads of one deliverable's way to being done: its points, what it needs, hours."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from throughline.delivery.models import Deliverable, Evidence, JointWork, Need
from throughline.delivery.words import DeliverableState

FINISHED = (DeliverableState.DONE, DeliverableState.VERIFIED, DeliverableState.DROPPED)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a definition of done, and who said when that it holds."""

    text: str
    by: str = ""
    at: datetime | None = None

    @property
    def is_ticked(self) -> bool:
        """Whether somebody said that it holds."""
        return self.at is not None


@dataclass(frozen=True, slots=True)
class Hours:
    """What a deliverable was estimated to take, and what it took."""

    low_h: Decimal | None
    high_h: Decimal | None
    spent_h: Decimal

    @property
    def is_over(self) -> bool:
        """Whether more was spent than the high estimate."""
        return self.high_h is not None and self.spent_h > self.high_h


def digest(point: str) -> str:
    """Return what names a point of a definition of done, however long it is."""
    return hashlib.sha256(point.encode()).hexdigest()


def with_evidence(found: QuerySet[Deliverable]) -> QuerySet[Deliverable]:
    """Return deliverables with their evidence and its files, in order; one query more."""
    looks = Evidence.objects.select_related("document").order_by("at", "pk")
    return found.prefetch_related(Prefetch("evidence", looks))


def with_checklists(found: QuerySet[Deliverable]) -> QuerySet[Deliverable]:
    """Return deliverables with ticks, hours and what they need; three queries more."""
    needs = Need.objects.select_related("needed").order_by("needed__due_on", "needed_id")
    return found.prefetch_related("ticks", "spent", Prefetch("needs", needs))


def points_of(deliverable: Deliverable) -> tuple[Point, ...]:
    """Return the definition of done as a check list; `ticks` come prefetched where many are asked."""
    said = {tick.point_sha256: tick for tick in deliverable.ticks.all()}
    found = []
    for text in deliverable.definition_of_done:
        tick = said.get(digest(text))
        found.append(Point(text, tick.by, tick.at) if tick else Point(text))
    return tuple(found)


def hours_of(deliverable: Deliverable) -> Hours:
    """Return estimate and hours spent; `spent` comes prefetched where many are asked."""
    spent = sum((one.hours for one in deliverable.spent.all()), Decimal(0))
    return Hours(deliverable.low_h, deliverable.high_h, spent)


def waits_for(deliverable: Deliverable) -> tuple[Deliverable, ...]:
    """Return what must be done before a deliverable can be, and is not yet."""
    needs = deliverable.needs.all()
    return tuple(one.needed for one in needs if one.needed.state not in FINISHED)


def due_before_what_it_needs(deliverable: Deliverable) -> tuple[Deliverable, ...]:
    """Return what a deliverable needs and what is due only after it."""
    return tuple(one for one in waits_for(deliverable) if _is_after(one.due_on, deliverable.due_on))


def _is_after(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one > other


def joint_work_of(deliverable: Deliverable) -> JointWork | None:
    """Return the joint work that a deliverable is part of; None where one engagement pays alone."""
    return JointWork.objects.filter(project=deliverable.project_id).first()


def checklist_shape(deliverable: Deliverable) -> dict[str, Any]:
    """Return owner, points, hours and needs as JSON; it comes from `with_checklists`."""
    hours = hours_of(deliverable)
    return {
        "owner": deliverable.owner or None,
        "points": [
            {"text": one.text, "by": one.by or None, "at": one.at.isoformat() if one.at else None}
            for one in points_of(deliverable)
        ],
        "spent_h": float(hours.spent_h),
        "needs": [one.needed_id for one in deliverable.needs.all()],
        "waits_for": [one.pk for one in waits_for(deliverable)],
    }


def sum_hours(deliverables: Iterable[Deliverable]) -> Hours:
    """Return the hours of several deliverables; estimates count where there are any."""
    every = [hours_of(one) for one in deliverables]
    lows = [one.low_h for one in every if one.low_h is not None]
    highs = [one.high_h for one in every if one.high_h is not None]
    return Hours(
        sum(lows, Decimal(0)) if lows else None,
        sum(highs, Decimal(0)) if highs else None,
        sum((one.spent_h for one in every), Decimal(0)),
    )
