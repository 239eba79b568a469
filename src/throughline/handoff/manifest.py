"""The manifest: every field known of a deal, its community, people, agreement and statement of work.

It is read from the tables themselves: a field that somebody adds to one of them is in the manifest
from that moment, and missing in every ledger until the playbook or a person decides about it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.db.models import Model

from throughline.communities.models import Community, Contact, RoleAssignment
from throughline.sales.models import Agreement, Deal, DealNote, StatementOfWork
from throughline.sales.queries import DealFacts

OUR_BOOKS: Final = "how our tables keep it"
ELSEWHERE: Final = "in the manifest by another name"

# What a table holds beside what is known about a deal: not in the manifest, and why.
NOT_KNOWLEDGE: Final[Mapping[type[Model], Mapping[str, str]]] = {
    Deal: {
        "id": OUR_BOOKS, "community": ELSEWHERE, "source": OUR_BOOKS, "extra": ELSEWHERE,
        "stage_since": OUR_BOOKS, "stage_elsewhere": "HubSpot's word for the stage",
        "created_at": OUR_BOOKS, "reopened_at": OUR_BOOKS, "deleted_at": OUR_BOOKS,
        "deleted_by": OUR_BOOKS, "merged_into": OUR_BOOKS,
    },
    Community: {
        "id": OUR_BOOKS, "id_state": OUR_BOOKS, "id_reserved_until": OUR_BOOKS,
        "id_reserved_by": OUR_BOOKS, "created_at": OUR_BOOKS, "version": OUR_BOOKS,
        "merged_into": OUR_BOOKS,
    },
    Contact: {
        "id": OUR_BOOKS, "full_name": ELSEWHERE, "first_name": "part of the full name",
        "version": OUR_BOOKS, "merged_into": OUR_BOOKS, "erased_at": OUR_BOOKS,
    },
    RoleAssignment: {
        "id": OUR_BOOKS, "contact": ELSEWHERE, "role": ELSEWHERE, "subject": OUR_BOOKS,
        "from_on": OUR_BOOKS,
    },
    Agreement: {
        "id": OUR_BOOKS, "deal": OUR_BOOKS, "amends": ELSEWHERE, "payer_changes": ELSEWHERE,
        "amendment_kind": ELSEWHERE, "version": OUR_BOOKS, "created_at": OUR_BOOKS,
    },
    StatementOfWork: {
        "id": OUR_BOOKS, "deal": OUR_BOOKS, "origin": OUR_BOOKS, "content": ELSEWHERE,
        "low_h": ELSEWHERE, "high_h": ELSEWHERE, "imported_at": OUR_BOOKS,
        "imported_by": OUR_BOOKS,
    },
}  # fmt: skip
# Rows that hang on a deal, community, agreement or statement, by the field that stands for them.
ROWS: Final[Mapping[type[Model], Mapping[str, str]]] = {
    Deal: {
        "order": "order", "notes": "notes", "waivers": "waivers", "reviews": "reviews",
        "early_starts": "early_starts", "verbal_closes": "verbal_closes",
        "exceptions": "exceptions", "sponsor_work": "sponsor_work", "aliases": "aliases",
        "joint_shares": "joint_shares",
    },
    Community: {
        "context": "context", "follow_ups": "follow_ups", "aliases": "aliases",
        "corrections": "corrections",
    },
    Agreement: {
        "signatories": "signatories", "payers": "payer", "lines": "price_lines",
        "payments": "payments", "copies": "copies", "scope_changes": "scope_changes",
        "clauses": "clauses",
    },
    StatementOfWork: {"sign_offs": "sign_offs", "scope_comments": "scope_comments"},
}  # fmt: skip
NO_ROWS: Final[Mapping[type[Model], Mapping[str, str]]] = {
    Deal: {
        "agreements": ELSEWHERE, "statements_of_work": ELSEWHERE,
        "engagement": "what is handed over", "predecessors": "the engagement that it renews",
        "merged": "deals that go on as this one; its aliases name them",
        "stage_to_tell": "what HubSpot is to be told of the stage",
        "stays": "how long it stood in each stage: the journal tells it",
    },
    Community: {
        "merged": OUR_BOOKS, "freed_ids": OUR_BOOKS, "deals": "other deals",
        "sources": "who said it stands beside each field", "earlier_answers": "said anew since",
    },
    Agreement: {"amended_by": ELSEWHERE},
    StatementOfWork: {},
}  # fmt: skip
RENAMED: Final = {"agreement.reference": "agreement.po_number"}
SAID_BY_OTHERS: Final = frozenset({"title", "total", "warnings"})  # of a statement's content
EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


def manifest(facts: DealFacts) -> Iterator[tuple[str, Any]]:
    """Yield every field that holds something, with its value; empty fields have nowhere to go."""
    deal, agreement, statement = facts.deal, facts.agreement, facts.statement
    yield from _fields_of("deal", deal)
    yield from ((f"deal.extra.{name}", value) for name, value in sorted(deal.extra.items()))
    if deal.community is not None:
        yield from _fields_of("community", deal.community)
    for assignment in facts.roles:
        yield from _person(assignment)
    if agreement is not None:
        yield from _fields_of("agreement", agreement)
        if amendments := facts.documents[1:]:
            yield "agreement.amendments", ", ".join(one.title for one in amendments)
    if statement is not None:
        yield from _statement(statement)


def known_fields(model: type[Model]) -> tuple[str, ...]:
    """Return the columns of a table that the manifest takes in."""
    left_out = NOT_KNOWLEDGE[model]
    return tuple(field.name for field in model._meta.concrete_fields if field.name not in left_out)


def _fields_of(prefix: str, thing: Model) -> Iterator[tuple[str, Any]]:
    for name in known_fields(type(thing)):
        if (value := getattr(thing, name)) not in EMPTY:
            yield RENAMED.get(f"{prefix}.{name}", f"{prefix}.{name}"), value
    for accessor, name in ROWS[type(thing)].items():
        if said := _rows(thing, accessor):
            yield f"{prefix}.{name}", said


def _person(assignment: RoleAssignment) -> Iterator[tuple[str, Any]]:
    role, contact = f"people.{assignment.role}", assignment.contact
    yield role, contact.full_name
    for thing, model in ((contact, Contact), (assignment, RoleAssignment)):
        for name in known_fields(model):
            if (value := getattr(thing, name)) not in EMPTY:
                yield f"{role}.{name}", value


def _statement(statement: StatementOfWork) -> Iterator[tuple[str, Any]]:
    yield from _fields_of("sow", statement)
    yield "sow.hours", f"{statement.low_h} to {statement.high_h} h"
    for name, value in statement.content.items():
        if name not in SAID_BY_OTHERS and value not in EMPTY:
            yield f"sow.{name}", _several(value)


def _several(value: Any) -> str:
    """Return how much there is of something long; the page of the statement has it all."""
    if isinstance(value, list):
        roles = [one.get("role") for one in value if isinstance(one, dict)]
        named = ", ".join(role for role in roles if role)
        return named or (f"{len(value)} entries" if len(value) != 1 else "1 entry")
    return str(value) if isinstance(value, str) else "see the statement of work"


def _rows(thing: Model, accessor: str) -> str:
    """Return what hangs on a row in a few words; "" where nothing does. No private words."""
    found = getattr(thing, accessor, None)
    if found is None:
        return ""
    if isinstance(found, Model):
        return f"by {getattr(found, 'by', '')}".strip()
    rows = [one for one in found.all() if _counts(one)]
    names = [name for one in rows if (name := _name_of(one))]
    if names and len(names) == len(rows):
        return ", ".join(names)
    return _counted(rows)


def _counts(row: Model) -> bool:
    return not (isinstance(row, DealNote) and row.withdrawn_at is not None)


def _name_of(row: Model) -> str:
    """Return the name of a person or of another thing that has one."""
    return str(getattr(row, "name", "") or getattr(row, "alias", ""))


def _counted(rows: Iterable[Model]) -> str:
    found = list(rows)
    if not found:
        return ""
    meta = found[0]._meta
    return f"{len(found)} {meta.verbose_name if len(found) == 1 else meta.verbose_name_plural}"
