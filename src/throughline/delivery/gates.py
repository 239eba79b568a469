"""What must hold before PS accepts a handoff, and before it says that a deliverable is done."""

from dataclasses import dataclass

from throughline.delivery.checklists import joint_work_of, waits_for
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.returns import open_returns
from throughline.delivery.words import DeliverableState
from throughline.sales.knowledge import notes_of, unread
from throughline.sales.models import DealNote


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One thing between a handoff and its acceptance, or work and its end, and what to do."""

    code: str  # "returned", "note_unread", "four_eyes"; "dropped", "needs", "joint_waits"
    message: str
    remedy: str


def acceptance_gate(engagement: Engagement, *, by: str = "") -> tuple[InTheWay, ...]:
    """Return all that stands between a handoff and its acceptance by a person.

    Without a person, what stands in everybody's way. Three queries beside the engagement's, which
    comes from `queries.engagements`.
    """
    found = [
        InTheWay(
            "returned",
            f"{one.by} returned it: {one.line_text}: {one.why}",
            "BD answers and hands it over again.",
        )
        for one in open_returns(engagement)
    ]
    found += [
        InTheWay(
            "note_unread",
            f"Nobody of PS has confirmed {_called(note)} by {note.by}.",
            "Read it with what was said to it, and confirm it by name.",
        )
        for note in unread(notes_of(engagement.pk))
    ]
    ordered_by = _ordered_by(engagement)
    if by and ordered_by.casefold() == by.strip().casefold():
        found.append(
            InTheWay(
                "four_eyes",
                f"{ordered_by} ordered it, and accepting needs a second person.",
                "Ask somebody else of PS to accept it (on the command line: --by NAME).",
            )
        )
    return tuple(found)


def done_gate(deliverable: Deliverable) -> tuple[InTheWay, ...]:
    """Return all that stands between a deliverable and PS saying that it is done."""
    found = []
    if deliverable.state == DeliverableState.DROPPED:
        found.append(
            InTheWay(
                "dropped",
                f"An amendment took “{deliverable.title}” out.",
                "Nothing is left to do.",
            )
        )
    found += [
        InTheWay(
            "needs",
            f"“{deliverable.title}” needs “{one.title}”, which is not done.",
            f"Finish deliverable {one.pk} first, or take back that it is needed.",
        )
        for one in waits_for(deliverable)
    ]
    work = joint_work_of(deliverable)
    if work is not None and work.started_at is None:
        found.append(
            InTheWay(
                "joint_waits",
                f"The joint work “{work.title}” has not started.",
                f"It starts once {work.threshold} have signed: `throughline joint start`.",
            )
        )
    return tuple(found)


def _called(note: DealNote) -> str:
    return f"note {note.pk} ({note.get_kind_display().lower()})"


def _ordered_by(engagement: Engagement) -> str:
    """Return who ordered; "" for what came in already won: nobody here did."""
    order = getattr(engagement.deal, "order", None)
    return order.by if order is not None else ""
