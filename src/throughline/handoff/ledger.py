"""The ledger: every field known about a deal, and where each one went."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

DEAL_FIELDS = (
    "name", "hubspot_id", "owner", "pipeline", "stage", "revenue_type", "tier", "amount",
    "currency", "amount_collected", "mrr", "arr", "projected_amount", "probability", "close_on",
    "contract_start_on", "contract_end_on", "target_start_on", "target_end_on", "start_on",
    "end_on", "buyer", "tier_none_because", "legal_needed_because", "deliverable_dates",
)  # fmt: skip
COMMUNITY_FIELDS = (
    "short_name", "long_name", "community_id", "website", "github_org", "repositories", "logo_url",
    "cloud", "cloud_unknown_because", "region", "data_location",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One field of the manifest: its value, and what became of it."""

    field: str
    value: str
    disposition: str  # "sent", "linked", "not_needed" or "missing"
    to: str
    why: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All fields of one handoff."""

    lines: tuple[LedgerLine, ...]

    def count(self, disposition: str) -> int:
        """Return how many fields came to this."""
        return sum(line.disposition == disposition for line in self.lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that nobody has decided about: with one of these it is not complete."""
        return tuple(line.field for line in self.lines if line.disposition == "missing")

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12."""
        return {
            "fields": len(self.lines),
            "sent": self.count("sent"),
            "linked": self.count("linked"),
            "not_needed": self.count("not_needed"),
            "missing": list(self.missing),
        }


def manifest(facts: DealFacts) -> Iterator[tuple[str, Any]]:
    """Yield every field that holds something, with its value; empty fields have nowhere to go."""
    deal, community, agreement, statement = (
        facts.deal,
        facts.deal.community,
        facts.agreement,
        facts.statement,
    )
    yield from _filled("deal", deal, DEAL_FIELDS)
    yield from ((f"deal.extra.{name}", value) for name, value in sorted(deal.extra.items()))
    if community is not None:
        yield from _filled("community", community, COMMUNITY_FIELDS)
        if answers := list(community.context.all()):
            yield "community.context", f"{len(answers)} answers"
    for assignment in facts.roles:
        yield f"people.{assignment.role}", assignment.contact.full_name
    if agreement is not None:
        yield from _agreement_fields(agreement)
        yield from _amendments(facts)
    if statement is not None:
        yield "sow.title", statement.title
        yield "sow.deliverables", f"{len(statement.content['deliverables'])} deliverables"
        yield "sow.hours", f"{statement.low_h} to {statement.high_h} h"
        if people := statement.content["people"]:
            yield "sow.people", ", ".join(one["role"] for one in people)
        if out := statement.content["out_of_scope"]:
            yield "sow.out_of_scope", f"{len(out)} points"


def _filled(prefix: str, thing: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = getattr(thing, name)
        if value not in (None, "", [], {}):
            yield f"{prefix}.{name}", value


def _agreement_fields(agreement: Any) -> Iterator[tuple[str, Any]]:
    yield "agreement.kind", agreement.get_kind_display()
    yield "agreement.title", agreement.title
    named = {"po_number": "reference", "effective_on": "effective_on", "end_on": "end_on",
             "ceiling": "ceiling", "is_prepaid": "is_prepaid", "document": "document",
             "location": "location", "renewal_terms": "renewal_terms", "tax_status": "tax_status",
             "order_line": "order_line", "issued_on": "issued_on",
             "expires_on": "expires_on"}  # fmt: skip
    for name, attribute in named.items():
        if (value := getattr(agreement, attribute)) not in (None, ""):
            yield f"agreement.{name}", value
    if signatories := list(agreement.signatories.all()):
        yield "agreement.signatories", ", ".join(one.name for one in signatories)
    if payers := list(agreement.payers.all()):
        yield "agreement.payer", f"{len(payers)} clusters"
    if lines := list(agreement.lines.all()):
        yield "agreement.price_lines", f"{len(lines)} lines"
    if payments := list(agreement.payments.all()):
        yield "agreement.payments", f"{len(payments)} payments"


def _amendments(facts: DealFacts) -> Iterator[tuple[str, Any]]:
    if amendments := facts.documents[1:]:
        yield "agreement.amendments", ", ".join(one.title for one in amendments)


def ledger_of(facts: DealFacts, *, systems: frozenset[str], playbook: Playbook) -> Ledger:
    """Return where every field of the manifest goes.

    A field is sent only if the handoff has an outcome in the system its rule names (`systems`);
    a rule whose system this handoff does not use leaves the field linked on the engagement page.
    """
    return Ledger(tuple(_line(name, value, systems, playbook) for name, value in manifest(facts)))


def _line(name: str, value: Any, systems: frozenset[str], playbook: Playbook) -> LedgerLine:
    rule = playbook.ledger_rule(name)
    if rule is None:
        return LedgerLine(name, str(value), "missing", "", "Nobody has decided where it goes.")
    if rule.disposition == "sent" and rule.to not in systems:
        why = f"{rule.why} This handoff has nothing in {rule.to}; the engagement page shows it."
        return LedgerLine(name, str(value), "linked", "", why)
    return LedgerLine(name, str(value), rule.disposition, rule.to, rule.why)
