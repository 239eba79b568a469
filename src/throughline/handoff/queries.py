"""Reads of outcomes and plans, and what exactly a plan's lines would make."""

from datetime import datetime

from django.db.models import QuerySet

from throughline.delivery.models import Engagement
from throughline.handoff.connected import connected
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import wanted_now
from throughline.handoff.previews import fields_as_text, preview_of
from throughline.handoff.words import OutcomeState
from throughline.playbook.model import Playbook

__all__ = ["exact_contents", "fields_as_text", "outcomes_of", "plans_of", "troubled_outcomes"]


def outcomes_of(engagement: Engagement) -> QuerySet[Outcome]:
    """Return the rows of an engagement's outcomes, in the order they were first wanted."""
    return Outcome.objects.filter(engagement=engagement).order_by("pk")


def troubled_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes that failed, or of which nobody knows whether they came true."""
    return (
        Outcome.objects.filter(state__in=[OutcomeState.FAILED, OutcomeState.UNKNOWN])
        .select_related("engagement__deal__community")
        .order_by("intent_at", "pk")
    )


def plans_of(engagement: Engagement) -> QuerySet[Plan]:
    """Return the stored plans of an engagement, the newest first."""
    return Plan.objects.filter(engagement=engagement).order_by("-pk")


def exact_contents(engagement: Engagement, *, playbook: Playbook, at: datetime) -> dict[str, str]:
    """Return by outcome what would be there, as a person reads it: a mail's text, a list of fields."""
    wanted, _facts = wanted_now(engagement, playbook=playbook, at=at, outside=connected())
    return {one.key: preview_of(one) for one in wanted}
