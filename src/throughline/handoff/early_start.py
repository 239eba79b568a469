"""An early start that is over: nothing new goes outside until the agreement is executed (E36)."""

from collections.abc import Iterable
from datetime import date

from throughline.handoff.wanted import Held, Wanted
from throughline.sales.queries import DealFacts

INSIDE = "staff"  # the audience of what stays among us


def stop_when_over(wanted: Iterable[Wanted], facts: DealFacts, *, on: date) -> tuple[Wanted, ...]:
    """Return the outcomes, of which those that others would see wait if the early start is over."""
    over = facts.early_start_over(on)
    if over is None:
        return tuple(wanted)
    remedy = (
        f"The early start ended on {over.until_on} and the agreement is not executed: have it"
        " signed, or have a Lead allow a new early start."
    )
    return tuple(one if one.audience == INSIDE else Held(one, remedy) for one in wanted)
