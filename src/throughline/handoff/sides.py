"""Both sides of an outcome, field by field: what is wanted, what is there, what can be adopted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from throughline.delivery.joined import code_in
from throughline.delivery.models import Deliverable, Project
from throughline.delivery.words import DeliverableState
from throughline.handoff.models import Outcome

GONE: Final = "It is gone, so there is nothing to adopt: restore makes it again."
NOT_ADOPTED: Final = "Nobody can say what it would mean here: restore it, or ignore it."
DELIVERABLE_PARTS: Final = 4  # "delivery.deliverable:12:new-hub:phase-1"


@dataclass(frozen=True, slots=True)
class Ours:
    """What a field of an outcome is here: a field of its deliverable, before and after adopting."""

    field: str  # "title", "due_on" or "state"
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Side:
    """One field of an outcome."""

    field: str
    wanted: Any
    seen: Any
    ours: Ours | None = None  # None: it cannot be adopted
    why_not: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return bool(self.wanted != self.seen)


Reading = Callable[[Outcome, str], Ours | None]


def _same(ours: str) -> Reading:
    """Return a reading of a field that says the same here by another name."""

    def read(outcome: Outcome, name: str) -> Ours:
        return Ours(ours, outcome.wanted.get(name), (outcome.seen or {}).get(name))

    return read


def _title_of_issue(outcome: Outcome, name: str) -> Ours | None:
    """Read the title of a deliverable out of an issue's, if it still begins as ours do."""
    here = Outcome.objects.filter(key=_key_here(outcome)).first()
    planned = here.wanted["title"] if here is not None else ""
    wanted, seen = outcome.wanted[name], (outcome.seen or {}).get(name) or ""
    start = wanted.removesuffix(planned)
    if not planned or start == wanted or not seen.startswith(start):
        return None
    return Ours("title", planned, seen.removeprefix(start))


def _state_of_record(outcome: Outcome, name: str) -> Ours | None:
    """Read that a deliverable is done; the other states are given here, by name."""
    states = {state.label: state.value for state in DeliverableState}
    before = states.get(outcome.wanted[name], "")
    after = states.get((outcome.seen or {}).get(name) or "", "")
    if after != DeliverableState.DONE or before == DeliverableState.VERIFIED:
        return None
    return Ours("state", before, after)


ADOPTED: Final[Mapping[str, Mapping[str, Reading]]] = {
    "delivery.deliverable": {"title": _same("title"), "due_on": _same("due_on")},
    "github.issue": {"title": _title_of_issue},
    "github.card-fields": {"Due date": _same("due_on")},
    "airtable.deliverable": {
        "Name": _same("title"), "Due": _same("due_on"), "State": _state_of_record,
    },
}  # fmt: skip
WHY_NOT: Final[Mapping[str, str]] = {
    "delivery.deliverable": "It comes from the statement of work or the template: change it there,"
    " or restore it.",
    "delivery.project": "Projects come from the playbook and the statement of work: change it"
    " there, or restore it.",
    "delivery.service": "Services come from the tier's template: change the playbook, or restore"
    " it.",
    "capacity.bookings": "Bookings follow the statement of work and the dates: change those, or"
    " restore them.",
    "workbook.columns": "The headings are the same for every engagement. Columns may be moved"
    " anywhere; renamed ones are restored.",
    "budgets.computed": "What is watched follows the agreement and the playbook: change those, or"
    " restore it.",
    "budgets.terraform": "Terraform's file is the home of this budget: mend it there, and import it.",
    "aws.budget": "The budget follows the agreement and the playbook: change those, or restore it. What"
    " others are told by it stays.",
    "workbook.month": "Amounts and users come from the ledger: import a corrected file or enter a"
    " correction, or restore them.",
    "sheets.columns": "The headings are the same for every engagement. Columns may be moved"
    " anywhere; renamed ones are restored.",
    "sheets.month": "Amounts and users come from the ledger: import a corrected file or enter a"
    " correction, or restore them.",
    "renewals.ladder": "The notices follow the end date: record the right one.",
    "github.issue": "Our part of an issue follows the deliverable: change that. What you add beside"
    " our text stays; a promise that is given up is settled with BD.",
    "github.reopened": "BD returned the work, and its issue is closed from before: restore opens it"
    " again once; whoever closes it afterwards has the last word.",
    "github.card-fields": "The card follows the deliverable: change its due date, or restore it.",
    "airtable.deliverable": "The record follows the deliverable: change it here, or restore it.",
    "airtable.engagement": "The record follows the deal and what PS says of the engagement: change"
    " it here, or restore it.",
    "airtable.project": "The record follows the project: change it here, or restore it.",
    "hubspot.stage": "The stage moves through the gates: move the deal here, or restore it. What was"
    " moved there is taken in with the next reading.",
    "hubspot.deal": "These fields are ours, and follow the delivery: change it here, or restore it.",
    "hubspot.community": "The record of a community is ours: correct it here, or restore it.",
}


def kind_of(outcome: Outcome) -> str:
    """Return how an outcome's key begins: "delivery.deliverable"."""
    return outcome.key.partition(":")[0]


def deliverable_of(outcome: Outcome) -> Deliverable | None:
    """Return the deliverable that an outcome is about; None where it is about none, or gone."""
    parts = outcome.key.split(":")
    if len(parts) != DELIVERABLE_PARTS:
        return None
    _kind, home, project, code = parts
    number = int(outcome.engagement_id)
    return Deliverable.objects.filter(
        project__engagement_id=number, project__code=code_in(number, int(home), project), code=code
    ).first()


def _key_here(outcome: Outcome) -> str:
    return f"delivery.deliverable:{outcome.key.partition(':')[2]}"


def sides_of(outcome: Outcome) -> tuple[Side, ...]:
    """Return what is wanted and what was last seen, field by field; nothing seen is None."""
    seen = outcome.seen or {}
    names = dict.fromkeys([*outcome.wanted, *seen])
    return tuple(_side(name, outcome.wanted.get(name), seen.get(name), outcome) for name in names)


def _side(name: str, wanted: Any, seen: Any, outcome: Outcome) -> Side:
    if wanted == seen:
        return Side(name, wanted, seen)
    if outcome.seen is None:
        return Side(name, wanted, seen, why_not=GONE)
    kind = kind_of(outcome)
    read = ADOPTED.get(kind, {}).get(name)
    is_deliverable = outcome.key.count(":") == DELIVERABLE_PARTS - 1
    if read and is_deliverable and (ours := read(outcome, name)):
        return Side(name, wanted, seen, ours)
    return Side(name, wanted, seen, why_not=WHY_NOT.get(kind, NOT_ADOPTED))


def restored_with(outcome: Outcome) -> tuple[str, ...]:
    """Return the outcomes that are made again together: what is gone comes back with its parent."""
    if kind_of(outcome) != "delivery.deliverable":
        return (outcome.key,)
    _kind, home, project, _code = outcome.key.split(":", 3)
    number = int(outcome.engagement_id)
    own = code_in(number, int(home), project)
    if Project.objects.filter(engagement_id=number, code=own).exists():
        return (outcome.key,)
    return (f"delivery.project:{home}:{project}", outcome.key)
