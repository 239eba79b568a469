"""The team: who it is, and when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from throughline.capacity.models import Colleague, TimeOff
from throughline.journal.actions import record
from throughline.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class ColleagueSeen:
    """Somebody of the team as a file has them. Units: hours a week; share from 0 to 1."""

    name: str
    roles: tuple[str, ...]
    weekly_hours: Decimal
    billable_share: Decimal
    from_on: date | None = None
    to_on: date | None = None
    country: str = ""

    def fields(self) -> dict[str, Any]:
        """Return all but the name, as the table has them."""
        return {
            "roles": list(self.roles),
            "weekly_hours": self.weekly_hours,
            "billable_share": self.billable_share,
            "from_on": self.from_on,
            "to_on": self.to_on,
            "country": self.country,
        }


@dataclass(slots=True)
class TeamKept:
    """What became of the people of a file."""

    created: list[Colleague] = field(default_factory=list)
    updated: list[Colleague] = field(default_factory=list)
    unchanged: list[Colleague] = field(default_factory=list)


@transaction.atomic
def keep_team(seen: Sequence[ColleagueSeen], *, by: str, at: datetime) -> TeamKept:
    """Make the team what a file says of it; whoever is not named stays as they are."""
    known = {one.name: one for one in Colleague.objects.select_for_update()}
    kept = TeamKept()
    for one in seen:
        found = known.get(one.name)
        if found is None:
            made = Colleague.objects.create(name=one.name, **one.fields())
            record(
                "capacity.colleague.added", made, by=by, at=at, name=one.name, after=one.fields()
            )
            kept.created.append(made)
            continue
        before = {name: getattr(found, name) for name in one.fields()}
        if before == one.fields():
            kept.unchanged.append(found)
            continue
        for name, value in one.fields().items():
            setattr(found, name, value)
        found.save(update_fields=list(before))
        after = {"name": one.name, **one.fields()}
        record("capacity.colleague.changed", found, by=by, at=at, before=before, after=after)
        kept.updated.append(found)
    return kept


@transaction.atomic
def take_time_off(
    name: str, *, from_on: date, to_on: date, reason: str, by: str, at: datetime
) -> TimeOff:
    """Write down that somebody of the team is away, both days included.

    Raises:
        Refused: nobody of that name is in the team, or the last day is before the first.
    """
    found = Colleague.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        names = ", ".join(Colleague.objects.order_by("name").values_list("name", flat=True))
        raise Refused(f"The team has no {name!r}.", remedy=f"It has: {names or 'nobody yet'}.")
    if to_on < from_on:
        raise Refused(f"{to_on} is before {from_on}.", remedy="Give the first day first.")
    off, created = TimeOff.objects.get_or_create(
        colleague=found, from_on=from_on, to_on=to_on, defaults={"reason": reason[:120]}
    )
    if created:
        record("capacity.time_off.taken", off, by=by, at=at, name=found.name, from_on=from_on,
               to_on=to_on)  # fmt: skip
    return off
