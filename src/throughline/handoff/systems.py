"""What an outside system is to a pass: looked at once, acted on in the vendor's batches.

A pass asks `sends_of` which changes go together. Where one send takes changes of one group only
(Airtable: of one table), the system says so by being `InGroups` as well; the others need nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from throughline.handoff.wanted import Change, Doing, NotYet, Seen, WaitsForPerson, Wanted
from throughline.kernel.errors import Permanent, Transient

Failure = Transient | Permanent | WaitsForPerson | NotYet


@dataclass(frozen=True, slots=True)
class Done:
    """One change made: its receipt, and what is there now as the system itself answered."""

    receipt: Seen  # id, address
    seen: Seen  # in the shape of `wanted`; the vendor's answer is the look after the act


class System(Protocol):
    """One outside system during one pass over one engagement. Made anew for every pass.

    It never retries and never sleeps: a failure goes back to the pass, which decides by the row.
    """

    @property
    def name(self) -> str:
        """What outcomes call it: "github", "airtable"."""

    @property
    def settling(self) -> timedelta:
        """How long its listings may lag behind a write: so long an unknown create is not sent again."""

    @property
    def batch(self) -> int:
        """How many outcomes one call can change; 1 where each is sent alone."""

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return by key what is there of these, found by listing and our marker; absent: no entry.

        One listing for all of them, in as few calls as the vendor's page size allows. A failure as
        the value stands for this outcome alone: it is not acted upon, and the others go on.

        Raises:
            Transient: the system is down or asks to wait; nothing is known.
            Permanent: it refused; the message says what a person has to mend.
        """

    def act(self, changes: Sequence[Change], doing: Doing) -> Mapping[str, Done | Failure]:
        """Make at most `batch` changes true in one send, and return by key what became of each.

        `NotYet` as the value: nothing was sent of it, for what it belongs to is not there.

        Raises:
            AnswerLost: sent, and no answer came: any of them may have been performed.
            Transient: nothing was performed; later it may be.
            Permanent: refused as a whole; the message says what a person has to mend.
        """

    def calls(self) -> int:
        """Return how many requests it has sent since it was made."""


@runtime_checkable
class InGroups(Protocol):
    """A system one send of which takes changes of a single group."""

    def group(self, outcome: str) -> str:
        """Return the group of an outcome, by its key: for Airtable, its table."""


@runtime_checkable
class Identifies(Protocol):
    """A system that knows which object it found for an outcome.

    What a look finds made (its answer was lost, a person made it) gets this as its receipt, instead
    of "found": with the object's own number it is known again when its mark is taken away.
    """

    def receipt(self, outcome: str) -> Seen | None:
        """Return the receipt of what `observe` found for an outcome, by its key; None: nothing."""


@runtime_checkable
class LooksOften(Protocol):
    """A system one look at which takes several calls, all at once."""

    @property
    def look(self) -> int:
        """How many calls a look takes, at least: so many are taken from its limits beforehand."""


def sends_of(system: System, changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Yield what goes out together: at most `batch` changes, of one group, groups as they come.

    Groups keep the order in which they first come, so that what others refer to is made first.
    """
    groups: dict[str, list[Change]] = {}
    for change in changes:
        name = system.group(change.outcome) if isinstance(system, InGroups) else ""
        groups.setdefault(name, []).append(change)
    for members in groups.values():
        for start in range(0, len(members), system.batch):
            yield members[start : start + system.batch]
