"""Naming a community, and the one word that names everything of it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from throughline.communities.ids import check_id, proposed_id
from throughline.communities.models import Community, CommunityAlias, FactSource, FreedId
from throughline.communities.queries import survivor_of
from throughline.communities.words import AliasKind, IdState, Sureness
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

OTHER_ID = "Choose another: one word of lowercase letters."


@transaction.atomic
def name_community(short_name: str, *, by: str, at: datetime) -> Community:
    """Return the community of that name, added if it is new; spelling of case does not matter.

    A name that a community once had finds it, too, and so does one that was merged into another.

    Raises:
        Refused: the name is empty, or was given to two at once.
    """
    name = short_name.strip()
    if not name:
        raise Refused("A community needs a short name.", remedy="Give about one word.")
    if found := _named(name):
        return found
    try:
        with transaction.atomic():  # somebody may add it at the same moment
            community = Community.objects.create(short_name=name, created_at=at)
    except IntegrityError as error:
        if found := _named(name):
            return found
        raise Refused(f"{name!r} was added just now.", remedy="Name it again.") from error
    FactSource.objects.create(
        community=community, field="short_name", value=name, sureness=Sureness.SAID, by=by, at=at
    )
    record("communities.community.named", community, by=by, at=at, short_name=name)
    return community


def _named(name: str) -> Community | None:
    found = Community.objects.filter(short_name__iexact=name).order_by("merged_into", "pk").first()
    if found is None:
        former = FactSource.objects.filter(field="short_name", value__iexact=name)
        last = former.select_related("community").order_by("-at", "-pk").first()
        found = last.community if last else None
    return survivor_of(found) if found else None


@transaction.atomic
def reserve_id(
    pk: int,
    community_id: str,
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    deal_ids: Collection[str] = (),
) -> Community:
    """Reserve a community_id; an empty one means the id that the short name proposes.

    Reserved again, it is kept anew. An id given up for another one is kept a while for its
    community. `deal_ids` are the community's own deals, as cluster files name them.

    Raises:
        Refused: the id breaks the rule, is taken or reserved, or the community's id is in use.
    """
    community = standing_community(pk)
    wanted = community_id.strip() or proposed_id(community.short_name)
    if community.id_state == IdState.USED and community.community_id != wanted:
        raise Refused(
            f"{community} uses the id {community.community_id!r}, which never changes.",
            remedy="Change the names instead; they are free.",
        )
    on = day_in_zone(at, playbook.organisation.zone)
    check = check_id(wanted, of=community, playbook=playbook, on=on, deal_ids=deal_ids)
    if not check.is_free:
        raise Refused(check.message, remedy=OTHER_ID)
    if community.community_id == wanted and community.id_state == IdState.USED:
        return community
    before = community.community_id
    if before and before != wanted:
        FreedId.objects.create(word=before, community=community, freed_on=on)
    kept_for = timedelta(days=playbook.periods.community_id_reserved_days)
    _hold_id(community, wanted, until=on + kept_for, by=by)
    record("communities.id.reserved", community, by=by, at=at, before=before, after=wanted)
    return community


def standing_community(pk: int) -> Community:
    """Return a community, locked, to write to.

    Raises:
        Refused: it was merged into another one.
    """
    community = Community.objects.select_for_update().get(pk=pk)
    if community.merged_into_id is not None:
        survivor = Community.objects.get(pk=community.merged_into_id)
        raise Refused(
            f"{community.short_name} was merged into {survivor.short_name}.",
            remedy=f"Write it down at {survivor.short_name}.",
        )
    return community


def _hold_id(community: Community, wanted: str, *, until: date, by: str) -> None:
    community.community_id, community.id_state = wanted, IdState.RESERVED
    community.id_reserved_until, community.id_reserved_by = until, by
    try:
        with transaction.atomic():  # somebody may have taken it since we looked
            community.save(update_fields=ID_FIELDS)
    except IntegrityError as error:
        raise Refused(f"{wanted!r} was taken just now.", remedy=OTHER_ID) from error


ID_FIELDS = ["community_id", "id_state", "id_reserved_until", "id_reserved_by"]


@transaction.atomic
def release_id(pk: int, *, on: date, by: str, at: datetime) -> Community:
    """Give up a reserved id; nobody else may have it for a year.

    Raises:
        Refused: there is none, or it is in use.
    """
    community = standing_community(pk)
    if community.id_state != IdState.RESERVED:
        raise Refused(
            f"{community} has no reserved id.",
            remedy="Only a reservation can be given up; an id in use never changes.",
        )
    word = str(community.community_id)
    FreedId.objects.create(word=word, community=community, freed_on=on)
    community.community_id, community.id_state = None, IdState.NONE
    community.id_reserved_until, community.id_reserved_by = None, ""
    community.save(update_fields=ID_FIELDS)
    record("communities.id.released", community, by=by, at=at, community_id=word)
    return community


@transaction.atomic
def use_id(pk: int, *, by: str, at: datetime) -> Community:
    """Mark a reserved id as used: from now on it never changes."""
    community = Community.objects.select_for_update().get(pk=pk)
    if community.id_state == IdState.RESERVED:
        community.id_state = IdState.USED
        community.id_reserved_until = None
        community.save(update_fields=["id_state", "id_reserved_until"])
        record("communities.id.used", community, by=by, at=at, community_id=community.community_id)
    return community


@transaction.atomic
def keep_alias(pk: int, alias: str, *, kind: AliasKind, on: date, by: str, at: datetime) -> None:
    """Keep an older id of a community, for ever.

    Raises:
        Refused: it is empty or too long, or names another community.
    """
    longest = CommunityAlias._meta.get_field("alias").max_length or 0
    if not (word := alias.strip()) or len(word) > longest:
        raise Refused(
            f"An older id has 1 to {longest} letters.", remedy="Write it as it is in use."
        )
    holder = Community.objects.filter(community_id=word).exclude(pk=pk).first()
    kept = CommunityAlias.objects.filter(alias=word).select_related("community").first()
    if holder or (kept and kept.community.pk != pk):
        bearer = holder or (kept.community if kept else None)
        raise Refused(
            f"{word!r} is an {'' if holder else 'older '}id of {bearer}.",
            remedy="An alias names one community: check which one is meant.",
        )
    if kept is None:
        kept = CommunityAlias.objects.create(alias=word, community_id=pk, kind=kind, since=on)
        record("communities.alias.kept", kept.community, by=by, at=at, alias=word, kind=kind)
