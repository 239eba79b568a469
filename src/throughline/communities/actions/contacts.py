"""Contacts themselves: corrected, found to be one, erased."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from throughline.communities.actions.people import Ended, end_roles
from throughline.communities.actions.records import check_version
from throughline.communities.addresses import github_name, mail_address
from throughline.communities.models import (
    Contact,
    ContextAnswer,
    Correction,
    EarlierAnswer,
    FactSource,
    FollowUp,
    RoleAssignment,
)
from throughline.journal.actions import record
from throughline.journal.actions_forgetting import Gone, redact_entries, redact_rows
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.mail.actions.forgetting import forget_person
from throughline.people.actions import forget_holder
from throughline.people.models import User
from throughline.playbook.model import Playbook

CONTACT_FIELDS: Final = ("full_name", "first_name", "email", "github_id")
# What people said and wrote about a community. Its own name stays, whosoever it is called after.
TOLD: Final = (FactSource, ContextAnswer, EarlierAnswer, FollowUp, Correction)


@dataclass(frozen=True, slots=True)
class Erased(Ended):
    """The roles that ended, and what names the person where the rooms above look for them."""

    gone: Gone


@transaction.atomic
def edit_contact(
    pk: int, *, facts: Mapping[str, str], version: int | None, by: str, at: datetime
) -> Contact:
    """Correct a contact: any of `CONTACT_FIELDS`; `version` is that which the writer saw.

    Raises:
        Conflict: somebody else saved something different since.
        Refused: a field is unknown or unfit, or an address is another contact's.
    """
    contact = _standing(pk)
    wanted = _checked(contact, facts)
    check_version(contact, version, wanted, what=f"The contact {contact.full_name}")
    changed = {name: value for name, value in wanted.items() if getattr(contact, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(contact, name, value)
        contact.version += 1
        contact.save(update_fields=[*changed, "version"])
        record("communities.contact.changed", contact, by=by, at=at, fields=sorted(changed))
    return contact


def _standing(pk: int) -> Contact:
    contact = Contact.objects.select_for_update().get(pk=pk)
    if contact.merged_into_id is not None:
        raise Refused("This contact was merged into another.", remedy="Open the other one.")
    if contact.erased_at is not None:
        raise Refused("This person was erased.", remedy="Add them anew if they come back.")
    return contact


def _checked(contact: Contact, facts: Mapping[str, str]) -> dict[str, Any]:
    if unknown := sorted(set(facts) - set(CONTACT_FIELDS)):
        raise Refused(
            f"A contact has no field {', '.join(unknown)}.",
            remedy=f"Use: {', '.join(CONTACT_FIELDS)}.",
        )
    wanted: dict[str, Any] = {name: value.strip() for name, value in facts.items()}
    for name, value in wanted.items():
        longest = getattr(Contact._meta.get_field(name), "max_length", 0)
        if len(value) > longest:
            raise Refused(f"{name} is longer than {longest} letters.", remedy="Shorten it.")
    if wanted.get("full_name") == "":
        raise Refused("A contact needs a full name.", remedy="Write who it is.")
    if "email" in wanted:
        wanted["email"] = _address(contact, wanted["email"])
    if wanted.get("github_id"):
        wanted["github_id"] = github_name(wanted["github_id"], what="GitHub id")
    if not (wanted.get("email", contact.email) or wanted.get("github_id", contact.github_id)):
        raise Refused(
            f"{contact.full_name} would have neither e-mail nor GitHub id.",
            remedy="Give one, so that they can be reached.",
        )
    return wanted


def _address(contact: Contact, written: str) -> str | None:
    email = mail_address(written) if written else ""
    other = Contact.objects.filter(email=email).exclude(pk=contact.pk).first() if email else None
    if other is not None:
        raise Refused(
            f"{email} is the address of {other.full_name}.",
            remedy="If they are one person, merge the two contacts.",
        )
    return email or None


@transaction.atomic
def merge_contacts(merged_pk: int, into_pk: int, *, by: str, at: datetime) -> Contact:
    """Make one contact of two: roles and whatever only the first knows go to the second.

    The first stays as a tombstone, so that its address still finds the person.

    Raises:
        Refused: they are one already, or one of them is gone.
    """
    if merged_pk == into_pk:
        raise Refused("A contact cannot be merged into itself.", remedy="Name two.")
    found = {pk: _standing(pk) for pk in sorted((merged_pk, into_pk))}
    merged, into = found[merged_pk], found[into_pk]
    for one in merged.assignments.all():
        _move_role(one, into)
    email, merged.merged_into = merged.email, into
    if into.email is None:
        merged.email, into.email = None, email
    into.github_id = into.github_id or merged.github_id
    merged.version, into.version = merged.version + 1, into.version + 1
    merged.save(update_fields=["email", "merged_into", "version"])
    into.save(update_fields=["email", "github_id", "version"])
    record("communities.contact.merged", into, by=by, at=at, merged=merged.pk)
    return into


def _move_role(assignment: RoleAssignment, into: Contact) -> None:
    """Give a role to another contact; if they hold it from the same day, the longer one stays."""
    same = into.assignments.filter(
        role=assignment.role, subject=assignment.subject, from_on=assignment.from_on
    ).first()
    if same is None:
        assignment.contact = into
        assignment.save(update_fields=["contact"])
        return
    ends = (same.to_on, assignment.to_on)
    same.to_on = None if None in ends else max(end for end in ends if end)
    same.save(update_fields=["to_on"])
    assignment.delete()


@transaction.atomic
def erase_contact(pk: int, *, playbook: Playbook, by: str, at: datetime) -> Erased:
    """Put a pseudonym wherever a person is named, from here down; their roles end today.

    The sentences of the journal stay, under the pseudonym. Of a mail stays that it went, and when.
    Links that were given to them open nothing any more. `handoff.erase_person` goes on above.

    Raises:
        Refused: they were erased or merged before.
    """
    contact = _standing(pk)
    ended = _all_ended(contact, playbook, by=by, at=at)
    tombstones = _merged_into(contact)
    theirs = Contact.objects.filter(pk__in=[contact.pk, *tombstones])
    gone = _all_that_names(theirs, f"Person {contact.pk}")
    theirs.update(full_name=gone.pseudonym, first_name="", email=None, github_id="", erased_at=at)
    erased = record("communities.contact.erased", contact, by=by, at=at, pseudonym=gone.pseudonym)
    forget_person(gone, by=by, at=at)
    forget_holder(gone, by=by, at=at)
    for model in TOLD:
        redact_rows(model, gone)
    redact_entries(gone, erased=erased)
    return Erased(ended.assignments, ended.gaps, gone)


def _all_ended(contact: Contact, playbook: Playbook, *, by: str, at: datetime) -> Ended:
    on = day_in_zone(at, playbook.organisation.zone)
    if contact.assignments.filter(Q(to_on__isnull=True) | Q(to_on__gt=on)).exists():
        return end_roles(contact.pk, on=on, playbook=playbook, by=by, at=at)
    return Ended((), ())


def _all_that_names(contacts: Iterable[Contact], pseudonym: str) -> Gone:
    """Return what names a person; a name under which somebody signs in here is not only theirs."""
    found = list(contacts)
    names = {one.full_name for one in found}
    names -= set(User.objects.filter(username__in=names).values_list("username", flat=True))
    emails = [one.email for one in found if one.email]
    accounts = [f"@{one.github_id}" for one in found if one.github_id]
    return Gone(tuple(sorted(names)), (*emails, *accounts), pseudonym)


def _merged_into(contact: Contact) -> list[int]:
    """Return the tombstones that lead to a contact, however many merges ago."""
    found: list[int] = []
    latest = [contact.pk]
    while latest:
        latest = list(Contact.objects.filter(merged_into__in=latest).values_list("pk", flat=True))
        found += latest
    return found
