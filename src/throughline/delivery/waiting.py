"""Engagements and deliverables that wait for somebody."""

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from throughline.delivery.models import Deliverable, Engagement, HandoffReturn
from throughline.delivery.queries import engagements
from throughline.delivery.words import DeliverableState, Health, Origin
from throughline.sales.models import DealNote, NoteReading, NoteReply

UNDONE = (DeliverableState.PLANNED, DeliverableState.RETURNED)


def deliverables_waiting() -> QuerySet[Deliverable]:
    """Return deliverables with their engagements and communities, by due date."""
    return Deliverable.objects.select_related("project__engagement__deal__community").order_by(
        F("due_on").asc(nulls_last=True), "pk"
    )


def to_verify() -> QuerySet[Deliverable]:
    """Return what PS says is done and BD has not judged, by due date."""
    return deliverables_waiting().filter(state=DeliverableState.DONE)


def due_by(day: date) -> QuerySet[Deliverable]:
    """Return what is due by a day and not done, the most overdue first."""
    return deliverables_waiting().filter(state__in=UNDONE, due_on__lte=day)


def to_accept() -> QuerySet[Engagement]:
    """Return the ordered engagements that wait for PS to accept them, the oldest first.

    One that PS returned is BD's until it is answered. One that came in already won began long ago:
    nobody is asked to accept it again.
    """
    waiting = HandoffReturn.objects.filter(engagement=OuterRef("pk"), answered_at=None)
    return (
        engagements()
        .filter(~Exists(waiting), accepted_at=None, origin=Origin.ORDERED)
        .order_by("opened_at", "pk")
    )


def notes_to_read() -> QuerySet[DealNote]:
    """Return what PS must know of engagements and nobody of PS has read, the oldest first.

    A note that got a reply after it was read is unread again, as `sales.knowledge.readers` says.
    """
    said_since = NoteReply.objects.filter(note=OuterRef("note"), at__gt=OuterRef("at")).exclude(
        by=OuterRef("by")
    )
    readings = NoteReading.objects.filter(~Exists(said_since), note=OuterRef("pk"))
    return (
        DealNote.objects.filter(
            ~Exists(readings), withdrawn_at=None, deal__engagement__isnull=False
        )
        .select_related("deal__community")
        .order_by("at", "pk")
    )


def off_track() -> QuerySet[Engagement]:
    """Return the engagements that somebody has called off track, the longest first."""
    return engagements().filter(health=Health.OFF_TRACK).order_by("health_at", "pk")


def silent_since(on: date, *, stale_days: int) -> QuerySet[Engagement]:
    """Return the running engagements about which nobody has said anything for so many days."""
    limit = on - timedelta(days=stale_days)
    return (
        engagements()
        .filter(Q(health_at=None) | Q(health_at__date__lt=limit), deal__end_on__gte=on)
        .order_by(F("health_at").asc(nulls_first=True), "pk")
    )
