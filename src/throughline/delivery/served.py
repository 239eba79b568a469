"""Reads of communities with the deals and engagements that serve them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from throughline.communities.models import Community
from throughline.infrastructure.models import Cluster
from throughline.kernel.looking import sought
from throughline.sales.models import Deal


@dataclass(frozen=True, slots=True)
class ServedCommunity:
    """A community with its deals, newest first, and the clusters that bear its id or an alias."""

    community: Community
    deals: tuple[Deal, ...]
    clusters: tuple[Cluster, ...]


def communities_matching(text: str) -> QuerySet[Community]:
    """Return the communities whose names, id or older ids hold a text, with `deal_count`."""
    found = Community.objects.filter(merged_into__isnull=True)
    if text := sought(text):
        names = Q(short_name__icontains=text) | Q(long_name__icontains=text)
        older = Community.objects.filter(aliases__alias__icontains=text).values("pk")
        found = found.filter(names | Q(community_id__icontains=text) | Q(pk__in=older))
    return found.annotate(deal_count=Count("deals")).order_by("short_name", "pk")


def deal_ids_of(community: Community) -> list[str]:
    """Return the deals of a community as cluster files name them."""
    numbers = Deal.objects.filter(community=community, hubspot_id__isnull=False)
    return [str(number) for number in numbers.values_list("hubspot_id", flat=True)]


def deals_about(subjects: Iterable[str]) -> dict[str, Deal]:
    """Return the deals that subjects such as "deal:12" mean; one query."""
    numbers = [int(one.removeprefix("deal:")) for one in subjects if one.startswith("deal:")]
    return {deal.subject: deal for deal in Deal.objects.filter(pk__in=numbers)}


def community_served(pk: int) -> ServedCommunity:
    """Return one community with all that its page shows, in a constant number of queries.

    Raises:
        Community.DoesNotExist: there is none.
    """
    deals = Deal.objects.select_related("engagement").order_by("-created_at", "-pk")
    community = Community.objects.prefetch_related(
        "aliases", "context", Prefetch("deals", queryset=deals)
    ).get(pk=pk)
    ids = [alias.alias for alias in community.aliases.all()]
    ids += [community.community_id] if community.community_id else []
    clusters = (
        Cluster.objects.filter(name__in=ids)
        .select_related("account")
        .prefetch_related("hubs")
        .order_by("name")
    )
    return ServedCommunity(community, tuple(community.deals.all()), tuple(clusters))
