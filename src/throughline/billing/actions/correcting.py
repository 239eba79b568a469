"""Credits and corrections: new entries, each with its reason; and costs that we decide to bear."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.billing.actions.months_touched import locked_months, open_month_for, reopen
from throughline.billing.models import Charge, CostEntry
from throughline.billing.words import FROZEN, NOBODYS, ChargeKind, EntryKind
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.money import LARGEST
from throughline.kernel.months import month_text


@dataclass(frozen=True, slots=True)
class Target:
    """What a correction is of: an account, so that it is split as its bill is; or an engagement."""

    account: CloudAccount | None = None
    engagement: Engagement | None = None
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """In which month a correction counts, and of which one it is (the same where left out)."""

    month: date
    of_month: date


@transaction.atomic
def correct(
    target: Target, amount: Decimal, counts: Counts, *, kind: EntryKind, why: str, by: str,
    at: datetime,
) -> CostEntry:  # fmt: skip
    """Book a correction, or a credit, in a month that was not sent; nothing is ever edited.

    Raises:
        Refused: the month was sent, the amount is nothing, or there is no reason.
    """
    month, of_month = counts.month, counts.of_month
    _check(target, amount, counts, kind=kind, why=why)
    held = locked_months([month], and_later=True)
    if held[month].state in FROZEN:
        raise Refused(
            f"{month_text(month)} is {held[month].state}.",
            remedy=f"Book it in {month_text(open_month_for(month, held))},"
            f" as one of {month_text(of_month)}.",
        )
    entry = CostEntry.objects.create(
        month=month, of_month=of_month, kind=kind, account=target.account,
        engagement=target.engagement, cluster=target.cluster, amount=amount, why=why.strip(), by=by,
        at=at,
    )  # fmt: skip
    reopen(held[month], because="a correction was booked", by=by, at=at)
    record(
        "billing.entry.corrected", entry, by=by, at=at, month=month_text(month),
        of_month=month_text(of_month), kind=kind.value, amount=amount, why=entry.why,
        account=target.account.identifier if target.account else None,
        engagement=target.engagement.pk if target.engagement else None,
    )  # fmt: skip
    return entry


def _check(target: Target, amount: Decimal, counts: Counts, *, kind: EntryKind, why: str) -> None:
    problem, remedy = "", ""
    if (target.account is None) == (target.engagement is None):
        problem, remedy = "A correction is of an account or of an engagement.", "Name one of them."
    elif not why.strip():
        problem, remedy = "A correction needs a reason.", "Say why."
    elif not amount or abs(amount) >= LARGEST:
        problem, remedy = f"{amount} corrects nothing.", "Write the difference, such as -12.50."
    elif kind == EntryKind.CREDIT and amount > 0:
        problem, remedy = "A credit is below zero.", f"Write -{amount}."
    elif counts.of_month > counts.month:
        problem = f"{month_text(counts.of_month)} is after {month_text(counts.month)}."
        remedy = "It counts in the month that it is of, or in a later one."
    if problem:
        raise Refused(problem, remedy=remedy)


@transaction.atomic
def bear_cost(number: int, *, why: str, by: str, at: datetime) -> Charge:
    """Decide that we bear a cost of a month that was sent: nobody is asked for it any more.

    Raises:
        Refused: there is no such cost, it is settled, or there is no reason.
    """
    found = Charge.objects.select_for_update().filter(pk=number, kind=ChargeKind.CLOUD).first()
    if found is None or found.invoice_id is not None or found.standing not in NOBODYS:
        raise Refused(
            f"There is no cost {number} that nobody pays back.",
            remedy="See `throughline billing unbilled`.",
        )
    if found.settled_in is not None or found.borne_by:
        raise Refused(f"Cost {number} is settled already.", remedy="Nothing is left to do.")
    if not why.strip():
        raise Refused("This needs a reason.", remedy="Say why we bear it.")
    found.borne_by, found.borne_why = by, why.strip()
    found.save(update_fields=["borne_by", "borne_why"])
    record(
        "billing.cost.borne",
        found,
        by=by,
        at=at,
        month=month_text(found.month),
        why=found.borne_why,
    )
    return found
