"""Everything that decides who bears a month's costs, loaded at once: a constant number of queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from throughline.billing.models import (
    AccountAssignment,
    BillFile,
    BillingMonth,
    Charge,
    ClusterName,
    CostEntry,
    SplitRule,
    UserCount,
)
from throughline.billing.reach import reach_of
from throughline.billing.serving import Serving
from throughline.billing.words import FROZEN, EntryKind, MonthState
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.days import ONE_DAY
from throughline.kernel.months import last_day
from throughline.playbook.model import Playbook
from throughline.sales.models import Agreement, Deal
from throughline.sales.terms import Terms, documents_by_deal, terms_from

Row = TypeVar("Row", bound=Model)


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

    With `within`, only what decides about these engagements is loaded: their answers are those of
    the whole book, and nothing is said of others.
    """

    def __init__(
        self, months: Iterable[date], *, playbook: Playbook, within: Iterable[int] | None = None
    ) -> None:
        self.months = sorted(set(months))
        self.playbook = playbook
        self.reach = None if within is None else reach_of(within)
        self._load_ledger()
        self._load_users()
        self._load_places()
        self._load_agreements()
        self._terms: dict[tuple[int, date], Terms | None] = {}
        self.remembered: dict[Hashable, Any] = {}  # what rules found out, while this is open

    def _load_ledger(self) -> None:
        entries = self._reached(
            CostEntry.objects.filter(Q(month__in=self.months) | Q(of_month__in=self.months)),
            account="accounts", engagement="engagements",
        )  # fmt: skip
        self.entries: list[CostEntry] = list(entries.order_by("pk"))
        _with_accounts_and_files(self.entries)
        self.entries_in: dict[date, list[CostEntry]] = defaultdict(list)
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
        self.charges: dict[date, list[Charge]] = defaultdict(list)
        for charge in charges.order_by("pk"):
            self.charges[charge.month].append(charge)

    def _load_users(self) -> None:
        clusters = self._reached(Cluster.objects.select_related("account"), pk="clusters")
        self.clusters: dict[int, Cluster] = {one.pk: one for one in clusters}
        told = self._reached(ClusterName.objects.all(), cluster="clusters")
        names = {one.name: one.cluster_id for one in told}
        names |= {one.name: one.pk for one in self.clusters.values()}
        counts = UserCount.objects.filter(month__in=self.months)
        if self.reach is not None:
            counts = counts.filter(name__in=names)
        self.users: dict[tuple[int, date], UserCount] = {}
        self.uncounted: list[UserCount] = []  # names that no cluster bears
        for count in _newest(counts.order_by("pk")):
            if count.name in names:
                self.users[names[count.name], count.month] = count
            else:
                self.uncounted.append(count)

    def _reached(self, rows: QuerySet[Row], **fields: str) -> QuerySet[Row]:
        """Return those of the rows that the engagements' answers can depend on."""
        if self.reach is None:
            return rows
        within = Q()
        for field, kind in fields.items():
            within |= Q(**{f"{field}__in": getattr(self.reach, kind)})
        return rows.filter(within)

    def _load_places(self) -> None:
        assigned = self._reached(
            AccountAssignment.objects.all(), account="accounts", cluster="clusters"
        )
        self.assignments = {one.account_id: one for one in assigned}
        self.clusters_of: dict[int, list[Cluster]] = defaultdict(list)
        for cluster in sorted(self.clusters.values(), key=lambda one: one.name):
            if cluster.account_id is not None:
                self.clusters_of[cluster.account_id].append(cluster)
        self.rules: dict[int, list[SplitRule]] = defaultdict(list)
        rules = self._reached(SplitRule.objects.prefetch_related("parts"), account="accounts")
        for rule in rules.order_by("account", "-version"):
            self.rules[rule.account_id].append(rule)
        found = self._reached(
            Engagement.objects.select_related("deal__community"), pk="engagements"
        )
        self.engagements: dict[int, Engagement] = {one.pk: one for one in found}
        clusters = None if self.reach is None else self.reach.clusters
        zone = self.playbook.organisation.zone
        self.places = Serving(self.engagements, zone=zone, clusters=clusters)
        self.serving: dict[int, set[int]] = self.places.by_cluster

    def _load_agreements(self) -> None:
        wanted = {number for numbers in self.serving.values() for number in numbers}
        for rules in self.rules.values():
            wanted |= {
                part.engagement_id for rule in rules for part in rule.parts.all()
                if part.engagement_id is not None
            }  # fmt: skip
        wanted |= {one.engagement_id for one in self.entries if one.engagement_id is not None}
        self.chains: dict[int, tuple[Agreement, ...]] = documents_by_deal(wanted)
        self.with_payments = {
            number
            for number, chain in self.chains.items()
            if number in self.engagements and any(one.payments.all() for one in chain)
        }

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
        key = (engagement, month)
        if key not in self._terms:
            chain = self.chains.get(engagement)
            deal = self.deal_of(engagement)
            self._terms[key] = terms_from(deal, chain, last_day(month)) if chain else None
        return self._terms[key]

    def term(self, engagement: int, month: date) -> Term:
        """Return from when to when an engagement lasts, as it is agreed in a month.

        One that was joined to another lasts until the day before: its work is the other's then.
        """
        agreed = self.terms(engagement, month) or self.deal_of(engagement)
        merged_on = self.places.merged_on(self.engagements[engagement])
        if merged_on is None:
            return Term(agreed.start_on, agreed.end_on)
        return Term(agreed.start_on, min(agreed.end_on or date.max, merged_on - ONE_DAY))

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
        assigned = self.assignments.get(account.pk)
        if assigned is not None:
            return [self.clusters[assigned.cluster_id]] if assigned.cluster_id else None
        return self.clusters_of.get(account.pk, [])


def _with_accounts_and_files(entries: Iterable[CostEntry]) -> None:
    """Give entries their account and file: each is one object, of however many entries it is."""
    # Nobody has the key 0: asking for it, too, makes it two queries even where there is nothing.
    accounts = CloudAccount.objects.in_bulk({one.account_id or 0 for one in entries} | {0})
    of_files = {one.file_id or 0 for one in entries} | {0}
    files = BillFile.objects.select_related("document").in_bulk(of_files)
    for one in entries:
        one.account = accounts[one.account_id] if one.account_id is not None else None
        one.file = files[one.file_id] if one.file_id is not None else None


def _newest(counts: Iterable[UserCount]) -> Iterable[UserCount]:
    return {(one.name, one.month): one for one in counts}.values()
