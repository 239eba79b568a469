"""When work would be finished: its estimate drawn many times, each draw laid on what is free.

Every piece of work is drawn evenly between its low and its high hours, by itself, from a fixed seed.
One programme has found what is free; a draw takes it greedily: what is due first goes first, and of
that what the fewest people can do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from throughline.capacity.engine.programme import ENOUGH
from throughline.capacity.engine.supply import Hours, Pools
from throughline.capacity.engine.weeks import WORKING_DAYS, Weeks
from throughline.capacity.engine.work import Task

SEED = 20260101
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Finish:
    """Days on which it is finished in 50, 80 and 95 of 100 draws; None: not within the horizon."""

    p50_on: date | None = None
    p80_on: date | None = None
    p95_on: date | None = None


def finish_of(
    tasks: Sequence[Task], free: Hours, pools: Pools, weeks: Weeks, *, samples: int
) -> Finish:
    """Return when tasks would be finished on what is free (pool x week); due dates do not stop them.

    Nobody knows it of work that goes on beyond the weeks that are looked at.
    """
    if not tasks or any(task.is_cut for task in tasks):
        return Finish()
    random = np.random.default_rng(SEED)
    left = np.repeat(np.maximum(free, 0.0)[None], samples, axis=0)
    ends = np.zeros(samples)
    for task in sorted(tasks, key=lambda one: (one.last, len(pools.able(one.roles)), one.roles)):
        hours = sum(
            (random.uniform(low, high, samples) for low, high in task.parts), np.zeros(samples)
        )
        ends = np.maximum(ends, _lay(task, hours, left, pools, weeks))
    ends.sort()
    return Finish(*(_day(ends, share) for share in (0.50, 0.80, 0.95)))


def _lay(
    task: Task, hours: npt.NDArray[np.float64], left: Hours, pools: Pools, weeks: Weeks
) -> npt.NDArray[np.float64]:
    """Take a task's hours from what is left, week by week; return the day on which each draw ends."""
    able = sorted(pools.able(task.roles), key=lambda pool: len(pools.roles[pool]))
    part = np.ones(weeks.count)
    part[: task.first] = 0.0
    if task.first < weeks.count:
        part[task.first] = task.first_part
    weekly = (left[:, able, :] * part).sum(axis=1)
    before = np.cumsum(weekly, axis=1) - weekly
    take = np.clip(hours[:, None] - before, 0.0, weekly)
    ends = _ends(task, hours, take, weekly, weeks)
    for pool in able:  # people with one role first: those with several may be needed elsewhere
        some = np.minimum(take, left[:, pool, :] * part)
        left[:, pool, :] -= some
        take = take - some
    return ends


def _ends(
    task: Task, hours: npt.NDArray[np.float64], take: Hours, weekly: Hours, weeks: Weeks
) -> npt.NDArray[np.float64]:
    worked = take > ENOUGH / 100
    last = weeks.count - 1 - np.argmax(worked[:, ::-1], axis=1)
    rows = np.arange(len(hours))
    share = take[rows, last] / np.maximum(weekly[rows, last], ENOUGH / 100)
    begins = np.where(last == task.first, task.first_day, 0)
    day = begins + np.maximum(np.ceil(share * (WORKING_DAYS - begins) - 1e-6), 1) - 1
    ends = weeks.first.toordinal() + last * 7 + day
    idle = weeks.first.toordinal() + 7 * task.first + task.first_day
    ends[~worked.any(axis=1)] = idle  # an estimate of no hours is done when it begins
    ends[hours - take.sum(axis=1) > ENOUGH] = NEVER
    found: npt.NDArray[np.float64] = ends
    return found


def _day(ends: npt.NDArray[np.float64], share: float) -> date | None:
    end = ends[int(np.ceil(share * len(ends))) - 1]
    return None if end == NEVER else date.min + timedelta(days=int(end) - 1)
