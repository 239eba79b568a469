"""How far a question about some engagements reaches: what shares a cluster or an account with them.

Whose a cost is depends on nothing outside: rules look from account to cluster to engagement, and
from an engagement to those it was renewed into, or joined to, and no further.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from throughline.billing.models import AccountAssignment, Charge, CostEntry, SplitPart
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import Cluster
from throughline.sales.models import AgreementPayer

Node = tuple[str, int]
Edges = dict[Node, list[Node]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Keys of all that the answers about some engagements can depend on."""

    engagements: frozenset[int]
    clusters: frozenset[int]
    accounts: frozenset[int]


def reach_of(engagements: Iterable[int], known: Edges | None = None) -> Reach:
    """Return everything that hangs together with some engagements.

    Seven queries of keys alone; one where it is known already what hangs together with what.
    """
    joined = edges() if known is None else known
    found: set[Node] = set()
    waiting: list[Node] = [("engagement", one) for one in engagements]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += joined.get(node, ())
    numbers = _keys(found, "engagement")
    booked = Charge.objects.filter(engagement__in=numbers).exclude(cluster=None)
    put = CostEntry.objects.filter(engagement__in=numbers).exclude(cluster=None)
    earlier = booked.values_list("cluster", flat=True).union(put.values_list("cluster", flat=True))
    return Reach(numbers, _keys(found, "cluster") | set(earlier), _keys(found, "account"))


def _keys(found: Iterable[Node], kind: str) -> frozenset[int]:
    return frozenset(key for one, key in found if one == kind)


def edges() -> Edges:
    """Return what hangs together with what, both ways; six queries of keys alone."""
    found: Edges = {}
    for ours, theirs, pairs in _pairs():
        for one, other in pairs:
            if one is not None and other is not None:
                found.setdefault((ours, one), []).append((theirs, other))
                found.setdefault((theirs, other), []).append((ours, one))
    return found


def _pairs() -> Iterator[tuple[str, str, Iterable[tuple[int | None, int | None]]]]:
    """Yield of which kind two things are, and all pairs of them that hang together."""
    served = EngagementCluster.objects.values_list("engagement", "cluster")
    yield "engagement", "cluster", served
    paid = AgreementPayer.objects.values_list("agreement__deal", "cluster")
    yield "engagement", "cluster", paid
    follows = Engagement.objects.exclude(successor=None, deal__merged_into=None)
    for number, *others in follows.values_list("pk", "successor", "deal__merged_into"):
        yield "engagement", "engagement", [(number, other) for other in others]
    yield "cluster", "account", Cluster.objects.values_list("pk", "account")
    yield "account", "cluster", AccountAssignment.objects.values_list("account", "cluster")
    parts = SplitPart.objects.values_list("rule__account", "cluster", "engagement")
    for account, cluster, number in parts:
        yield "account", "cluster", [(account, cluster)]
        yield "account", "engagement", [(account, number)]
