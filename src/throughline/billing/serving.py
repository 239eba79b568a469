"""Which engagements a cluster serves, and served before: those that were renewed, or joined.

A join takes clusters along: until its month they were the joined engagement's, from then on they
are the other's.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from throughline.delivery.models import Engagement, EngagementCluster
from throughline.kernel.days import day_in_zone
from throughline.kernel.months import month_of
from throughline.sales.models import AgreementPayer


class Serving:
    """Clusters and engagements by their keys; two queries. Of all clusters, unless some are named."""

    def __init__(
        self,
        engagements: Mapping[int, Engagement],
        *,
        zone: str,
        clusters: Collection[int] | None = None,
    ) -> None:
        self._zone = zone
        self._joined: dict[int, list[Engagement]] = defaultdict(list)
        self._renewed: dict[int, list[int]] = defaultdict(list)
        for one in engagements.values():
            if one.deal.merged_into_id is not None:
                self._joined[one.deal.merged_into_id].append(one)
            elif one.successor_id is not None:
                self._renewed[one.successor_id].append(one.pk)
        self._since: dict[tuple[int, int], datetime] = {}
        now: dict[int, set[int]] = defaultdict(set)
        links = EngagementCluster.objects.values_list("cluster", "engagement", "since")
        payers = AgreementPayer.objects.values_list("agreement__deal", "cluster")
        if clusters is not None:
            links, payers = links.filter(cluster__in=clusters), payers.filter(cluster__in=clusters)
        for cluster, engagement, since in links:
            now[cluster].add(engagement)
            self._since[engagement, cluster] = since
        for deal, cluster in payers:
            now[cluster].update({deal} & set(engagements))
        self.by_cluster = {pk: self._with_predecessors(numbers, pk) for pk, numbers in now.items()}

    def _with_predecessors(self, numbers: set[int], cluster: int) -> set[int]:
        found: set[int] = set()
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                came_from = [one.pk for one in self._came_from(number, cluster)]
                waiting += came_from or self._renewed.get(number, [])
        return found

    def _came_from(self, number: int, cluster: int) -> list[Engagement]:
        """Return the engagements with which this one got a cluster: the link is of the same instant."""
        since = self._since.get((number, cluster))
        return [one for one in self._joined.get(number, []) if one.deal.deleted_at == since]

    def numbers_in(self, cluster: int, month: date) -> list[int]:
        """Return the engagements that may have a cluster in a month, in order."""
        numbers = sorted(self.by_cluster.get(cluster, ()))
        if not self._joined:
            return numbers
        return [
            one
            for one in numbers
            if not any(
                (on := self.merged_on(joined)) is not None and month_of(on) > month
                for joined in self._came_from(one, cluster)
            )
        ]

    def joined_to(self, number: int) -> list[int]:
        """Return the engagements whose deals were merged into this one's."""
        return [one.pk for one in self._joined.get(number, [])]

    def merged_on(self, engagement: Engagement) -> date | None:
        """Return the day on which its deal was merged into another; None: it was not."""
        deal = engagement.deal
        if deal.merged_into_id is None or deal.deleted_at is None:
            return None
        return day_in_zone(deal.deleted_at, self._zone)
