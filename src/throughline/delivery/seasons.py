"""Several engagements of one community: at the same time, or one season after another."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from throughline.communities.queries import roles_by_subject
from throughline.delivery.models import Engagement, EngagementCluster, Evidence
from throughline.delivery.queries import engagements
from throughline.delivery.words import EvidenceKind
from throughline.sales.models import AgreementPayer


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is otherwise than in the last season; "" is nothing known."""

    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class LastSeason:
    """The engagement of the same community before this one, and what has changed since."""

    engagement: Engagement
    names: tuple[str, ...]  # the community's id and its older ones: they go on naming its things
    issues: tuple[str, ...]  # addresses of the issues that showed its work
    differences: tuple[Difference, ...]


def others_running(engagement: Engagement, on: date) -> QuerySet[Engagement]:
    """Return what else runs for the community, or on the same clusters, on a day.

    None of these may lose its hub because this engagement ends. Source: E30.
    """
    clusters = EngagementCluster.objects.filter(engagement=engagement).values("cluster")
    shares = Q(on_clusters__cluster__in=clusters)
    if engagement.deal.community_id is not None:
        shares |= Q(deal__community=engagement.deal.community_id)
    runs = Q(deal__end_on__isnull=True) | Q(deal__end_on__gte=on)
    return (
        engagements()
        .filter(shares, runs, is_ending=False, deal__deleted_at=None)
        .exclude(pk=engagement.pk)
        .distinct()
    )


def last_season(engagement: Engagement) -> LastSeason | None:
    """Return the season before this one and what changed since; None where there was none.

    Source: E29. A constant number of queries.
    """
    deal = engagement.deal
    earlier = (
        engagements()
        .filter(deal__community=deal.community_id, deal__community__isnull=False)
        .filter(deal__end_on__isnull=False)
        .exclude(pk=engagement.pk)
    )
    if deal.start_on is not None:
        earlier = earlier.filter(deal__end_on__lt=deal.start_on)
    found = earlier.order_by("-deal__end_on", "-pk").first()
    if found is None or deal.community is None:
        return None
    aliases = deal.community.aliases.order_by("alias").values_list("alias", flat=True)
    issues = Evidence.objects.filter(
        deliverable__project__engagement=found, kind=EvidenceKind.ISSUE_CLOSED
    ).exclude(link="")
    return LastSeason(
        found,
        tuple(filter(None, (deal.community.community_id, *aliases))),
        tuple(dict.fromkeys(issues.order_by("at", "pk").values_list("link", flat=True))),
        _differences(found, engagement),
    )


def _differences(then: Engagement, now: Engagement) -> tuple[Difference, ...]:
    before, after = _facts(then), _facts(now)
    return tuple(
        Difference(what, before.get(what, ""), after.get(what, ""))
        for what in dict.fromkeys((*before, *after))
        if before.get(what, "") != after.get(what, "")
    )


def _facts(engagement: Engagement) -> dict[str, str]:
    """Return what may change between seasons: tier, payer, clusters, and people by role."""
    deal = engagement.deal
    on = deal.end_on or deal.start_on or engagement.opened_at.date()
    payers = AgreementPayer.objects.filter(agreement__deal=deal).order_by("from_on", "pk")
    clusters = EngagementCluster.objects.filter(engagement=engagement).order_by("cluster__name")
    facts = {
        "tier": deal.tier,
        "payer": _listed(one.get_payer_display() for one in payers),
        "clusters": _listed(clusters.values_list("cluster__name", flat=True)),
    }
    people: dict[str, list[str]] = {}
    for one in roles_by_subject([deal.subject], on=on).get(deal.subject, ()):
        people.setdefault(one.role, []).append(one.contact.full_name)
    return facts | {role: _listed(sorted(names)) for role, names in sorted(people.items())}


def _listed(values: Any) -> str:
    return ", ".join(dict.fromkeys(values))


def season_shape(season: LastSeason) -> dict[str, Any]:
    """Return the last season as JSON."""
    return {
        "engagement": season.engagement.number,
        "names": list(season.names),
        "issues": list(season.issues),
        "changed": [
            {"what": one.what, "then": one.then or None, "now": one.now or None}
            for one in season.differences
        ],
    }
