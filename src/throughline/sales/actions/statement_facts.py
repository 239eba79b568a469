"""The sign-off of a statement of work, in a role, of the version that the person saw."""

from pydantic import Field

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.playbook.parts import SignoffRole
from throughline.sales.actions.facts import Form, Writing, fact
from throughline.sales.gates.statement import persons_needed, signers
from throughline.sales.models import SignOff, StatementOfWork
from throughline.sales.queries import facts_of


class SowSignOff(Form):
    """One role's sign-off of the newest version."""

    role: str = Field(description="a sign-off role of the playbook, by code or name")
    version: int | None = Field(
        None, ge=1, description="the version that was read; the newest where left out"
    )


@fact("sow.signed_off", SowSignOff)
def record_sign_off(form: SowSignOff, writing: Writing) -> None:
    """Write down that the actor, in a role, signs off the newest version.

    Raises:
        Refused: the role is none, there is no statement of work, a newer version than the one read
            stands, the role has signed already, or one person would sign alone.
    """
    role = _role(form.role, writing.playbook)
    statement = facts_of(writing.deal, on=writing.on).statement
    if statement is None:
        raise Refused(
            "There is no statement of work.",
            remedy="Write one: `throughline sow new`; or import it: `throughline import sow`.",
        )
    _check_version(form.version, statement)
    _check_signers(statement, role, writing)
    SignOff.objects.update_or_create(
        statement=statement, role=role.code, defaults={"by": writing.by, "at": writing.at}
    )
    record(
        "sales.sow.signed_off",
        writing.deal,
        by=writing.by,
        at=writing.at,
        role=role.code,
        version=statement.version,
    )


def _role(text: str, playbook: Playbook) -> SignoffRole:
    """Return the sign-off role that a text names.

    Raises:
        Refused: it names none.
    """
    roles, wanted = playbook.signoff_roles, text.strip().casefold()
    for role in roles:
        if wanted in {role.code, role.name.casefold()}:
            return role
    names = ", ".join(f"{one.code} ({one.name})" for one in roles)
    raise Refused(f"{text!r} signs no statement of work off.", remedy=f"Use {names}.")


def _check_version(seen: int | None, statement: StatementOfWork) -> None:
    """Pass if the version that was read is the newest.

    Raises:
        Refused: it is not.
    """
    if seen is None or seen == statement.version:
        return
    if seen > statement.version:
        raise Refused(
            f"There is no version {seen}; the newest is {statement.version}.",
            remedy="Read the newest version and sign that one off.",
        )
    raise Refused(
        f"You read version {seen}, and {statement.imported_by} has made version"
        f" {statement.version} since.",
        remedy=f"Read what changed from version {seen} to {statement.version}, then sign that one.",
    )


def _check_signers(statement: StatementOfWork, role: SignoffRole, writing: Writing) -> None:
    """Pass if nobody has signed in this role, and more than one person will have signed in the end.

    Raises:
        Refused: the role has signed, or one person would sign in every role.
    """
    signed = signers(statement)
    is_alone = len(set(map(str.casefold, signed.values()))) < persons_needed(writing.playbook)
    is_full = {one.code for one in writing.playbook.signoff_roles} <= set(signed)
    before = signed.get(role.code)
    # Where one person signed in every role, a second person may take one of them over.
    if before is not None and not (is_full and is_alone and before.casefold() != _name(writing)):
        raise Refused(
            f"Version {statement.version} is signed off as {role.name} already, by {before}.",
            remedy="Nothing more is needed of this role.",
        )
    persons = {name.casefold() for code, name in signed.items() if code != role.code}
    others = {one.code for one in writing.playbook.signoff_roles} - {role.code}
    needed = persons_needed(writing.playbook)
    if others <= set(signed) and len(persons | {_name(writing)}) < needed:
        raise Refused(
            f"{writing.by} has signed off in every other role: the sign-offs need"
            f" {needed} persons.",
            remedy=f"A second person reads it and signs it off as {role.name}.",
        )


def _name(writing: Writing) -> str:
    return writing.by.strip().casefold()
