"""The linear programme: hours of each task, by pool and week, within what each pool has.

    minimise  1000 * missing(new) + 10000 * missing(promised) + (a finer wish)
    where     for each task:      its hours by pool and week + its missing hours = what it needs
              for each pool-week: hours of all tasks                            <= what there is

Hours flow from tasks to pool-weeks one for one, so each hour of a new task that is placed displaces
at most one of another: the weights only have to be in order for promises to come first. HiGHS keeps
the solved model: a what-if adds its rows and columns, solves from the last basis, and takes them out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from throughline.capacity.engine.supply import Hours, Pools
from throughline.capacity.engine.work import Load, Task

MISSING_NEW, MISSING_PROMISED = 1e3, 1e4
ENOUGH = 0.01  # hours: less than that is nobody's work, only arithmetic
SMALLEST = 0.5  # hours: a pool-week with less says nothing about how busy a role is
DUAL = 1e-6
INF = highspy.kHighsInf
# Without people and promises there is nothing to solve.
SOLVED = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty}
Ints = npt.NDArray[np.int32]


class NotSolved(RuntimeError):
    """HiGHS did not come to an end; the code must change."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the hours went."""

    tasks: tuple[Task, ...]
    missing: tuple[float, ...]  # hours of each task that found no place
    new: Hours  # task x pool x week
    promised: Hours  # pool x week, of everything that was promised before
    promised_missing: float
    tight: npt.NDArray[np.bool_]  # pool x week: where one hour more would change the result

    @property
    def fits(self) -> bool:
        """Whether every hour found its place."""
        return sum(self.missing) <= ENOUGH

    @property
    def used(self) -> Hours:
        """The hours used in all, pool x week."""
        total: Hours = self.promised + self.new.sum(axis=0)
        return total


@dataclass(slots=True)
class _Row:
    """Promised loads that may be done by the same pools in the same part of the weeks: one row."""

    pools: tuple[int, ...]
    first: int
    last: int
    first_part: float
    last_part: float
    loads: list[Load]

    def hours(self, without: AbstractSet[str]) -> float:
        return sum(load.hours for load in self.loads if load.subject not in without)


def _merged(loads: Iterable[tuple[tuple[int, ...], Load]]) -> list[_Row]:
    """Return loads, each with the pools that may do it, as rows of those that are alike."""
    rows: dict[tuple[tuple[int, ...], int, int, float, float], _Row] = {}
    for able, load in loads:
        if load.last < load.first or load.hours <= 0:
            continue
        key = (able, load.first, load.last, load.first_part, load.last_part)
        rows.setdefault(key, _Row(*key, [])).loads.append(load)
    return list(rows.values())


