"""The grid that everything is counted on: weeks that start on Monday, numbered from 0."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

DAYS = 7
WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class Weeks:
    """So many weeks from a Monday on; of the first one, only what is left from `today` on counts."""

    first: date  # a Monday
    count: int
    today: date = date.min

    @property
    def last_day(self) -> date:
        """The last day, a Sunday."""
        return self.first + timedelta(days=DAYS * self.count - 1)

    def index(self, day: date) -> int:
        """Return the week that a day falls in; below 0 or beyond the last where it lies outside."""
        return (day - self.first).days // DAYS

    def monday(self, week: int) -> date:
        """Return the day on which a week starts."""
        return self.first + timedelta(days=DAYS * week)

    def label(self, week: int) -> str:
        """Return a week as ISO 8601 writes it, such as "2026-W03"."""
        year, number, _ = self.monday(week).isocalendar()
        return f"{year}-W{number:02}"

    def span(self, from_on: date, to_on: date | None) -> tuple[int, int]:
        """Return the first and the last week of a period, cut to the grid; empty where last < first."""
        first = max(self.index(from_on), 0)
        last = self.count - 1 if to_on is None else min(self.index(to_on), self.count - 1)
        return first, last

    def share_inside(self, from_on: date, to_on: date) -> float:
        """Return the part of a period's days that is not beyond the last week."""
        days = (to_on - from_on).days + 1
        return min(max((self.last_day - from_on).days + 1, 0) / days, 1.0)

    def part(self, week: int, from_on: date, to_on: date | None) -> float:
        """Return the part of a week's working days, from today on, that a period covers.

        From Wednesday on it is 0.6 of the week; 1.0 if today is that Wednesday.
        """
        there = range(max((self.today - self.monday(week)).days, 0), WORKING_DAYS)
        last = WORKING_DAYS if to_on is None else (to_on - self.monday(week)).days + 1
        covered = range(
            max((from_on - self.monday(week)).days, there.start), min(last, WORKING_DAYS)
        )
        return len(covered) / len(there) if there else 0.0


def working_days(from_on: date, to_on: date) -> int:
    """Return how many days from Monday to Friday a period has, both ends included."""
    return max(int(np.busday_count(from_on, to_on + timedelta(days=1))), 0)


def weeks_from(day: date, count: int) -> Weeks:
    """Return a grid that begins with what is left of the week of a day."""
    return Weeks(day - timedelta(days=day.weekday()), count, day)
