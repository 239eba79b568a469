"""Who pays for clusters, as agreements say: their word beats the file's, and follows an engagement.

A deal that was merged into another speaks for that one. One that is renewed speaks until its renewal
begins, and from then on the renewal does. Source: F12.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final

from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.sales.models import Agreement, AgreementPayer, Deal
from throughline.sales.terms import begins_on

EVENTUALLY: Final = date.max  # what agreements say once all of them count


def word_of(said: Iterable[AgreementPayer], *, first: date, last: date) -> AgreementPayer | None:
    """Return what is said last of a cluster in a period, both days included; None: nothing is."""
    holding = [
        one for one in said if one.from_on <= last and (one.to_on is None or one.to_on > first)
    ]
    return max(holding, key=lambda one: one.from_on, default=None)


def agreed_payers(engagements: Iterable[int], *, on: date) -> dict[tuple[int, int], AgreementPayer]:
    """Return by engagement and cluster what agreements say of who pays on a day; five queries."""
    follows = _Follows(on)
    speaking = {number: follows.speaking_for(number) for number in engagements}
    said = follows.said_by({one for some in speaking.values() for one in some})
    found: dict[tuple[int, int], list[AgreementPayer]] = defaultdict(list)
    for number, speakers in speaking.items():
        for (speaker, cluster), rows in said.items():
            if speaker in speakers:
                found[number, cluster] += rows
    return _newest(found, on)


def payers_by_cluster(
    *, on: date, clusters: Iterable[int] | None = None
) -> dict[int, list[AgreementPayer]]:
    """Return every word that holds for a cluster on a day, one for each engagement; five queries.

    Of all clusters, unless some are named.
    """
    follows = _Follows(on)
    said = follows.said(Q() if clusters is None else Q(cluster__in=list(clusters)))
    speaking = {key: rows for key, rows in said.items() if follows.speaks(key[0])}
    found: dict[int, list[AgreementPayer]] = defaultdict(list)
    for (_engagement, cluster), row in _newest(speaking, on).items():
        found[cluster].append(row)
    return {
        cluster: sorted(rows, key=lambda one: (one.from_on, one.pk))
        for cluster, rows in found.items()
    }


def _newest(
    said: Mapping[tuple[int, int], list[AgreementPayer]], on: date
) -> dict[tuple[int, int], AgreementPayer]:
    words = {key: word_of(rows, first=on, last=on) for key, rows in said.items()}
    return {key: word for key, word in words.items() if word is not None}


class _Follows:
    """Which engagement speaks for which on a day. An engagement has the number of its deal."""

    def __init__(self, on: date) -> None:
        merged = Deal.objects.exclude(merged_into=None).values_list("pk", "merged_into")
        self._into: dict[int, int | None] = dict(merged)
        renewed = Engagement.objects.exclude(successor=None).filter(deal__merged_into=None)
        pairs = list(renewed.values_list("pk", "successor"))
        begun = self._begun({successor for _number, successor in pairs}, on)
        self._is_over: set[int] = set()  # renewed, and the renewal has begun
        self._before: dict[int, list[int]] = defaultdict(list)  # a renewal to come: what it renews
        for number, successor in pairs:
            if successor in begun:
                self._is_over.add(number)
            else:
                self._before[self._home_of(successor)].append(number)

    @staticmethod
    def _begun(renewals: Collection[int], on: date) -> set[int]:
        # Of each no more than is asked for: where many were renewed, reading them takes longest.
        deals = Deal.objects.filter(pk__in=renewals).only("contract_start_on", "start_on")
        agreed = Agreement.objects.filter(deal__in=renewals, amends=None)
        governing = {one.deal_id: one for one in agreed.only("deal_id", "effective_on")}
        starts = {one.pk: begins_on(one, governing.get(one.pk)) for one in deals}
        return {number for number, start in starts.items() if start is None or start <= on}

    def _home_of(self, number: int) -> int:
        return self._into.get(number) or number

    def speaks(self, number: int) -> bool:
        """Return whether what an engagement's agreements say holds on the day."""
        return number not in self._is_over and number not in self._before

    def speaking_for(self, number: int) -> set[int]:
        """Return whose agreements say who pays for an engagement: its own, or those it renews."""
        found: set[int] = set()
        seen: set[int] = set()
        waiting = [number]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                before = self._before.get(one, [])
                waiting += before
                if not before:
                    found.add(one)
        return found

    def said_by(self, numbers: set[int]) -> dict[tuple[int, int], list[AgreementPayer]]:
        """Return what the agreements of engagements, and of those joined to them, say."""
        deals = numbers | {one for one, into in self._into.items() if into in numbers}
        return self.said(Q(agreement__deal__in=deals))

    def said(self, which: Q) -> dict[tuple[int, int], list[AgreementPayer]]:
        """Return what is said by engagement and cluster, its own words before those it took over."""
        rows = AgreementPayer.objects.filter(which).select_related("cluster", "agreement__deal")
        found: dict[tuple[int, int], list[AgreementPayer]] = defaultdict(list)
        for row in sorted(rows, key=lambda one: (one.agreement.deal_id in self._into, one.pk)):
            found[self._home_of(row.agreement.deal_id), row.cluster_id].append(row)
        return found
