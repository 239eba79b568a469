"""The figures of the organisation's week: each a number, its oldest and next day, and its list."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, overload

from throughline.intake.week.agreements import answers_due, closed_gates, gates_not_looked_at
from throughline.intake.week.look import Look
from throughline.intake.week.parts import Line, Part
from throughline.intake.week.running import alerts_open, lapses, renewals_due, verifications
from throughline.intake.week.unknowns import unknowns
from throughline.kernel.errors import NotThere


@dataclass(frozen=True, slots=True)
class Kind:
    """One figure: what it is called, what it counts, and how that is found."""

    label: str
    counts: str  # in words; also what would put something there
    parts: Callable[[Look], list[Part]]
    leaves_out: Callable[[Look], str] | None = None


FIGURES: Final[dict[str, Kind]] = {
    "gates": Kind(
        "Closed gates",
        "Open deals whose next gate lacks something.",
        closed_gates,
        gates_not_looked_at,
    ),
    "answers": Kind(
        "Answers due",
        "What PS is asked and is to answer within the week, or is late with, or by no day at all;"
        " and deals whose next gate wants a capacity answer.",
        answers_due,
    ),
    "verifications": Kind(
        "Verifications due", "Deliverables that PS says are done and BD has not judged.",
        verifications,
    ),
    "renewals": Kind(
        "Renewal steps", "Steps of the ladder before an end that fall into the week.", renewals_due
    ),
    "lapses": Kind(
        "Running without agreement", "Hubs that run while no agreement is in force.", lapses
    ),
    "alerts": Kind(
        "Open alerts", "Alerts about costs that nobody has decided about.", alerts_open
    ),
    "unknowns": Kind(
        "Unknowns",
        "What nobody could tell: unmapped deals, engagements without an end or a tier, accounts"
        " that nobody has assigned, what cannot be read or was lost, sources that do not answer.",
        unknowns,
    ),
}  # fmt: skip


class NoSuchFigure(NotThere):
    """No figure of the week goes by that name."""


@dataclass(frozen=True)
class Figure:
    """One number of the week with what it counts."""

    code: str
    kind: Kind
    parts: Sequence[Part]
    leaves_out: str = ""  # what was not looked at, in words

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(part.count for part in self.parts)

    @property
    def oldest_on(self) -> date | None:
        """The day since which the oldest waits; None where none says."""
        return min((one.oldest_on for one in self.parts if one.oldest_on), default=None)

    @property
    def next_on(self) -> date | None:
        """The first day by which one of them is due; None where none is."""
        return min((one.next_on for one in self.parts if one.next_on), default=None)

    def lines(self, first: int, last: int) -> list[Line]:
        """Return the lines from `first` on, up to and without `last`: exactly what is counted."""
        found: list[Line] = []
        for part in self.parts:
            if first < part.count and last > 0:
                found += part.lines(max(first, 0), min(last, part.count))
            first, last = first - part.count, last - part.count
        return found

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines(0, self.count))

    @overload
    def __getitem__(self, some: int, /) -> Line: ...
    @overload
    def __getitem__(self, some: slice, /) -> list[Line]: ...
    def __getitem__(self, some: int | slice, /) -> Line | list[Line]:
        if isinstance(some, int):
            return self.lines(some, some + 1)[0]
        return self.lines(some.start or 0, self.count if some.stop is None else some.stop)

    def as_json(self) -> dict[str, Any]:
        """Return the number as the command says it."""
        return {
            "figure": self.code,
            "label": self.kind.label,
            "count": self.count,
            "oldest_on": self.oldest_on,
            "next_on": self.next_on,
            "leaves_out": self.leaves_out or None,
        }


def week(look: Look) -> list[Figure]:
    """Return all figures, by a number of queries that does not depend on how much there is."""
    return [figure(code, look) for code in FIGURES]


def figure(code: str, look: Look) -> Figure:
    """Return one figure.

    Raises:
        NoSuchFigure: there is none of that name.
    """
    if (kind := FIGURES.get(code)) is None:
        raise NoSuchFigure(
            f"The week has no figure {code!r}.", remedy=f"Use one of {', '.join(FIGURES)}."
        )
    return Figure(code, kind, kind.parts(look), kind.leaves_out(look) if kind.leaves_out else "")
