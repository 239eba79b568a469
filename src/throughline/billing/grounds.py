"""All that decides whose a cost is beside the ledger: accounts, clusters, splits, agreements."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from throughline.billing.models import AccountAssignment, ClusterName, SplitPart, SplitRule
from throughline.billing.reach import Edges, Reach, edges
from throughline.billing.serving import Serving
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.days import ONE_DAY
from throughline.kernel.months import last_day
from throughline.sales.models import Agreement, AgreementPayer
from throughline.sales.terms import Terms, documents_by_deal, terms_change_on, terms_from

Row = TypeVar("Row", bound=Model)

# What these rooms do can change what a month comes to. Acts that only concern what is promised and
# delivered are left out by name; one that is new counts.
DECIDING = Acts(
    ("billing.", "communities.", "delivery.", "infrastructure.", "sales."),
    (
        "communities.question.", "communities.role.", "delivery.activity.", "delivery.champion.",
        "delivery.clause.", "delivery.decision.", "delivery.deliverable.", "delivery.evidence.",
        "delivery.handoff.", "delivery.hours.", "delivery.meeting.", "delivery.need.",
        "delivery.point.", "delivery.project.", "delivery.scope.", "delivery.service.",
        "sales.condition.", "sales.note.", "sales.review.", "sales.sow.", "sales.sponsor.",
    ),
)  # fmt: skip


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


class Grounds:
    """The rows that rules about costs read, loaded at once; whoever shares them leaves them as is.

    With a reach, those that are within; what is asked about them has the same answer.
    """

    def __init__(self, *, zone: str, reach: Reach | None = None) -> None:
        self._reach = reach
        self._load_places()
        self._load_splits()
        found = self._reached(
            Engagement.objects.select_related("deal__community"), pk="engagements"
        )
        self.engagements: dict[int, Engagement] = {one.pk: one for one in found}
        clusters = None if reach is None else reach.clusters
        self.places = Serving(self.engagements, zone=zone, clusters=clusters)
        self.chains: dict[int, tuple[Agreement, ...]] = documents_by_deal(self.engagements)
        self.with_payments = {  # by engagement: the agreements that have something due
            number: chain
            for number, chain in self.chains.items()
            if any(one.payments.all() for one in chain)
        }
        self.edges: Edges | None = None
        # What is found out of the rows, whoever asks first.
        self._changes: dict[int, list[date]] = {}  # days on which what is agreed changes
        self._terms: dict[tuple[int, int], Terms] = {}  # by engagement, and how many such days ago
        self._term: dict[tuple[int, int], Term] = {}
        self._said: dict[int, dict[int, list[AgreementPayer]]] = {}

    def _load_places(self) -> None:
        """Load clusters and accounts: each is one object, however many name it."""
        clusters = self._reached(Cluster.objects.all(), pk="clusters")
        self.clusters: dict[int, Cluster] = {one.pk: one for one in clusters}
        accounts = CloudAccount.objects.all()
        if self._reach is not None:
            ours = {one.account_id for one in self.clusters.values()} - {None}
            accounts = accounts.filter(pk__in=self._reach.accounts | ours)
        self.accounts: dict[int, CloudAccount] = {one.pk: one for one in accounts}
        self.clusters_of: dict[int, list[Cluster]] = defaultdict(list)
        for cluster in sorted(self.clusters.values(), key=lambda one: one.name):
            if cluster.account_id is not None:
                cluster.account = self.accounts[cluster.account_id]
                self.clusters_of[cluster.account_id].append(cluster)
        told = self._reached(ClusterName.objects.all(), cluster="clusters")
        self.names = {one.name: one.cluster_id for one in told}  # how files of users call clusters
        self.names |= {one.name: one.pk for one in self.clusters.values()}

    def _load_splits(self) -> None:
        assigned = self._reached(
            AccountAssignment.objects.all(), account="accounts", cluster="clusters"
        )
        self.assignments = {one.account_id: one for one in assigned}
        self.rules: dict[int, list[SplitRule]] = defaultdict(list)
        self.parts: dict[int, list[SplitPart]] = {}  # by rule
        rules = self._reached(SplitRule.objects.prefetch_related("parts"), account="accounts")
        for rule in rules.order_by("account", "-version"):
            self.rules[rule.account_id].append(rule)
            self.parts[rule.pk] = list(rule.parts.all())

    def terms(self, engagement: int, month: date) -> Terms | None:
        """Return what is agreed as of the last day of a month; None without an agreement.

        Months between which nothing changes have it in common: its own day is in one of them.
        """
        chain = self.chains.get(engagement)
        if not chain:
            return None
        key = (engagement, self._changes_before(engagement, month))
        if key not in self._terms:
            self._terms[key] = terms_from(self.engagements[engagement].deal, chain, last_day(month))
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
        agreed = self.terms(engagement, month) or self.engagements[engagement].deal
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

    def _reached(self, rows: QuerySet[Row], **fields: str) -> QuerySet[Row]:
        return rows if self._reach is None else within(rows, self._reach, fields)


def within(rows: QuerySet[Row], reach: Reach, fields: Mapping[str, str]) -> QuerySet[Row]:
    """Return those of the rows of which any field names what is in reach."""
    found = Q()
    for field, kind in fields.items():
        found |= Q(**{f"{field}__in": getattr(reach, kind)})
    return rows.filter(found)


def known_grounds(*, zone: str) -> Grounds:
    """Return the grounds of everything, remembered until something is done about them: for pages."""

    def find_out() -> Grounds:
        found = Grounds(zone=zone)
        found.edges = edges()
        return found

    return remembered(("grounds", zone), DECIDING, find_out)
