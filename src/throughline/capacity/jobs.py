"""What time alone makes due: soft holds run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from throughline.capacity.actions.holds import release_expired_holds
from throughline.capacity.models import Hold
from throughline.capacity.words import HoldKind
from throughline.kernel.days import ONE_DAY


@dataclass(frozen=True, slots=True)
class Freed:
    """The hours of a deal that nobody keeps any more: BD and PS are both told (E12)."""

    subject: str
    hours: float
    roles: tuple[str, ...]


def release_expired(*, on: date, by: str, at: datetime) -> list[Freed]:
    """Free the soft holds whose last day is over, and return what that was, by deal."""
    return _by_subject(release_expired_holds(on=on, by=by, at=at))


def expiring_on(on: date) -> list[Freed]:
    """Return what would be freed on a day, in a system that runs every day. Reads only."""
    soft = Hold.objects.filter(kind=HoldKind.SOFT, expires_on=on - ONE_DAY)
    return _by_subject(list(soft.order_by("subject", "pk")))


def _by_subject(holds: Sequence[Hold]) -> list[Freed]:
    found: dict[str, list[Hold]] = {}
    for hold in holds:
        found.setdefault(hold.subject, []).append(hold)
    return [
        Freed(
            subject,
            float(sum(one.hours for one in rows)),
            tuple(sorted({one.role for one in rows})),
        )
        for subject, rows in found.items()
    ]
