"""All that decides whose a cost is beside the ledger: accounts, clusters, splits, agreements."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from throughline.billing.models import AccountAssignment, ClusterName, SplitPart, SplitRule
from throughline.billing.reach import Edges, Reach, edges
from throughline.billing.serving import Serving
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.journal.remembering import Acts, remembered
from throughline.sales.models import Agreement
from throughline.sales.terms import documents_by_deal

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
