"""Reads of communities, their ids and people."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from throughline.communities.models import Community, CommunityAlias, RoleAssignment
from throughline.infrastructure.models import Cluster, Hub
from throughline.playbook.model import Playbook

ID_FORM = re.compile(r"\A[a-z]+\Z")
LONGEST_ID = 30  # GCP project ids end here; DNS labels and S3 buckets allow 63


def proposed_id(short_name: str) -> str:
    """Return the community_id that a short name suggests: its letters, lowercase."""
    return re.sub(r"[^a-z]", "", short_name.lower())[:LONGEST_ID]


def id_in_the_way(
    community_id: str, *, of: Community | None, playbook: Playbook, deal_ids: Collection[str] = ()
) -> str:
    """Return what keeps an id from being taken, in words; "" if it is free.

    Clusters that run for the community's own deals (`deal_ids`) are no obstacle, nor are their
    hubs. Source: design §1, community_id; connectors §5 for the length.
    """
    if problem := _form_problem(community_id, playbook):
        return problem
    others = Community.objects.exclude(pk=of.pk) if of else Community.objects.all()
    if taken := others.filter(community_id=community_id).first():
        return f"{community_id!r} is taken by {taken.short_name}."
    aliases = CommunityAlias.objects.exclude(community=of)
    if alias := aliases.filter(alias=community_id).select_related("community").first():
        return f"{community_id!r} is an older id of {alias.community.short_name}."
    return "" if community_id in _own_names(of) else _running_problem(community_id, deal_ids)


def _running_problem(community_id: str, deal_ids: Collection[str]) -> str:
    if Cluster.objects.filter(name=community_id).exclude(deal_id__in=deal_ids).exists():
        return f"{community_id!r} is the name of a cluster."
    if Hub.objects.filter(name=community_id).exclude(cluster__deal_id__in=deal_ids).exists():
        return f"{community_id!r} is the name of a hub."
    return ""


def _form_problem(community_id: str, playbook: Playbook) -> str:
    if not ID_FORM.match(community_id):
        return f"{community_id!r} breaks the rule: one word of lowercase letters a to z."
    if len(community_id) > LONGEST_ID:
        return f"{community_id!r} is longer than {LONGEST_ID} letters, which cloud names allow."
    if community_id in playbook.reserved_ids:
        return f"{community_id!r} is a reserved word."
    return ""


def _own_names(community: Community | None) -> list[str]:
    """Return the ids a community already goes by: what runs under them is its own."""
    if community is None:
        return []
    return [*community.aliases.values_list("alias", flat=True), community.community_id or ""]


def roles_by_subject(subjects: Iterable[str], *, on: date) -> dict[str, list[RoleAssignment]]:
    """Return the roles that hold on a day, by subject; one query."""
    found: dict[str, list[RoleAssignment]] = defaultdict(list)
    holding = RoleAssignment.objects.filter(subject__in=list(subjects), from_on__lte=on).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on)
    )
    for assignment in holding.select_related("contact").order_by("role", "pk"):
        found[assignment.subject].append(assignment)
    return found


def missing_fields(community: Community, *, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return which fields of the record are still empty; "unknown, because …" fills the cloud."""
    return tuple(
        name
        for name in wanted
        if not getattr(community, name)
        and not (name == "cloud" and community.cloud_unknown_because)
    )
