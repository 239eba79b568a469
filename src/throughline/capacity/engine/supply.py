"""Supply: people, as the hours that they can sell in each week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
import numpy as np
import numpy.typing as npt

from throughline.capacity.engine.weeks import DAYS, WORKING_DAYS, Weeks
from throughline.kernel.errors import Refused

Hours = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the team.

    Units: `weekly_h` hours of work a week, of which `share` (0 to 1) can be sold.
    """

    name: str
    roles: tuple[str, ...]  # codes of the playbook
    weekly_h: float
    share: float
    from_on: date | None = None  # first day; None: has always been there
    to_on: date | None = None  # last day, included; None: stays
    country: str = ""  # for public holidays: "DE", "US-CA"; "" knows none
    off: tuple[tuple[date, date], ...] = ()  # leave, first and last day

    @property
    def sold_h(self) -> float:
        """The hours that they can sell in a week without any day off."""
        return self.weekly_h * self.share


@dataclass(frozen=True, slots=True)
class Closed:
    """Days on which nobody works, each year: `days` calendar days from a day of a month on."""

    month: int
    day: int
    days: int


@dataclass(frozen=True, slots=True)
class Pools:
    """People with the same roles, taken together: their hours can be split in any way.

    That loses nothing: what a pool can do in a week, its people can do, each in proportion to their
    hours. It makes the programme smaller by as much as people are alike.
    """

    roles: tuple[frozenset[str], ...]
    hours: Hours  # pool x week
    members: tuple[tuple[str, ...], ...]

    def able(self, roles: Iterable[str]) -> tuple[int, ...]:
        """Return the pools that have any of the roles."""
        wanted = set(roles)
        return tuple(at for at, has in enumerate(self.roles) if has & wanted)

    def role_hours(self, role: str) -> Hours:
        """Return the hours a week of all who have a role; somebody with two roles is in both."""
        chosen = list(self.able([role]))
        total: Hours = self.hours[chosen].sum(axis=0)
        return total


def hours_by_week(person: Colleague, weeks: Weeks, closed: Sequence[Closed]) -> Hours:
    """Return the hours that somebody can sell in each week.

    A week has five working days; each that is over, a public holiday, closed, leave, or outside of
    the employment takes a fifth of the week's hours.

    Units: hours. Source: design §5; requirements E10, E11, F21.
    """
    works = np.zeros((weeks.count, DAYS))
    works[:, :WORKING_DAYS] = 1.0
    days = works.reshape(-1)
    from_on = max(person.from_on or weeks.first, weeks.today)
    days[: max((from_on - weeks.first).days, 0)] = 0.0
    if person.to_on:
        days[max((person.to_on - weeks.first).days + 1, 0) :] = 0.0
    for first, last in (*person.off, *_closures(closed, weeks)):
        days[max((first - weeks.first).days, 0) : max((last - weeks.first).days + 1, 0)] = 0.0
    for day in public_holidays(person.country, weeks.first.year, weeks.last_day.year):
        if weeks.first <= day <= weeks.last_day:
            days[(day - weeks.first).days] = 0.0
    hours: Hours = days.reshape(weeks.count, DAYS).sum(axis=1) / WORKING_DAYS * person.sold_h
    return hours


def _closures(closed: Sequence[Closed], weeks: Weeks) -> Iterable[tuple[date, date]]:
    for year in range(weeks.first.year - 1, weeks.last_day.year + 1):
        for one in closed:
            first = date(year, one.month, one.day)
            yield first, first + timedelta(days=one.days - 1)


@lru_cache(maxsize=256)
def public_holidays(country: str, first_year: int, last_year: int) -> frozenset[date]:
    """Return the public holidays of a country, or of a part of it ("US-CA"); none for "".

    Raises:
        Refused: nobody knows that country.
    """
    if not country:
        return frozenset()
    name, _, part = country.partition("-")
    try:
        known: Mapping[date, Any] = holidays.country_holidays(
            name, subdiv=part or None, years=range(first_year, last_year + 1)
        )
    except NotImplementedError as error:
        raise Refused(
            f"{country!r} is not a country whose holidays are known.",
            remedy="Write ISO's two letters, such as DE, with a part of it where needed: US-CA.",
        ) from error
    return frozenset(known)


def pooled(people: Sequence[Colleague], weeks: Weeks, closed: Sequence[Closed] = ()) -> Pools:
    """Return people as pools, in a fixed order."""
    kinds = sorted({tuple(sorted(set(person.roles))) for person in people if person.roles})
    hours = np.zeros((len(kinds), weeks.count))
    members: list[list[str]] = [[] for _kind in kinds]
    for person in sorted(people, key=lambda one: one.name):
        if person.roles:
            at = kinds.index(tuple(sorted(set(person.roles))))
            hours[at] += hours_by_week(person, weeks, closed)
            members[at].append(person.name)
    return Pools(
        tuple(frozenset(kind) for kind in kinds), hours, tuple(tuple(names) for names in members)
    )
