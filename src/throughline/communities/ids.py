"""What an id stands between: its form, its length, and everything that bears it or nearly so."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from throughline.communities.models import Community, CommunityAlias, FreedId
from throughline.communities.words import IdStanding, IdState
from throughline.infrastructure.models import CloudAccount, Cluster, Hub
from throughline.playbook.model import Playbook

ID_FORM = re.compile(r"\A[a-z]+\Z")
LONGEST_ID = 30  # GCP project ids end here; DNS labels and S3 buckets allow 63
RETENTION: Final = timedelta(days=365)  # a freed id is kept for who had it
LONG_ENOUGH: Final = 6  # from so many letters on, two that differ are a near-miss, too

# What is called after an id, and how long it may be. Source: the names that our clusters bear.
NAMES_MADE: Final = (
    ("DNS label", "{}", 63),
    ("S3 bucket", "{}-scratch-staging", 63),
    ("GCP project", "{}", LONGEST_ID),
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is made of an id, and how long it may be."""

    kind: str
    name: str
    limit: int

    @property
    def fits(self) -> bool:
        return len(self.name) <= self.limit


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An id of somebody else that is easily taken for this one."""

    name: str
    community: str
    distance: int


@dataclass(frozen=True, slots=True)
class IdCheck:
    """What is to be said of an id before anybody takes it."""

    community_id: str
    standing: IdStanding
    message: str
    near: tuple[NearMiss, ...]
    names: tuple[Name, ...]

    @property
    def is_free(self) -> bool:
        return self.standing == IdStanding.FREE


def proposed_id(short_name: str) -> str:
    """Return the community_id that a short name suggests: its letters, lowercase."""
    return re.sub(r"[^a-z]", "", short_name.lower())[:LONGEST_ID]


def edit_distance(one: str, other: str) -> int:
    """Return how many letters must be put in, taken out or changed to make one word the other."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, row = row, [place]
        for index, twin in enumerate(other, start=1):
            changed = above[index - 1] + (letter != twin)
            row.append(min(changed, above[index] + 1, row[-1] + 1))
    return row[-1]


def check_id(
    community_id: str,
    *,
    of: Community | None,
    playbook: Playbook,
    on: date,
    deal_ids: Collection[str] = (),
) -> IdCheck:
    """Return whether a community may take an id, why not, and which ids are close to it.

    Clusters that run for the community's own deals (`deal_ids`) are no obstacle, nor are their
    hubs. A near-miss is a warning and refuses nothing. Source: design §1; requirements E5.
    """
    standing, message = _standing(community_id, of, playbook, on, deal_ids)
    is_word = bool(ID_FORM.match(community_id))
    return IdCheck(
        community_id,
        standing,
        message,
        near=_near(community_id, of) if is_word else (),
        names=tuple(
            Name(kind, form.format(community_id), limit) for kind, form, limit in NAMES_MADE
        ),
    )


def _standing(
    community_id: str,
    of: Community | None,
    playbook: Playbook,
    on: date,
    deal_ids: Collection[str],
) -> tuple[IdStanding, str]:
    for found in (
        _form_problem(community_id, playbook),
        _holder(community_id, of, on),
        _former_holder(community_id, of, on),
        _running(community_id, of, deal_ids),
    ):
        if found is not None:
            return found
    return IdStanding.FREE, f"{community_id!r} is free."


Problem = tuple[IdStanding, str] | None


def _form_problem(word: str, playbook: Playbook) -> Problem:
    if not ID_FORM.match(word):
        return (
            IdStanding.FORM,
            f"{word!r} breaks the rule: one word of lowercase letters a to z.",
        )
    if len(word) > LONGEST_ID:
        return (
            IdStanding.LENGTH,
            f"{word!r} is longer than {LONGEST_ID} letters, which cloud names allow.",
        )
    if word in playbook.reserved_ids:
        return IdStanding.WORD, f"{word!r} is a reserved word."
    return None


def _holder(word: str, of: Community | None, on: date) -> Problem:
    """Return which other community holds an id now, and how."""
    others = Community.objects.exclude(pk=of.pk) if of else Community.objects.all()
    holder = others.filter(community_id=word).first()
    if holder is None:
        return None
    if holder.id_state == IdState.USED or holder.id_reserved_until is None:
        return IdStanding.TAKEN, f"{word!r} is taken by {holder.short_name}."
    who = f" by {holder.id_reserved_by}" if holder.id_reserved_by else ""
    is_over = holder.id_reserved_until < on
    until = f"until {holder.id_reserved_until}" + (
        ", which is over: renew it or give it up there" if is_over else ""
    )
    return IdStanding.RESERVED, f"{word!r} is reserved for {holder.short_name}{who} {until}."


def _former_holder(word: str, of: Community | None, on: date) -> Problem:
    """Return which other community held an id, for ever as an alias, or not long ago."""
    others = CommunityAlias.objects.exclude(community=of) if of else CommunityAlias.objects.all()
    if alias := others.filter(alias=word).select_related("community").first():
        return IdStanding.ALIAS, f"{word!r} is an older id of {alias.community.short_name}."
    freed = FreedId.objects.exclude(community=of) if of else FreedId.objects.all()
    kept = freed.filter(word=word, freed_on__gt=on - RETENTION).select_related("community")
    if last := kept.order_by("-freed_on").first():
        who, until = last.community.short_name, last.freed_on + RETENTION
        message = (
            f"{word!r} was given up by {who} on {last.freed_on} and kept for it until {until}."
        )
        return IdStanding.FREED, message
    return None


def _running(word: str, of: Community | None, deal_ids: Collection[str]) -> Problem:
    """Return what runs under an id, unless it is the community's own."""
    if word in ids_of(of):
        return None
    if Cluster.objects.filter(name=word).exclude(deal_id__in=deal_ids).exists():
        return IdStanding.CLUSTER, f"{word!r} is the name of a cluster."
    if Hub.objects.filter(name=word).exclude(cluster__deal_id__in=deal_ids).exists():
        return IdStanding.HUB, f"{word!r} is the name of a hub."
    accounts = CloudAccount.objects.filter(identifier=word)
    if accounts.exclude(clusters__deal_id__in=deal_ids).exists():
        return IdStanding.ACCOUNT, f"{word!r} is the name of a cloud account."
    return None


def _near(word: str, of: Community | None) -> tuple[NearMiss, ...]:
    """Return the ids and older ids of others that differ in a letter or, if long, in two."""
    others = Community.objects.exclude(pk=of.pk) if of else Community.objects.all()
    held = others.filter(community_id__isnull=False).values_list("community_id", "short_name")
    aliases = CommunityAlias.objects.exclude(community=of) if of else CommunityAlias.objects.all()
    former = aliases.values_list("alias", "community__short_name")
    near = [
        NearMiss(str(name), community, distance)
        for name, community in {*held, *former}
        if 0 < (distance := edit_distance(word, str(name))) <= _allowed(word, str(name))
    ]
    return tuple(sorted(near, key=lambda one: (one.distance, one.name)))


def _allowed(one: str, other: str) -> int:
    return 2 if min(len(one), len(other)) >= LONG_ENOUGH else 1


def ids_of(community: Community | None) -> list[str]:
    """Return the ids a community goes by, older ones included: what runs under them is its own."""
    if community is None:
        return []
    aliases = [alias.alias for alias in community.aliases.all()]
    return [*aliases, *([community.community_id] if community.community_id else [])]
