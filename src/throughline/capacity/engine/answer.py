"""The answer that a team's hours give: yes, yes from a day, only if, or no; and why."""

from collections.abc import Sequence
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
    weeks_later: int = 0  # how far every date has moved
    missing: tuple[Missing, ...] = ()  # what would make it fit on the day asked for
    limits: tuple[Limit, ...] = ()
    finish: Finish = Finish()
    placed: Placed | None = None


def answer_of(
    programme: Programme, works: Sequence[Work], weeks: Weeks, *, start_on: date, rules: Rules
) -> Answer:
    """Return whether work fits from a day on, at its high hours; if not, what would help.

    A later start moves every due date with it.
    """
    is_dated = any(work.due_on for work in works)
    here = programme.place(tasks_of(works, weeks), wish="level" if is_dated else "early")
    if here.fits:
        return _accepted(programme, works, weeks, here, start_on=start_on, rules=rules)
    missing = _missing(here, programme.pools, weeks)
    later = None
    if is_dated and not any(one.nobody for one in missing):
        later = earliest_fit(programme, works, weeks, rules=rules)
    if later is not None:
        moved = [work.later(later) for work in works]
        placed = programme.place(tasks_of(moved, weeks), wish="level")
        from_on = start_on + timedelta(weeks=later)
        return _accepted(
            programme, moved, weeks, placed, start_on=from_on, rules=rules, missing=missing,
            later=later,
        )  # fmt: skip
    return _refused(programme, here, weeks, start_on=start_on, rules=rules, missing=missing)


def earliest_fit(
    programme: Programme, works: Sequence[Work], weeks: Weeks, *, rules: Rules
) -> int | None:
    """Return by how many weeks all dates must move until the work fits; None if no move helps.

    What does not fit in March may fit in February and not in April, so no week may be skipped. But
    what does not fit into all weeks that some moves would use does not fit by any of them: halving
    the moves finds the first that fits in a few solutions, and "never" mostly in one.
    """
    last = max((work.due_on for work in works if work.due_on), default=weeks.last_day)
    most = min(rules.search_weeks, weeks.count - 1 - weeks.index(last))
    return _first_fit(programme, works, weeks, 1, most)


def _first_fit(
    programme: Programme, works: Sequence[Work], weeks: Weeks, least: int, most: int
) -> int | None:
    if least > most:
        return None
    stretched = [
        replace(work, from_on=work.later(least).from_on, due_on=work.later(most).due_on)
        for work in works
    ]
    if not programme.place(tasks_of(stretched, weeks)).fits:
        return None
    if least == most:
        return least
    middle = (least + most) // 2
    found = _first_fit(programme, works, weeks, least, middle)
    return found or _first_fit(programme, works, weeks, middle + 1, most)


def _accepted(
    programme: Programme,
    works: Sequence[Work],
    weeks: Weeks,
    placed: Placed,
    *,
    start_on: date,
    rules: Rules,
    missing: tuple[Missing, ...] = (),
    later: int = 0,
) -> Answer:
    begins_on, dated = start_on, any(work.due_on for work in works)
    if not dated:
        begins_on = max(start_on, weeks.monday(_first_week(placed)))
    return Answer(
        "yes_from" if begins_on > start_on or later else "yes",
        begins_on,
        later,
        missing,
        limits_of(placed, programme.pools),
        _finish(programme, placed.tasks, weeks, rules, early=None if dated else placed),
        placed,
    )


def _first_week(placed: Placed) -> int:
    weekly = placed.new.sum(axis=(0, 1))
    return int(np.argmax(weekly > ENOUGH)) if (weekly > ENOUGH).any() else 0


def _refused(
    programme: Programme,
    here: Placed,
    weeks: Weeks,
    *,
    start_on: date,
    rules: Rules,
    missing: tuple[Missing, ...],
) -> Answer:
    asked = sum(task.high_h for task in here.tasks)
    is_hopeless = sum(here.missing) > rules.refuse_above * asked
    says_no = is_hopeless and not any(one.nobody for one in missing)
    # Without a wish the duals are those of the shortage: the weeks where an hour more would help.
    short = programme.place(here.tasks)
    return Answer(
        "no" if says_no else "only_if",
        None if says_no else start_on,
        0,
        missing,
        limits_of(short, programme.pools),
        _finish(programme, here.tasks, weeks, rules),
        here,
    )


def _finish(
    programme: Programme,
    tasks: tuple[Task, ...],
    weeks: Weeks,
    rules: Rules,
    *,
    early: Placed | None = None,
) -> Finish:
    early = early or programme.place(tasks, wish="early")
    free = programme.pools.hours - early.promised
    return finish_of(tasks, free, programme.pools, weeks, samples=rules.samples)


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
    """Return the roles and weeks that bind, from the duals, with how much of them is used."""
    used = placed.used
    found: dict[tuple[int, str], Limit] = {}
    for pool, week in np.argwhere(placed.tight):
        for task in placed.tasks:
            if not task.first <= week <= task.last:
                continue
            for role in sorted(pools.roles[pool] & set(task.roles)):
                able = list(pools.able([role]))
                there = float(pools.hours[able, week].sum())
                if there >= SMALLEST:
                    pct = round(100 * float(used[able, week].sum()) / there)
                    found[int(week), role] = Limit(role, int(week), pct)
    return tuple(limit for _key, limit in sorted(found.items()))
