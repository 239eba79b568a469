"""What is made in Throughline itself, as a system that a pass can look at and act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from throughline.handoff.systems import Done
from throughline.handoff.wanted import Change, Doing, MadeHere, Seen, Wanted


class StillDiffers(Exception):
    """It was done, and the world still differs."""


@dataclass(frozen=True, slots=True)
class InHouse:
    """One outcome of our own: if it cannot be read, only itself waits."""

    one: MadeHere
    batch: int = 1
    settling: timedelta = timedelta(0)  # what we write we read at once

    @property
    def name(self) -> str:
        return self.one.system

    def observe(self, _wanted: Sequence[Wanted]) -> Mapping[str, Seen]:
        """Return what is there of it."""
        seen = self.one.observe()
        return {} if seen is None else {self.one.key: seen}

    def act(self, _changes: Sequence[Change], doing: Doing) -> Mapping[str, Done]:
        """Make it true, and look again.

        Raises:
            StillDiffers: it did not take.
        """
        receipt = self.one.act(doing)
        seen = self.one.observe()
        if seen is None or seen != self.one.wanted:
            raise StillDiffers("it was done, and the world still differs")
        return {self.one.key: Done(receipt, seen)}

    def calls(self) -> int:
        """Return 0: nothing is asked of anybody else."""
        return 0
