"""A part of a figure: things of one kind, counted without being loaded where that can be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Count, Min, QuerySet

from throughline.intake.week.look import Look


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a number counts: what it is, whose ball it is, since when, and by when."""

    about: str  # the kind of thing, which an edge makes an address from
    key: str
    name: str
    what: str
    ball: str
    since_on: date | None = None
    due_on: date | None = None


class Part(Protocol):
    """Things of one kind."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def oldest_on(self) -> date | None:
        """The day since which the oldest waits; None where none says."""

    @property
    def next_on(self) -> date | None:
        """The first day by which one of them is due; None where none is."""

    def lines(self, first: int, last: int) -> list[Line]:
        """Return the lines from `first` on, up to and without `last`."""


@dataclass(frozen=True)
class Listed:
    """Things that had to be looked at one by one."""

    found: Sequence[Line]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.found)

    @property
    def oldest_on(self) -> date | None:
        """The day since which the oldest waits."""
        return min((one.since_on for one in self.found if one.since_on), default=None)

    @property
    def next_on(self) -> date | None:
        """The first day by which one of them is due."""
        return min((one.due_on for one in self.found if one.due_on), default=None)

    def lines(self, first: int, last: int) -> list[Line]:
        """Return some of the lines."""
        return list(self.found[first:last])


@dataclass(frozen=True)
class Rows:
    """Rows that the database counts by one query; only those that are shown are loaded."""

    look: Look
    found: QuerySet[Any]
    line: Callable[[Any], Line]
    since: str = ""  # the field that says since when it waits
    due: str = ""  # and by when it is due

    @cached_property
    def tally(self) -> dict[str, Any]:
        """Number, oldest and next day, as the database has them."""
        wanted: dict[str, Any] = {"count": Count("pk")}
        wanted |= {"oldest": Min(self.since)} if self.since else {}
        wanted |= {"next": Min(self.due)} if self.due else {}
        return self.found.order_by().aggregate(**wanted)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.tally["count"])

    @property
    def oldest_on(self) -> date | None:
        """The day since which the oldest waits."""
        return self._day("oldest")

    @property
    def next_on(self) -> date | None:
        """The first day by which one of them is due."""
        return self._day("next")

    def _day(self, name: str) -> date | None:
        told: date | datetime | None = self.tally.get(name)
        return self.look.day(told)

    def lines(self, first: int, last: int) -> list[Line]:
        """Return some of the lines."""
        return [self.line(one) for one in self.found[first:last]]
