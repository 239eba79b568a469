"""People of communities, each known once, and what they are for which deal."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from throughline.communities.addresses import github_name, mail_address
from throughline.communities.models import Contact, RoleAssignment
from throughline.communities.queries import roles_by_subject, survivor_of
from throughline.journal.actions import entry, record, record_all
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as somebody writes it down."""

    full_name: str
    email: str = ""
    github_id: str = ""
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """Roles that somebody no longer has, and the required ones that nobody has any more."""

    assignments: tuple[RoleAssignment, ...]
    gaps: tuple[tuple[str, str], ...]  # subject and the role's name


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
        Refused: the role is unknown, the person has no name, or neither e-mail nor GitHub id.
    """
    code = playbook.role(role).code
    contact = _contact(person)
    held = RoleAssignment.objects.filter(contact=contact, role=code, subject=subject)
    if open_one := held.filter(to_on__isnull=True).first():
        return open_one
    # Ended on the very day on which it begins again: it simply goes on.
    assignment, _created = RoleAssignment.objects.update_or_create(
        contact=contact, role=code, subject=subject, from_on=from_on, defaults={"to_on": None}
    )
    record("communities.role.assigned", assignment, by=by, at=at, role=code, about=subject)
    return assignment


def _contact(person: Person) -> Contact:
    """Return the contact that a person is: by e-mail, else by GitHub id; what is new is filled in.

    Raises:
        Refused: they have no name, cannot be reached, or an address is none.
    """
    name = person.full_name.strip()
    if not name:
        raise Refused("A person has no name.", remedy="Write who it is.")
    email = mail_address(person.email) if person.email.strip() else None
    github = github_name(person.github_id, what="GitHub id") if person.github_id.strip() else ""
    if email is None and not github:
        raise Refused(
            f"{name} has neither e-mail nor GitHub id.",
            remedy="Give one, so that they can be reached.",
        )
    found = Contact.objects.filter(email=email).first() if email else None
    if found is None and github:
        same = Contact.objects.filter(github_id__iexact=github)
        # Two addresses are two people, until somebody merges them.
        same = same.filter(email__isnull=True) if email else same
        found = same.order_by("merged_into", "pk").first()
    if found is not None:
        return _filled_in(survivor_of(found), email, github)
    return Contact.objects.create(
        full_name=name,
        first_name=person.first_name.strip() or name.split(" ")[0],
        email=email,
        github_id=github,
    )


def _filled_in(contact: Contact, email: str | None, github: str) -> Contact:
    if (email and contact.email is None) or (github and not contact.github_id):
        if contact.email is None and not Contact.objects.filter(email=email).exists():
            contact.email = email
        contact.github_id = contact.github_id or github
        contact.version += 1
        contact.save(update_fields=["email", "github_id", "version"])
    return contact


@transaction.atomic
def end_roles(
    contact_pk: int,
    *,
    on: date,
    playbook: Playbook,
    by: str,
    at: datetime,
    subject: str = "",
    role: str = "",
) -> Ended:
    """End what a person is: from `on` they are it no longer. All of it, or for one deal, one role.

    Roles that were to begin later never do.

    Raises:
        Refused: they hold no such role on that day or later.
    """
    contact = Contact.objects.select_for_update().get(pk=contact_pk)
    ending = _ending(contact, on, subject, playbook.role(role).code if role else "")
    if not ending:
        raise Refused(
            f"{contact.full_name} holds no such role on {on} or later.",
            remedy="Look at the roles and their days; perhaps it has ended already.",
        )
    for one in ending:
        one.to_on = max(on, one.from_on)
    RoleAssignment.objects.bulk_update(ending, ["to_on"])
    record_all(
        entry("communities.role.ended", one, by=by, at=at, role=one.role, on=one.to_on)
        for one in ending
    )
    return Ended(tuple(ending), _gaps(ending, on, playbook))


@transaction.atomic
def carry_roles(subject: str, *, to: str, on: date, by: str, at: datetime) -> int:
    """Let people be for one deal, from a day on, what they were for another; return how many roles.

    For the other they are it no longer. Whoever is it already stays it, once.
    """
    held = RoleAssignment.objects.filter(subject=subject, to_on=None, contact__erased_at=None)
    standing = list(held.select_related("contact").order_by("pk"))
    entries = []
    for one in standing:
        contact, from_on = survivor_of(one.contact), max(on, one.from_on)
        has_it = RoleAssignment.objects.filter(contact=contact, role=one.role, subject=to)
        if not has_it.filter(to_on=None).exists():
            fresh, _created = RoleAssignment.objects.update_or_create(
                contact=contact, role=one.role, subject=to, from_on=from_on,
                defaults={"to_on": None},
            )  # fmt: skip
            entries.append(
                entry("communities.role.assigned", fresh, by=by, at=at, role=one.role, about=to)
            )
        one.to_on = from_on
        entries.append(
            entry("communities.role.ended", one, by=by, at=at, role=one.role, on=from_on)
        )
    RoleAssignment.objects.bulk_update(standing, ["to_on"])
    record_all(entries)
    return len(standing)


def _ending(contact: Contact, on: date, subject: str, role: str) -> list[RoleAssignment]:
    held: QuerySet[RoleAssignment] = contact.assignments.filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on)
    )
    held = held.filter(subject=subject) if subject else held
    held = held.filter(role=role) if role else held
    # A role that never began has nothing left to end.
    return [one for one in held.order_by("subject", "role", "pk") if one.to_on != one.from_on]


def _gaps(ended: list[RoleAssignment], on: date, playbook: Playbook) -> tuple[tuple[str, str], ...]:
    required = {role.code: role.name for role in playbook.required_roles()}
    lost: dict[str, set[str]] = defaultdict(set)
    for one in ended:
        if one.role in required:
            lost[one.subject].add(one.role)
    held = roles_by_subject(lost, on=on)
    return tuple(
        (subject, required[code])
        for subject, codes in sorted(lost.items())
        for code in sorted(codes - {one.role for one in held.get(subject, [])})
    )
