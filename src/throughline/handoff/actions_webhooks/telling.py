"""From the journal to rows: one for each act and each address that wants to know of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from throughline.handoff.models import Delivery, Reading, Subscription
from throughline.journal.models import Entry

YOUNG: Final = timedelta(minutes=15)  # longer than any transaction that writes into the journal
MOST_AT_ONCE: Final = 1000
# What happens at the door, and what is told of webhooks itself, concerns nobody outside.
NEVER_TOLD: Final = ("people.", "handoff.webhook.")


@transaction.atomic
def tell_what_happened(*, at: datetime) -> int:
    """Make a row for each act that somebody wants to know of, and return how many are new."""
    standing = list(Subscription.objects.filter(ended_at=None))
    reading, _new = Reading.objects.select_for_update().get_or_create(pk=1)
    found = list(Entry.objects.filter(pk__gt=reading.upto).order_by("pk")[:MOST_AT_ONCE])
    before = Delivery.objects.count()
    Delivery.objects.bulk_create(_rows(standing, found, at), ignore_conflicts=True)
    _read_on(reading, found, at)
    return Delivery.objects.count() - before


def newest_entry_of_all() -> int:
    """Return the newest entry of the journal: a new subscription is told what comes after it."""
    return Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def body_of(entry: Entry) -> str:
    """Return what is told of an act: what it was and about what; details are asked for by API.

    Thin, so that nobody learns from a webhook what they may not see.
    """
    kind, number = entry.subject_type.rpartition(".")[2], entry.subject_id
    return json.dumps(
        {
            "type": entry.act,
            "timestamp": entry.at.isoformat(),
            "data": {
                "entry": entry.pk,
                "subject": f"{kind}:{number}",
                "by": entry.by,
                "api": f"{settings.BASE_URL}/api/v1/journal?subject={kind}:{number}",
            },
        },
        separators=(",", ":"),
    )


def _rows(
    standing: Iterable[Subscription], found: Iterable[Entry], at: datetime
) -> Iterator[Delivery]:
    told = [entry for entry in found if not entry.act.startswith(NEVER_TOLD)]
    for subscription in standing:
        wanted = tuple(subscription.acts)
        for entry in told:
            if entry.pk > subscription.after_entry and (not wanted or entry.act.startswith(wanted)):
                yield Delivery(
                    subscription=subscription,
                    message_id=f"msg_{subscription.pk}_{entry.pk}",
                    entry=entry.pk,
                    body=body_of(entry),
                    made_at=at,
                    next_at=at,
                )


def _read_on(reading: Reading, found: list[Entry], at: datetime) -> None:
    """Move on to what was the newest a while ago: by now nothing older can appear."""
    if len(found) == MOST_AT_ONCE:  # far behind: what was read now is old
        reading.upto = reading.next_upto = found[-1].pk
        reading.next_at = at
    elif reading.next_at is None or at - reading.next_at >= YOUNG:
        reading.upto = reading.next_upto
        reading.next_upto = found[-1].pk if found else reading.upto
        reading.next_at = at
    else:
        return
    reading.save()
