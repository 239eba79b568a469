"""Agreements against what runs: each difference is a finding, for a person to settle."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from throughline.budgets.queries import unarmed_clusters
from throughline.communities.queries import ID_FORM
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.sales.models import AgreementPayer, Deal, DealAlias


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between agreements and infrastructure."""

    code: str
    cluster: str | None
    deal_id: str | None
    message: str


def findings(*, on: date) -> list[Finding]:
    """Return every difference on a day, by cluster and code.

    Source: design §8 and §12; requirements F6, F10, F12, F15.
    """
    holding = AgreementPayer.objects.filter(from_on__lte=on).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on)
    )
    clusters = list(
        Cluster.objects.select_related("account")
        .prefetch_related("hubs", Prefetch("payers", holding, to_attr="holding_payers"))
        .order_by("name")
    )
    deals = _named({one.deal_id for one in clusters if one.deal_id})
    found = [
        *(finding for one in clusters for finding in _of_cluster(one, deals, on=on)),
        *_unarmed(),
        *_without_cluster(on=on),
    ]
    return sorted(found, key=lambda one: (one.cluster or "", one.code, one.deal_id or ""))


def _named(numbers: set[str]) -> dict[str | None, Deal]:
    """Return deals by the numbers that files name them by, those from before a merge included."""
    aliases = DealAlias.objects.filter(old_id__in=numbers).select_related("deal")
    found: dict[str | None, Deal] = {one.old_id: one.deal for one in aliases}
    own = Deal.objects.filter(hubspot_id__in=numbers)
    return {deal.hubspot_id: deal for deal in own} | found


def _of_cluster(cluster: Cluster, deals: dict[str | None, Deal], *, on: date) -> Iterator[Finding]:
    deal = deals.get(cluster.deal_id)
    if not cluster.deal_id:
        yield Finding("deal_missing", cluster.name, None, "The cluster's file names no deal.")
    elif deal is None:
        yield Finding(
            "deal_unknown", cluster.name, cluster.deal_id, "The deal it names is not known here."
        )
    elif deal.end_on is not None and deal.end_on < on:
        yield Finding(
            "agreement_lapsed",
            cluster.name,
            cluster.deal_id,
            f"{deal.name} ended on {deal.end_on}, {(on - deal.end_on).days} days ago, and "
            f"{len(cluster.hubs.all())} hubs run on the cluster.",
        )
    if not ID_FORM.match(cluster.name):
        yield Finding(
            "community_id_legacy",
            cluster.name,
            cluster.deal_id or None,
            "The name breaks the rule for community ids (one lowercase word); it stays valid.",
        )
    yield from _payer_mismatches(cluster)


def _payer_mismatches(cluster: Cluster) -> Iterator[Finding]:
    for agreed in getattr(cluster, "holding_payers", []):
        if cluster.paid_by not in {Payer.UNKNOWN, agreed.payer}:
            yield Finding(
                "payer_mismatch",
                cluster.name,
                cluster.deal_id or None,
                f"The agreement says “{agreed.get_payer_display()}”, the cluster's file says "
                f"“{cluster.get_paid_by_display()}”.",
            )


def _unarmed() -> Iterator[Finding]:
    for cluster in unarmed_clusters():
        known = "switched off" if cluster.budget_alert is False else "not known to be armed"
        yield Finding(
            "alert_missing",
            cluster.name,
            cluster.deal_id or None,
            f"We pay for {cluster.account}, and its budget alert is {known}.",
        )


def _without_cluster(*, on: date) -> Iterator[Finding]:
    running = (
        engagements()
        .filter(on_clusters=None)
        .filter(Q(deal__end_on__isnull=True) | Q(deal__end_on__gte=on))
        .filter(Q(deal__start_on__isnull=True) | Q(deal__start_on__lte=on))
    )
    for engagement in running:
        if _needs_cluster(engagement):
            yield Finding(
                "agreement_without_cluster",
                None,
                engagement.deal.reference,
                f"{engagement.deal.name} is in force and no cluster serves it.",
            )


def _needs_cluster(engagement: Engagement) -> bool:
    """Return whether the deal sells a hub: one with a tier does, a project need not."""
    return bool(engagement.deal.tier) or engagement.deal.revenue_type.startswith("membership")
