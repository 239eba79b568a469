"""Lists of engagements by where they stand towards their end."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import engagements
from throughline.kernel.looking import sought
from throughline.playbook.model import Playbook
from throughline.renewals.queries import (
    Renewal,
    days_left,
    renewals,
    renewals_from,
    term_state,
    untold,
)
from throughline.renewals.reading import Standings
from throughline.renewals.words import TermState

SOON = timedelta(days=60)
VIEWS = {  # code: how people call it
    "current": "Current",
    "soon": "End within 60 days",
    "lapsed": "Past the end, hub runs",
    "ended": "Ended",
    "no-end": "No end date",
    "all": "All",
}


def engagements_in(view: str, *, on: date) -> QuerySet[Engagement]:
    """Return the engagements of one view, those that end first at the top.

    Views are facts that the database can count. What the ladder adds ("renewed", "flagged") is
    computed for the lines of a page.
    """
    found = engagements().order_by(F("deal__end_on").asc(nulls_last=True), "pk")
    past = Q(deal__end_on__lt=on)
    runs = Exists(
        EngagementCluster.objects.filter(engagement=OuterRef("pk"), cluster__hubs__isnull=False)
    )
    match view:
        case "soon":
            return found.filter(deal__end_on__gte=on, deal__end_on__lte=on + SOON)
        case "lapsed":
            return found.filter(past & runs)
        case "ended":
            return found.filter(past & ~runs).order_by("-deal__end_on", "-pk")
        case "no-end":
            return found.filter(deal__end_on=None)
        case "all":
            return found
        case _:
            return found.exclude(past)


def matching(found: QuerySet[Engagement], text: str) -> QuerySet[Engagement]:
    """Return the engagements whose deal, community or number a person means."""
    wanted = sought(text)
    if not wanted:
        return found
    named = Q(deal__name__icontains=wanted) | Q(deal__hubspot_id=wanted)
    served = Q(deal__community__short_name__icontains=wanted)
    served |= Q(deal__community__community_id=wanted)
    return found.filter(named | served)


def renewals_of(numbers: list[int], *, on: date, playbook: Playbook) -> list[Renewal]:
    """Return where the engagements of one page stand, in the page's order."""
    found = renewals(engagements().filter(pk__in=numbers), on=on, playbook=playbook)
    by_number = {one.standing.engagement.number: one for one in found}
    return [by_number[number] for number in numbers if number in by_number]


@dataclass(frozen=True, slots=True)
class Term:
    """Where an engagement stands towards its end; of whom is told, nothing."""

    engagement: Engagement
    state: TermState
    days_left: int | None  # negative once the end is past


def terms(found: QuerySet[Engagement], *, on: date, playbook: Playbook) -> list[Term]:
    """Return where engagements stand, in their order, in four queries."""
    return [
        Term(one.engagement, term_state(one, on=on, playbook=playbook), days_left(one, on=on))
        for one in untold(found)
    ]


def terms_of(numbers: list[int], *, on: date, playbook: Playbook) -> list[Term]:
    """Return how long the engagements of one page still run, in the page's order."""
    found = terms(engagements().filter(pk__in=numbers), on=on, playbook=playbook)
    by_number = {one.engagement.number: one for one in found}
    return [by_number[number] for number in numbers if number in by_number]


def ending_soon(reading: Standings) -> list[Renewal]:
    """Return the engagements that end within 60 days and are not renewed."""
    on, playbook = reading.on, reading.playbook
    found = renewals_from(reading.of(engagements_in("soon", on=on)), on=on, playbook=playbook)
    return [one for one in found if one.state != TermState.RENEWED]
