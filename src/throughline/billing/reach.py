"""How far a question about some engagements reaches: what shares a cluster or an account with them.

Whose a cost is depends on nothing outside: rules look from account to cluster to engagement, and
from an engagement to those it was renewed into, or joined to, and no further.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from throughline.billing.models import AccountAssignment, Charge, CostEntry, SplitPart
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import Cluster
from throughline.sales.models import AgreementPayer

Node = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """Keys of all that the answers about some engagements can depend on."""

    engagements: frozenset[int]
    clusters: frozenset[int]
    accounts: frozenset[int]


def reach_of(engagements: Iterable[int]) -> Reach:
    """Return everything that hangs together with some engagements; eight queries of keys alone."""
    edges = _edges()
    found: set[Node] = set()
    waiting: list[Node] = [("engagement", one) for one in engagements]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += edges.get(node, ())
    numbers = _keys(found, "engagement")
    booked = Charge.objects.filter(engagement__in=numbers).exclude(cluster=None)
    put = CostEntry.objects.filter(engagement__in=numbers).exclude(cluster=None)
    earlier = booked.values_list("cluster", flat=True).union(put.values_list("cluster", flat=True))
    return Reach(numbers, _keys(found, "cluster") | set(earlier), _keys(found, "account"))


def _keys(found: Iterable[Node], kind: str) -> frozenset[int]:
    return frozenset(key for one, key in found if one == kind)


def _edges() -> dict[Node, list[Node]]:
    """Return what hangs together with what, both ways."""
    edges: dict[Node, list[Node]] = defaultdict(list)

    def join(kinds: tuple[str, str], pairs: Iterable[tuple[int | None, int | None]]) -> None:
        for one, other in pairs:
            if one is not None and other is not None:
                edges[kinds[0], one].append((kinds[1], other))
                edges[kinds[1], other].append((kinds[0], one))

    served = ("engagement", "cluster")
    follow = ("engagement", "engagement")
    join(served, EngagementCluster.objects.values_list("engagement", "cluster"))
    join(served, AgreementPayer.objects.values_list("agreement__deal", "cluster"))
    follows = Engagement.objects.exclude(successor=None, deal__merged_into=None)
    for number, successor, merged in follows.values_list("pk", "successor", "deal__merged_into"):
        join(follow, [(number, successor), (number, merged)])
    join(("cluster", "account"), Cluster.objects.values_list("pk", "account"))
    join(("account", "cluster"), AccountAssignment.objects.values_list("account", "cluster"))
    for account, cluster, number in SplitPart.objects.values_list(
        "rule__account", "cluster", "engagement"
    ):
        join(("account", "cluster"), [(account, cluster)])
        join(("account", "engagement"), [(account, number)])
    return edges
