"""The days of renewals as a calendar has them: a name for good, a count of changes, cancelled ones.

Source: RFC 5545 (iCalendar); an event that moves keeps its UID and raises its SEQUENCE.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from icalendar import Calendar, Event

from throughline.delivery.queries import engagements
from throughline.kernel.days import ONE_DAY
from throughline.playbook.model import Playbook
from throughline.renewals.models import CalendarEvent, Decommission
from throughline.renewals.queries import Standing, standings, term_state
from throughline.renewals.words import TermState

END: Final = "end"
DECIDE: Final = "decide"
DECOMMISSION: Final = "decommission"
SHOWN_BACK: Final = timedelta(days=400)  # what is longer past is in nobody's way
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """One day that calendars should have."""

    engagement: int
    code: str
    on: date
    summary: str

    @property
    def key(self) -> tuple[int, str]:
        """What names it for good."""
        return (self.engagement, self.code)


def wanted_events(*, on: date, playbook: Playbook) -> list[Wanted]:
    """Return every day that calendars should have: ends, steps of ladders, decisions, plans."""
    since = on - SHOWN_BACK
    found = standings(engagements().filter(deal__end_on__gte=since, deal__deleted_at=None), on=on)
    plans = {one.subject: one.planned_on for one in Decommission.objects.filter(called_off_at=None)}
    return [
        event
        for one in found
        for event in _of_one(one, plans.get(one.deal.subject), on=on, playbook=playbook)
    ]


def _of_one(
    standing: Standing, planned_on: date | None, *, on: date, playbook: Playbook
) -> Iterable[Wanted]:
    deal, number = standing.deal, standing.engagement.number
    if deal.end_on is None:
        return
    yield Wanted(number, END, deal.end_on, _short(f"Ends: {deal.name}"))
    if not standing.is_renewed:
        for rung in standing.ladder(playbook):
            if not rung.is_dropped:
                days = (deal.end_on - rung.due_on).days
                summary = _short(f"{days} days before the end: {deal.name}")
                yield Wanted(number, f"step-{rung.step}", rung.due_on, summary)
    if term_state(standing, on=on, playbook=playbook) == TermState.LAPSED:
        decide_on = deal.end_on + ONE_DAY + timedelta(days=playbook.periods.lapse_decision_days)
        yield Wanted(number, DECIDE, decide_on, _short(f"Decide, it runs on: {deal.name}"))
    if planned_on is not None:
        yield Wanted(number, DECOMMISSION, planned_on, _short(f"Take down: {deal.name}"))


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def calendar_text(events: Iterable[CalendarEvent], *, organisation: str) -> bytes:
    """Return events as iCalendar: the same bytes for the same events."""
    calendar = Calendar()
    calendar.add("prodid", "-//Throughline//Renewals//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Renewals of {organisation}")
    for one in events:
        calendar.add_component(_event(one))
    return bytes(calendar.to_ical())


def _event(one: CalendarEvent) -> Event:
    made = Event()
    made.add("uid", f"renewal-{one.engagement_id}-{one.code}@throughline")
    made.add("dtstamp", one.changed_at)
    made.add("last-modified", one.changed_at)
    made.add("sequence", one.sequence)
    made.add("dtstart", one.on)  # a day, and no instant: it is that day everywhere
    made.add("dtend", one.on + ONE_DAY)
    made.add("summary", one.summary)
    made.add("url", f"{settings.BASE_URL}/renewals/{one.engagement_id}/")
    made.add("transp", "TRANSPARENT")
    made.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    return made
