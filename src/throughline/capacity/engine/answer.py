"""The answer that a team's hours give: yes, yes from a day, only if, or no; and why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from throughline.capacity.engine.programme import ENOUGH, SMALLEST, Placed, Programme
from throughline.capacity.engine.sampling import Finish, finish_of
from throughline.capacity.engine.supply import Pools
from throughline.capacity.engine.weeks import Weeks
from throughline.capacity.engine.work import Task, Work, tasks_of

Word = Literal["yes", "yes_from", "only_if", "no"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the playbook decides about answers.

    Units: `refuse_above` is a part of the deal's hours, 0 to 1.
    """

    search_weeks: int  # how much later a start is looked for
    refuse_above: float  # where more than this has no place, the answer is no
    samples: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Hours that would have to be found, of any of the roles, within a period."""

    roles: tuple[str, ...]
    hours: float
    from_on: date
    to_on: date
    nobody: bool = False  # no one has any of the roles in that period


@dataclass(frozen=True, slots=True)
class Limit:
    """A role that binds in a week, and how much of its hours would be used."""

    role: str
    week: int
    used_pct: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the computation proposes."""

    word: Word
    start_on: date | None
    finish: Finish
    placed: Placed
    weeks_later: int = 0  # how far every date has moved
    missing: tuple[Missing, ...] = ()  # what would make it fit on the day asked for
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Work that is asked for, from a day on, of a team with its promises."""

    programme: Programme
    weeks: Weeks
    works: tuple[Work, ...]
    start_on: date
    rules: Rules

    @property
    def is_dated(self) -> bool:
        """Whether anything of it is due."""
        return any(work.due_on for work in self.works)

    def later(self, weeks: int) -> "Question":
        """Return the same question with all dates moved."""
        moved = tuple(work.later(weeks) for work in self.works)
        return replace(self, works=moved, start_on=self.start_on + timedelta(weeks=weeks))

    def place(self, *, wish: str = "") -> Placed:
        """Return where the work would go."""
        return self.programme.place(tasks_of(self.works, self.weeks), wish=wish)


def answer_of(asked: Question) -> Answer:
    """Return whether work fits from a day on, at its high hours; if not, what would help.

    A later start moves every due date with it. Work without any due date is done as early as can be:
    it starts in the first week that has an hour for it.
    """
    here = asked.place(wish="level" if asked.is_dated else "early")
    if here.fits:
        return _accepted(asked, here)
    missing = _missing(here, asked.programme.pools, asked.weeks)
    later = None
    if asked.is_dated and not any(one.nobody for one in missing):
        later = earliest_fit(asked)
    if later is None:
        return _refused(asked, here, missing)
    moved = asked.later(later)
    accepted = _accepted(moved, moved.place(wish="level"))
    return replace(accepted, word="yes_from", weeks_later=later, missing=missing)


def earliest_fit(asked: Question) -> int | None:
    """Return by how many weeks all dates must move until the work fits; None if no move helps.

    What does not fit in March may fit in February and not in April, so no week may be skipped. But
    what does not fit into all weeks that some moves would use does not fit by any of them: halving
    the moves finds the first that fits in a few solutions, and "never" mostly in one.
    """
    last = max((work.due_on for work in asked.works if work.due_on), default=asked.weeks.last_day)
    most = min(asked.rules.search_weeks, asked.weeks.count - 1 - asked.weeks.index(last))
    return _first_fit(asked, 1, most)


def _first_fit(asked: Question, least: int, most: int) -> int | None:
    if least > most:
        return None
    stretched = tuple(
        replace(work, from_on=work.later(least).from_on, due_on=work.later(most).due_on)
        for work in asked.works
    )
    if not replace(asked, works=stretched).place().fits:
        return None
    if least == most:
        return least
    middle = (least + most) // 2
    return _first_fit(asked, least, middle) or _first_fit(asked, middle + 1, most)


def _accepted(asked: Question, placed: Placed) -> Answer:
    begins_on = asked.start_on
    if not asked.is_dated:
        begins_on = max(begins_on, asked.weeks.monday(_first_week(placed)))
    return Answer(
        word="yes_from" if begins_on > asked.start_on else "yes",
        start_on=begins_on,
        finish=_finish(asked, placed.tasks, early=None if asked.is_dated else placed),
        limits=limits_of(placed, asked.programme.pools),
        placed=placed,
    )


def _first_week(placed: Placed) -> int:
    weekly = placed.new.sum(axis=(0, 1)) > ENOUGH
    return int(np.argmax(weekly)) if weekly.any() else 0


def _refused(asked: Question, here: Placed, missing: tuple[Missing, ...]) -> Answer:
    hours = sum(task.high_h for task in here.tasks)
    is_hopeless = sum(here.missing) > asked.rules.refuse_above * hours
    says_no = is_hopeless and not any(one.nobody for one in missing)
    # Without a wish the duals are those of the shortage: the weeks where an hour more would help.
    short = here if asked.is_dated else asked.place()
    return Answer(
        word="no" if says_no else "only_if",
        start_on=None if says_no else asked.start_on,
        missing=missing,
        finish=_finish(asked, here.tasks),
        limits=_of_what_is_missing(limits_of(short, asked.programme.pools), missing),
        placed=here,
    )


def _of_what_is_missing(
    limits: tuple[Limit, ...], missing: tuple[Missing, ...]
) -> tuple[Limit, ...]:
    """Return the limits of the roles that are missing; all where none of those has any hours."""
    wanted = {role for one in missing for role in one.roles}
    return tuple(one for one in limits if one.role in wanted) or limits


def _finish(asked: Question, tasks: tuple[Task, ...], *, early: Placed | None = None) -> Finish:
    early = early or asked.programme.place(tasks, wish="early")
    free = asked.programme.pools.hours - early.promised
    return finish_of(tasks, free, asked.programme.pools, asked.weeks, samples=asked.rules.samples)


def _missing(placed: Placed, pools: Pools, weeks: Weeks) -> tuple[Missing, ...]:
    """Return the missing hours; those of the same roles are one line, over the longest period."""
    found: dict[tuple[str, ...], list[tuple[float, Task]]] = {}
    for task, hours in zip(placed.tasks, placed.missing, strict=True):
        if hours > ENOUGH:
            found.setdefault(task.roles, []).append((hours, task))
    return tuple(
        Missing(
            roles,
            round(sum(hours for hours, _task in parts), 2),
            weeks.monday(min(task.first for _hours, task in parts)),
            weeks.monday(max(task.last for _hours, task in parts)) + timedelta(days=6),
            not any(_has_hours(pools, task) for _hours, task in parts),
        )
        for roles, parts in sorted(found.items())
    )


def _has_hours(pools: Pools, task: Task) -> bool:
    """Return whether anybody who may do a task is there at any time within the horizon."""
    able = list(pools.able(task.roles))
    return bool((pools.hours[able] > 0).any())


def limits_of(placed: Placed, pools: Pools) -> tuple[Limit, ...]:
    """Return the roles and weeks that bind, with how much of them is used.

    The duals say where an hour more would change the result. A role binds in a week where that holds
    of all its people: where one of them has room, an hour of the role can be had. Where no role
    does as a whole, some of its people tell; and where nothing binds, the busiest weeks of the
    work's roles are what would bind first.
    """
    asked = {
        (week, role)
        for task in placed.tasks
        for role in task.roles
        for week in range(task.first, task.last + 1)
    }
    tight = {one: _tight(placed, pools, *one) for one in sorted(asked)}
    for has_bound in (all, any):
        if found := _limits(placed, pools, [one for one in tight if has_bound(tight[one])]):
            return found
    able = placed.new.sum(axis=0) > ENOUGH
    used = [(week, role) for week, role in tight if able[list(pools.able([role])), week].any()]
    rest = _limits(placed, pools, used)
    most = max((limit.used_pct for limit in rest), default=0)
    return tuple(limit for limit in rest if limit.used_pct == most)


def _tight(placed: Placed, pools: Pools, week: int, role: str) -> list[bool]:
    """Return for each pool of a role that has hours in a week whether it binds."""
    able = [pool for pool in pools.able([role]) if pools.hours[pool, week] >= SMALLEST]
    return [bool(placed.tight[pool, week]) for pool in able] or [False]


def _limits(placed: Placed, pools: Pools, binding: Iterable[tuple[int, str]]) -> tuple[Limit, ...]:
    found = []
    for week, role in binding:
        able = list(pools.able([role]))
        there = float(pools.hours[able, week].sum())
        if there >= SMALLEST:
            pct = round(100 * float(placed.used[able, week].sum()) / there)
            found.append(Limit(role, week, pct))
    return tuple(found)
