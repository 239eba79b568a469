"""The load that running things take each week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.capacity.models import StandingLoad
from throughline.journal.actions import entry, record, record_all


@dataclass(frozen=True, slots=True)
class Standing:
    """A weekly load that something running takes."""

    subject: str
    role: str
    hours_per_week: Decimal
    from_on: date | None
    to_on: date | None
    why: str


@transaction.atomic
def put_standing_load(wanted: Sequence[Standing], *, by: str, at: datetime) -> int:
    """Make the standing load of the whole team this; returns how many rows came or went."""
    standing = {_standing(row): row for row in StandingLoad.objects.select_for_update()}
    gone = [row for key, row in standing.items() if key not in set(wanted)]
    fresh = [one for one in dict.fromkeys(wanted) if one not in standing]
    record_all(entry("capacity.load.ended", row, by=by, at=at, about=row.subject) for row in gone)
    StandingLoad.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for one in fresh:
        row = StandingLoad.objects.create(
            subject=one.subject,
            role=one.role,
            hours_per_week=one.hours_per_week,
            from_on=one.from_on,
            to_on=one.to_on,
            why=one.why,
        )
        record("capacity.load.began", row, by=by, at=at, about=one.subject, why=one.why)
    return len(gone) + len(fresh)


def _standing(row: StandingLoad) -> Standing:
    return Standing(row.subject, row.role, row.hours_per_week, row.from_on, row.to_on, row.why)
