"""Work: what is asked for, and what the team is committed to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from throughline.capacity.engine.weeks import DAYS, WORKING_DAYS, Weeks
from throughline.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work that anybody with one of the roles may do, in any split.

    Units: hours; `due_on` is the last day, included, None where nobody has said.
    """

    title: str
    roles: tuple[str, ...]  # codes of the playbook
    low_h: float
    high_h: float
    from_on: date
    due_on: date | None = None
    subject: str = ""  # "deal:123"
    code: str = ""

    def later(self, weeks: int) -> "Work":
        """Return the same work, all of its dates moved."""
        moved = timedelta(days=DAYS * weeks)
        due_on = self.due_on + moved if self.due_on else None
        return replace(self, from_on=self.from_on + moved, due_on=due_on)


@dataclass(frozen=True, slots=True)
class Load:
    """Hours that the team has promised already, to be done in the weeks `first` to `last`.

    Of the first and the last week only a part may count, as of a task: what is promised uses no day
    that the same work could not use while it was only asked for.
    """

    subject: str
    roles: tuple[str, ...]
    hours: float
    first: int
    last: int
    title: str = ""
    first_part: float = 1.0
    last_part: float = 1.0


@dataclass(frozen=True, slots=True)
class Task:
    """Work on the grid, and what part of its first and last week counts."""

    roles: tuple[str, ...]
    parts: tuple[tuple[float, float], ...]  # low and high hours of each piece
    first: int
    last: int
    first_part: float = 1.0
    last_part: float = 1.0
    first_day: int = 0  # of the first week, on which it can begin: 0 is Monday
    is_cut: bool = False  # it goes on beyond the grid, and only its part inside counts

    @property
    def high_h(self) -> float:
        """The hours of all pieces where each takes the most."""
        return sum(high for _low, high in self.parts)

    def part_of(self, week: int) -> float:
        """Return the part of a week that may be used."""
        if week == self.first:
            return self.first_part
        return self.last_part if week == self.last else 1.0


def load_of(task: Task, subject: str = "") -> Load:
    """Return a task at its high hours as if it were promised."""
    return Load(
        subject, task.roles, task.high_h, task.first, task.last,
        first_part=task.first_part, last_part=task.last_part,
    )  # fmt: skip


def check_work(works: Sequence[Work], known_roles: Iterable[str]) -> None:
    """Pass if every piece of work makes sense.

    Raises:
        Refused: hours are negative, high is below low, it is due before it starts, or no role of
            the team may do it; the message names the line.
    """
    known = set(known_roles)
    for line, work in enumerate(works, start=1):
        if why := _problem(work, known):
            raise Refused(f"Line {line}, {work.title!r}: {why[0]}", remedy=why[1])


def _problem(work: Work, known: set[str]) -> tuple[str, str] | None:
    if work.low_h < 0 or work.high_h < 0:
        return "hours cannot be negative.", "Write 0 or more."
    if work.high_h < work.low_h:
        return (
            f"the high estimate {work.high_h:g} is below the low one {work.low_h:g}.",
            "Write the low hours first, then the high hours.",
        )
    if work.due_on and work.due_on < work.from_on:
        return (
            f"it is due {work.due_on}, before it starts {work.from_on}.",
            "Correct the due date, or the start.",
        )
    if not work.roles or not set(work.roles) <= known:
        unknown = ", ".join(sorted(set(work.roles) - known)) or "nobody"
        return (
            f"it asks for {unknown}, and the team has no such role.",
            f"Use one of {', '.join(sorted(known))}.",
        )
    return None


def tasks_of(works: Sequence[Work], weeks: Weeks) -> list[Task]:
    """Return work on the grid; pieces for the same roles and dates are one task, hours summed.

    Of work that is due beyond the grid only the part inside counts, taken to go evenly over its days.
    Undated work that starts beyond it keeps an empty window: it cannot be done within it.
    """
    alike: dict[tuple[tuple[str, ...], date, date | None], list[tuple[float, float]]] = {}
    for work in works:
        if work.high_h > 0:
            key = (tuple(sorted(set(work.roles))), work.from_on, work.due_on)
            alike.setdefault(key, []).append((work.low_h, work.high_h))
    found = [
        _task(roles, tuple(parts), from_on, due_on, weeks)
        for (roles, from_on, due_on), parts in alike.items()
    ]
    return [task for task in found if task.high_h > 0]


def _task(
    roles: tuple[str, ...],
    parts: tuple[tuple[float, float], ...],
    from_on: date,
    due_on: date | None,
    weeks: Weeks,
) -> Task:
    first, last = weeks.span(from_on, due_on)
    inside = 1.0 if due_on is None else weeks.share_inside(from_on, due_on)
    begins = max(from_on, weeks.today, weeks.monday(first))
    return Task(
        roles,
        tuple((low * inside, high * inside) for low, high in parts),
        first,
        last,
        weeks.part(first, from_on, due_on),
        weeks.part(last, from_on, due_on),
        min((begins - weeks.monday(first)).days, WORKING_DAYS - 1),
        inside < 1.0,
    )
