"""What an outcome is: something wanted in one system that can be looked at and made true."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from throughline.handoff.words import Verb
from throughline.kernel.errors import Refused, Transient

Seen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, and when."""

    by: str
    at: datetime


class WaitsForPerson(Exception):
    """This cannot be made true until a person has done something; the message says what."""


class Wanted(Protocol):
    """One outcome, of whatever system.

    `observe` looks and changes nothing, `act` makes one thing true and returns its receipt. Both
    may be repeated: `act` is only called after a look that differed.
    """

    @property
    def key(self) -> str:
        """What names it, once and for all: "delivery.project:12:new-hub"."""

    @property
    def system(self) -> str:
        """Where it must be true: "delivery", "workbook", "renewals", "mail"."""

    @property
    def summary(self) -> str:
        """What it is, in a few words."""

    @property
    def wanted(self) -> Seen:
        """What must be there."""

    @property
    def audience(self) -> str:
        """Who can read it: "staff", "sponsor", "community" or "public"."""

    def observe(self) -> Seen | None:
        """Return what is there in the shape of `wanted`; None if nothing is."""

    def act(self, doing: Doing) -> Seen:
        """Make it true, and return what a receipt says: id, address.

        Raises:
            WaitsForPerson: a person has to do something first.
        """

    def waits_for(self) -> str:
        """Return what a person has to do before this can be made true; "" if nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan."""

    outcome: str
    system: str
    verb: Verb
    summary: str
    before: Seen | None = None
    after: Seen | None = field(default=None)
    remedy: str = ""


def diff(wanted: Wanted, seen: Seen | None) -> Change:
    """Return what would make the world what is wanted; pure, and "keep" where it already is."""
    if seen == wanted.wanted:
        verb, remedy = Verb.KEEP, ""
    elif remedy := wanted.waits_for():
        verb = Verb.WAIT
    else:
        verb = Verb.CREATE if seen is None else Verb.UPDATE
    return Change(wanted.key, wanted.system, verb, wanted.summary, seen, wanted.wanted, remedy)


def look(wanted: Wanted) -> Change:
    """Return what a plan says of an outcome; one that cannot be looked at waits, saying why."""
    try:
        return diff(wanted, wanted.observe())
    except (Refused, Transient, WaitsForPerson) as error:
        return Change(
            wanted.key, wanted.system, Verb.WAIT, wanted.summary, None, wanted.wanted, str(error)
        )
