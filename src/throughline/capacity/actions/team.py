"""The team: who it is, and when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from throughline.capacity.models import Colleague, TimeOff
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission


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


def _require_keeper(by: str) -> None:
    require_permission(by, Permission.KEEP_TEAM, to="keep the team")


@transaction.atomic
def keep_colleague(
    seen: ColleagueSeen, *, pk: int | None = None, by: str, at: datetime
) -> Colleague:
    """Write down somebody of the team: a new person, or what is known of one (`pk`) now.

    Raises:
        Refused: they may not keep the team, somebody else of it has that name, or the one to change
            is not there.
    """
    _require_keeper(by)
    team = {one.pk: one for one in Colleague.objects.select_for_update()}
    if any(one.name.casefold() == seen.name.casefold() for one in team.values() if one.pk != pk):
        raise Refused(
            f"{seen.name} is in the team already.",
            remedy="Change them there, or add something to the name that tells the two apart.",
        )
    if pk is None:
        kept = keep_team([seen], by=by, at=at)
        return kept.created[0]
    if pk not in team:
        raise Refused("Nobody of that number is in the team.", remedy="Choose from the list.")
    _change(team[pk], seen, by=by, at=at)
    return team[pk]


def _change(found: Colleague, seen: ColleagueSeen, *, by: str, at: datetime) -> bool:
    """Make somebody what is said of them, and return whether that changed anything."""
    after = {"name": seen.name, **seen.fields()}
    before = {name: getattr(found, name) for name in after}
    if before == after:
        return False
    for name, value in after.items():
        setattr(found, name, value)
    found.save(update_fields=list(after))
    record("capacity.colleague.changed", found, by=by, at=at, before=before, after=after)
    return True


@transaction.atomic
def keep_team(seen: Sequence[ColleagueSeen], *, by: str, at: datetime) -> TeamKept:
    """Make the team what a file says of it; whoever is not named stays as they are.

    A name means the same person however its letters are written, large or small, and stays as it is.

    Raises:
        Refused: they may not keep the team.
    """
    _require_keeper(by)
    known = {one.name.casefold(): one for one in Colleague.objects.select_for_update()}
    kept = TeamKept()
    for one in seen:
        found = known.get(one.name.casefold())
        if found is None:
            made = Colleague.objects.create(name=one.name, **one.fields())
            record(
                "capacity.colleague.added", made, by=by, at=at, name=one.name, after=one.fields()
            )
            kept.created.append(made)
            continue
        is_changed = _change(found, replace(one, name=found.name), by=by, at=at)
        (kept.updated if is_changed else kept.unchanged).append(found)
    return kept


@transaction.atomic
def take_time_off(
    name: str, *, from_on: date, to_on: date, reason: str, by: str, at: datetime
) -> TimeOff:
    """Write down that somebody of the team is away, both days included.

    Raises:
        Refused: they may not keep the team, nobody of that name is in it, or the last day is before
            the first.
    """
    _require_keeper(by)
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


@transaction.atomic
def give_back_time_off(pk: int, *, by: str, at: datetime) -> None:
    """Take back that somebody is away: they work on those days after all.

    Raises:
        Refused: they may not keep the team, or nobody is away under that number any more.
    """
    _require_keeper(by)
    off = TimeOff.objects.select_for_update().select_related("colleague").filter(pk=pk).first()
    if off is None:
        raise Refused("That time off is gone already.", remedy="Look at the list again.")
    record("capacity.time_off.given_back", off.colleague, by=by, at=at, name=off.colleague.name,
           from_on=off.from_on, to_on=off.to_on)  # fmt: skip
    off.delete()
