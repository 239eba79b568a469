"""The grid that everything is counted on: weeks that start on Monday, numbered from 0."""

from dataclasses import dataclass
from datetime import date, timedelta

DAYS = 7
WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class Weeks:
    """So many weeks from a Monday on."""

    first: date  # a Monday
    count: int

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


def weeks_from(day: date, count: int) -> Weeks:
    """Return a grid that begins with the week of a day."""
    return Weeks(day - timedelta(days=day.weekday()), count)


def part_from(day: date) -> float:
    """Return the part of its week's working days that is left from a day on: 0.6 on Wednesday."""
    return max(WORKING_DAYS - day.weekday(), 0) / WORKING_DAYS


def part_until(day: date) -> float:
    """Return the part of its week's working days that a day completes: 0.6 with Wednesday."""
    return min(day.weekday() + 1, WORKING_DAYS) / WORKING_DAYS
