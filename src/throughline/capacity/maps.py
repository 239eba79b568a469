"""The capacity map: roles and people by week, gaps, and who has time.

Here work is laid evenly over its weeks, as a plan on paper would have it, so that a number can be
traced to its rows; the answer moves work within its dates, and may find room where the map is full.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from throughline.capacity.engine.supply import Colleague, Hours, hours_by_week
from throughline.capacity.engine.work import Load, Work, load_of, tasks_of
from throughline.capacity.queries import Team
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Cell:
    """One role, or one person, in one week. Units: hours that can be sold."""

    capacity: float
    committed: float  # bookings, firm holds, standing load
    soft: float  # soft holds
    asked: float  # this deal

    @property
    def used(self) -> float:
        """The hours that are taken, soft holds and this deal included."""
        return self.committed + self.soft + self.asked

    @property
    def used_pct(self) -> int | None:
        """How much of the hours is used, soft holds and this deal included; None without hours."""
        return round(100 * self.used / self.capacity) if self.capacity else None


@dataclass(frozen=True, slots=True)
class MapRow:
    """A role with its people, or one of the people, over the weeks of the map."""

    code: str
    name: str
    cells: tuple[Cell, ...]
    people: tuple["MapRow", ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityMap:
    """Rows of roles over weeks."""

    weeks: tuple[date, ...]  # Mondays
    labels: tuple[str, ...]  # "2026-W03"
    rows: tuple[MapRow, ...]

    def part(self, first: int, last: int) -> "CapacityMap":
        """Return the same map of some of its weeks only, both ends included."""
        window = slice(first, last + 1)
        rows = tuple(
            replace(
                row,
                cells=row.cells[window],
                people=tuple(replace(one, cells=one.cells[window]) for one in row.people),
            )
            for row in self.rows
        )
        return CapacityMap(self.weeks[window], self.labels[window], rows)


def capacity_map(
    team: Team,
    *,
    playbook: Playbook,
    count: int,
    works: Iterable[Work] = (),
    subject: str = "",
    without: frozenset[str] = frozenset(),
    beside: frozenset[str] = frozenset(),
) -> CapacityMap:
    """Return the map of the next `count` weeks, with `works` as this deal's.

    What is kept for `subject` is left out, since `works` stands for it; so are holds and bookings
    of the subjects in `without`, which is how a page toggles a deal. Deals in `beside` only ask, and
    count as if their hours were held softly: whole, never by a probability.
    """
    spread = _Spread(
        team, min(count, team.weeks.count), without | {subject}, beside=beside - {subject}
    )
    rows = tuple(spread.row(role.code, role.name, list(works)) for role in playbook.team_roles)
    shown = range(spread.count)
    return CapacityMap(
        tuple(team.weeks.monday(week) for week in shown),
        tuple(team.weeks.label(week) for week in shown),
        rows,
    )


# What loads share that are divided alike: roles, first and last week, and the parts of these.
_Alike = tuple[tuple[str, ...], int, int, float, float]


class _Spread:
    """Loads laid evenly over the weeks that their roles have hours in."""

    def __init__(
        self, team: Team, count: int, without: frozenset[str], *, beside: frozenset[str]
    ) -> None:
        self.team, self.count = team, count
        kept = [load for load in team.promised if load.subject not in without]
        self.committed = [load for load in kept if load.subject in team.firm]
        self.soft = [load for load in kept if load.subject not in team.firm]
        self.soft += [load for load in team.tentative if load.subject in beside]
        self._own: dict[str, Hours] = {}  # a role's hours by its code
        self._divided: dict[_Alike, tuple[Hours, dict[str, Hours], float]] = {}

    def row(self, code: str, name: str, works: list[Work]) -> MapRow:
        """Return a role's row, with its people."""
        has = self.team.pools.role_hours(code)
        standing = self.team.standing.get(code, np.zeros(self.team.weeks.count))
        asked = _as_loads(works, self.team)
        parts = [standing + self.laid(code, self.committed), self.laid(code, self.soft),
                 self.laid(code, asked)]  # fmt: skip
        people = [person for person in self.team.people if code in person.roles]
        hours = [hours_by_week(person, self.team.weeks, self.team.closed) for person in people]
        return MapRow(
            code,
            name,
            self._cells(has, parts),
            tuple(
                MapRow(code, person.name, self._cells(own, [_part(own, has) * p for p in parts]))
                for person, own in zip(people, hours, strict=True)
            ),
        )

    def laid(self, role: str, loads: Iterable[Load]) -> Hours:
        """Return the hours a week of a role that loads take."""
        total: Hours = np.zeros(self.team.weeks.count)
        for load in loads:
            if role in load.roles and load.last >= load.first:
                total += self._share(role, load)
        return total

    def taken_by(self, person: Colleague, own: Hours) -> Hours:
        """Return the hours a week that somebody's roles take of them, as their part of each role."""
        total: Hours = np.zeros(self.team.weeks.count)
        for role in person.roles:
            standing = self.team.standing.get(role, np.zeros(self.team.weeks.count))
            taken = standing + self.laid(role, self.committed) + self.laid(role, self.soft)
            total += _part(own, self.team.pools.role_hours(role)) * taken
        return total

    def _share(self, role: str, load: Load) -> Hours:
        """Return a role's part of a load: as much as it has of the hours of all roles named for it."""
        window, by_role, there = self._division_of(load)
        if there:
            part: Hours = by_role[role] * (load.hours / there)
            return part
        even: Hours = window * (load.hours / window.sum() / len(load.roles))
        return even

    def _division_of(self, load: Load) -> tuple[Hours, dict[str, Hours], float]:
        """Return the weeks a load may use, its roles' hours in them, and their sum; found out once."""
        alike = (load.roles, load.first, load.last, load.first_part, load.last_part)
        if alike not in self._divided:
            window = _window(load, self.team.weeks.count)
            by_role = {one: self._hours_of(one) * window for one in load.roles}
            there = sum(float(hours.sum()) for hours in by_role.values())
            self._divided[alike] = (window, by_role, there)
        return self._divided[alike]

    def _hours_of(self, role: str) -> Hours:
        if role not in self._own:
            self._own[role] = self.team.pools.role_hours(role)
        return self._own[role]

    def _cells(self, has: Hours, parts: list[Hours]) -> tuple[Cell, ...]:
        return tuple(
            Cell(*(round(float(line[week]), 2) for line in (has, *parts)))
            for week in range(self.count)
        )


