"""Whose alert it is: account, cluster, engagement, from what an alert says of itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from throughline.budgets.told import Told
from throughline.communities.models import Community, CommunityAlias
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import CloudAccount, Cluster

TAGGED = re.compile(r"\+([^@\s]+)@")
PREFIX = "budget-"  # what GCP's and Azure's addresses have before the name
OURS = re.compile(r"community-([a-z0-9-]+?)-(?:monthly|pot-\d+|ceiling-\d+)")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Match:
    """What an alert is about, as far as that can be told; the engagement only if it is one."""

    account: CloudAccount | None = None
    engagement: Engagement | None = None
    several: tuple[int, ...] = ()  # engagements among which a person has to choose


def match_of(told: Told, *, on: date) -> Match:
    """Return what an alert is about.

    By the account that it names; else by the word in the address it was sent to, which is a
    community's, a cluster's or an account's; else by the words of the budget's name. Source: F14.
    """
    words = _words_of(told)
    account = _account(told, words)
    communities = _communities(words)
    clusters = _clusters(account, words, told)
    links = list(
        EngagementCluster.objects.filter(cluster__in=clusters).select_related(
            "engagement__deal__community", "cluster__account"
        )
    )
    serving = _serving(links, communities, on=on)
    if account is None:
        account = _only_account(clusters, links, serving, told.provider)
    if len(serving) == 1:
        return Match(account, serving[0])
    return Match(account, None, tuple(sorted(one.pk for one in serving)))


def _words_of(told: Told) -> list[str]:
    """Return the words that may name somebody, the surest first."""
    tags = [found for one in told.addresses for found in TAGGED.findall(one.casefold())]
    plain = [one.removeprefix(PREFIX) for one in tags]
    ours = OURS.fullmatch(told.budget.casefold())
    named = [ours[1]] if ours else WORD.findall(told.budget.casefold())
    return list(dict.fromkeys([*plain, *named]))


def _account(told: Told, words: list[str]) -> CloudAccount | None:
    found = CloudAccount.objects.filter(provider=told.provider)
    if told.account:
        return found.filter(identifier__iexact=told.account).first()
    by_word = {one.identifier.casefold(): one for one in found.filter(identifier__in=words)}
    return next((by_word[word] for word in words if word in by_word), None)


def _communities(words: list[str]) -> set[int]:
    """Return the communities that the first word which names any names."""
    aliases = dict(
        CommunityAlias.objects.filter(alias__in=words).values_list("alias", "community_id")
    )
    ids = dict(Community.objects.filter(community_id__in=words).values_list("community_id", "pk"))
    for word in words:
        if word in ids or word in aliases:
            return {ids[word] if word in ids else aliases[word]}
    return set()


def _clusters(account: CloudAccount | None, words: list[str], told: Told) -> list[Cluster]:
    if account is not None:
        return list(Cluster.objects.filter(account=account).select_related("account"))
    communities = _communities(words)
    named = Q(name__in=words) | Q(serves__engagement__deal__community__in=communities)
    found = Cluster.objects.filter(named, provider=told.provider).select_related("account")
    return list(found.distinct())


def _serving(
    links: Iterable[EngagementCluster], communities: set[int], *, on: date
) -> list[Engagement]:
    """Return the engagements that run there: those of the community named, those in force."""
    every = {one.engagement_id: one.engagement for one in links}
    of_community = [one for one in every.values() if one.deal.community_id in communities]
    found = of_community or list(every.values())
    in_force = [one for one in found if _in_force(one, on)]
    return in_force or found


def _in_force(engagement: Engagement, on: date) -> bool:
    deal = engagement.deal
    return (deal.start_on is None or deal.start_on <= on) and (
        deal.end_on is None or on <= deal.end_on
    )


def _only_account(
    clusters: Iterable[Cluster],
    links: Iterable[EngagementCluster],
    serving: Iterable[Engagement],
    provider: str,
) -> CloudAccount | None:
    numbers = {one.pk for one in serving}
    theirs = [one.cluster for one in links if one.engagement_id in numbers] or list(clusters)
    accounts = {one.account for one in theirs if one.account and one.account.provider == provider}
    return next(iter(accounts)) if len(accounts) == 1 else None
