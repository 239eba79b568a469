"""The ledger: every field known about a deal, where each one goes, and whether it has arrived."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from throughline.handoff.manifest import manifest
from throughline.handoff.models import FieldDecision, Outcome
from throughline.handoff.words import OutcomeState
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

# Which fields an outcome carries, by its key. A field is "sent" only where the handoff has such an
# outcome, and has arrived only once all of them are true: anything else would be said, not known.
CARRIED: Final[Mapping[str, tuple[str, ...]]] = {
    "delivery.project:*": ("deal.tier", "deal.revenue_type", "sow.title"),
    "delivery.deliverable:*": (
        "deal.deliverable_dates", "deal.start_on", "deal.contract_start_on", "sow.deliverables",
    ),
    "delivery.service:*": ("deal.tier", "deal.revenue_type"),
    "capacity.bookings:*": ("sow.hours",),
    "workbook.columns:*": ("deal.name", "agreement.payer"),
    "sheets.columns:*": ("deal.name", "agreement.payer"),
    "renewals.ladder:*": ("deal.end_on", "deal.contract_end_on", "agreement.end_on"),
    "mail.welcome:*": ("people.representative.email", "people.champion.email"),
    # The tables of a new hub's phases; of people they say how many, never who.
    "github.issue:*:new-hub": (
        "community.community_id", "community.long_name", "community.website",
        "community.github_org", "community.repositories", "community.logo_url",
        "community.cloud", "community.region", "community.data_location",
    ),
    "github.issue:*": ("sow.deliverables",),
    "airtable.engagement:*": (
        "deal.name", "deal.tier", "deal.start_on", "deal.end_on", "community.short_name",
    ),
    "airtable.deliverable:*": ("deal.deliverable_dates", "sow.deliverables"),
}  # fmt: skip

# The billing columns have one home of two; the rules of a playbook name the one without Google.
HOMES: Final[Mapping[str, tuple[str, ...]]] = {"workbook": ("workbook", "sheets")}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One field of the manifest: its value, and what became of it."""

    field: str
    value: str
    disposition: str  # "sent", "linked", "not_needed" or "missing"
    to: str
    why: str
    has_arrived: bool = False  # sent, and every outcome that carries it is true
    by: str = ""  # who decided for this deal alone; "" is the playbook

    @property
    def standing(self) -> str:
        """Its disposition as people read it: what is sent and not there yet is to be sent."""
        if self.disposition == "sent" and not self.has_arrived:
            return "to_be_sent"
        return self.disposition


@dataclass(frozen=True, slots=True)
class Ledger:
    """All fields of one handoff."""

    lines: tuple[LedgerLine, ...]

    def count(self, disposition: str) -> int:
        """Return how many fields came to this, arrived or not."""
        return sum(line.disposition == disposition for line in self.lines)

    @property
    def to_be_sent(self) -> int:
        """How many of those that are sent have not arrived."""
        return sum(line.standing == "to_be_sent" for line in self.lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that nobody has decided about: with one of these it is not complete."""
        return tuple(line.field for line in self.lines if line.disposition == "missing")

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12; `to_be_sent` counts those of `sent` not there yet."""
        return {
            "fields": len(self.lines),
            "sent": self.count("sent"),
            "to_be_sent": self.to_be_sent,
            "linked": self.count("linked"),
            "not_needed": self.count("not_needed"),
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class Carriage:
    """What this handoff has to carry fields: its outcomes, and which of them are true."""

    keys: frozenset[str]
    true: frozenset[str]

    def carriers(self, field: str, to: str) -> list[str]:
        """Return the outcomes in a system that carry a field."""
        begins = tuple(f"{home}." for home in HOMES.get(to, (to,)))
        patterns = [
            pattern
            for pattern, fields in CARRIED.items()
            if pattern.startswith(begins) and field in fields
        ]
        return [key for key in self.keys if any(fnmatchcase(key, one) for one in patterns)]

    def has_arrived(self, field: str, to: str) -> bool:
        """Return whether every outcome that carries a field is true."""
        found = self.carriers(field, to)
        return bool(found) and self.true.issuperset(found)


def ledger_of(facts: DealFacts, *, keys: Iterable[str], playbook: Playbook) -> Ledger:
    """Return where every field of the manifest goes, by the outcomes that this handoff wants.

    A field is sent only if one of the outcomes carries it in the system that its rule names;
    otherwise it is linked on the engagement page. Two queries beside those of the manifest.
    """
    true = Outcome.objects.filter(engagement=facts.deal.pk, state=OutcomeState.CONVERGED)
    carriage = Carriage(frozenset(keys), frozenset(true.values_list("key", flat=True)))
    decided = {one.field: one for one in FieldDecision.objects.filter(engagement=facts.deal.pk)}
    return Ledger(tuple(_lines(facts, carriage, decided, playbook)))


def _lines(
    facts: DealFacts,
    carriage: Carriage,
    decided: Mapping[str, FieldDecision],
    playbook: Playbook,
) -> Iterator[LedgerLine]:
    for name, value in manifest(facts):
        yield _line(name, str(value), carriage, decided.get(name), playbook)


def _line(
    name: str, value: str, carriage: Carriage, decision: FieldDecision | None, playbook: Playbook
) -> LedgerLine:
    rule = playbook.ledger_rule(name)
    if rule is None and decision is not None:
        return LedgerLine(name, value, decision.verdict, "", decision.why, by=decision.by)
    if rule is None:
        return LedgerLine(name, value, "missing", "", "Nobody has decided where it goes.")
    if rule.disposition == "sent" and not carriage.carriers(name, rule.to):
        why = f"{rule.why} This handoff has nothing in {rule.to}; the engagement page shows it."
        return LedgerLine(name, value, "linked", "", why)
    arrived = rule.disposition == "sent" and carriage.has_arrived(name, rule.to)
    return LedgerLine(name, value, rule.disposition, rule.to, rule.why, has_arrived=arrived)
