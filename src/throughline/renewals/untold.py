"""Whose end comes near while nobody can be told, or nobody knows when: a person must see to it."""

from dataclasses import dataclass
from datetime import date, datetime

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.renewals.queries import (
    PlannedMail,
    engagements_to_look_at,
    mails_due,
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
    looked_at = reading.of(engagements_to_look_at(on=on, playbook=playbook))
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
