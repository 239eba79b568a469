"""What is not billed yet, and why: a number that stands on the page until it is nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from throughline.billing.attribution import shares_of_account, standing_of
from throughline.billing.book import Book
from throughline.billing.cells import places_of
from throughline.billing.charging import Draft, carried_over, drafts, open_charges
from throughline.billing.grounds import Grounds
from throughline.billing.models import BillingMonth, Charge, CostEntry, UserCount
from throughline.billing.reckoning import Fee, Reckoning, bill_of, fees_of, reckon
from throughline.billing.splitting import to_cents
from throughline.billing.words import (
    FROZEN,
    NOBODYS,
    REMEDIES,
    ChargeKind,
    EntryKind,
    MonthState,
    Reason,
    Standing,
)
from throughline.infrastructure.models import CloudAccount
from throughline.kernel.months import last_day, month_of, months_later
from throughline.playbook.model import Playbook

LOOK_BACK = 13  # months in which a number that was not known is still asked for


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that is not billed yet. Without an amount: nobody knows how much it is."""

    reason: Reason
    of_month: date
    amount: Decimal | None
    account: CloudAccount | None = None
    engagement: int | None = None
    cluster: int | None = None
    number: int | None = None  # of a cost in a month that was sent: it can be borne

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        return REMEDIES[self.reason]


@dataclass(frozen=True, slots=True)
class Unbilled:
    """Everything that is not billed yet, and what is needed to name it."""

    items: list[Waiting]
    book: Book
    not_sent: dict[date, Decimal]  # by month that was not sent and is not empty: what it asks for

    @property
    def total(self) -> Decimal:
        """The standing number: "not billed yet: $…"."""
        return sum((one.amount for one in self.items if one.amount is not None), Decimal(0))

    @property
    def by_reason(self) -> dict[Reason, tuple[Decimal | None, int]]:
        """Amount and count of each reason there is, in the order of the words.

        Of what nobody knows there is no amount: unknown is not zero.
        """
        found: dict[Reason, tuple[Decimal | None, int]] = {}
        for reason in Reason:
            items = [one for one in self.items if one.reason == reason]
            if items:
                known = [one.amount for one in items if one.amount is not None]
                found[reason] = (sum(known, Decimal(0)) if known else None, len(items))
        return found


def unbilled(*, on: date, playbook: Playbook, grounds: Grounds | None = None) -> Unbilled:
    """Return what is not billed yet as of a day, in a constant number of queries.

    `grounds` are those of everything, where they are known already.

    Source: requirements F11, 4.8, S8.
    """
    since = months_later(month_of(on), -LOOK_BACK)
    carried = open_charges()
    frozen = set(BillingMonth.objects.filter(state__in=FROZEN).values_list("month", flat=True))
    booked = set(CostEntry.objects.values_list("month", flat=True).distinct())
    counted = set(UserCount.objects.filter(month__gte=since).values_list("month", flat=True))
    wanted = {one for one in booked if one >= since or one not in frozen} | counted
    wanted |= {one.of_month for one in carried} | _due_months(booked, since, on)
    book = Book(wanted, playbook=playbook, grounds=grounds)
    open_months = [one for one in book.months if one not in frozen and one <= on]
    again = carried_over(carried, book)
    settled = {one.settles.pk for one in again if one.settles is not None}
    items = [_of_charge(one) for one in carried if one.pk not in settled]
    items += [_of_draft(one) for one in again if one.share.standing == Standing.BILLABLE]
    not_sent = {}
    for month in open_months:
        if of_month := list(_of_open(book, reckon(book, month))):
            not_sent[month] = _asked_for(of_month)
        items += of_month
    items += _blank(book, on)
    return Unbilled(sorted(items, key=_order), book, not_sent)


def _asked_for(items: Iterable[Waiting]) -> Decimal:
    sent = (one.amount for one in items if one.reason == Reason.NOT_SENT and one.amount is not None)
    return sum(sent, Decimal(0))


@dataclass(frozen=True, slots=True)
class MonthToMove:
    """A month that is over and not sent: somebody reviews it, or somebody else sends it."""

    month: date
    state: MonthState
    amount: Decimal
    reviewed_by: str = ""
    reviewed_at: datetime | None = None


def months_to_move(found: Unbilled, *, on: date) -> list[MonthToMove]:
    """Return the months that are over, not sent and not empty, the oldest first."""
    return [
        _to_move(found.book, month, amount)
        for month, amount in sorted(found.not_sent.items())
        if last_day(month) < on
    ]


