"""Where an engagement stands between its order and BD's last verdict: one place for each.

What is asked about the renewal belongs to the end of the term and does not count here; neither does
what an amendment took out.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.db.models import Count, Q, QuerySet

from throughline.delivery.models import Engagement
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


@dataclass(frozen=True, slots=True)
class Placed:
    """An engagement with its place. Units: the amount is in whole units of the currency."""

    number: int
    place: Place
    currency: str
    amount: Decimal | None


def places_of(found: QuerySet[Engagement]) -> list[Placed]:
    """Return where engagements stand; one query, and no row of the table is made an object."""
    counted = ~Q(projects__deliverables__code=RENEWAL_DELIVERABLE)

    def how_many(*states: DeliverableState) -> Count:
        return Count(
            "projects__deliverables", filter=counted & Q(projects__deliverables__state__in=states)
        )

    rows = (
        found.order_by()
        .annotate(
            made=Count("projects"),
            undone=how_many(*UNDONE),
            done=how_many(DeliverableState.DONE),
            verified=how_many(DeliverableState.VERIFIED),
        )
        .values_list(
            "pk", "deal__currency", "deal__amount", "origin", "accepted_at",
            "made", "undone", "done", "verified",
        )
    )  # fmt: skip
    return [
        Placed(number, _place(origin, accepted_at, counts), currency, amount)
        for number, currency, amount, origin, accepted_at, *counts in rows
    ]


def _place(origin: str, accepted_at: datetime | None, counts: list[int]) -> Place:
    projects, undone, done, verified = counts
    if origin == Origin.ORDERED and accepted_at is None:
        return Place.HANDED if projects else Place.ORDERED
    if undone:
        return Place.PARTLY if done or verified else Place.BEGUN
    if done:
        return Place.DONE
    return Place.VERIFIED if verified else Place.NOTHING
