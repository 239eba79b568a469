"""Where engagements stand in their term, each in one place, and how many were renewed at its end."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.playbook.model import Playbook

SOON: Final = timedelta(days=60)


class Term(StrEnum):
    """A place in the term, in its order."""

    RUNNING = "running"
    DUE = "due"
    RENEWED = "renewed"
    LAPSED = "lapsed"
    ENDED = "ended"
    NO_END = "no-end"


TERMS: Final = {  # how people call it, and what is true of an engagement there
    Term.RUNNING: ("Running", f"run for more than {SOON.days} days yet"),
    Term.DUE: ("Renewal due", f"end within {SOON.days} days, and whose successor is not won"),
    Term.RENEWED: ("Renewed", f"end within {SOON.days} days or have ended, with a successor won"),
    Term.LAPSED: ("Lapsed", "have ended without a successor, while a hub runs"),
    Term.ENDED: ("Ended", "have ended without a successor, and nothing runs"),
    Term.NO_END: ("No end date", "have no end date"),
}


def with_term(found: QuerySet[Engagement], *, on: date, playbook: Playbook) -> QuerySet[Engagement]:
    """Return engagements with the `term` that they are in on a day."""
    won = [one.code for one in playbook.stages if one.kind == "won"]
    runs = Exists(
        EngagementCluster.objects.filter(engagement=OuterRef("pk"), cluster__hubs__isnull=False)
    )
    return found.annotate(
        term=Case(
            When(deal__end_on=None, then=Value(Term.NO_END.value)),
            When(deal__end_on__gt=on + SOON, then=Value(Term.RUNNING.value)),
            When(
                successor__stage__in=won, successor__deleted_at=None,
                then=Value(Term.RENEWED.value),
            ),
            When(deal__end_on__gte=on, then=Value(Term.DUE.value)),
            When(Q(deal__end_on__lt=on) & runs, then=Value(Term.LAPSED.value)),
            default=Value(Term.ENDED.value),
            output_field=CharField(),
        )
    )  # fmt: skip


def ended_between(
    found: QuerySet[Engagement], from_on: date, to_on: date, *, on: date
) -> QuerySet[Engagement]:
    """Return the engagements whose last day was between two days, and is past."""
    return found.filter(deal__end_on__gte=from_on, deal__end_on__lte=to_on, deal__end_on__lt=on)
