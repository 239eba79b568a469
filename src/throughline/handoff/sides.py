"""Both sides of an outcome, field by field: what is wanted, what is there, what can be adopted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from throughline.delivery.actions.agreeing import AGREEABLE
from throughline.delivery.models import Deliverable, Project
from throughline.handoff.models import Outcome

GONE: Final = "It is gone, so there is nothing to adopt: restore makes it again."


@dataclass(frozen=True, slots=True)
class Adopting:
    """How one kind of outcome is adopted: which deliverable it is, and its fields by ours."""

    deliverable: Callable[[Outcome], Deliverable | None]
    fields: Mapping[str, str]  # as the system names it: as a deliverable does
    why_not: str  # what to do about the other fields


@dataclass(frozen=True, slots=True)
class Side:
    """One field of an outcome."""

    field: str
    wanted: Any
    seen: Any
    ours: str = ""  # the field of the deliverable that adopting changes; "" where it cannot
    why_not: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return bool(self.wanted != self.seen)


def _here(outcome: Outcome) -> Deliverable | None:
    """Return the deliverable that "delivery.deliverable:12:new-hub:phase-1" names."""
    _kind, number, project, code = outcome.key.split(":", 3)
    return Deliverable.objects.filter(
        project__engagement_id=number, project__code=project, code=code
    ).first()


ADOPTED: Final[Mapping[str, Adopting]] = {
    "delivery.deliverable": Adopting(
        _here,
        {name: name for name in AGREEABLE},
        "It comes from the statement of work or the template: change it there, or restore it.",
    ),
}
WHY_NOT: Final[Mapping[str, str]] = {
    "delivery.project": "Projects come from the playbook and the statement of work: change it"
    " there, or restore it.",
    "delivery.service": "Services come from the tier's template: change the playbook, or restore"
    " it.",
    "capacity.bookings": "Bookings follow the statement of work and the dates: change those, or"
    " restore them.",
    "workbook.columns": "The headings are the same for every engagement. Columns may be moved"
    " anywhere; renamed ones are restored.",
    "renewals.ladder": "The notices follow the end date: record the right one.",
}
NOT_ADOPTED: Final = "Nobody can say what it would mean here: restore it, or ignore it."


def kind_of(outcome: Outcome) -> str:
    """Return how an outcome's key begins: "delivery.deliverable"."""
    return outcome.key.partition(":")[0]


def sides_of(outcome: Outcome) -> tuple[Side, ...]:
    """Return what is wanted and what was last seen, field by field; nothing seen is None."""
    seen = outcome.seen or {}
    adopting = ADOPTED.get(kind_of(outcome))
    names = list(dict.fromkeys([*outcome.wanted, *seen]))
    return tuple(
        _side(name, outcome.wanted.get(name), seen.get(name), outcome, adopting) for name in names
    )


def _side(name: str, wanted: Any, seen: Any, outcome: Outcome, adopting: Adopting | None) -> Side:
    if wanted == seen:
        return Side(name, wanted, seen)
    if outcome.seen is None:
        return Side(name, wanted, seen, why_not=GONE)
    if adopting is None:
        return Side(name, wanted, seen, why_not=WHY_NOT.get(kind_of(outcome), NOT_ADOPTED))
    ours = adopting.fields.get(name, "")
    return Side(name, wanted, seen, ours, "" if ours else adopting.why_not)


def restored_with(outcome: Outcome) -> tuple[str, ...]:
    """Return the outcomes that are made again together: what is gone comes back with its parent."""
    if kind_of(outcome) != "delivery.deliverable":
        return (outcome.key,)
    _kind, number, project, _code = outcome.key.split(":", 3)
    if Project.objects.filter(engagement_id=number, code=project).exists():
        return (outcome.key,)
    return (f"delivery.project:{number}:{project}", outcome.key)