class Programme:
    """A team, what it has promised, and the model that knows where new work would go."""

    def __init__(
        self, pools: Pools, loads: Sequence[Load], *, without: AbstractSet[str] = frozenset()
    ) -> None:
        """Build and solve the model of what is promised; `without` names subjects to leave out."""
        self.pools = pools
        self.count = pools.hours.shape[1]
        able = {roles: pools.able(roles) for roles in {load.roles for load in loads}}
        self.impossible = [load for load in loads if not able[load.roles]]
        self._rows = _merged((able[load.roles], load) for load in loads if able[load.roles])
        self._rows_of: dict[str, set[int]] = defaultdict(set)
        for place, row in enumerate(self._rows):
            for load in row.loads:
                self._rows_of[load.subject].add(place)
        self._highs = _highs()
        self._without: AbstractSet[str] = frozenset(without)
        self._build()
        self._solve()
        self._basis = self._highs.getBasis()

    def _build(self) -> None:
        """Pass the model: a cap row for each pool-week, a need row for each merged load."""
        caps = self.pools.hours.reshape(-1)
        self._needs = needs = np.array([row.hours(self._without) for row in self._rows])
        cells = [_cells(row.pools, row.first, row.last, self.count) for row in self._rows]
        sizes = np.array([len(found) for found in cells], dtype=np.int64)
        self._cells = np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64)
        need_of = np.repeat(np.arange(len(cells)), sizes) + len(caps)
        lp = highspy.HighsLp()
        flows, shorts = len(self._cells), len(needs)
        lp.num_col_, lp.num_row_ = flows + shorts, len(caps) + shorts
        lp.col_cost_ = np.concatenate([np.zeros(flows), np.full(shorts, MISSING_PROMISED)])
        lp.col_lower_ = np.zeros(flows + shorts)
        lp.col_upper_ = np.concatenate([*self._most(cells), np.full(shorts, INF)])
        lp.row_lower_ = np.concatenate([np.full(len(caps), -INF), needs])
        lp.row_upper_ = np.concatenate([caps, needs])
        starts = np.concatenate([np.arange(flows) * 2, 2 * flows + np.arange(shorts + 1)])
        entries = np.empty(2 * flows + shorts, dtype=np.int32)
        entries[0 : 2 * flows : 2], entries[1 : 2 * flows : 2] = self._cells, need_of
        entries[2 * flows :] = np.arange(shorts) + len(caps)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = starts.astype(np.int32)
        lp.a_matrix_.index_ = entries
        lp.a_matrix_.value_ = np.ones(len(entries))
        self._highs.passModel(lp)
        self._highs.setBasis(_nothing_placed(flows, shorts, len(caps)))

    def _most(self, cells: Sequence[npt.NDArray[np.int64]]) -> Iterator[Hours]:
        """Yield for each merged load the most hours of each of its cells: less in a partial week."""
        caps = self.pools.hours.reshape(-1)
        for row, own in zip(self._rows, cells, strict=True):
            most = np.full(len(own), INF)
            for week, part in ((row.last, row.last_part), (row.first, row.first_part)):
                if part < 1.0:
                    edge = own % self.count == week
                    most[edge] = part * caps[own[edge]]
            yield most

    @property
    def size(self) -> int:
        """How many variables the model has, without those of a what-if."""
        return len(self._cells) + len(self._rows)

    def leave_out(self, subjects: AbstractSet[str]) -> None:
        """Count everything that is promised but for these subjects, from now on."""
        if subjects == self._without:
            return
        changed = subjects ^ self._without
        self._without = frozenset(subjects)
        needs = self._needs  # those of other subjects stay as they are
        for place in {one for subject in changed for one in self._rows_of.get(subject, ())}:
            needs[place] = self._rows[place].hours(self._without)
        rows = np.arange(len(needs), dtype=np.int32) + self.pools.hours.size
        self._highs.changeRowsBounds(len(needs), rows, needs, needs)  # type: ignore[attr-defined]  # its stub lacks it

    def promised_missing(self) -> list[tuple[Load, float]]:
        """Return what is promised and has no place, with the hours, spread over alike loads."""
        self._solve()
        values = np.array(self._highs.getSolution().col_value)
        short = values[len(self._cells) : len(self._cells) + len(self._rows)]
        found = [
            (load, load.hours) for load in self.impossible if load.subject not in self._without
        ]
        for row, hours in zip(self._rows, short, strict=True):
            if hours > ENOUGH:
                of = row.hours(self._without)
                counted = [load for load in row.loads if load.subject not in self._without]
                found += [(load, float(hours * load.hours / of)) for load in counted]
        return found

    def place(self, tasks: Sequence[Task], *, wish: str = "") -> Placed:
        """Return where new tasks would go, at their high hours; the model stays as it was.

        `wish`: "level" makes the busiest week of the tasks' roles as free as can be, "early" does
        the tasks as early as can be; neither lets an hour more go missing. Work that does not fit is
        not levelled: its duals stay those of the shortage.
        """
        with self._with(tasks) as added:
            if wish == "early":
                added.wish_early()
            self._solve()
            placed = added.read()
            if wish == "level" and placed.fits:
                added.wish_level()
                self._solve()
                placed = added.read()
            return placed

    @contextmanager
    def _with(self, tasks: Sequence[Task]) -> Iterator["_Added"]:
        cols, rows = self._highs.getNumCol(), self._highs.getNumRow()
        self._highs.setBasis(self._basis)
        try:
            yield _Added(self._highs, self.pools, tuple(tasks), self._cells, len(self._rows))
        finally:
            added_cols = np.arange(cols, self._highs.getNumCol(), dtype=np.int32)
            added_rows = np.arange(rows, self._highs.getNumRow(), dtype=np.int32)
            self._highs.deleteCols(len(added_cols), added_cols)
            self._highs.deleteRows(len(added_rows), added_rows)
            self._highs.setBasis(self._basis)

    def _solve(self) -> None:
        self._highs.run()
        if (status := self._highs.getModelStatus()) not in SOLVED:
            raise NotSolved(f"The linear programme ended as {status}.")


