"""Everything that decides who bears a month's costs, loaded at once: a constant number of queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from throughline.billing.grounds import Grounds, Term
from throughline.billing.grounds import within as within_reach
from throughline.billing.models import BillFile, BillingMonth, Charge, CostEntry, UserCount
from throughline.billing.reach import reach_of
from throughline.billing.words import FROZEN, EntryKind, MonthState
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal
from throughline.sales.terms import Terms

Row = TypeVar("Row", bound=Model)
Value = TypeVar("Value")


# Of these there are tens of thousands, and making a model of each takes longer than all the rules.
class Entry(NamedTuple):
    """One amount in the ledger, as `CostEntry` keeps it."""

    pk: int
    month: date
    of_month: date
    kind: str
    amount: Decimal
    stated: Decimal | None
    why: str
    account_id: int | None
    file_id: int | None
    engagement_id: int | None
    cluster_id: int | None


class Booked(NamedTuple):
    """One line of a month that was sent, as `Charge` keeps it."""

    month: date
    of_month: date
    kind: str
    amount: Decimal
    engagement_id: int | None
    cluster_id: int | None
    invoice_id: int | None


class Count(NamedTuple):
    """How many people used what goes by a name in a month, as `UserCount` keeps it."""

    pk: int
    name: str
    month: date
    users: int | None


class Book:
    """The ledger of some months with all that is needed to read it.

    With `within`, only what decides about these engagements is read: their answers are those of
    the whole book, and nothing is said of others. `grounds` are those of everything, where they are
    known already.
    """

    def __init__(
        self,
        months: Iterable[date],
        *,
        playbook: Playbook,
        within: Iterable[int] | None = None,
        grounds: Grounds | None = None,
    ) -> None:
        self.months = sorted(set(months))
        self.playbook = playbook
        self.reach = (
            None if within is None else reach_of(within, grounds.edges if grounds else None)
        )
        zone = playbook.organisation.zone
        self.grounds = Grounds(zone=zone, reach=self.reach) if grounds is None else grounds
        self.clusters, self.engagements = self.grounds.clusters, self.grounds.engagements
        self.places = self.grounds.places
        self.serving = self._in_reach(self.places.by_cluster, "clusters")
        self.with_payments = self._in_reach(self.grounds.with_payments, "engagements")
        self._load_ledger()
        self._load_users()
        self.remembered: dict[Hashable, Any] = {}  # what rules found out, while this is open

    def _load_ledger(self) -> None:
        entries = self._reached(
            CostEntry.objects.filter(Q(month__in=self.months) | Q(of_month__in=self.months)),
            account="accounts", engagement="engagements",
        )  # fmt: skip
        self.entries = [*map(Entry._make, entries.order_by("pk").values_list(*Entry._fields))]
        self.accounts = self._accounts()
        self.files: dict[int, BillFile] = BillFile.objects.in_bulk(_keys(self.entries, "file_id"))
        self.entries_in: dict[date, list[Entry]] = defaultdict(list)
        self.bills: dict[tuple[int, date], Decimal] = defaultdict(Decimal)  # account, of month
        self.usage: dict[tuple[int | None, int | None, date], Decimal] = defaultdict(Decimal)
        for entry in self.entries:
            self.entries_in[entry.month].append(entry)
            if entry.kind == EntryKind.BILL and entry.account_id is not None:
                self.bills[entry.account_id, entry.of_month] += entry.amount
            elif entry.kind == EntryKind.USAGE:
                self.usage[entry.engagement_id, entry.cluster_id, entry.of_month] += entry.amount
        self.states: dict[date, BillingMonth] = {
            one.month: one for one in BillingMonth.objects.filter(month__in=self.months)
        }
        charges = self._reached(
            Charge.objects.filter(month__in=self.months), engagement="engagements"
        )
        self.charges: dict[date, list[Booked]] = defaultdict(list)
        for charge in map(Booked._make, charges.order_by("pk").values_list(*Booked._fields)):
            self.charges[charge.month].append(charge)

    def _accounts(self) -> dict[int, CloudAccount]:
        """Return accounts by key; those too that came in with a bill since the grounds were read."""
        known = self.grounds.accounts
        new = {one.account_id for one in self.entries if one.account_id} - known.keys()
        return known | CloudAccount.objects.in_bulk(new) if new else known

    def _load_users(self) -> None:
        names = self.grounds.names
        # What came late is split by the users of the month that it is of, whichever months are read.
        months = {*self.months, *(one.of_month for one in self.entries)}
        counts = UserCount.objects.filter(month__in=months)
        if self.reach is not None:
            counts = counts.filter(
                name__in=[k for k, v in names.items() if v in self.reach.clusters]
            )
        self.users: dict[tuple[int, date], Count] = {}
        self.uncounted: list[Count] = []  # names that no cluster bears
        for count in _newest(map(Count._make, counts.order_by("pk").values_list(*Count._fields))):
            if count.name in names:
                self.users[names[count.name], count.month] = count
            else:
                self.uncounted.append(count)

    def _reached(self, rows: QuerySet[Row], **fields: str) -> QuerySet[Row]:
        """Return those of the rows that the engagements' answers can depend on."""
        return rows if self.reach is None else within_reach(rows, self.reach, fields)

    def _in_reach(self, found: Mapping[int, Value], kind: str) -> Mapping[int, Value]:
        """Return what of all that is known by some keys the engagements' answers can depend on."""
        if self.reach is None:
            return found
        return {one: found[one] for one in getattr(self.reach, kind) if one in found}

    def deal_of(self, engagement: int) -> Deal:
        """Return the deal of an engagement."""
        return self.engagements[engagement].deal

    def is_frozen(self, month: date) -> bool:
        """Return whether a month was sent, so that what it says stands."""
        row = self.states.get(month)
        return row is not None and row.state in FROZEN

    def state(self, month: date) -> MonthState:
        """Return where a month stands."""
        row = self.states.get(month)
        return MonthState(row.state) if row else MonthState.OPEN

    def charged(self, kind: str, month: date) -> Mapping[tuple[int | None, int | None], Decimal]:
        """Return what a month's charges of a kind come to, by engagement and cluster."""
        key = ("charged", kind, month)
        if key not in self.remembered:
            sums: dict[tuple[int | None, int | None], Decimal] = defaultdict(Decimal)
            for one in self.charges[month]:
                if one.kind == kind:
                    sums[one.engagement_id, one.cluster_id] += one.amount
            self.remembered[key] = sums
        found: Mapping[tuple[int | None, int | None], Decimal] = self.remembered[key]
        return found

    def terms(self, engagement: int, month: date) -> Terms | None:
        """Return what is agreed as of the last day of a month; None without an agreement."""
        return self.grounds.terms(engagement, month)

    def term(self, engagement: int, month: date) -> Term:
        """Return from when to when an engagement lasts, as it is agreed in a month."""
        return self.grounds.term(engagement, month)

    def users_of(self, cluster: int, month: date) -> int | None:
        """Return how many used a cluster; None where nobody knows."""
        found = self.users.get((cluster, month))
        return found.users if found else None

    def places_of(self, account: CloudAccount) -> list[Cluster] | None:
        """Return the clusters that an account is for; None where it is our own."""
        assigned = self.grounds.assignments.get(account.pk)
        if assigned is not None:
            return [self.clusters[assigned.cluster_id]] if assigned.cluster_id else None
        return self.grounds.clusters_of.get(account.pk, [])


def _keys(rows: Iterable[Any], name: str) -> set[int]:
    # Nobody has the key 0: asking for it, too, makes it a query even where there is nothing.
    return {getattr(one, name) or 0 for one in rows} | {0}


def _newest(counts: Iterable[Count]) -> Iterable[Count]:
    return {(one.name, one.month): one for one in counts}.values()
