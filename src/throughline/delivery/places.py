"""Where an engagement stands between its order and BD's last verdict: one place for each.

What is asked about the renewal belongs to the end of the term and does not count here; neither does
what an amendment took out.
"""

from enum import StrEnum
from typing import Final

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.delivery.waiting import UNDONE
from throughline.delivery.words import DeliverableState, Origin
from throughline.playbook.words import RENEWAL_DELIVERABLE


class Place(StrEnum):
    """A place on the way, in its order."""

    ORDERED = "ordered"
    HANDED = "handed"
    BEGUN = "begun"
    PARTLY = "partly"
    DONE = "done"
    VERIFIED = "verified"
    NOTHING = "nothing"


PLACES: Final = {  # how people call it, and what is true of an engagement there
    Place.ORDERED: ("Ordered", "are ordered, and the handoff has made nothing yet"),
    Place.HANDED: ("Handed over", "are handed over, and PS has not accepted them"),
    Place.BEGUN: ("In delivery", "are in delivery, with nothing done yet"),
    Place.PARTLY: ("Partly delivered", "are delivered in part"),
    Place.DONE: ("Done, to verify", "are done, and wait for BD’s verdict"),
    Place.VERIFIED: ("Verified", "are verified in full"),
    Place.NOTHING: ("Nothing promised here", "came in already won, and promise nothing here"),
}


def with_place(found: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Return engagements with their `place`."""
    counted = Deliverable.objects.filter(project__engagement=OuterRef("pk")).exclude(
        Q(state=DeliverableState.DROPPED) | Q(code=RENEWAL_DELIVERABLE)
    )
    undone = Exists(counted.filter(state__in=UNDONE))
    done = Exists(counted.filter(state=DeliverableState.DONE))
    verified = Exists(counted.filter(state=DeliverableState.VERIFIED))
    ordered = Q(origin=Origin.ORDERED, accepted_at=None)
    made = Exists(Project.objects.filter(engagement=OuterRef("pk")))
    return found.annotate(
        place=Case(
            When(ordered & ~made, then=Value(Place.ORDERED.value)),
            When(ordered, then=Value(Place.HANDED.value)),
            When(undone & ~done & ~verified, then=Value(Place.BEGUN.value)),
            When(undone, then=Value(Place.PARTLY.value)),
            When(done, then=Value(Place.DONE.value)),
            When(verified, then=Value(Place.VERIFIED.value)),
            default=Value(Place.NOTHING.value),
            output_field=CharField(),
        )
    )
