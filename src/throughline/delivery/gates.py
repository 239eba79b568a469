"""What must hold before PS accepts a handoff."""

from dataclasses import dataclass

from throughline.delivery.models import Engagement
from throughline.delivery.returns import open_returns
from throughline.sales.knowledge import notes_of, unread
from throughline.sales.models import DealNote


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One thing between a handoff and its acceptance, and what to do."""

    code: str  # "returned", "note_unread" or "four_eyes"
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


def _called(note: DealNote) -> str:
    return f"note {note.pk} ({note.get_kind_display().lower()})"


def _ordered_by(engagement: Engagement) -> str:
    """Return who ordered; "" for what came in already won: nobody here did."""
    order = getattr(engagement.deal, "order", None)
    return order.by if order is not None else ""
