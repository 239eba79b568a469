"""The team's hours month by month: what there is, what is taken, and by which deals.

The weeks are those of the capacity map. A week that lies in two months is split by its working days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from throughline.capacity.engine.weeks import WORKING_DAYS, Weeks
from throughline.capacity.maps import MapRow, capacity_map
from throughline.capacity.models import StandingLoad
from throughline.capacity.queries import Team
from throughline.kernel.months import last_day, month_of, months_later
from throughline.playbook.model import Playbook

DEAL: Final = "deal:"


@dataclass(frozen=True, slots=True)
class RoleMonth:
    """One role in one month. Units: hours that can be sold; `deals` by number."""

    code: str
    name: str
    capacity_h: float
    committed_h: float  # bookings, firm holds, standing load
    soft_h: float  # soft holds, and deals that ask
    deals: frozenset[int]

    @property
    def used_h(self) -> float:
        """The hours that are taken, or would be if everything closes."""
        return round(self.committed_h + self.soft_h, 2)

    @property
    def used_pct(self) -> int | None:
        """How much of the hours is used; None where there are none."""
        return round(100 * self.used_h / self.capacity_h) if self.capacity_h else None


@dataclass(frozen=True, slots=True)
class MonthLoad:
    """The team in one month."""

    month: date
    roles: tuple[RoleMonth, ...]

    @property
    def deals(self) -> frozenset[int]:
        """Every deal that takes hours of any role."""
        return frozenset[int]().union(*(one.deals for one in self.roles))


def load_by_month(
    team: Team, first: date, *, playbook: Playbook, count: int
) -> tuple[MonthLoad, ...]:
    """Return the hours of `count` months, as far as the map reaches; one query beside the team's.

    Of the month that has begun only what is left is counted, as on the map.
    """
    asking = frozenset(load.subject for load in team.tentative)
    reached = team.weeks.index(last_day(months_later(first, count - 1))) + 1
    found = capacity_map(team, playbook=playbook, count=max(reached, 1), beside=asking)
    takers = _takers(team)
    months = (months_later(first, place) for place in range(count))
    return tuple(
        MonthLoad(
            month,
            tuple(_role_month(row, month, team.weeks, takers) for row in found.rows),
        )
        for month in months
        if month <= team.weeks.last_day
    )


def _role_month(
    row: MapRow, month: date, weeks: Weeks, takers: dict[str, list[tuple[int, int, int]]]
) -> RoleMonth:
    parts = list(_weeks_of(month, weeks))
    first, last = (parts[0][0], parts[-1][0]) if parts else (0, -1)
    return RoleMonth(
        row.code,
        row.name,
        round(sum(row.cells[week].capacity * part for week, part in parts), 2),
        round(sum(row.cells[week].committed * part for week, part in parts), 2),
        round(sum(row.cells[week].soft * part for week, part in parts), 2),
        frozenset(
            number
            for number, begins, ends in takers.get(row.code, [])
            if begins <= last and ends >= first
        ),
    )


def _weeks_of(month: date, weeks: Weeks) -> Iterator[tuple[int, float]]:
    """Yield the weeks that have working days left in a month, and which part of each lies there."""
    week = max(weeks.index(month), 0)
    while week < weeks.count and weeks.monday(week) <= last_day(month):
        days = [weeks.monday(week) + timedelta(days=place) for place in range(WORKING_DAYS)]
        left = [day for day in days if day >= weeks.today]
        inside = sum(month_of(day) == month for day in left)
        if inside:
            yield week, inside / len(left)
        week += 1


def _takers(team: Team) -> dict[str, list[tuple[int, int, int]]]:
    """Return for each role the deals that take hours of it, each with its first and last week."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for load in (*team.promised, *team.tentative):
        for role in load.roles if load.hours > 0 else ():
            found.setdefault(role, []).extend(_span(load.subject, load.first, load.last))
    weeks = team.weeks
    rows = StandingLoad.objects.filter(subject__startswith=DEAL, hours_per_week__gt=0)
    for role, subject, from_on, to_on in rows.values_list("role", "subject", "from_on", "to_on"):
        first, last = weeks.span(from_on or weeks.first, to_on)
        found.setdefault(role, []).extend(_span(subject, first, last))
    return found


def _span(subject: str, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    number = subject.removeprefix(DEAL)
    if subject.startswith(DEAL) and number.isdecimal() and last >= first:
        yield int(number), first, last


def month_of_load(team: Team, month: date, *, role: str, playbook: Playbook) -> frozenset[int]:
    """Return the deals that take hours in a month: of one role, or of any where it is ""."""
    for found in load_by_month(team, month, playbook=playbook, count=1):
        named = [one for one in found.roles if one.code == role]
        return named[0].deals if named else found.deals
    return frozenset()
