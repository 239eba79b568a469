"""Reads of outcomes, plans and ledgers."""

from datetime import datetime

from django.db.models import Q, QuerySet

from throughline.delivery.models import Engagement
from throughline.handoff.connected import connected
from throughline.handoff.ledger import Ledger, ledger_of
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import wanted_now
from throughline.handoff.previews import fields_as_text
from throughline.handoff.words import TRIED_AGAIN, OutcomeState
from throughline.playbook.model import Playbook

__all__ = [
    "fields_as_text",
    "ledger_now",
    "outcomes_of",
    "plans_of",
    "troubled_outcomes",
]


def outcomes_of(engagement: Engagement) -> QuerySet[Outcome]:
    """Return the rows of an engagement's outcomes, in the order they were first wanted."""
    return Outcome.objects.filter(engagement=engagement).order_by("pk")


def not_converged() -> QuerySet[Outcome]:
    """Return the outcomes that are not as wanted, as the index of these few rows has it.

    Whoever asks for some of their states begins here: SQLite uses that index only where a query
    says the same.
    """
    return Outcome.objects.exclude(state=OutcomeState.CONVERGED)


def troubled_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes that failed, or of which nobody knows whether they came true."""
    return (
        not_converged()
        .filter(state__in=[OutcomeState.FAILED, OutcomeState.UNKNOWN])
        .select_related("engagement__deal__community")
        .order_by("intent_at", "pk")
    )


def postponed_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes for which the last call failed for now: whether they are true is unknown."""
    made = Q(remedy__endswith=TRIED_AGAIN, state__in=[OutcomeState.WANTED, OutcomeState.DRIFTED])
    looked_at = Q(state=OutcomeState.CONVERGED)
    return Outcome.objects.filter(made | looked_at, rounds__gt=0, next_at__isnull=False)


def plans_of(engagement: Engagement) -> QuerySet[Plan]:
    """Return the stored plans of an engagement, the newest first."""
    return Plan.objects.filter(engagement=engagement).order_by("-pk")


def ledger_now(engagement: Engagement, *, playbook: Playbook, at: datetime) -> Ledger:
    """Return where every field goes and which have arrived, as last seen; asks no other system."""
    wanted, facts = wanted_now(engagement, playbook=playbook, at=at, outside=connected())
    return ledger_of(facts, keys=(one.key for one in wanted), playbook=playbook)