def _to_move(book: Book, month: date, amount: Decimal) -> MonthToMove:
    row = book.states.get(month)
    if row is None:
        return MonthToMove(month, MonthState.OPEN, amount)
    return MonthToMove(month, book.state(month), amount, row.reviewed_by, row.reviewed_at)


def _due_months(booked: set[date], since: date, on: date) -> set[date]:
    """Return the months in which a payment can fall due and nothing is booked yet."""
    first = min(booked, default=month_of(on))
    month, found = max(first, since), set()
    while month <= on:
        found.add(month)
        month = months_later(month, 1)
    return found


def _order(one: Waiting) -> tuple[int, date, int, int]:
    return (list(Reason).index(one.reason), one.of_month, one.engagement or 0, one.cluster or 0)


def _reason(standing: Standing) -> Reason:
    return Reason.NOT_SENT if standing == Standing.BILLABLE else Reason(standing.value)


def _of_open(book: Book, month: Reckoning) -> Iterator[Waiting]:
    for one in drafts(book, month):
        if one.amount and one.share.standing != Standing.OURS:
            yield _of_draft(one)


def _of_draft(one: Draft) -> Waiting:
    is_cost = one.kind == ChargeKind.CLOUD
    return Waiting(
        _reason(one.share.standing) if is_cost else Reason.NOT_SENT, one.of_month, one.amount,
        one.account, one.share.engagement, one.share.cluster,
    )  # fmt: skip


def _of_charge(charge: Charge) -> Waiting:
    return Waiting(
        _reason(Standing(charge.standing)), charge.of_month, charge.amount, charge.account,
        charge.engagement_id, charge.cluster_id, charge.pk,
    )  # fmt: skip


def _blank(book: Book, on: date) -> Iterator[Waiting]:
    """Yield what nobody knows of months that are over, and what is known now otherwise."""
    billed = {one.of_month for one in book.entries if one.kind == EntryKind.BILL}
    told = billed | {month for _cluster, month in book.users}  # of others nothing has come in yet
    over = [month for month in book.months if last_day(month) < on and month in told]
    for month in over:
        for fee in fees_of(book, month):
            yield from _of_fee(book, month, fee)
    for month in sorted(set(over) & billed):
        for number, cluster in places_of(book, month):
            account = book.clusters[cluster].account
            if account is None or bill_of(book, account.pk, month) is not None:
                continue
            if standing_of(number, cluster, month, book) == Standing.BILLABLE:
                yield Waiting(Reason.COST_BLANK, month, None, account, number, cluster)


def _of_fee(book: Book, month: date, fee: Fee) -> Iterator[Waiting]:
    number, cluster = fee.share.engagement, fee.share.cluster
    if fee.amount is None:
        yield Waiting(Reason.USERS_BLANK, month, None, None, number, cluster)
        return
    if not book.is_frozen(month):
        return
    asked = book.charged(ChargeKind.USAGE, month).get((number, cluster), Decimal(0))
    asked += book.usage.get((number, cluster, month), Decimal(0))
    if difference := fee.amount - asked:
        yield Waiting(Reason.CHANGED, month, difference, None, number, cluster)


@dataclass(frozen=True, slots=True)
class Orphan:
    """An account that costs and that nobody pays back, without a break since a month."""

    account: CloudAccount
    since: date
    standing: Standing  # of its newest month
    amount: Decimal


def orphans(book: Book) -> list[Orphan]:
    """Return since when which account of a book's months costs nobody, the dearest first.

    By what is known now, months that were sent included.
    """
    bills: dict[int, dict[date, Decimal]] = {}
    for one in book.entries:
        if one.kind == EntryKind.BILL and one.account_id is not None:
            months = bills.setdefault(one.account_id, {})
            months[one.of_month] = months.get(one.of_month, Decimal(0)) + one.amount
    found = [_orphan(book.accounts[pk], months, book) for pk, months in bills.items()]
    return sorted(filter(None, found), key=lambda one: (-one.amount, one.account.pk))


def _orphan(account: CloudAccount, bills: dict[date, Decimal], book: Book) -> Orphan | None:
    newest: Standing | None = None
    since, amount = date.max, Decimal(0)
    for month in sorted((one for one, bill in bills.items() if bill), reverse=True):
        shares = shares_of_account(account, month, book)
        lost = [one.standing for one in shares if one.standing in NOBODYS]
        if not lost:
            break
        newest = newest or lost[0]
        since, amount = month, amount + to_cents(bills[month])
    return Orphan(account, since, newest, amount) if newest is not None else None
