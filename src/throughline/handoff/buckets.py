"""How many calls a system allows: token buckets in the database, shared by all workers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from throughline.handoff.clocks import Clock
from throughline.handoff.models import Bucket, Closure
from throughline.kernel.errors import Transient
from throughline.playbook.parts import CallLimit
from throughline.playbook.words import Calls

NEARLY = 0.01  # of a call: clocks count in milliseconds, and a pause must not end just too early
SHORT = 1.5  # seconds that a worker waits for a call; for longer, the row waits
ENOUGH = 10  # calls to come back for: one would be used up by the look, and nothing be sent


class Exhausted(Transient):
    """No call is left for now; `retry_after_s` says when there will be."""


def limits_of(limits: Sequence[CallLimit], system: str, kind: Calls) -> tuple[CallLimit, ...]:
    """Return the limits that calls of one kind use up; reads and writes may have their own."""
    return tuple(one for one in limits if one.system == system and one.counts(kind))


def take_calls(system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int = 1) -> None:
    """Take calls from every limit of a system, waiting for a moment where that is enough.

    Raises:
        Exhausted: the system is closed, or the next call is further away than a moment.
    """
    wait_s, enough_s = _take(system, limits, clock=clock, calls=calls)
    if 0 < wait_s <= SHORT:
        clock.pause(wait_s)
        wait_s, enough_s = _take(system, limits, clock=clock, calls=calls)
    if wait_s > 0:
        raise Exhausted(f"{system} takes no calls for now.", retry_after_s=enough_s)


def charge_calls(system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int) -> None:
    """Write down calls that were made beyond those taken: a listing has as many pages as it has."""
    if calls <= 0:
        return
    with transaction.atomic():
        _at, buckets = _filled(system, limits, clock, spent=calls)
        for limit, bucket in buckets:
            # A debt is one full bucket at most: else a long listing would keep all others out.
            bucket.tokens = max(bucket.tokens, -float(limit.calls))
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


def _take(
    system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int
) -> tuple[float, float]:
    """Take calls if all limits have them; return how many seconds until they do, and have enough."""
    closed_s = _closed_s(system, clock)
    ours = [limit for limit in limits if limit.system == system]
    if closed_s > 0 or not ours:
        return closed_s, closed_s
    return _take_from(system, ours, clock=clock, calls=calls)


def _closed_s(system: str, clock: Clock) -> float:
    closed = Closure.objects.filter(pk=system).first()
    return 0.0 if closed is None else max(0.0, (closed.until - clock.now()).total_seconds())


@transaction.atomic
def _take_from(
    system: str, limits: Sequence[CallLimit], *, clock: Clock, calls: int
) -> tuple[float, float]:
    _at, buckets = _filled(system, limits, clock)
    wait_s = max((_wait_s(*one, calls) for one in buckets), default=0.0)
    for _limit, bucket in buckets if wait_s <= 0 else ():
        bucket.tokens -= calls
        bucket.save()
    return wait_s, max((_wait_s(*one, ENOUGH) for one in buckets), default=0.0)


def _filled(
    system: str, limits: Sequence[CallLimit], clock: Clock, *, spent: int = 0
) -> tuple[datetime, list[tuple[CallLimit, Bucket]]]:
    """Return the instant, and a system's buckets, locked, with what has run into them; not saved.

    What was `spent` meanwhile is taken out before the bucket runs over. The clock is read once they
    are locked: no worker comes with an instant before another's. Where the clock itself was put
    back, nothing runs in for that moment, and then it goes on.
    """
    found = [(limit, _locked(limit, clock)) for limit in limits if limit.system == system]
    at = clock.now()
    for limit, bucket in found:
        passed_s = max(0.0, (at - bucket.filled_at).total_seconds())
        refill = passed_s * limit.calls / limit.seconds
        bucket.tokens = min(float(limit.calls), bucket.tokens - spent + refill)
        bucket.filled_at = at
    return at, found


def _locked(limit: CallLimit, clock: Clock) -> Bucket:
    kind = "" if limit.of == "all" else f"/{limit.of}"
    name = f"{limit.system}/{limit.seconds}{kind}"
    try:
        return Bucket.objects.select_for_update().get(limit=name)
    except Bucket.DoesNotExist:
        new = {"tokens": limit.calls, "filled_at": clock.now()}
        return Bucket.objects.select_for_update().get_or_create(limit=name, defaults=new)[0]


def _wait_s(limit: CallLimit, bucket: Bucket, calls: int) -> float:
    # What a bucket can never hold at once must not wait for ever: a full one is enough.
    lacking = min(calls, limit.calls) - bucket.tokens
    return lacking * limit.seconds / limit.calls if lacking > NEARLY else 0.0
