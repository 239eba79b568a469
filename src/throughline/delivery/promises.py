"""What was promised, as those read it who bought it or who check it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.delivery.verdicts import evidence_of, with_verdicts
from throughline.delivery.waiting import to_verify
from throughline.delivery.words import DeliverableState, EvidenceKind, EvidenceState


@dataclass(frozen=True, slots=True)
class Counted:
    """How far an engagement's promises are."""

    total: int
    done: int  # said to be done, or verified
    verified: int


def promises_for_champion(number: int) -> Engagement | None:
    """Return an engagement with its projects and deliverables; three queries, no money, no people."""
    deliverables = Deliverable.objects.order_by("due_on", "pk")
    return (
        Engagement.objects.select_related("deal__community")
        .prefetch_related(
            Prefetch("projects", Project.objects.order_by("pk")),
            Prefetch("projects__deliverables", deliverables),
        )
        .filter(pk=number)
        .first()
    )


def promise_source(deliverable: Deliverable) -> str:
    """Return where a promise comes from, in words."""
    kind, _, name = deliverable.promise.partition(": ")
    match kind:
        case "":
            return "It serves no promise that is written down."
        case "template":
            return "Every agreement of this kind promises it."
        case "statement of work":
            return f"Statement of work: “{name}”"
        case _:
            return deliverable.promise


def counted(deliverables: Sequence[Deliverable]) -> Counted:
    """Return how many of them are done and verified."""
    states = [one.state for one in deliverables]
    verified = states.count(DeliverableState.VERIFIED)
    return Counted(len(states), verified + states.count(DeliverableState.DONE), verified)


def verification_queue() -> QuerySet[Deliverable]:
    """Return what waits for BD's verdict, with evidence, questions and verdicts, by due date."""
    return with_verdicts(to_verify())


def missing_evidence(deliverable: Deliverable) -> list[str]:
    """Return the kinds of evidence that were wanted and that no look has found, in words.

    Missing evidence is not non-delivery: it is said. The evidence comes prefetched.
    """
    return [kind_words(kind) for kind in _not_found(deliverable)]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why evidence that was wanted is not there, by kind in words: three different things."""

    unlooked: tuple[str, ...]  # nobody has looked
    absent: tuple[str, ...]  # somebody looked, and it was not there
    unavailable: tuple[str, ...]  # nobody could look, which says nothing of the work

    @property
    def missing(self) -> int:
        """How many kinds are missing, those aside that nobody could look at."""
        return len(self.unlooked) + len(self.absent)


def lacking(deliverable: Deliverable) -> Lacking:
    """Return why evidence that was wanted is not there; the evidence comes prefetched."""
    said = evidence_of(deliverable)
    by_state: dict[str, list[str]] = {}
    for kind in _not_found(deliverable):
        by_state.setdefault(said.get(kind, ""), []).append(kind_words(kind))
    return Lacking(
        tuple(by_state.get("", ())),
        tuple(by_state.get(EvidenceState.ABSENT, ())),
        tuple(by_state.get(EvidenceState.UNAVAILABLE, ())),
    )


def _not_found(deliverable: Deliverable) -> list[str]:
    found = {one.kind for one in deliverable.evidence.all() if one.state == EvidenceState.FOUND}
    return [kind for kind in deliverable.wanted_evidence if kind not in found]


def kind_words(kind: str) -> str:
    """Return a kind of evidence in words; one of a newer playbook by its code."""
    return str(dict(EvidenceKind.choices).get(kind, kind))
