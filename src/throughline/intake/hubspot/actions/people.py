"""Contacts of HubSpot and what they are for a deal, taken in as people and roles of ours.

What a person changed here stays until HubSpot says something else than it said the last time.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from throughline.communities.actions import Person, assign_role, edit_contact, end_roles
from throughline.communities.addresses import github_name
from throughline.communities.models import Contact
from throughline.communities.queries import survivor_of
from throughline.intake.actions import Warned
from throughline.intake.hubspot.cells import Around, Known, Somebody
from throughline.intake.models import HubSpotContact, HubSpotRole
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

Key = tuple[str, str, str]  # the contact's id there, the deal's id there, our role


@dataclass(frozen=True, slots=True)
class Reader:
    """Who takes people in, when, and by which rules."""

    playbook: Playbook
    by: str
    at: datetime

    @property
    def on(self) -> date:
        """The day of it."""
        return day_in_zone(self.at, self.playbook.organisation.zone)


@transaction.atomic
def take_people(
    around: Mapping[str, Around], *, known: Known, playbook: Playbook, by: str, at: datetime
) -> list[Warned]:
    """Take in who is what for some deals, and return what a person should know."""
    told = {deal: one.people for deal, one in around.items() if one.people is not None}
    if not told:
        return []
    deals = {
        str(deal.hubspot_id): deal
        for deal in Deal.objects.filter(hubspot_id__in=told, deleted_at=None)
    }
    standing = _standing(told)
    wanted: dict[Key, Somebody] = {
        (one.id, deal, code): one
        for deal, people in told.items()
        if deal in deals
        for one in people
        for code in sorted({known.roles[key] for key in one.labels if known.roles.get(key)})
    }
    reader = Reader(playbook, by, at)
    somebodies, warned = _with_accounts(told.values())
    warned += _corrected(somebodies, reader)
    for key, one in wanted.items():
        if key not in standing:
            warned += _assigned(somebodies[one.id], deals[key[1]], key[2], reader)
    for key in standing.keys() - wanted.keys():
        if key[1] in deals:
            _end(standing[key], deals[key[1]], reader)
    return warned


def _with_accounts(
    told: Iterable[Sequence[Somebody]],
) -> tuple[dict[str, Somebody], list[Warned]]:
    """Return everybody by id, their GitHub ids as bare names; what can be none is left out, and told."""
    found: dict[str, Somebody] = {}
    warned = []
    for one in (each for people in told for each in people):
        if one.id in found:
            continue
        account = ""
        try:
            account = github_name(one.github, what="GitHub id") if one.github.strip() else ""
        except Refused as refused:
            warned.append(Warned("github_unfit", None, f"{one.full_name}: {refused}"))
        found[one.id] = replace(one, github=account)
    return found, warned


def _standing(deals: Iterable[str]) -> dict[Key, HubSpotRole]:
    rows = HubSpotRole.objects.filter(deal_id__in=list(deals)).select_related("person__contact")
    return {(row.person.hubspot_id, row.deal_id, row.code): row for row in rows}


def _corrected(somebodies: Mapping[str, Somebody], reader: Reader) -> Iterator[Warned]:
    """Carry over what HubSpot says of a person otherwise than before; yield what cannot be."""
    rows = HubSpotContact.objects.filter(hubspot_id__in=somebodies).select_related("contact")
    for row in rows:
        one = somebodies[row.hubspot_id]
        said, facts = _said(one), _facts(one)
        changed = {name for name in said if said[name] != row.said.get(name)}
        if not changed:
            continue
        contact = survivor_of(row.contact)
        if contact.erased_at is None:
            try:
                told = {name: facts[name] for name in sorted(changed) if facts[name]}
                edit_contact(contact.pk, facts=told, version=None, by=reader.by, at=reader.at)
            except Refused as refused:
                yield Warned("contact_differs", None, f"{one.full_name}: {refused}")
        row.said = said
        row.save(update_fields=["said"])


def _assigned(one: Somebody, deal: Deal, code: str, reader: Reader) -> Iterator[Warned]:
    row = HubSpotContact.objects.filter(hubspot_id=one.id).select_related("contact").first()
    contact = survivor_of(row.contact) if row else None
    if contact is not None and contact.erased_at is not None:
        return  # erased here: nobody comes back by being read again
    try:
        assignment = assign_role(
            _person(one, contact), role=code, subject=deal.subject, from_on=reader.on,
            playbook=reader.playbook, by=reader.by, at=reader.at,
        )  # fmt: skip
    except Refused as refused:
        yield Warned("contact_unfit", deal.reference, f"{deal.name}: {refused}")
        return
    if row is None:
        row = HubSpotContact.objects.create(
            hubspot_id=one.id, contact=assignment.contact, said=_said(one)
        )
    HubSpotRole.objects.create(person=row, deal_id=str(deal.hubspot_id), code=code)


def _person(one: Somebody, contact: Contact | None) -> Person:
    if contact is None:
        return Person(
            full_name=one.full_name, first_name=one.first_name, email=one.email,
            github_id=one.github,
        )  # fmt: skip
    return Person(
        full_name=contact.full_name,
        email=contact.email or "",
        github_id=contact.github_id or one.github,
    )


def _end(row: HubSpotRole, deal: Deal, reader: Reader) -> None:
    """End a role that HubSpot does not name any more, unless another contact there is the same."""
    contact = survivor_of(row.person.contact)
    row.delete()
    same = HubSpotRole.objects.filter(deal_id=row.deal_id, code=row.code).select_related(
        "person__contact"
    )
    if contact.erased_at is not None or contact in {
        survivor_of(one.person.contact) for one in same
    }:
        return
    held = contact.assignments.filter(subject=deal.subject, role=row.code, to_on=None)
    if held.exists():  # else a person has ended it here
        end_roles(
            contact.pk, on=reader.on, playbook=reader.playbook, by=reader.by, at=reader.at,
            subject=deal.subject, role=row.code,
        )  # fmt: skip


def _facts(one: Somebody) -> dict[str, str]:
    named = {"full_name": one.full_name, "first_name": one.first_name, "email": one.email}
    return named | ({"github_id": one.github} if one.github else {})


def _said(one: Somebody) -> dict[str, str]:
    """Return digests of what is told of a person: enough to see a change, and no second record."""
    return {
        name: hashlib.sha256(f"{one.id}:{value}".encode()).hexdigest()[:16]
        for name, value in _facts(one).items()
    }