class _Added:
    """New tasks in the model: one need row each, their columns, and the rows of partial weeks."""

    def __init__(
        self,
        highs: highspy.Highs,
        pools: Pools,
        tasks: tuple[Task, ...],
        cells: npt.NDArray[np.int64],
        promises: int,
    ) -> None:
        self.highs, self.pools, self.tasks = highs, pools, tasks
        self.old_cells, self.promises = cells, promises
        self.count = pools.hours.shape[1]
        found = [_cells(pools.able(t.roles), t.first, t.last, self.count) for t in tasks]
        self.cells = np.concatenate([*found, np.zeros(0, dtype=np.int64)])
        self.task_of = np.repeat(np.arange(len(tasks)), [len(one) for one in found])
        self.first_row, self.first_col = highs.getNumRow(), highs.getNumCol()
        self._add()

    def _add(self) -> None:
        """Add rows, then columns: hours by cell, and one column of missing hours for each task."""
        needs = [(task.high_h, task.high_h) for task in self.tasks]
        edges = self._edges()
        bounds = np.array([*needs, *((-INF, limit) for limit, _cols in edges)]).reshape(-1, 2)
        none = np.zeros(0, dtype=np.int32)
        self.highs.addRows(
            len(bounds), bounds[:, 0], bounds[:, 1], 0, np.zeros(len(bounds), dtype=np.int32),
            none, np.zeros(0),
        )  # fmt: skip
        rows: list[list[int]] = [
            [int(cell), self.first_row + int(task)]
            for cell, task in zip(self.cells, self.task_of, strict=True)
        ]
        for number, (_limit, cols) in enumerate(edges):
            for col in cols:
                rows[col].append(self.first_row + len(needs) + number)
        rows += [[self.first_row + task] for task in range(len(needs))]
        starts = np.cumsum([0, *(len(row) for row in rows)])[:-1].astype(np.int32)
        flat = np.array([row for one in rows for row in one], dtype=np.int32)
        costs = np.concatenate([np.zeros(len(self.cells)), np.full(len(needs), MISSING_NEW)])
        self.highs.addCols(
            len(rows), costs, np.zeros(len(rows)), np.full(len(rows), INF), len(flat), starts,
            flat, np.ones(len(flat)),
        )  # fmt: skip

    def _edges(self) -> list[tuple[float, list[int]]]:
        """Return for each pool and partial week the hours that tasks with that part may have."""
        groups: dict[tuple[int, float], list[int]] = {}
        for col, (cell, number) in enumerate(zip(self.cells, self.task_of, strict=True)):
            part = self.tasks[number].part_of(int(cell) % self.count)
            if part < 1.0:
                groups.setdefault((int(cell), part), []).append(col)
        caps = self.pools.hours.reshape(-1)
        return [(part * float(caps[cell]), cols) for (cell, part), cols in groups.items()]

    def wish_early(self) -> None:
        """Make later weeks dearer, by less than an hour that goes missing."""
        columns = np.arange(len(self.cells), dtype=np.int32) + self.first_col
        costs = (self.cells % self.count + 1) / self.count
        self.highs.changeColsCost(len(columns), columns, costs)

    def wish_level(self) -> None:
        """Add the part of every week that the tasks' roles keep free, and ask for the most of it."""
        caps = self.pools.hours.reshape(-1)
        scope = np.unique(self.cells)
        scope = scope[caps[scope] >= SMALLEST].astype(np.int32)
        self.highs.addCol(-1.0, 0.0, 1.0, len(scope), scope, caps[scope])

    def read(self) -> Placed:
        """Return the solution by task, pool and week."""
        solution = self.highs.getSolution()
        values = np.maximum(np.array(solution.col_value), 0.0)
        size = self.pools.hours.size
        old = np.zeros(size)
        np.add.at(old, self.old_cells, values[: len(self.old_cells)])
        new = np.zeros((len(self.tasks), size))
        flows = slice(self.first_col, self.first_col + len(self.cells))
        np.add.at(new, (self.task_of, self.cells), values[flows])
        missing = values[flows.stop : flows.stop + len(self.tasks)]
        short = values[len(self.old_cells) : len(self.old_cells) + self.promises]
        duals = np.abs(np.array(solution.row_dual)[:size])
        reachable = np.isin(np.arange(size), self.cells)
        shape = self.pools.hours.shape
        return Placed(
            self.tasks,
            tuple(float(hours) for hours in missing),
            new.reshape(len(self.tasks), *shape),
            old.reshape(shape),
            float(short.sum()),
            ((duals > DUAL) & reachable).reshape(shape),
        )


def _cells(pools: Sequence[int], first: int, last: int, count: int) -> npt.NDArray[np.int64]:
    """Return the pool-weeks that a window of some pools covers, as one number each."""
    if last < first:
        return np.zeros(0, dtype=np.int64)
    weeks = np.arange(first, last + 1)
    found = [pool * count + weeks for pool in pools]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _nothing_placed(flows: int, shorts: int, caps: int) -> highspy.HighsBasis:
    """Return the basis in which all hours are missing: the primal simplex may start from it."""
    basis, status = highspy.HighsBasis(), highspy.HighsBasisStatus
    basis.col_status = [status.kLower] * flows + [status.kBasic] * shorts
    basis.row_status = [status.kBasic] * caps + [status.kLower] * shorts
    basis.valid = True
    return basis


def _highs() -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # its own constructor
    options: dict[str, bool | int | str] = {
        "output_flag": False,
        "threads": 1,  # the same result each time, and nobody else's core
        "random_seed": 1,
        "solver": "simplex",
        "simplex_strategy": 4,  # primal: every start we give it is feasible; half the time of dual
        "presolve": "off",
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    return highs
