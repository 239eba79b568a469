"""How many calls a system allows: token buckets in the database, shared by all workers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from throughline.handoff.clocks import Clock
from throughline.handoff.models import Bucket, Closure
from throughline.kernel.errors import Transient
from throughline.playbook.parts import CallLimit

NEARLY = 0.01  # of a call: clocks count in milliseconds, and a pause must not end just too early
SHORT = 1.0  # seconds that a worker waits for a token; for longer, the row waits


class Exhausted(Transient):
    """No call is left for now; `retry_after_s` says when there will be."""


def take_calls(system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int = 1) -> None:
    """Take calls from every limit of a system, waiting for a moment where that is enough.

    Raises:
        Exhausted: the system is closed, or the next call is further away than a moment.
    """
    wait_s = _take(system, limits, at=clock.now(), calls=calls)
    if 0 < wait_s <= SHORT:
        clock.pause(wait_s)
        wait_s = _take(system, limits, at=clock.now(), calls=calls)
    if wait_s > 0:
        raise Exhausted(f"{system} takes no calls for now.", retry_after_s=wait_s)


def charge_calls(system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int) -> None:
    """Write down calls that were made beyond those taken: a listing has as many pages as it has."""
    if calls <= 0:
        return
    at = clock.now()
    with transaction.atomic():
        for limit in _of(system, limits):
            bucket = _filled(limit, at)
            bucket.tokens -= calls
            bucket.save()


def close_system(system: str, *, seconds: float, clock: Clock) -> None:
    """Let no worker call a system for so long: it asked for that."""
    until = clock.now() + timedelta(seconds=seconds)
    with transaction.atomic():
        row, _created = Closure.objects.select_for_update().get_or_create(
            system=system, defaults={"until": until}
        )
        if row.until < until:
            row.until = until
            row.save()


@transaction.atomic
def _take(system: str, limits: Sequence[CallLimit], *, at: datetime, calls: int) -> float:
    """Take calls if all limits have them, and return 0; else how many seconds until they do."""
    closed = Closure.objects.filter(system=system, until__gt=at).first()
    if closed is not None:
        return (closed.until - at).total_seconds()
    buckets = [(limit, _filled(limit, at)) for limit in _of(system, limits)]
    wait_s = max((_wait_s(limit, bucket, calls) for limit, bucket in buckets), default=0.0)
    if wait_s > 0:
        return wait_s
    for _limit, bucket in buckets:
        bucket.tokens -= calls
        bucket.save()
    return 0.0


def _of(system: str, limits: Sequence[CallLimit]) -> list[CallLimit]:
    return [limit for limit in limits if limit.system == system]


def _filled(limit: CallLimit, at: datetime) -> Bucket:
    """Return the bucket of a limit, locked, with what has run into it since; not saved."""
    bucket, _created = Bucket.objects.select_for_update().get_or_create(
        limit=f"{limit.system}/{limit.seconds}", defaults={"tokens": limit.calls, "filled_at": at}
    )
    passed = max(at - bucket.filled_at, timedelta(0))
    refill = passed.total_seconds() * limit.calls / limit.seconds
    bucket.tokens = min(float(limit.calls), bucket.tokens + refill)
    bucket.filled_at = max(at, bucket.filled_at)
    return bucket


def _wait_s(limit: CallLimit, bucket: Bucket, calls: int) -> float:
    # What a bucket can never hold at once must not wait for ever: a full one is enough.
    lacking = min(calls, limit.calls) - bucket.tokens
    return lacking * limit.seconds / limit.calls if lacking > NEARLY else 0.0
