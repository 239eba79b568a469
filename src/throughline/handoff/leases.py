"""The right of one worker to act on one engagement, by compare-and-set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from throughline.handoff.deferring import defer_pass
from throughline.handoff.models import Pass
from throughline.kernel.errors import Refused

LEASE = timedelta(minutes=5)  # longer than the longest call, listings included


class Leased(Refused):
    """Another worker is on this engagement."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act on one engagement, until it ends or changes hands."""

    number: int
    holder: str
    turn: int  # which taking this was: a later one ends it, even by a holder of the same name
    asked_by: str = ""  # who wants everything made true, where the rows do not say so yet


def take_lease(number: int, *, holder: str, at: datetime, asked_by: str = "") -> Lease:
    """Take the lease of an engagement.

    `asked_by` is written down with it: who wants everything made true, until the rows say so too.

    Raises:
        Leased: another worker has it and it has not run out.
    """
    Pass.objects.get_or_create(engagement_id=number)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at) | Q(leased_by=holder)
    also: dict[str, Any] = {"asked_by": asked_by} if asked_by else {}
    taken = Pass.objects.filter(free, engagement_id=number).update(
        leased_by=holder, leased_until=at + LEASE, turn=F("turn") + 1, **also
    )
    found = Pass.objects.filter(engagement_id=number, leased_by=holder).first()
    if not taken or found is None:
        raise Leased(
            f"Another worker is on engagement {number}.", remedy="Try again in a few minutes."
        )
    return Lease(number, holder, found.turn, found.asked_by)


def renew(lease: Lease, *, at: datetime) -> None:
    """Make sure that a lease is still ours, and prolong it. Called before every act.

    Raises:
        Leased: it ran out, or changed hands, while we were busy or stopped.
    """
    ours = _ours(lease).filter(leased_until__gt=at)
    if not ours.update(leased_until=at + LEASE):
        raise Leased(
            f"The lease on engagement {lease.number} ran out before the pass was done.",
            remedy="Another worker goes on with it; look again in a few minutes.",
        )


def give_back(lease: Lease, *, done_at: datetime | None = None) -> None:
    """End a lease, if it is still ours; with `done_at`, what was asked for until then is done."""
    free = {"leased_by": "", "leased_until": None, "asked_by": ""}
    if _ours(lease).update(**free) and done_at is not None:
        Pass.objects.filter(engagement_id=lease.number, due_at__lte=done_at).update(due_at=None)


def leave_unfinished(lease: Lease, *, at: datetime) -> None:
    """End a lease so that the next sweep goes on where we stopped, if it is still ours."""
    _ours(lease).update(leased_by="", leased_until=None, due_at=at)


def forget_asking(lease: Lease) -> None:
    """Forget who asked for everything: the rows say so from here on."""
    _ours(lease).update(asked_by="")


def want_pass(number: int, *, at: datetime) -> None:
    """Have an engagement looked at by the next sweep; part of the caller's transaction."""
    Pass.objects.get_or_create(engagement_id=number)
    Pass.objects.filter(engagement_id=number).update(due_at=at)
    defer_pass(number)


def _ours(lease: Lease) -> QuerySet[Pass]:
    return Pass.objects.filter(engagement_id=lease.number, leased_by=lease.holder, turn=lease.turn)
