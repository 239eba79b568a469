"""Whether somebody will be told before the agreement ends."""

from datetime import datetime

from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.intake.evidence.looks import Look, keep, wanting
from throughline.playbook.model import Playbook
from throughline.renewals.ladder import rungs


def collect_ladder(
    engagement: Engagement, *, playbook: Playbook, by: str, at: datetime
) -> list[Evidence]:
    """Look whether the notices before an engagement's end are planned, and keep what is new."""
    found = wanting(engagement, EvidenceKind.LADDER_PLANNED)
    if not found:
        return []
    looks = [_look(engagement, playbook)]
    return keep(found, EvidenceKind.LADDER_PLANNED, looks, by=by, at=at)


def _look(engagement: Engagement, playbook: Playbook) -> Look:
    deal = engagement.deal
    if deal.end_on is None:
        text = "The end date is unknown, so nobody is told before it: record it on the deal."
        return Look(EvidenceState.ABSENT, text)
    planned = rungs(
        deal.start_on, deal.end_on, playbook.ladder, is_ending=engagement.is_ending,
        closures=playbook.capacity.closures,
    )  # fmt: skip
    days = [
        f"{one.due_on:%-d %B %Y}" for one in planned if not one.is_dropped and one.kind == "mail"
    ]
    if not days:
        return Look(EvidenceState.ABSENT, f"No notice is planned before {deal.end_on:%-d %B %Y}.")
    return Look(
        EvidenceState.FOUND,
        f"Notices before the end, {deal.end_on:%-d %B %Y}, are planned for {', '.join(days)}.",
    )
