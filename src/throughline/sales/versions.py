"""Reads of statements of work, version by version."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from throughline.kernel.errors import NotThere, Refused
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.queries import find_deal
from throughline.sales.statements.changes import Changes, changes_between
from throughline.sales.statements.content import hours_by_role, number


class NoSuchVersion(NotThere):
    """A deal has no statement of work, or not that version."""


def versions_of(deal: Deal) -> QuerySet[StatementOfWork]:
    """Return every version of a deal's statement of work with its sign-offs, the newest first."""
    found = StatementOfWork.objects.filter(deal=deal).prefetch_related("sign_offs")
    return found.order_by("-version")


def newest_statements() -> QuerySet[StatementOfWork]:
    """Return the newest version of every deal that has a statement of work, the latest first."""
    newer = StatementOfWork.objects.filter(deal=OuterRef("deal"), version__gt=OuterRef("version"))
    found = StatementOfWork.objects.filter(~Exists(newer), deal__isnull=False).defer("content")
    found = found.select_related("deal__community").prefetch_related("sign_offs")
    return found.order_by("-imported_at", "-pk")


def version_of(deal: Deal, version: int | None = None) -> StatementOfWork:
    """Return one version of a deal's statement of work; the newest where none is named.

    Raises:
        NoSuchVersion: there is none.
    """
    found = versions_of(deal)
    if one := (found.filter(version=version) if version is not None else found).first():
        return one
    numbers = sorted(found.values_list("version", flat=True))
    if not numbers:
        raise NoSuchVersion(
            f"{deal} has no statement of work.",
            remedy="Write one: `throughline sow new`; or import it: `throughline import sow`.",
        )
    listed = ", ".join(map(str, numbers))
    raise NoSuchVersion(f"{deal} has no version {version}.", remedy=f"There is {listed}.")


def find_version(reference: str) -> tuple[Deal, StatementOfWork]:
    """Return the version that D or D@N names: a deal's newest, or its version N.

    Raises:
        Refused: there is no such deal or version.
    """
    name, _, number_text = reference.partition("@")
    if "@" in reference and not (number_text.isascii() and number_text.isdecimal()):
        raise Refused(
            f"{reference!r} names no version.", remedy="Write the deal, or the deal@VERSION: 12@3."
        )
    deal = find_deal(name)
    wanted = int(number_text[:9]) if number_text else None
    return deal, version_of(deal, wanted)


def changes_of(deal: Deal, before: int, after: int) -> Changes:
    """Return what changed from one version of a deal's statement of work to another.

    Raises:
        NoSuchVersion: one of the two does not exist.
    """
    return changes_between(version_of(deal, before).content, version_of(deal, after).content)


@dataclass(frozen=True, slots=True)
class RoleSignOff:
    """One role that signs a version off, and who has; "" where nobody has yet."""

    code: str
    name: str
    by: str
    at: Any  # the instant; None where nobody has yet


def sign_offs_of(statement: StatementOfWork, *, playbook: Playbook) -> list[RoleSignOff]:
    """Return each role that signs off, in the playbook's order, with who has signed this version."""
    signed = {one.role: one for one in statement.sign_offs.all()}
    return [
        RoleSignOff(role.code, role.name, found.by if found else "", found.at if found else None)
        for role in playbook.signoff_roles
        for found in [signed.get(role.code)]
    ]


def statement_shape(
    deal: Deal, statement: StatementOfWork, *, playbook: Playbook, with_money: bool
) -> dict[str, Any]:
    """Return a version as JSON: its content, and who does how much, signed it off, and by when.

    Whoever need not see money gets null for the private note on the price.
    """
    due = deal.deliverable_dates
    content: dict[str, Any] = statement.content
    return content | {
        "deal": deal.reference,
        "version": statement.version,
        "origin": statement.origin,
        "by": statement.imported_by,
        "at": statement.imported_at,
        "deliverables": [
            one | {"due_on": due.get(one["title"])} for one in content["deliverables"]
        ],
        "by_role": [
            {"role": one.role, "low_h": number(one.low_h), "high_h": number(one.high_h)}
            for one in hours_by_role(content)
        ],
        "sign_offs": [
            {"role": one.code, "name": one.name, "by": one.by or None, "at": one.at}
            for one in sign_offs_of(statement, playbook=playbook)
        ],
        "price_note": statement.price_note or None if with_money else None,
    }
