"""Taking hold of months: one at a time, and back to open where something new comes in."""

from collections.abc import Iterable
from datetime import date, datetime

from throughline.billing.models import BillingMonth
from throughline.billing.words import FROZEN, MonthState
from throughline.journal.actions import record
from throughline.kernel.months import months_later


def locked_months(months: Iterable[date], *, and_later: bool = False) -> dict[date, BillingMonth]:
    """Return the rows of months, made where missing, and locked; in order, so nobody waits round.

    With `and_later` all later ones are held as well: what belongs to a month that was sent counts
    in one of them.
    """
    wanted = sorted(set(months))
    BillingMonth.objects.bulk_create(
        [BillingMonth(month=month) for month in wanted], ignore_conflicts=True
    )
    found = BillingMonth.objects.select_for_update().order_by("month")
    found = found.filter(month__gte=wanted[0]) if and_later else found.filter(month__in=wanted)
    return {one.month: one for one in found}


def open_month_for(month: date, held: dict[date, BillingMonth]) -> date:
    """Return the month itself, or the first later one that was not sent yet.

    What was sent stands: whatever comes later for it counts where it can still be billed (E33).
    """
    while month in held and held[month].state in FROZEN:
        month = months_later(month, 1)
    return month


def reopen(row: BillingMonth, *, because: str, by: str, at: datetime) -> None:
    """Take back the review of a month that changed since; an open one stays as it is."""
    if row.state != MonthState.REVIEWED:
        return
    record(
        "billing.month.reopened", row, by=by, at=at, month=str(row), because=because,
        reviewed_by=row.reviewed_by,
    )  # fmt: skip
    row.state, row.reviewed_by, row.reviewed_at = MonthState.OPEN, "", None
    row.save(update_fields=["state", "reviewed_by", "reviewed_at"])
