"""Outcomes of engagements that became one: what was made outside goes along, under the same key."""

from datetime import datetime
from typing import Final

from django.db import transaction

from throughline.delivery.joined import code_in
from throughline.delivery.models import Engagement, Project, Service
from throughline.handoff.leases import give_back, take_lease
from throughline.handoff.models import Outcome
from throughline.handoff.words import OutcomeState
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

# The kinds of outcomes that are about a project and what is in it; their keys name it by its home.
OF_PROJECTS: Final = frozenset({
    "delivery.project", "delivery.deliverable", "github.issue", "github.sub-issue", "github.card",
    "github.card-fields", "github.reopened", "airtable.project", "airtable.deliverable",
})  # fmt: skip
SERVICE, LABEL = "delivery.service", "github.label"


@transaction.atomic
def check_nobody_is_at_it(number: int, *, by: str, at: datetime) -> None:
    """Pass if no pass is over an engagement, and nothing was sent whose answer is not known.

    A pass that goes on would make again, under the old engagement, what has gone to another.

    Raises:
        Leased: a pass is over it.
        Refused: something was sent, and nobody knows yet what became of it.
    """
    give_back(take_lease(number, holder=f"joining, by {by}"[:120], at=at))
    unknown = Outcome.objects.filter(engagement=number, intent_at__isnull=False).first()
    if unknown is not None:
        raise Refused(
            f"It is not known yet whether “{unknown.summary}” was made for engagement {number}.",
            remedy="Wait until it was looked up (throughline handoff verify), then settle.",
        )


@transaction.atomic
def carry_outcomes(number: int, *, into: int, by: str, at: datetime) -> int:
    """Give the outcomes of what was joined to the engagement that goes on; return how many.

    Whatever stays behind (columns of past months, bookings, mails, the record of the engagement
    itself) is history: nothing is done about it any more.
    """
    projects = set(Project.objects.filter(engagement=into).values_list("code", flat=True))
    services = set(Service.objects.filter(engagement=into).values_list("code", flat=True))
    going = [
        row.pk
        for row in Outcome.objects.select_for_update().filter(engagement=number)
        if _goes_along(row.key, into, projects, services)
    ]
    Outcome.objects.filter(pk__in=going).update(engagement=into)
    rest = Outcome.objects.filter(engagement=number)
    rest.update(next_at=None, approved="")
    rest.filter(state=OutcomeState.WANTED, receipt__isnull=True).delete()
    whole = Engagement.objects.get(pk=into)
    record("handoff.outcomes.carried", whole, by=by, at=at, joined=number, count=len(going))
    return len(going)


def _goes_along(key: str, into: int, projects: set[str], services: set[str]) -> bool:
    kind, _, rest = key.partition(":")
    home, _, code = rest.partition(":")
    if kind == LABEL:
        return True
    if not (home.isdecimal() and code):
        return False
    own = code_in(into, int(home), code.partition(":")[0])
    if kind == SERVICE:
        return own in services
    return kind in OF_PROJECTS and own in projects
