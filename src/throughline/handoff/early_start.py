"""An early start that is over: nothing new goes outside until the agreement is executed (E36)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughline.handoff.wanted import Doing, Seen, WaitsForPerson, Wanted
from throughline.sales.queries import DealFacts

INSIDE = "staff"  # the audience of what stays among us


@dataclass(frozen=True, slots=True)
class Stopped:
    """An outcome that others would see, and that waits until the early start is settled."""

    inner: Wanted
    remedy: str

    @property
    def key(self) -> str:
        return self.inner.key

    @property
    def system(self) -> str:
        return self.inner.system

    @property
    def summary(self) -> str:
        return self.inner.summary

    @property
    def wanted(self) -> Seen:
        return self.inner.wanted

    @property
    def audience(self) -> str:
        return self.inner.audience

    def observe(self) -> Seen | None:
        return self.inner.observe()

    def act(self, _doing: Doing) -> Seen:
        raise WaitsForPerson(self.remedy)

    def waits_for(self) -> str:
        return self.remedy


def stop_when_over(wanted: Iterable[Wanted], facts: DealFacts, *, on: date) -> tuple[Wanted, ...]:
    """Return the outcomes, of which those that others would see wait if the early start is over."""
    over = facts.early_start_over(on)
    if over is None:
        return tuple(wanted)
    remedy = (
        f"The early start ended on {over.until_on} and the agreement is not executed: have it"
        " signed, or have a Lead allow a new early start."
    )
    return tuple(one if one.audience == INSIDE else Stopped(one, remedy) for one in wanted)
