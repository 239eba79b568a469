"""Everything that decides who bears a month's costs, loaded at once: a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from throughline.billing.models import (
    AccountAssignment,
    BillingMonth,
    Charge,
    ClusterName,
    CostEntry,
    SplitRule,
    UserCount,
)
from throughline.billing.serving import Serving
from throughline.billing.words import FROZEN, MonthState
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.days import ONE_DAY
from throughline.kernel.months import last_day
from throughline.playbook.model import Playbook
from throughline.sales.models import Agreement, Deal
from throughline.sales.terms import Terms, documents_by_deal, terms_from


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
    """The ledger of some months with all that is needed to read it."""

    def __init__(self, months: Iterable[date], *, playbook: Playbook) -> None:
        self.months = sorted(set(months))
        self.playbook = playbook
        self._load_ledger()
        self._load_places()
        self._load_agreements()
        self._terms: dict[tuple[int, date], Terms | None] = {}

    def _load_ledger(self) -> None:
        within = Q(month__in=self.months) | Q(of_month__in=self.months)
        entries = CostEntry.objects.filter(within).select_related("account", "file__document")
        self.entries = list(entries.order_by("pk"))
        self.states: dict[date, BillingMonth] = {
            one.month: one for one in BillingMonth.objects.filter(month__in=self.months)
        }
        charges = Charge.objects.filter(month__in=self.months).select_related("invoice", "account")
        self.charges: dict[date, list[Charge]] = defaultdict(list)
        for charge in charges.order_by("pk"):
            self.charges[charge.month].append(charge)
        self.clusters = {one.pk: one for one in Cluster.objects.select_related("account")}
        names = {one.name: one.cluster_id for one in ClusterName.objects.all()}
        names |= {one.name: one.pk for one in self.clusters.values()}
        self.users: dict[tuple[int, date], UserCount] = {}
        self.uncounted: list[UserCount] = []  # names that no cluster bears
        for count in _newest(UserCount.objects.filter(month__in=self.months).order_by("pk")):
            if count.name in names:
                self.users[names[count.name], count.month] = count
            else:
                self.uncounted.append(count)

    def _load_places(self) -> None:
        self.assignments = {one.account_id: one for one in AccountAssignment.objects.all()}
        self.clusters_of: dict[int, list[Cluster]] = defaultdict(list)
        for cluster in sorted(self.clusters.values(), key=lambda one: one.name):
            if cluster.account_id is not None:
                self.clusters_of[cluster.account_id].append(cluster)
        self.rules: dict[int, list[SplitRule]] = defaultdict(list)
        for rule in SplitRule.objects.prefetch_related("parts").order_by("account", "-version"):
            self.rules[rule.account_id].append(rule)
        found = Engagement.objects.select_related("deal__community")
        self.engagements: dict[int, Engagement] = {one.pk: one for one in found}
        self.places = Serving(self.engagements, zone=self.playbook.organisation.zone)
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


def _newest(counts: Iterable[UserCount]) -> Iterable[UserCount]:
    return {(one.name, one.month): one for one in counts}.values()
