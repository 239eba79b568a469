"""What an outcome is: something wanted in one system that can be looked at and made true."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from throughline.handoff.clocks import DATABASE_CLOCK, Clock
from throughline.handoff.words import Verb

Seen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, and when; leases, settling times and limits go by `clock`."""

    by: str
    at: datetime
    clock: Clock = DATABASE_CLOCK


class WaitsForPerson(Exception):
    """This cannot be made true until a person has done something; the message says what."""


class NotYet(Exception):
    """Nothing was sent, for what this belongs to is not there yet; the message says what that is."""


class Wanted(Protocol):
    """One outcome, of whatever system: what must be true, and nothing of how."""

    @property
    def key(self) -> str:
        """What names it, once and for all: "delivery.project:12:new-hub"."""

    @property
    def system(self) -> str:
        """Where it must be true: "delivery", "workbook", "renewals", "mail", "github"."""

    @property
    def summary(self) -> str:
        """What it is, in a few words."""

    @property
    def wanted(self) -> Seen:
        """What must be there."""

    @property
    def audience(self) -> str:
        """Who can read it: "staff", "sponsor", "community" or "public"."""

    def waits_for(self) -> str:
        """Return what a person has to do before this can be made true; "" if nothing."""


class MadeHere(Wanted, Protocol):
    """An outcome in Throughline itself, which looks and acts alone.

    `observe` looks and changes nothing, `act` makes one thing true and returns its receipt. Both
    may be repeated: `act` is only called after a look that differed.
    """

    def observe(self) -> Seen | None:
        """Return what is there in the shape of `wanted`; None if nothing is."""

    def act(self, doing: Doing) -> Seen:
        """Make it true, and return what a receipt says: id, address.

        Raises:
            WaitsForPerson: a person has to do something first.
        """


@dataclass(frozen=True, slots=True)
class Held:
    """An outcome that must not be made true until a person has done something."""

    inner: Wanted
    remedy: str

    @property
    def key(self) -> str:
        return self.inner.key

    @property
    def system(self) -> str:
        return self.inner.system

    @property
    def summary(self) -> str:
        return self.inner.summary

    @property
    def wanted(self) -> Seen:
        return self.inner.wanted

    @property
    def audience(self) -> str:
        return self.inner.audience

    def observe(self) -> Seen | None:
        # Only what is made here is asked: an outside system is shown the outcome inside.
        return cast("MadeHere", self.inner).observe()

    def act(self, _doing: Doing) -> Seen:
        raise WaitsForPerson(self.remedy)

    def waits_for(self) -> str:
        return self.remedy


def bare(wanted: Wanted) -> Wanted:
    """Return the outcome itself, without what holds it back."""
    while isinstance(wanted, Held):
        wanted = wanted.inner
    return wanted


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
    audience: str = "staff"
    preview: str = ""  # what would be there, as a person reads it

    def as_json(self) -> dict[str, Any]:
        """Return the line as a stored plan holds it."""
        return asdict(self) | {"verb": self.verb.value}


def diff(wanted: Wanted, seen: Seen | None) -> Change:
    """Return what would make the world what is wanted; pure, and "keep" where it already is."""
    if seen == wanted.wanted:
        return change_of(wanted, Verb.KEEP, seen)
    if remedy := wanted.waits_for():
        return change_of(wanted, Verb.WAIT, seen, remedy)
    return change_of(wanted, Verb.CREATE if seen is None else Verb.UPDATE, seen)


def change_of(wanted: Wanted, verb: Verb, seen: Seen | None, remedy: str = "") -> Change:
    """Return one line of a plan about an outcome."""
    return Change(
        wanted.key,
        wanted.system,
        verb,
        wanted.summary,
        seen,
        wanted.wanted,
        remedy,
        wanted.audience,
    )


def digest_of(content: Any) -> str:
    """Return the SHA-256 of anything that JSON can hold, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
