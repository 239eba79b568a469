"""What changed here since a handoff was last looked at, as the journal has it."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, Q

from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.handoff.models import Pass
from throughline.journal.models import Entry
from throughline.sales.models import Deal

BACK: Final = timedelta(hours=1)  # older changes are the daily look's
NUMBERED: Final = (Deal._meta.label_lower, Engagement._meta.label_lower)
# Notices and alerts are about an engagement too, and change nothing that a handoff wants.
OURS: Final = Q(act__startswith="sales.") | Q(act__startswith="delivery.")
PROJECT, DELIVERABLE = Project._meta.label_lower, Deliverable._meta.label_lower


def changed_since_look(*, at: datetime) -> list[int]:
    """Return the handoffs whose deal, engagement or work changed since their last pass.

    Only those that were passed over once, and changes of the last hour. No room below knows of
    handoffs, so nobody tells: the journal is read. At most four queries.
    """
    newest = _changes(at)
    if not newest:
        return []
    passed = Pass.objects.filter(pk__in=newest, last_at__isnull=False)
    looked = dict(passed.values_list("pk", "last_at"))
    return sorted(number for number, last_at in looked.items() if newest[number] > last_at)


def _changes(at: datetime) -> dict[int, datetime]:
    """Return the newest change by number of engagement, which is its deal's."""
    kinds = (*NUMBERED, PROJECT, DELIVERABLE)
    found = (
        Entry.objects.filter(OURS, at__gt=at - BACK, at__lte=at, subject_type__in=kinds)
        .order_by()
        .values_list("subject_type", "subject_id")
        .annotate(newest=Max("at"))
    )
    listed = [(kind, int(pk), newest) for kind, pk, newest in found]
    parts = {kind: [pk for one, pk, _at in listed if one == kind] for kind in kinds}
    projects, deliverables = Project.objects.all(), Deliverable.objects.all()
    owners: dict[tuple[str, int], int] = {
        (PROJECT, pk): number
        for pk, number in projects.filter(pk__in=parts[PROJECT]).values_list("pk", "engagement")
    } | {
        (DELIVERABLE, pk): number
        for pk, number in deliverables.filter(pk__in=parts[DELIVERABLE]).values_list(
            "pk", "project__engagement"
        )
    }
    newest_of: dict[int, datetime] = {}
    for kind, pk, newest in listed:
        number = pk if kind in NUMBERED else owners.get((kind, pk))
        if number is not None:
            newest_of[number] = max(newest, newest_of.get(number, newest))
    return newest_of
