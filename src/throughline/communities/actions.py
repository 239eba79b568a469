"""Writing down what is known about a community."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction

from throughline.communities.models import (
    Community,
    CommunityAlias,
    Contact,
    ContextAnswer,
    RoleAssignment,
)
from throughline.communities.queries import id_in_the_way, proposed_id
from throughline.communities.words import AliasKind, AnswerState, IdState
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

OTHER_ID = "Choose another: one word of lowercase letters."


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as somebody writes it down."""

    full_name: str
    email: str = ""
    github_id: str = ""
    first_name: str = ""


@transaction.atomic
def name_community(short_name: str, *, by: str, at: datetime) -> Community:
    """Return the community of that name, added if it is new; spelling of case does not matter.

    Raises:
        Refused: the name is empty.
    """
    name = short_name.strip()
    if not name:
        raise Refused("A community needs a short name.", remedy="Give about one word.")
    if found := Community.objects.filter(short_name__iexact=name).order_by("pk").first():
        return found
    community = Community.objects.create(short_name=name, created_at=at)
    record("communities.community.named", community, by=by, at=at, short_name=name)
    return community


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

    `deal_ids` are the community's own deals, as cluster files name them.

    Raises:
        Refused: the id breaks the rule, is taken or reserved, or the community's id is in use.
    """
    community = Community.objects.select_for_update().get(pk=pk)
    wanted = community_id.strip() or proposed_id(community.short_name)
    if community.id_state == IdState.USED and community.community_id != wanted:
        raise Refused(
            f"{community} uses the id {community.community_id!r}, which never changes.",
            remedy="Change the names instead; they are free.",
        )
    if problem := id_in_the_way(wanted, of=community, playbook=playbook, deal_ids=deal_ids):
        raise Refused(problem, remedy=OTHER_ID)
    if community.community_id == wanted and community.id_state == IdState.USED:
        return community
    before = community.community_id
    kept_for = timedelta(days=playbook.periods.community_id_reserved_days)
    _hold_id(community, wanted, until=day_in_zone(at, playbook.organisation.zone) + kept_for)
    record("communities.id.reserved", community, by=by, at=at, before=before, after=wanted)
    return community


def _hold_id(community: Community, wanted: str, *, until: date) -> None:
    community.community_id, community.id_state = wanted, IdState.RESERVED
    community.id_reserved_until = until
    try:
        with transaction.atomic():  # somebody may have taken it since we looked
            community.save(update_fields=["community_id", "id_state", "id_reserved_until"])
    except IntegrityError as error:
        raise Refused(f"{wanted!r} was taken just now.", remedy=OTHER_ID) from error


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
        Refused: it names another community.
    """
    kept, created = CommunityAlias.objects.get_or_create(
        alias=alias, defaults={"community_id": pk, "kind": kind, "since": on}
    )
    if kept.community.pk != pk:
        raise Refused(
            f"{alias!r} is an older id of {kept.community.short_name}.",
            remedy="An alias names one community: check which one is meant.",
        )
    if created:
        record("communities.alias.kept", kept.community, by=by, at=at, alias=alias, kind=kind)


FIELDS = ("long_name", "website", "github_org", "repositories", "logo_url", "cloud",
          "cloud_unknown_because", "region", "data_location")  # fmt: skip


@transaction.atomic
def describe_community(
    pk: int, *, facts: dict[str, str | list[str]], by: str, at: datetime
) -> Community:
    """Fill in the record: any of `FIELDS`; what is not named stays.

    Raises:
        Refused: a field is unknown, or an address is none.
    """
    community = Community.objects.select_for_update().get(pk=pk)
    if unknown := sorted(set(facts) - set(FIELDS)):
        raise Refused(
            f"A community has no field {', '.join(unknown)}.", remedy=f"Use: {', '.join(FIELDS)}."
        )
    for name in ("website", "logo_url"):
        _check_address(name, facts.get(name, ""))
    before = {name: getattr(community, name) for name in facts}
    if changed := {name: value for name, value in facts.items() if before[name] != value}:
        for name, value in changed.items():
            setattr(community, name, value)
        community.save(update_fields=list(changed))
        record(
            "communities.community.described",
            community,
            by=by,
            at=at,
            before={name: before[name] for name in changed},
            after=changed,
        )
    return community


def _check_address(name: str, address: str | list[str]) -> None:
    if not address:
        return
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        raise Refused(
            f"{name}: {address!r} is not a web address.", remedy="Write it with https:// in front."
        ) from error


@transaction.atomic
def answer_question(
    pk: int,
    question: str,
    *,
    text: str,
    source: str,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> ContextAnswer:
    """Write down what a community says to a context question; empty text: asked, not answered.

    Raises:
        Refused: the playbook has no such question.
    """
    code = playbook.question(question).code
    community = Community.objects.select_for_update().get(pk=pk)
    state = AnswerState.ANSWERED if text.strip() else AnswerState.ASKED
    answer, _created = ContextAnswer.objects.update_or_create(
        community=community,
        question=code,
        defaults={"state": state, "text": text, "source": source, "at": at, "by": by},
    )
    record("communities.question.noted", community, by=by, at=at, question=code, state=state)
    return answer


@transaction.atomic
def assign_role(
    person: Person,
    *,
    role: str,
    subject: str,
    from_on: date,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> RoleAssignment:
    """Make a person something for one deal from a day on; known people are found by address.

    Raises:
        Refused: the role is unknown, or the person has neither e-mail nor GitHub id.
    """
    code = playbook.role(role).code
    contact = _contact(person)
    assignment, created = RoleAssignment.objects.get_or_create(
        contact=contact, role=code, subject=subject, to_on=None, defaults={"from_on": from_on}
    )
    if created:
        record("communities.role.assigned", assignment, by=by, at=at, role=code, about=subject)
    return assignment


def _contact(person: Person) -> Contact:
    email = person.email.strip().lower() or None
    if email is None and not person.github_id:
        raise Refused(
            f"{person.full_name or 'This person'} has neither e-mail nor GitHub id.",
            remedy="Give one, so that they can be reached.",
        )
    found = (
        Contact.objects.filter(email=email).first()
        if email
        else Contact.objects.filter(github_id=person.github_id).order_by("pk").first()
    )
    return found or Contact.objects.create(
        full_name=person.full_name,
        first_name=person.first_name or person.full_name.split(" ")[0],
        email=email,
        github_id=person.github_id,
    )
