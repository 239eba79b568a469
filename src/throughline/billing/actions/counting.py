"""Writing down how many people used what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from throughline.billing.actions.months_touched import locked_months, reopen
from throughline.billing.models import BillFile, UserCount
from throughline.billing.told import Counts, Source
from throughline.billing.words import FileKind
from throughline.documents.actions import keep_document
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text


@dataclass(frozen=True, slots=True)
class UsersBooked:
    """What became of a file of active users."""

    file: BillFile
    is_new: bool
    changes: tuple[tuple[str, date, int | None, int | None], ...] = ()  # name, month, before, after


@transaction.atomic
def book_users(counts: Counts, source: Source, *, by: str, at: datetime) -> UsersBooked:
    """Write down what a file says of active users; what differs from before stands beside it.

    The same file twice changes nothing.

    Raises:
        Refused: nothing can be read from it.
    """
    if not counts.counted:
        reason = counts.rejected[0][1] if counts.rejected else "It has no rows."
        raise Refused(f"{source.name} tells of no cluster: {reason}", remedy="Correct the file.")
    months = sorted({one.month for one in counts.counted})
    locked = locked_months(months)
    document = keep_document(source.content, name=source.name, by=by, at=at)
    text = ",".join(month_text(one) for one in months)
    key = {"document": document, "kind": FileKind.USERS, "provider": "", "months": text}
    known = BillFile.objects.filter(**key).first()
    if known is not None:
        return UsersBooked(known, is_new=False)
    newest = newest_counts(months)
    file = BillFile.objects.create(
        **key, currency="", rows=len(counts.counted) + len(counts.rejected), by=by, at=at
    )
    fresh, changes = [], []
    for one in counts.counted:
        before = newest.get((one.cluster, one.month))
        if before is None or before.users != one.users:
            fresh.append(
                UserCount(
                    name=one.cluster, month=one.month, users=one.users, file=file, by=by, at=at
                )
            )
        if before is not None and before.users != one.users:
            changes.append((one.cluster, one.month, before.users, one.users))
    for month in {one.month for one in fresh}:
        reopen(locked[month], because=f"{document.name} came in", by=by, at=at)
    UserCount.objects.bulk_create(fresh, batch_size=500)
    record("billing.users.imported", file, by=by, at=at, file=document.name, months=text)
    return UsersBooked(file, is_new=True, changes=tuple(changes))


def newest_counts(months: Iterable[date]) -> dict[tuple[str, date], UserCount]:
    """Return the count that holds of each name and month."""
    found = UserCount.objects.filter(month__in=list(months)).order_by("pk")
    return {(one.name, one.month): one for one in found}


@transaction.atomic
def count_users(
    cluster: str, month: date, users: int | None, *, why: str, by: str, at: datetime
) -> UserCount:
    """Write down by hand how many people used a cluster in a month; None is "nobody knows".

    Raises:
        Refused: no reason is given, or the number is below zero.
    """
    if not why.strip():
        raise Refused("A count by hand needs a reason.", remedy="Say where the number comes from.")
    if users is not None and users < 0:
        raise Refused(f"{users} active users cannot be.", remedy="Count again.")
    row = locked_months([month])[month]
    made = UserCount.objects.create(
        name=cluster, month=month, users=users, why=why.strip(), by=by, at=at
    )
    reopen(row, because="active users were counted by hand", by=by, at=at)
    record(
        "billing.users.counted", row, by=by, at=at, cluster=cluster, month=month_text(month),
        users=users, why=made.why,
    )  # fmt: skip
    return made
