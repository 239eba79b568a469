"""Everything that decides who bears a month's costs, loaded at once: a constant number of queries."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from throughline.billing.grounds import Grounds
from throughline.billing.grounds import within as within_reach
from throughline.billing.models import BillFile, BillingMonth, Charge, CostEntry, UserCount
from throughline.billing.reach import reach_of
from throughline.billing.words import FROZEN, EntryKind, MonthState
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.days import ONE_DAY
from throughline.kernel.months import last_day
from throughline.playbook.model import Playbook
from throughline.sales.models import Agreement, AgreementPayer, Deal
from throughline.sales.terms import Terms, terms_change_on, terms_from

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


@dataclass(frozen=True, slots=True)
class Term:
    """From when to when a deal is served, both days included; None: nobody has said."""

    start_on: date | None
    end_on: date | None

    def covers(self, first: date, last: date) -> bool:
        """Return whether any day of a period is in it."""
        return (self.start_on is None or self.start_on <= last) and (
            self.end_on is None or self.end_on >= first
        )


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
        self.reach = None if within is None else reach_of(within, grounds and grounds.edges)
        zone = playbook.organisation.zone
        self.grounds = Grounds(zone=zone, reach=self.reach) if grounds is None else grounds
        self.clusters, self.engagements = self.grounds.clusters, self.grounds.engagements
        self.accounts, self.places = self.grounds.accounts, self.grounds.places
        self.chains = self.grounds.chains
        self.serving = self._in_reach(self.places.by_cluster, "clusters")
        self.with_payments = self._in_reach(self.grounds.with_payments, "engagements")
        self._load_ledger()
        self._load_users()
        self._changes: dict[int, list[date]] = {}  # days on which what is agreed changes
        self._terms: dict[tuple[int, int], Terms] = {}  # by engagement, and how many such days ago
        self._term: dict[tuple[int, int], Term] = {}
        self._said: dict[int, dict[int, list[AgreementPayer]]] = {}
        self.remembered: dict[Hashable, Any] = {}  # what rules found out, while this is open

    def _load_ledger(self) -> None:
        entries = self._reached(
            CostEntry.objects.filter(Q(month__in=self.months) | Q(of_month__in=self.months)),
            account="accounts", engagement="engagements",
        )  # fmt: skip
        self.entries = [*map(Entry._make, entries.order_by("pk").values_list(*Entry._fields))]
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
        """Return what is agreed as of the last day of a month; None without an agreement.

        Months between which nothing changes have it in common: its own day is in one of them.
        """
        chain = self.chains.get(engagement)
        if not chain:
            return None
        key = (engagement, self._changes_before(engagement, month))
        if key not in self._terms:
            self._terms[key] = terms_from(self.deal_of(engagement), chain, last_day(month))
        return self._terms[key]

    def _changes_before(self, engagement: int, month: date) -> int:
        """Return how often by the end of a month what is agreed had changed."""
        if engagement not in self._changes:
            self._changes[engagement] = terms_change_on(self.chains.get(engagement, ()))
        days = self._changes[engagement]
        return bisect_right(days, last_day(month)) if days else 0

    def term(self, engagement: int, month: date) -> Term:
        """Return from when to when an engagement lasts, as it is agreed in a month.

        One that was joined to another lasts until the day before: its work is the other's then.
        """
        key = (engagement, self._changes_before(engagement, month))
        if key not in self._term:
            self._term[key] = self._term_of(engagement, month)
        return self._term[key]

    def _term_of(self, engagement: int, month: date) -> Term:
        agreed = self.terms(engagement, month) or self.deal_of(engagement)
        merged_on = self.places.merged_on(self.engagements[engagement])
        if merged_on is None:
            return Term(agreed.start_on, agreed.end_on)
        return Term(agreed.start_on, min(agreed.end_on or date.max, merged_on - ONE_DAY))

    def payers_said(self, engagement: int, cluster: int | None) -> list[AgreementPayer]:
        """Return what its agreements say of who pays a cluster, and those that were joined to it."""
        if engagement not in self._said:
            said: dict[int, list[AgreementPayer]] = defaultdict(list)
            for document in self.documents_of(engagement):
                for one in document.payers.all():
                    said[one.cluster_id].append(one)
            self._said[engagement] = said
        return [] if cluster is None else self._said[engagement].get(cluster, [])

    def documents_of(self, engagement: int) -> tuple[Agreement, ...]:
        """Return its agreements, and those of the engagements that were joined to it."""
        numbers = (engagement, *self.places.joined_to(engagement))
        return tuple(document for one in numbers for document in self.chains.get(one, ()))

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
