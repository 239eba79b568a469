"""A community looks at its own record by a link, and what it corrects waits for a person here."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from throughline.communities.actions.context import Told, answer_question
from throughline.communities.actions.ids import standing_community
from throughline.communities.actions.records import Said, checked_facts, describe_community
from throughline.communities.models import Community, Correction
from throughline.communities.queries import survivor_of
from throughline.communities.words import Sureness
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, named_outsider, open_link, revoke_link
from throughline.people.models import SignedLink
from throughline.playbook.model import Playbook

PURPOSE: Final = "community"
VALID: Final = timedelta(days=30)
# What a community may correct itself. Cloud and region are agreed with PS, and its id is ours.
OPEN_FIELDS: Final = (
    "short_name", "long_name", "website", "github_org", "repositories", "logo_url",
    "data_location",
)  # fmt: skip


@transaction.atomic
def issue_record_link(pk: int, token: str, *, issued_to: str, by: str, at: datetime) -> SignedLink:
    """Issue a link by which somebody of a community looks at its record, without an account.

    Raises:
        Refused: nobody is named, they have an account, or the community was merged into another.
    """
    community = standing_community(pk)
    name = named_outsider(issued_to, remedy="They sign in and edit the record.")
    return issue_link(
        token, purpose=PURPOSE, subject=f"community:{community.pk}", issued_to=name,
        valid_for=VALID, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def revoke_record_link(link_id: int, *, by: str, at: datetime) -> Community:
    """Close a link to a community's record for good, and return the community.

    Raises:
        Refused: no such link has that number.
    """
    link = SignedLink.objects.filter(pk=link_id, purpose=PURPOSE).first()
    if link is None:
        raise Refused(f"There is no link {link_id} to a record.", remedy="Look at the page again.")
    revoke_link(link.pk, by=by, at=at)
    return survivor_of(Community.objects.get(pk=int(link.subject.partition(":")[2])))


def open_links(community: Community, *, at: datetime) -> QuerySet[SignedLink]:
    """Return the links that open a community's record at an instant, the oldest first."""
    found = SignedLink.objects.filter(purpose=PURPOSE, subject=f"community:{community.pk}")
    return found.filter(revoked_at=None, expires_at__gt=at).order_by("pk")


def open_record(token: str, *, at: datetime) -> tuple[SignedLink, Community]:
    """Return the link that a token opens, and the community, also once it was merged.

    Raises:
        Refused: the link opens nothing (any more).
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    number = int(link.subject.partition(":")[2])
    return link, survivor_of(Community.objects.get(pk=number))


@transaction.atomic
def propose_correction(
    token: str,
    *,
    facts: Mapping[str, Any],
    answers: Mapping[str, str],
    playbook: Playbook,
    at: datetime,
) -> Correction:
    """Keep what somebody of a community writes about its record, until a person here looks at it.

    Only what differs is kept. Where nothing does, the record is confirmed as it stands.

    Raises:
        Refused: the link opens nothing, a field is not theirs to correct, or a value is unfit.
    """
    link, found = open_record(token, at=at)
    community = standing_community(found.pk)
    if closed := sorted(set(facts) - set(OPEN_FIELDS)):
        raise Refused(
            f"{', '.join(closed)} cannot be corrected here.", remedy="Write to whom you know here."
        )
    wanted = checked_facts(community, facts)
    said = {one.question: one.text for one in community.context.all()}
    made = Correction.objects.create(
        community=community,
        facts={name: value for name, value in wanted.items() if getattr(community, name) != value},
        answers={
            playbook.question(code).code: text.strip()
            for code, text in answers.items()
            if text.strip() and text.strip() != said.get(code, "").strip()
        },
        said_by=link.issued_to,
        at=at,
    )
    if made.facts or made.answers:
        count = len(made.facts) + len(made.answers)
        record("communities.correction.proposed", community, by=made.said_by, at=at, count=count)
        return made
    return _confirm(made, at=at)


def _confirm(made: Correction, *, at: datetime) -> Correction:
    """Note that a community found its record as it should be."""
    community = made.community
    stands = {name: getattr(community, name) for name in OPEN_FIELDS if getattr(community, name)}
    describe_community(community.pk, facts=stands, said=_said(made), by=made.said_by, at=at)
    return _close(made, [], by=made.said_by, at=at)


@transaction.atomic
def settle_correction(
    number: int, *, take: Collection[str], playbook: Playbook, by: str, at: datetime
) -> Correction:
    """Take over the fields and answers of a correction that are named; the others are left.

    Raises:
        NoSuchCorrection: there is none of that number.
        OwnedElsewhere: a field is changed in HubSpot alone.
        Refused: it is settled already, or does not say what is named.
    """
    found = Correction.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise NoSuchCorrection(f"There is no correction {number}.", remedy="Look again.")
    if found.settled_at is not None:
        raise Refused(
            f"{found.settled_by} has settled this correction already.", remedy="Look at the record."
        )
    if unknown := sorted(set(take) - set(found.facts) - set(found.answers)):
        raise Refused(
            f"This correction says nothing of {', '.join(unknown)}.",
            remedy=f"It says: {', '.join([*found.facts, *found.answers])}.",
        )
    facts = {name: value for name, value in found.facts.items() if name in take}
    pk = found.community.pk
    if facts:
        said = _said(found)
        describe_community(pk, facts=facts, said=said, playbook=playbook, by=by, at=at)
    for code, text in found.answers.items():
        if code in take:
            told = Told(text, _said(found).source)
            answer_question(pk, code, told=told, playbook=playbook, by=by, at=at)
    return _close(found, sorted(take), by=by, at=at)


class NoSuchCorrection(Refused):
    """No correction goes by that number."""


def _said(found: Correction) -> Said:
    return Said(f"{found.said_by}, by link"[:250], Sureness.CONFIRMED, again=True)


def _close(found: Correction, taken: list[str], *, by: str, at: datetime) -> Correction:
    found.taken, found.settled_by, found.settled_at = taken, by, at
    found.save(update_fields=["taken", "settled_by", "settled_at"])
    left = sorted({*found.facts, *found.answers} - set(taken))
    record(
        "communities.correction.settled", found.community, by=by, at=at, taken=taken, left=left,
        confirmed=not (found.facts or found.answers),
    )  # fmt: skip
    return found
