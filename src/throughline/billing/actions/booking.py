"""Booking what providers' files say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.billing.actions.months_touched import locked_months, open_month_for, reopen
from throughline.billing.models import AccountName, BillFile, BillingMonth, CostEntry
from throughline.billing.splitting import to_cents
from throughline.billing.told import Bill, Billed, Rate, Source
from throughline.billing.words import EntryKind, FileKind
from throughline.documents.actions import keep_document
from throughline.infrastructure.actions import known_accounts
from throughline.infrastructure.models import CloudAccount
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.money import shown
from throughline.kernel.months import month_text

LONGEST_NAME = 250


@dataclass(frozen=True, slots=True)
class Changed:
    """A bill that differs from what an earlier file said."""

    account: CloudAccount
    of_month: date
    before: Decimal
    after: Decimal  # both in our currency
    booked_in: date  # another month, where the one that it is of was sent


@dataclass(slots=True)
class Booked:
    """What became of a file."""

    file: BillFile
    is_new: bool
    changes: list[Changed] = field(default_factory=list)
    elsewhere: dict[date, list[CloudAccount]] = field(default_factory=dict)  # in no line of it


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What files before this one have booked."""

    booked: Mapping[tuple[int | None, date], Decimal]  # account and month; None: rounding
    known: frozenset[tuple[int, date]]


@transaction.atomic
def book_costs(
    bill: Bill, source: Source, *, rate: Rate | None = None, own: str, by: str, at: datetime
) -> Booked:
    """Write down what a provider bills, with the difference to what earlier files said.

    `own` is our currency; a file in another one needs a rate. The same file twice changes nothing.
    What belongs to a month that was sent counts in the first one that was not.

    Raises:
        Refused: a rate is needed, or none is.
    """
    _check_rate(bill.currency, own, rate)
    held = locked_months(bill.months, and_later=True)
    document = keep_document(source.content, name=source.name, by=by, at=at)
    months = ",".join(month_text(one) for one in bill.months)
    key = {
        "document": document,
        "kind": FileKind.COSTS,
        "provider": bill.provider,
        "months": months,
    }
    known = BillFile.objects.filter(**key).first()
    if known is not None:
        return Booked(known, is_new=False)
    file = BillFile.objects.create(
        **key,
        currency=bill.currency,
        fx_rate=rate.rate if rate else None,
        fx_on=rate.on if rate else None,
        stated={month_text(month): f"{total:f}" for month, total in bill.stated.items()},
        rows=bill.rows,
        by=by,
        at=at,
    )
    booked = Booked(file, is_new=True)
    _enter(bill, booked, held)
    record(
        "billing.costs.imported", file, by=by, at=at, file=document.name, provider=bill.provider,
        months=months, changes=len(booked.changes),
    )  # fmt: skip
    return booked


def _check_rate(currency: str, own: str, rate: Rate | None) -> None:
    if currency != own and rate is None:
        raise Refused(
            f"The file is in {currency}, and our currency is {own}.",
            remedy=f"Say what one {currency} is worth in {own}, and of which day (--rate, --rate-on).",
        )
    if currency == own and rate is not None:
        raise Refused(f"The file is in {own} already.", remedy="Leave out the rate.")
    if rate is not None and rate.rate <= 0:
        raise Refused(f"{rate.rate} is no rate.", remedy="Write a number above zero.")


def _enter(bill: Bill, booked: Booked, held: dict[date, BillingMonth]) -> None:
    accounts = known_accounts(bill.provider, (line.account for line in bill.lines))
    _keep_names(accounts, bill.lines)
    earlier = _earlier(bill, accounts)
    entries: list[CostEntry] = []
    for line in bill.lines:
        account = accounts[line.account]
        before = earlier.booked.get((account.pk, line.month), Decimal(0))
        entry = _entry(booked.file, line.month, line.amount, before)
        entry.account, entry.kind = account, EntryKind.BILL
        entry.month = open_month_for(line.month, held) if entry.amount else line.month
        entries.append(entry)
        if (account.pk, line.month) in earlier.known and entry.amount:
            booked.changes.append(
                Changed(account, line.month, before, before + entry.amount, entry.month)
            )
    for rounding in _roundings(bill, booked.file, earlier):
        rounding.month = open_month_for(rounding.of_month, held)
        entries.append(rounding)
    touched = {one.month for one in entries if one.amount}
    because = f"{booked.file.document.name} came in"
    for month in sorted(touched & set(held)):
        reopen(held[month], because=because, by=booked.file.by, at=booked.file.at)
    if fresh := touched - set(held):
        locked_months(fresh)
    CostEntry.objects.bulk_create(entries, batch_size=500)
    booked.elsewhere = _elsewhere(bill, earlier, accounts)


