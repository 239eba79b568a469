"""The sign-off of the statement of work: by every role, of the newest version, by several persons."""

from throughline.playbook.model import Playbook
from throughline.sales.gates.finding import CONDITIONS, Finding, Question, met, stale, unmet
from throughline.sales.models import StatementOfWork
from throughline.sales.queries import DealFacts

PERSONS = 2  # at least so many sign off, however many roles one person has


@CONDITIONS.register("sow.signed_off")
def sow_is_signed_off(asked: Question) -> Finding:
    """Pass where there is no statement of work, or its newest version has every sign-off."""
    statement = asked.facts.statement
    if statement is None:
        return met("There is no statement of work.")
    signed = signers(statement)
    missing = {
        role.code: role.name for role in asked.playbook.signoff_roles if role.code not in signed
    }
    if missing:
        return _lacking(asked.facts, statement, missing)
    if len(set(map(str.casefold, signed.values()))) < persons_needed(asked.playbook):
        return unmet(
            f"Version {statement.version} was signed off by {next(iter(signed.values()))} alone.",
            "A second person reads it and signs it off in one of the roles.",
        )
    return met(f"Version {statement.version} is signed off by all.")


def signers(statement: StatementOfWork) -> dict[str, str]:
    """Return who signed a version off, by role."""
    return {one.role: one.by for one in statement.sign_offs.all()}


def persons_needed(playbook: Playbook) -> int:
    """Return how many persons sign off, at least."""
    return min(PERSONS, len(playbook.signoff_roles))


def _lacking(facts: DealFacts, statement: StatementOfWork, missing: dict[str, str]) -> Finding:
    """Return which roles must sign, and who of them signed which older version."""
    last: dict[str, tuple[str, int]] = {}
    for older in sorted(facts.deal.statements_of_work.all(), key=lambda one: one.version):
        last |= {role: (by, older.version) for role, by in signers(older).items()}
    if not set(missing) & set(last):
        names = ", ".join(missing.values())
        return unmet(
            f"Version {statement.version} lacks the sign-off of {names}.",
            "They read and sign it off.",
        )
    again = [f"{name} ({_last(last.get(code))})" for code, name in missing.items()]
    return stale(
        f"Version {statement.version} is new and lacks the sign-off of {', '.join(again)}.",
        "They read what changed and sign the new version off.",
    )


def _last(signed: tuple[str, int] | None) -> str:
    return f"{signed[0]} signed version {signed[1]}" if signed else "nobody has signed any"
