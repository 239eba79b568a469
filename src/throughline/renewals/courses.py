"""What was decided about an engagement's end, and how one term follows another."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from throughline.delivery.models import Engagement
from throughline.kernel.days import ONE_DAY
from throughline.renewals.models import Course
from throughline.renewals.words import CourseKind
from throughline.sales.models import Deal
from throughline.sales.queries import executed_on, is_executed


@dataclass(frozen=True, slots=True)
class Following:
    """How a successor's term follows the engagement's; days that nobody knows are None."""

    deal: Deal
    is_executed: bool
    executed_on: date | None
    gap_days: int | None  # days between the two on which nothing is agreed
    overlap_days: int | None  # days on which both hold
    late_days: int | None  # signed so many days after the end; negative: before it

    @property
    def said(self) -> str:
        """How the one follows the other, in words. Nothing is invented to close a gap."""
        if self.gap_days:
            return f"{_days(self.gap_days)} between the two, on which nothing is agreed"
        if self.overlap_days:
            return f"{_days(self.overlap_days)} on which both hold"
        if self.gap_days is None:
            return "its first day is not known"
        return "it follows on the next day"

    @property
    def signed(self) -> str:
        """When it was signed, seen from the end of the one before."""
        if not self.is_executed:
            return "not signed yet"
        if self.executed_on is None or self.late_days is None:
            return "signed"
        if self.late_days > 0:
            return f"signed on {self.executed_on}, {_days(self.late_days)} after the end"
        return f"signed on {self.executed_on}, {_days(-self.late_days)} before the end"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def following_of(engagement: Engagement) -> Following | None:
    """Return how the successor follows; None without one. Source: E27."""
    successor = engagement.successor
    if successor is None:
        return None
    agreement = successor.agreements.filter(amends=None).prefetch_related("signatories").first()
    signed_on = executed_on(agreement) if agreement else None
    end_on, start_on = engagement.deal.end_on, successor.start_on
    between = (start_on - end_on - ONE_DAY).days if end_on and start_on else None
    return Following(
        successor,
        is_executed(agreement),
        signed_on,
        None if between is None else max(0, between),
        None if between is None else max(0, -between),
        (signed_on - end_on).days if signed_on and end_on else None,
    )


def courses_of(engagement: Engagement) -> QuerySet[Course]:
    """Return what was ever decided about an engagement's end, the newest first."""
    found = Course.objects.filter(engagement=engagement).select_related("successor", "amendment")
    return found.order_by("-at", "-pk")


def standing_course(engagement: Engagement) -> Course | None:
    """Return what stands for the present end date; None while nobody has decided."""
    return courses_of(engagement).filter(
        withdrawn_at=None, end_on=engagement.deal.end_on
    ).exclude(kind=CourseKind.AMEND).first()  # fmt: skip


def predecessors_of(deal: Deal) -> list[Engagement]:
    """Return the engagements that a deal renews."""
    return list(deal.predecessors.select_related("deal").order_by("pk"))


def awaited_courses() -> QuerySet[Course]:
    """Return the renewals whose deal is to be made in HubSpot and has not arrived yet."""
    return (
        Course.objects.exclude(awaited="")
        .filter(successor=None, withdrawn_at=None)
        .select_related("engagement__deal__community")
        .order_by("at", "pk")
    )
