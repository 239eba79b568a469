"""Writing calls that are made once however often they are sent (Idempotency-Key).

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from throughline.kernel.errors import Refused
from throughline.people.models import ApiCall

KEPT: Final = timedelta(hours=24)
AT_WORK: Final = timedelta(minutes=2)  # longer than any call: whoever began it is dead
SUCCESS: Final = range(200, 300)


class OtherCall(Refused):
    """The key stands for another call."""


class StillAtWork(Refused):
    """The same call is being worked on at this moment."""


class TakenOver(Exception):
    """Somebody else went on with our call; what we did is taken back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered."""

    status: int
    body: str


def once(
    caller: str, key: str, *, request_sha256: str, work: Callable[[], Answer], at: datetime
) -> tuple[Answer, bool]:
    """Do a call's work unless it was done, and return its answer and whether it is an old one.

    Work and answer are written in one transaction: neither is there without the other. What was
    refused has changed nothing, so its key is free again.

    Raises:
        OtherCall: the key was used for another call.
        StillAtWork: the same call is being worked on.
    """
    row, is_new = _claimed(caller, key, request_sha256, at)
    if row.request_sha256 != request_sha256:
        raise OtherCall(
            "This Idempotency-Key was used for another call.", remedy="Make a key for each call."
        )
    if row.status is not None:
        return Answer(row.status, row.body), True
    if not is_new and not _taken_over(row, at):
        raise StillAtWork("The same call is being worked on.", remedy="Send it again in a second.")
    try:
        return _worked(row, work, at), False
    except BaseException:
        _free(row, at)
        raise


def forget_old_calls(*, at: datetime) -> int:
    """Delete calls whose keys need not be known any more, and return how many that were."""
    old = _old(at)
    return old.delete()[0] if old.exists() else 0  # a look waits for nobody, a deletion may


def _claimed(caller: str, key: str, digest: str, at: datetime) -> tuple[ApiCall, bool]:
    """Return the row of a call, and whether it is new. Looks first: a look waits for nobody."""
    found = ApiCall.objects.filter(caller=caller, key=key).first()
    if found is not None and not _is_old(found, at):
        return found, False
    _old(at).filter(caller=caller, key=key).delete()
    fresh = {"request_sha256": digest, "begun_at": at}
    return ApiCall.objects.get_or_create(caller=caller, key=key, defaults=fresh)


def _is_old(row: ApiCall, at: datetime) -> bool:
    since = row.answered_at or row.begun_at
    return since is None or since < at - KEPT


def _old(at: datetime) -> QuerySet[ApiCall]:
    return ApiCall.objects.filter(
        Q(answered_at__lt=at - KEPT) | Q(answered_at=None, begun_at__lt=at - KEPT)
    )


def _taken_over(row: ApiCall, at: datetime) -> bool:
    """Go on with a call that nobody works on any more; by compare-and-set, so one of us does."""
    if row.begun_at is not None and row.begun_at >= at - AT_WORK:
        return False  # without a write, which would wait for the one at work
    dead = Q(begun_at=None) | Q(begun_at__lt=at - AT_WORK)
    return bool(ApiCall.objects.filter(dead, pk=row.pk, status=None).update(begun_at=at))


def _worked(row: ApiCall, work: Callable[[], Answer], at: datetime) -> Answer:
    with transaction.atomic():
        answer = work()
        if answer.status in SUCCESS:
            _keep(row, answer, at)
            return answer
        transaction.set_rollback(True)
    _free(row, at)
    return answer


def _keep(row: ApiCall, answer: Answer, at: datetime) -> None:
    kept = {"answered_at": at, "status": answer.status, "body": answer.body}
    if not ApiCall.objects.filter(pk=row.pk, status=None, begun_at=at).update(**kept):
        raise TakenOver(f"{row}: somebody else went on with it.")


def _free(row: ApiCall, at: datetime) -> None:
    ApiCall.objects.filter(pk=row.pk, status=None, begun_at=at).delete()
