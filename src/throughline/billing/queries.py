"""Reads of the ledger that other rooms and the edges use; each in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from throughline.billing.book import Book
from throughline.billing.cells import Cell, cells_of
from throughline.billing.charging import Draft, drafts, open_charges
from throughline.billing.grounds import Grounds
from throughline.billing.models import (
    BillFile,
    Charge,
    ClusterName,
    CostEntry,
    Invoice,
    UserCount,
)
from throughline.billing.reckoning import reckon
from throughline.billing.sheet import Sheet, SheetMonth, sheet
from throughline.billing.words import EntryKind
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.months import months_later, parse_month
from throughline.playbook.model import Playbook


def unassigned_among(accounts: Iterable[CloudAccount]) -> list[CloudAccount]:
    """Return the accounts of which neither a cluster's file nor a person says what they are for."""
    wanted = [one.pk for one in accounts]
    found = CloudAccount.objects.filter(pk__in=wanted, clusters=None, assignment=None)
    return list(found.select_related("called").order_by("provider", "identifier"))


def clusters_by_name() -> dict[str, Cluster]:
    """Return clusters by every name that files of active users may call them."""
    found = {one.name: one for one in Cluster.objects.all()}
    told = ClusterName.objects.select_related("cluster")
    return {one.name: one.cluster for one in told} | found


def totals_of_file(file: BillFile) -> dict[date, Decimal]:
    """Return what the ledger holds of a file by month, in the file's currency and to every digit."""
    found: dict[date, Decimal] = defaultdict(Decimal)
    for month in file.months.split(","):
        found[parse_month(month)] += 0
    for entry in CostEntry.objects.filter(file=file).only("of_month", "stated"):
        found[entry.of_month] += entry.stated or 0
    return dict(found)


def cells(
    months: Iterable[date],
    *,
    playbook: Playbook,
    within: Collection[int] | None = None,
    grounds: Grounds | None = None,
) -> dict[tuple[int, int, date], Cell]:
    """Return the values of the billing columns, by engagement number, cluster key and month.

    Of all engagements, or of those that are asked for: then no more is read than decides about
    them. `grounds` are those of everything, where they are known already.

    "cloud cost" is `cost`, "MAU" `users`, "usage fee" `fee`, "invoiced" `invoiced`; None is a cell
    to leave blank, zero a number to write. Where the community pays, `cost` is None and `payer`
    says so. Months that were sent show what was sent. The number of queries does not depend on how
    many there are.
    """
    wanted = sorted(set(months))
    if not wanted:
        return {}
    months = [months_later(wanted[0], -1), *wanted]
    book = Book(months, playbook=playbook, within=within, grounds=grounds)
    return {
        key: cell
        for key, cell in cells_of(book).items()
        if key[2] in set(wanted) and (within is None or key[0] in within)
    }


def months_with_costs() -> list[date]:
    """Return every month of which anything is in the ledger, in order; one query of two tables."""
    billed = CostEntry.objects.values_list("month", flat=True)
    return sorted(set(billed.union(UserCount.objects.values_list("month", flat=True))))


def costs_of_account(account: int, months: Iterable[date]) -> dict[date, Decimal]:
    """Return what the provider bills one account for each month, as `costs_of_accounts` does."""
    return costs_of_accounts([account], months).get(account, {})


def costs_of_accounts(
    accounts: Iterable[int] | None, months: Iterable[date]
) -> dict[int, dict[date, Decimal]]:
    """Return what providers bill accounts (by key; all where None) for each month; one query.

    By the month that the cost is of, in our currency, with every digit. A month that no file tells
    of is not there: unknown, not zero. Credits and corrections by hand are left out: this is what
    the cloud costs, whoever pays it.
    """
    entries = CostEntry.objects.filter(kind=EntryKind.BILL, of_month__in=list(months))
    if accounts is not None:
        entries = entries.filter(account__in=list(accounts))
    found: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for account, month, amount in entries.values_list("account", "of_month", "amount"):
        found[account][month] = found[account].get(month, Decimal(0)) + amount
    return dict(found)


@dataclass(frozen=True, slots=True)
class EngagementCosts:
    """What an engagement costs and brings in a month; None is unknown."""

    month: date
    cost: Decimal | None
    users: int | None
    fee: Decimal | None
    invoiced: Decimal | None


def costs_of_engagement(
    number: int, months: Iterable[date], *, playbook: Playbook
) -> list[EngagementCosts]:
    """Return what an engagement costs in each month on all its clusters together, in order.

    For the renewal pack. A sum leaves out what is unknown, and is None where everything is.
    """
    wanted = sorted(set(months))
    found = cells(wanted, playbook=playbook, within=[number])
    return [
        _together(month, [one for key, one in found.items() if key[2] == month]) for month in wanted
    ]


def _together(month: date, parts: list[Cell]) -> EngagementCosts:
    def total(values: Iterable[Decimal | None]) -> Decimal | None:
        known = [one for one in values if one is not None]
        return sum(known, Decimal(0)) if known else None

    users = [one.users for one in parts if one.users is not None]
    return EngagementCosts(
        month=month,
        cost=total(one.cost for one in parts),
        users=sum(users) if users else None,
        fee=total(one.fee for one in parts),
        invoiced=total(one.invoiced for one in parts),
    )


@dataclass(frozen=True, slots=True)
class AskedFor:
    """An invoice of a month that was sent, and whether the Sponsor has entered it."""

    number: str
    month: date
    amount: Decimal
    receipt: str  # the Sponsor's number; "" while nobody has typed one in


def invoices_of_engagement(number: int) -> list[AskedFor]:
    """Return all that was ever asked of an engagement, the oldest first; one query."""
    found = Invoice.objects.filter(engagement=number).annotate(total=Sum("charges__amount"))
    return [
        AskedFor(one.number, one.month, one.total or Decimal(0), one.receipt)
        for one in found.order_by("month", "number")
    ]


def charges_of_month(month: date) -> QuerySet[Charge]:
    """Return what a month that was sent asked for, in the order in which it was reckoned."""
    found = Charge.objects.filter(month=month).select_related("account", "engagement__deal")
    return found.order_by("pk")


def invoices_of_month(month: date) -> QuerySet[Invoice]:
    """Return a month's invoices, each with the `total` of its charges."""
    found = Invoice.objects.filter(month=month).select_related("agreement", "engagement__deal")
    return found.annotate(total=Sum("charges__amount")).order_by("number")


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month with everything there is to see of it."""

    sheet: Sheet
    drafts: list[Draft]  # of a month that was not sent
    charges: list[Charge]  # of one that was
    invoices: list[Invoice]

    @property
    def head(self) -> SheetMonth:
        """The month's sums and its check."""
        return self.sheet.months[0]


def month_in_full(month: date, *, playbook: Playbook) -> MonthPage:
    """Return one month with its cells, charges and invoices, in a constant number of queries."""
    found = sheet([month], playbook=playbook)
    if found.book.is_frozen(month):
        charges = Charge.objects.filter(month=month).order_by("pk")
        invoices = Invoice.objects.filter(month=month).order_by("number")
        return MonthPage(
            found,
            [],
            list(charges.select_related("account", "invoice", "agreement")),
            list(invoices.select_related("agreement", "engagement__deal")),
        )
    carried = open_charges(before=month)
    book = Book([month, *(one.of_month for one in carried)], playbook=playbook)
    return MonthPage(found, drafts(book, reckon(book, month), carried), [], [])
