"""Whose end comes near while nobody can be told, or nobody knows when: a person must see to it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from throughline.communities.queries import roles_holding
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.playbook.model import Playbook
from throughline.renewals.ladder import farthest_days
from throughline.renewals.models import Correction, Notice
from throughline.renewals.queries import (
    PlannedMail,
    engagements_to_look_at,
    mails_due,
    reached,
)
from throughline.renewals.reading import Standings


@dataclass(frozen=True, slots=True)
class Untold:
    """An engagement of which somebody should have been told, and what to do."""

    engagement: Engagement
    remedy: str
    since: date | datetime  # the day the mail was due; of an end that nobody knows, the opening


def untold(reading: Standings) -> list[Untold]:
    """Return the engagements with mail that has nobody to go to, then those without an end date.

    A constant number of queries.
    """
    on, playbook = reading.on, reading.playbook
    looked_at = reading.of(_perhaps_untold(on, playbook))
    waiting = [
        Untold(standing.engagement, what_to_do(planned), planned.due_on)
        for standing in looked_at
        for planned in mails_due(standing, on=on, playbook=playbook)
        if not planned.to
    ]
    endless = engagements().filter(deal__end_on=None).order_by("pk")
    return waiting + [
        Untold(one, "No end date: nobody is told before it ends. Record one.", one.opened_at)
        for one in endless
    ]


def _perhaps_untold(on: date, playbook: Playbook) -> QuerySet[Engagement]:
    """Return the engagements for which a day can bring mail that has nobody to go to.

    That is a step to representatives of whom nobody has an address, so near to the end that it may
    be due; or the correction of another end that people were told and are erased since.
    """
    steps = [step for step in playbook.ladder if step.to == "representatives"]
    near = Q(deal__end_on__lte=on + timedelta(days=farthest_days(steps)))
    told = Notice.objects.filter(engagement=OuterRef("pk"))
    moved = Exists(Correction.objects.filter(engagement=OuterRef("pk"))) | Exists(
        told.exclude(end_on=OuterRef("deal__end_on"))
    )
    addressed = told.annotate(addresses=Cast("message__to", TextField()))
    heard = Exists(addressed.filter(addresses__contains="@"))
    subject = Concat(Value("deal:"), Cast("pk", CharField()), output_field=CharField())
    is_reached = Q(subject__in=reached(roles_holding(on)).values("subject"))
    found = engagements_to_look_at(on=on, playbook=playbook).annotate(subject=subject)
    return found.filter((near & ~is_reached) | (moved & ~heard))


def what_to_do(planned: PlannedMail) -> str:
    """Return what helps a mail that has nobody to go to."""
    if planned.kind == "correction":
        return (
            f"Its end moved from {planned.was_on}, and whoever was told is erased:"
            " tell the community yourself."
        )
    return (
        f"Nobody to send the notice “{planned.step}” to; name a Community Representative with an"
        " e-mail address."
    )
