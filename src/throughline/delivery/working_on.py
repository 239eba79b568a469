"""What PS works on: one's own deliverables, those without evidence, those that BD returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from throughline.delivery.models import Deliverable
from throughline.delivery.promises import missing_evidence
from throughline.delivery.waiting import UNDONE, deliverables_waiting
from throughline.delivery.words import DeliverableState

MOST: Final = 50  # of a list; the others are counted


@dataclass(frozen=True, slots=True)
class Listed:
    """The first of a list, and how many there are."""

    first: Sequence[Deliverable]
    count: int

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class WorkOf:
    """What one person of PS, or all of PS, has to see to."""

    returned: Listed
    to_do: Listed
    unproven: Listed  # said to be done, and some wanted evidence is not found


def work_of(username: str = "") -> WorkOf:
    """Return the work of a person, "" is all of PS, by due date; eight queries.

    A deliverable without an owner is of who accepted its engagement.
    """
    whose = _whose(username)
    returned = whose.filter(state=DeliverableState.RETURNED)
    to_do = whose.filter(state=DeliverableState.PLANNED)
    done = whose.filter(state=DeliverableState.DONE).exclude(wanted_evidence=[])
    unproven = [one for one in done if missing_evidence(one)]
    return WorkOf(_listed(returned), _listed(to_do), Listed(unproven[:MOST], len(unproven)))


def _whose(username: str) -> QuerySet[Deliverable]:
    found = deliverables_waiting().filter(
        state__in=(*UNDONE, DeliverableState.DONE)
    ).prefetch_related("evidence")  # fmt: skip
    if not username:
        return found
    accepted = Q(owner="", project__engagement__accepted_by=username)
    return found.filter(Q(owner=username) | accepted)


def _listed(found: QuerySet[Deliverable]) -> Listed:
    first = list(found[:MOST])
    return Listed(first, len(first) if len(first) < MOST else found.count())
