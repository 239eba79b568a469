"""What an engagement costs, as far as the ledger of billing tells; unknown is never zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.queries import (
    costs_of_accounts,
    costs_of_engagement,
    invoices_of_engagement,
)
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.kernel.money import shown
from throughline.kernel.months import last_day, month_of, month_text, months_between, months_later
from throughline.playbook.model import Playbook
from throughline.renewals.lapse import Running
from throughline.sales.models import Deal

NOT_RECORDED = "No costs are recorded here yet."
NO_BILL = "No bill of this time is here yet."
COMMUNITY_PAYS = "The community pays the cloud bill itself."
SINCE_UNKNOWN = "Nobody knows since when it runs without agreement."


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate at our expense; None where nothing tells, and why.

    Bills are by the month: of the first and the last one as many days count as it ran.
    """

    amount: Decimal | None
    currency: str = ""
    because: str = ""  # why it is not known, or what of it is not

    @property
    def said(self) -> str:
        """The cost in words."""
        if self.amount is None:
            return self.because
        more = f" ({self.because})" if self.because else ""
        return f"about {shown(self.amount)} {self.currency}{more}"


@dataclass(frozen=True, slots=True)
class MonthCost:
    """The cloud cost and the usage of one month; None is not recorded."""

    month: str  # YYYY-MM
    cost: Decimal | None
    currency: str
    users: int | None
    fee: Decimal | None


def lapse_costs(running: Sequence[Running], *, playbook: Playbook) -> dict[str, Cost]:
    """Return by subject what has been spent at our expense since the agreement was over; two queries."""
    names = {name for one in running for name in one.clusters}
    clusters = {one.name: one for one in Cluster.objects.filter(name__in=names)}
    since = [one.since_on for one in running if one.since_on is not None]
    months = _months(min(since), max(one.on for one in running)) if since else []
    accounts = {one.account_id for one in clusters.values() if one.account_id is not None}
    bills = costs_of_accounts(accounts, months) if accounts and months else {}
    currency = playbook.organisation.currency
    return {
        one.subject: _cost(one, [clusters[name] for name in one.clusters if name in clusters], bills, currency)
        for one in running
    }  # fmt: skip


def _months(first: date, last: date) -> list[date]:
    return list(months_between(month_of(first), month_of(last)))


def _cost(
    one: Running, clusters: Sequence[Cluster], bills: dict[int, dict[date, Decimal]], currency: str
) -> Cost:
    if one.since_on is None:
        return Cost(None, because=SINCE_UNKNOWN)
    ours = [cluster for cluster in clusters if cluster.paid_by != Payer.COMMUNITY]
    if clusters and not ours:
        return Cost(None, because=COMMUNITY_PAYS)
    total, told, wanted = Decimal(0), 0, 0
    for account in {cluster.account_id for cluster in ours}:
        for month in _months(one.since_on, one.on):
            bill = bills.get(account, {}).get(month) if account is not None else None
            wanted += 1
            if bill is not None:
                told += 1
                total += _share(bill, month, one.since_on, one.on)
    if not told:
        return Cost(None, because=NO_BILL)
    missing = f"{wanted - told} of {wanted} monthly bills are not here yet" if told < wanted else ""
    return Cost(total, currency, missing)


def _share(bill: Decimal, month: date, first: date, last: date) -> Decimal:
    """Return what of a month's bill falls on its days between two others, both included."""
    end_of_it = last_day(month)
    begin, end = max(month, first), min(end_of_it, last)
    return bill * ((end - begin).days + 1) / end_of_it.day


def months_of(deal: Deal, *, playbook: Playbook, on: date, most: int) -> tuple[MonthCost, ...]:
    """Return the months of an engagement of which billing knows anything, the oldest first."""
    last = min(on, deal.end_on) if deal.end_on is not None else on
    first = months_later(month_of(last), 1 - most)
    if deal.start_on is not None:
        first = max(first, month_of(deal.start_on))
    found = costs_of_engagement(deal.pk, _months(first, last), playbook=playbook)
    return tuple(
        MonthCost(
            month_text(one.month), one.cost, playbook.organisation.currency, one.users, one.fee
        )
        for one in found
        if one.cost is not None or one.users is not None
    )


@dataclass(frozen=True, slots=True)
class Collecting:
    """What was asked for and is not known to be settled, in words; what nobody knows is named."""

    open: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """All of it in one sentence."""
        return "; ".join((*self.open, *self.unknown)) or "Nothing is open."


def collecting_of(deal: Deal, *, playbook: Playbook) -> Collecting | None:
    """Return what of the ledger's invoices is open; None where nothing was ever asked for.

    The ledger knows whether the Sponsor has entered an invoice, and not whether it was paid: that
    the deal's amounts say, if anybody keeps them.
    """
    asked = [one for one in invoices_of_engagement(deal.pk) if one.amount]
    collected = _not_collected(deal)
    if not asked and collected is None:
        return None
    currency = playbook.organisation.currency
    waiting = [
        f"{one.number} of {month_text(one.month)}: {shown(one.amount)} {currency}, sent and not"
        " entered by the Sponsor yet"
        for one in asked
        if not one.receipt
    ]
    entered = [one for one in asked if one.receipt]
    unknown = []
    if entered and collected is None:
        total = shown(sum((one.amount for one in entered), Decimal(0)))
        said = "1 invoice is" if len(entered) == 1 else f"{len(entered)} invoices are"
        unknown.append(f"{said} entered ({total} {currency}); whether it is paid is not recorded")
    return Collecting((*waiting, *(collected or ())), tuple(unknown))


def _not_collected(deal: Deal) -> tuple[str, ...] | None:
    if deal.amount is None or deal.amount_collected is None:
        return None
    left = deal.amount - deal.amount_collected
    if left <= 0:
        return ()
    return (f"{shown(left)} of {shown(deal.amount)} {deal.currency} is not collected yet",)


@dataclass(frozen=True, slots=True)
class FinalNumbers:
    """What billing knows of the last month that ran; a person confirms it. None is unknown."""

    month: str  # YYYY-MM
    cost: Decimal | None
    currency: str
    users: int | None


def final_numbers(deal: Deal, *, playbook: Playbook, on: date) -> FinalNumbers | None:
    """Return cost and active users of the last month of a deal, as far as billing tells."""
    told = months_of(deal, playbook=playbook, on=on, most=3)
    if not told:
        return None
    last = told[-1]
    return FinalNumbers(last.month, last.cost, last.currency, last.users)


def total_of(months: Iterable[MonthCost]) -> Decimal | None:
    """Return the sum of the costs that are known; None where none is."""
    known = [one.cost for one in months if one.cost is not None]
    return sum(known, Decimal(0)) if known else None
