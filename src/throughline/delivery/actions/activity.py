"""Keeping who used a hub on which day: as fingerprints, and nobody's name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from throughline.delivery.models import ActivitySpan, UserDay
from throughline.infrastructure.models import Hub
from throughline.journal.actions import record

SALT = "throughline.delivery.user"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Activity:
    """What a source tells of a hub: who used it on which days, of all days from one to another."""

    hub: Hub
    source: str
    from_on: date
    to_on: date  # included
    users: frozenset[tuple[date, str]]  # by their names on the hub


def fingerprint_of(user: str) -> str:
    """Return what stands for a person of a hub; without this installation's key it says nothing."""
    return salted_hmac(SALT, user.strip().casefold(), algorithm="sha256").hexdigest()


def is_staff(user: str, staff: Collection[str]) -> bool:
    """Return whether a name on a hub is one of staff: itself, or by the domain of its address."""
    name = user.strip().casefold()
    return any(
        name.endswith(one.casefold()) if one.startswith("@") else name == one.casefold()
        for one in staff
    )


@transaction.atomic
def keep_activity(told: Activity, *, staff: Collection[str], by: str, at: datetime) -> int:
    """Keep what a source tells of a hub, and return how many days of people are new.

    `staff` are names, and domains that begin with "@", which never count. Days that another source
    told stay: a person who used a hub did, whoever forgets to say so.
    """
    hub = Hub.objects.select_for_update().get(pk=told.hub.pk)
    kept = set(
        UserDay.objects.filter(hub=hub, on__gte=told.from_on, on__lte=told.to_on).values_list(
            "on", "fingerprint"
        )
    )
    fresh = list(_fresh(told, hub, kept, staff))
    UserDay.objects.bulk_create(fresh, batch_size=BATCH)
    if _lengthen(told, hub, by=by, at=at) or fresh:
        record(
            "delivery.activity.told", hub, by=by, at=at, source=told.source,
            from_on=told.from_on, to_on=told.to_on, days=len(fresh),
        )  # fmt: skip
    return len(fresh)


def _fresh(
    told: Activity, hub: Hub, kept: set[tuple[date, str]], staff: Collection[str]
) -> Iterable[UserDay]:
    for on, user in sorted(told.users):
        fingerprint = fingerprint_of(user)
        if (on, fingerprint) not in kept:
            kept.add((on, fingerprint))
            yield UserDay(hub=hub, on=on, fingerprint=fingerprint, is_staff=is_staff(user, staff))


def _lengthen(told: Activity, hub: Hub, *, by: str, at: datetime) -> bool:
    """Have the source's span reach over the days that it tells of now, or begin a new one."""
    near = ActivitySpan.objects.filter(hub=hub, source=told.source, from_on__lte=told.from_on)
    span = near.order_by("-from_on").first()
    if span is None or (told.from_on - span.to_on).days > 1:
        ActivitySpan.objects.create(
            hub=hub, source=told.source, from_on=told.from_on, to_on=told.to_on, at=at, by=by
        )
        return True
    if told.to_on <= span.to_on:
        return False
    span.to_on, span.at, span.by = told.to_on, at, by
    span.save(update_fields=["to_on", "at", "by"])
    return True
