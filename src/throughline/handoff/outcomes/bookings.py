"""The team's hours for an engagement, booked instead of held."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from throughline.capacity.actions.holds import BookedHours, book_hours
from throughline.capacity.queries import bookings_of
from throughline.delivery.load import bookings_of_engagement
from throughline.delivery.models import Engagement
from throughline.handoff.wanted import Doing, Seen, Wanted
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts


@dataclass(frozen=True, slots=True)
class HoursBooked:
    """The hours that the statement of work, or the template, asks for are booked."""

    number: int
    bookings: tuple[BookedHours, ...]
    refused: str = ""  # why the work makes no sense
    system: str = "capacity"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"capacity.bookings:{self.number}"

    @property
    def summary(self) -> str:
        hours = sum(one.hours for one in self.bookings)
        return f"{hours:f} h of the team for {len(self.bookings)} pieces of work"

    @property
    def wanted(self) -> Seen:
        return _shown(self.bookings)

    def observe(self) -> Seen | None:
        rows = bookings_of(self._subject)
        return _shown(rows) if rows else None

    def act(self, doing: Doing) -> Seen:
        rows = book_hours(self._subject, self.bookings, by=doing.by, at=doing.at)
        return {"id": self._subject, "bookings": len(rows)}

    def waits_for(self) -> str:
        return self.refused

    @property
    def _subject(self) -> str:
        return f"deal:{self.number}"


def _shown(bookings: Iterable[Any]) -> Seen:
    """Return bookings by code: those that came along with their work stand before our own."""
    return {"bookings": [_shape(one) for one in sorted(bookings, key=lambda one: one.code)]}


def _shape(one: Any) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "roles": list(one.roles),
        "hours": f"{one.hours:.2f}",
        "from_on": one.from_on.isoformat(),
        "to_on": one.to_on.isoformat(),
    }


def bookings_wanted(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[Wanted]:
    """Yield the bookings of an engagement; none where all of its work is done, or there is none."""
    try:
        bookings = tuple(
            bookings_of_engagement(engagement, facts.deal, facts.statement, playbook=playbook)
        )
    except Refused as refused:
        yield HoursBooked(engagement.number, (), str(refused))
        return
    if bookings:
        yield HoursBooked(engagement.number, bookings)