def _window(load: Load, count: int) -> Hours:
    """Return how much of each week a load may use; whole weeks where it has only days off."""
    window = np.zeros(count)
    window[load.first : load.last + 1] = 1.0
    parts = window.copy()
    parts[load.last] = load.last_part
    parts[load.first] = load.first_part
    return parts if parts.any() else window


def _as_loads(works: Iterable[Work], team: Team) -> list[Load]:
    return [load_of(task) for task in tasks_of(tuple(works), team.weeks)]


def _part(own: Hours, has: Hours) -> Hours:
    part: Hours = np.divide(own, has, out=np.zeros_like(own), where=has > 0)
    return part


@dataclass(frozen=True, slots=True)
class RoleGap:
    """A role over a period: what there is, what is taken, what is asked for, what is left."""

    code: str
    name: str
    people: int
    capacity: float
    committed: float
    soft: float
    tentative: float  # deals that ask and have no hold
    asked: float  # this deal

    @property
    def gap(self) -> float:
        """What is left if everything closes; below zero it is missing."""
        return round(self.capacity - self.committed - self.soft - self.tentative - self.asked, 2)


def role_gaps(
    team: Team,
    *,
    playbook: Playbook,
    from_on: date,
    to_on: date,
    works: Iterable[Work] = (),
    subject: str = "",
) -> tuple[RoleGap, ...]:
    """Return each role over the weeks of a period, with `works` as this deal's. Units: hours.

    As on the map, what `subject` asks for, holds or has booked is left out: `works` stands for it.
    """
    first, last = team.weeks.span(from_on, to_on)
    spread = _Spread(team, team.weeks.count, frozenset({subject}), beside=frozenset())
    tentative = [load for load in team.tentative if load.subject != subject]
    asked = _as_loads(works, team)
    found = []
    for role in playbook.team_roles:
        has = team.pools.role_hours(role.code)
        standing = team.standing.get(role.code, np.zeros(team.weeks.count))
        lines = (
            has,
            standing + spread.laid(role.code, spread.committed),
            spread.laid(role.code, spread.soft),
            spread.laid(role.code, tentative),
            spread.laid(role.code, asked),
        )
        sums = [round(float(line[first : last + 1].sum()), 2) for line in lines]
        people = sum(role.code in person.roles for person in team.people)
        found.append(RoleGap(role.code, role.name, people, *sums))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FreeTime:
    """Somebody's hours that are not taken, in a period."""

    name: str
    free_h: float  # in all
    least_h: float  # in the fullest week
    is_enough: bool


def who_has(
    team: Team,
    *,
    playbook: Playbook,
    role: str,
    fte: float,
    from_on: date,
    to_on: date,
) -> tuple[FreeTime, ...]:
    """Return who of a role has time from a day to a day, those with most first.

    Units: 1 FTE is what one full-time person can sell in a week, by the playbook's hours a year
    (17.3 h for 900). It is enough where the average week of the period has that much free.
    """
    first, last = team.weeks.span(from_on, to_on)
    wanted = fte * playbook.capacity.billable_hours_per_year / 52
    spread = _Spread(team, team.weeks.count, frozenset(), beside=frozenset())
    found = []
    for person in team.people:
        if role not in person.roles:
            continue
        own = hours_by_week(person, team.weeks, team.closed)
        free = np.maximum(own - spread.taken_by(person, own), 0.0)[first : last + 1]
        found.append(
            FreeTime(
                person.name,
                round(float(free.sum()), 2),
                round(float(free.min(initial=np.inf)) if len(free) else 0.0, 2),
                bool(len(free)) and float(free.mean()) >= wanted,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.free_h, one.name)))