def _entry(file: BillFile, of_month: date, stated: Decimal, before: Decimal) -> CostEntry:
    ours = stated if file.fx_rate is None else stated * file.fx_rate
    return CostEntry(
        of_month=of_month, amount=ours - before, stated=stated, file=file, by=file.by, at=file.at
    )


def _roundings(bill: Bill, file: BillFile, earlier: _Earlier) -> list[CostEntry]:
    """Return what the provider's totals differ from the sum of its lines, where that shows."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for line in bill.lines:
        sums[line.month] += line.amount
    entries = []
    for month, stated in bill.stated.items():
        shows = to_cents(stated) != to_cents(sums[month])
        rest = stated - sums[month] if shows else Decimal(0)
        before = earlier.booked.get((None, month), Decimal(0))
        if rest or before:
            entries.append(_entry(file, month, rest, before))
            entries[-1].kind = EntryKind.ROUNDING
    return entries


def _earlier(bill: Bill, accounts: Mapping[str, CloudAccount]) -> _Earlier:
    """Return what is booked of the bill's months from files of the same provider."""
    booked: dict[tuple[int | None, date], Decimal] = defaultdict(Decimal)
    known: set[tuple[int, date]] = set()
    ours = {one.pk for one in accounts.values()}
    entries = CostEntry.objects.filter(
        of_month__in=bill.months, kind__in=[EntryKind.BILL, EntryKind.ROUNDING],
        file__provider=bill.provider,
    )  # fmt: skip
    listed = list(entries.only("account_id", "of_month", "amount", "kind", "file_id"))
    # The rounding of a file about other accounts (a second payer's) is none of ours.
    same = {one.file_id for one in listed if one.account_id in ours}
    for one in listed:
        if one.account_id is not None:
            booked[one.account_id, one.of_month] += one.amount
            known.add((one.account_id, one.of_month))
        elif one.file_id in same:
            booked[None, one.of_month] += one.amount
    return _Earlier(booked, frozenset(known))


def _elsewhere(
    bill: Bill, earlier: _Earlier, accounts: Mapping[str, CloudAccount]
) -> dict[date, list[CloudAccount]]:
    """Return, by month, the accounts that earlier files bill and this one does not name."""
    told = {(accounts[line.account].pk, line.month) for line in bill.lines}
    missing = {(pk, month) for pk, month in earlier.known - told if earlier.booked[pk, month] != 0}
    named = CloudAccount.objects.in_bulk({pk for pk, _month in missing})
    found: dict[date, list[CloudAccount]] = defaultdict(list)
    for pk, month in sorted(missing, key=lambda one: (one[1], one[0])):
        found[month].append(named[pk])
    return dict(found)


def _keep_names(accounts: Mapping[str, CloudAccount], lines: Iterable[Billed]) -> None:
    names = {line.account: line.name[:LONGEST_NAME] for line in lines if line.name}
    wanted = {accounts[identifier].pk: name for identifier, name in names.items()}
    standing = {one.account_id: one for one in AccountName.objects.filter(account__in=list(wanted))}
    AccountName.objects.bulk_create(
        [AccountName(account_id=pk, name=name) for pk, name in wanted.items() if pk not in standing]
    )
    renamed = [one for pk, one in standing.items() if one.name != wanted[pk]]
    for one in renamed:
        one.name = wanted[one.account_id]
    AccountName.objects.bulk_update(renamed, ["name"])


def change_shape(one: Changed) -> dict[str, str | None]:
    """Return a change as programs read it."""
    return {
        "account": one.account.identifier,
        "month": month_text(one.of_month),
        "before": shown(one.before),
        "after": shown(one.after),
        "booked_in": month_text(one.booked_in),
    }
