"""Hours kept for a deal: softly from the answer, firmly from the verbal yes, until they are booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from throughline.capacity.models import Booking, Demand, Hold
from throughline.capacity.words import HoldKind
from throughline.journal.actions import entry, record, record_all
from throughline.journal.models import Entry


@dataclass(frozen=True, slots=True)
class HeldHours:
    """Hours of one role to be kept from a day to a day, both included."""

    title: str
    role: str
    hours: Decimal
    from_on: date
    to_on: date


@transaction.atomic
def hold_hours(
    subject: str, held: Iterable[HeldHours], *, expires_on: date, by: str, at: datetime
) -> list[Hold]:
    """Keep hours for a deal instead of what was kept: softly, or firmly where it was firm already."""
    before = Hold.objects.select_for_update().filter(subject=subject)
    is_firm = any(hold.kind == HoldKind.FIRM for hold in before)
    before.delete()
    rows = [
        Hold(
            subject=subject,
            title=one.title[:250],
            role=one.role,
            hours=one.hours,
            from_on=one.from_on,
            to_on=one.to_on,
            kind=HoldKind.FIRM if is_firm else HoldKind.SOFT,
            expires_on=None if is_firm else expires_on,
        )
        for one in held
        if one.hours > 0
    ]
    Hold.objects.bulk_create(rows)
    kept = list(Hold.objects.filter(subject=subject).order_by("pk"))
    record_all(
        entry("capacity.hold.kept", one, by=by, at=at, about=subject, role=one.role,
              hours=one.hours, kind=one.kind)
        for one in kept
    )  # fmt: skip
    return kept


@transaction.atomic
def firm_up(subject: str, *, by: str, at: datetime) -> int:
    """Make the soft holds of a deal firm: it has a verbal yes. Returns how many there were."""
    soft = list(Hold.objects.select_for_update().filter(subject=subject, kind=HoldKind.SOFT))
    Hold.objects.filter(pk__in=[one.pk for one in soft]).update(kind=HoldKind.FIRM, expires_on=None)
    record_all(entry("capacity.hold.firmed", one, by=by, at=at, about=subject) for one in soft)
    return len(soft)


@transaction.atomic
def release(subject: str, *, why: str, by: str, at: datetime) -> int:
    """Free everything that is asked for, kept or booked for a deal; returns how many rows."""
    return _free(subject, (Hold, Booking, Demand), why=why, by=by, at=at)


def _free(
    subject: str,
    models: Sequence[type[Hold] | type[Booking] | type[Demand]],
    *,
    why: str,
    by: str,
    at: datetime,
) -> int:
    count = 0
    for model in models:
        rows: list[Hold | Booking | Demand] = []
        rows += model._base_manager.select_for_update().filter(subject=subject)
        record_all(_freed(one, why, by=by, at=at) for one in rows)
        model._base_manager.filter(pk__in=[one.pk for one in rows]).delete()
        count += len(rows)
    return count


def _freed(one: Hold | Booking | Demand, why: str, *, by: str, at: datetime) -> Entry:
    act = f"capacity.{type(one).__name__.lower()}.freed"
    return entry(act, one, by=by, at=at, about=one.subject, why=why)


@transaction.atomic
def release_expired_holds(*, on: date, by: str, at: datetime) -> list[Hold]:
    """Free the soft holds whose last day is over, and return them."""
    over = Hold.objects.filter(kind=HoldKind.SOFT, expires_on__lt=on).order_by("subject", "pk")
    freed = list(over.select_for_update())
    record_all(_freed(one, f"expired on {one.expires_on}", by=by, at=at) for one in freed)
    Hold.objects.filter(pk__in=[one.pk for one in freed]).delete()
    return freed


@dataclass(frozen=True, slots=True)
class BookedHours:
    """Hours that a running engagement will use, as a booking has them."""

    code: str
    title: str
    roles: tuple[str, ...]
    hours: Decimal
    from_on: date
    to_on: date


@transaction.atomic
def book_hours(
    subject: str, wanted: Sequence[BookedHours], *, by: str, at: datetime
) -> list[Booking]:
    """Make a deal's bookings these; what was kept for it goes into them."""
    _free(subject, (Hold, Booking), why="booked", by=by, at=at)
    Booking.objects.bulk_create(
        [
            Booking(
                subject=subject,
                code=one.code,
                title=one.title[:250],
                roles=list(one.roles),
                hours=one.hours,
                from_on=one.from_on,
                to_on=one.to_on,
            )
            for one in wanted
        ]
    )
    rows = list(Booking.objects.filter(subject=subject).order_by("pk"))
    record_all(
        entry("capacity.booking.made", one, by=by, at=at, about=subject, hours=one.hours)
        for one in rows
    )
    return rows


@transaction.atomic
def free_booking(subject: str, code: str, *, why: str, by: str, at: datetime) -> int:
    """Free what is booked for one piece of work: it is done. Returns how many bookings that were."""
    own = Q(code=code) | Q(code__startswith=f"{code}:")
    rows = list(Booking.objects.select_for_update().filter(own, subject=subject))
    record_all(_freed(one, why, by=by, at=at) for one in rows)
    Booking.objects.filter(pk__in=[one.pk for one in rows]).delete()
    return len(rows)


@transaction.atomic
def hand_on_bookings(
    subject: str, to: str, codes: Mapping[str, str], *, by: str, at: datetime
) -> int:
    """Book for one deal what was booked for another, under new codes; returns how many it were."""
    count = 0
    for before, after in codes.items():
        own = Q(code=before) | Q(code__startswith=f"{before}:")
        for one in Booking.objects.select_for_update().filter(own, subject=subject).order_by("pk"):
            one.subject, one.code = to, after + one.code.removeprefix(before)
            one.save(update_fields=["subject", "code"])
            record("capacity.booking.handed_on", one, by=by, at=at, about=to, before=subject)
            count += 1
    return count
