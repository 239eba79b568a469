"""Sentences of the journal about capacity: answers, holds, bookings, the team."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, name, words

Say = str | Callable[[Facts], str]


def _capacity(facts: Facts) -> str:
    said = str(facts.get("answer", "")).replace("_", " ")
    return f"PS answered “{said}” to “can we deliver this?”"


CAPACITY: Final[dict[str, tuple[str, Say]]] = {
    "capacity.answer.affected": ("warning", "Another deal wants the same weeks: {message}"),
    "capacity.answer.given": ("capacity", _capacity),
    "capacity.booking.freed": ("void", "Booked hours were freed"),
    "capacity.booking.handed_on": ("calendar", "Booked hours went along with their work"),
    "capacity.booking.made": ("calendar", "{hours} hours were booked"),
    "capacity.colleague.added": ("person", lambda f: f"Colleague: {name(f)} was added"),
    "capacity.colleague.changed": ("drift", lambda f: f"Colleague: {name(f)} was changed"),
    "capacity.demand.assigned": (
        "person",
        lambda f: f"Work was given to {words(f.get('after'))}",
    ),
    "capacity.demand.put": ("capacity", "The estimate needs up to {high_h} hours"),
    "capacity.demand.withdrawn": ("void", "The estimate was withdrawn"),
    "capacity.hold.firmed": ("lock", "Hours kept for the deal are firm now"),
    "capacity.hold.freed": ("void", "Hours kept for the deal were freed"),
    "capacity.hold.kept": (
        "hand",
        lambda f: f"{f.get('hours')} hours of {words(f.get('role'))} are kept ({f.get('kind')})",
    ),
    "capacity.load.began": ("plus", "Standing load began: {why}"),
    "capacity.load.ended": ("skip", "Standing load ended"),
    "capacity.time_off.given_back": ("calendar", "{name} is there from {from_on} to {to_on}"),
    "capacity.time_off.taken": ("calendar", "{name} is off from {from_on} to {to_on}"),
}
