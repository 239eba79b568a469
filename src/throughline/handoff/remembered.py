"""Outside systems as they were last seen: what a page shows without asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from throughline.handoff.connected import Outside
from throughline.handoff.models import Outcome
from throughline.handoff.systems import Done, Failure, System
from throughline.handoff.wanted import Change, Doing, Seen, Wanted


@dataclass(frozen=True, slots=True)
class Remembered:
    """A system that answers from our rows, and cannot be acted upon."""

    name: str
    batch: int = 1
    settling: timedelta = timedelta(0)

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return what was last seen of these; one query."""
        rows = Outcome.objects.filter(key__in=[one.key for one in wanted])
        return {row.key: row.seen for row in rows if row.seen is not None}

    def act(self, _changes: Sequence[Change], _doing: Doing) -> Mapping[str, Done | Failure]:
        """Refuse.

        Raises:
            NotImplementedError: always; only plans are made with it.
        """
        raise NotImplementedError("what was remembered cannot be changed")

    def calls(self) -> int:
        """Return 0: nobody is asked."""
        return 0


def as_remembered(outside: Sequence[Outside]) -> tuple[Outside, ...]:
    """Return the same systems, answering from what was last seen of them."""
    return tuple(Outside(_remembered(one.system), one.wanted_of) for one in outside)


def _remembered(system: System) -> System:
    return Remembered(system.name)
