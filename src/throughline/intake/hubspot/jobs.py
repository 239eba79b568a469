"""When HubSpot is looked at: soon after a webhook, every few minutes without, once a day in full."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery

from throughline.intake.hubspot.actions.reading import (
    note_trouble,
    read_all,
    read_changes,
    read_hints,
)
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.intake.models import HubSpotHint, HubSpotReading, ReadingKind
from throughline.kernel.errors import Permanent, Refused, Transient
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

CHANGES_EVERY = timedelta(minutes=5)
ALL_EVERY = timedelta(days=1)
KEPT = timedelta(
    days=30
)  # hints that were read, and readings that are done: longer than any replay
READS = {
    ReadingKind.ALL: read_all,
    ReadingKind.CHANGES: read_changes,
    ReadingKind.HINTS: read_hints,
}


def read_what_is_due(*, playbook: Playbook, at: datetime) -> ReadingKind | None:
    """Read what is due of HubSpot, and return what that was; a failure is kept and tried later."""
    if not settings.HUBSPOT_CONNECTED:
        return None
    kind = kind_due(at)
    if kind is None:
        return None
    try:
        source = source_from_settings(playbook)
        with source.hubspot:
            READS[kind](source, at=at)
        if kind == ReadingKind.ALL:
            forget_what_is_old(at=at)
    except (Refused, Transient, Permanent) as error:
        log.warning("HubSpot was not read: %s", error)
        note_trouble(kind, error, at=at)
    return kind


def kind_due(at: datetime) -> ReadingKind | None:
    """Return how much of HubSpot is to be read by an instant; None: nothing, or not yet again."""
    if HubSpotReading.objects.filter(retry_at__gt=at).exists():
        return None
    if HubSpotReading.objects.filter(finished_at=None).exclude(asked_by="").exists():
        return ReadingKind.ALL
    full = _last(ReadingKind.ALL)
    if full is None or at - full >= ALL_EVERY:
        return ReadingKind.ALL
    if HubSpotHint.objects.filter(read_at=None).exists():
        return ReadingKind.HINTS
    changes = _last(ReadingKind.CHANGES)
    latest = full if changes is None else max(full, changes)
    return ReadingKind.CHANGES if at - latest >= CHANGES_EVERY else None


@transaction.atomic
def forget_what_is_old(*, at: datetime) -> None:
    """Remove hints that were read and readings that were done long ago; the newest of a kind stays."""
    HubSpotHint.objects.filter(read_at__lt=at - KEPT).delete()
    newest = HubSpotReading.objects.filter(kind=OuterRef("kind"), finished_at__isnull=False)
    HubSpotReading.objects.filter(started_at__lt=at - KEPT, deals=None).exclude(
        pk=Subquery(newest.values("pk")[:1])
    ).delete()


def _last(kind: ReadingKind) -> datetime | None:
    done = HubSpotReading.objects.filter(kind=kind, finished_at__isnull=False).first()
    return done.started_at if done else None
