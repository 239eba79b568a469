"""Reads of outcomes, and what exactly a plan's lines would make."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from throughline.delivery.models import Engagement
from throughline.handoff.models import Outcome
from throughline.handoff.outcomes.mails import MailQueued
from throughline.handoff.plans import outcomes_for
from throughline.handoff.wanted import Wanted
from throughline.handoff.words import OutcomeState
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.queries import facts_of


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


def exact_contents(engagement: Engagement, *, playbook: Playbook, at: datetime) -> dict[str, str]:
    """Return by outcome what would be there, as a person reads it: a mail's text, a list of fields."""
    facts = facts_of(engagement.deal, on=day_in_zone(at, playbook.organisation.zone))
    wanted = outcomes_for(engagement, facts, playbook=playbook)
    return {one.key: _content_of(one) for one in wanted}


def _content_of(wanted: Wanted) -> str:
    if isinstance(wanted, MailQueued):
        draft = wanted.draft
        to = ", ".join(draft.to) or "nobody yet"
        return f"To: {to}\nSubject: {draft.subject}\n\n{draft.text.strip()}"
    return fields_as_text(wanted.wanted)


def fields_as_text(fields: dict[str, Any]) -> str:
    """Return fields one below the other, without those that hold nothing."""
    return "\n".join(
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, value in fields.items()
        if value not in (None, "", [])
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  - {part}" for part in value)
    return str(value)
