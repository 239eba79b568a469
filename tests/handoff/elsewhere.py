"""An outside system that lives in memory and fails as it is told to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from throughline.handoff.connected import Outside
from throughline.handoff.passes import Terms
from throughline.handoff.systems import Done
from throughline.handoff.wanted import Change, Doing, Seen, Wanted

SETTLING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Thing:
    """One outcome there."""

    key: str
    wanted: Seen
    audience: str = "staff"
    system: str = "elsewhere"

    @property
    def summary(self) -> str:
        return f"thing {self.key}"

    def waits_for(self) -> str:
        return ""


@dataclass
class World:
    """What is there: a list, for nothing stops two things with one key."""

    things: list[tuple[str, Seen]] = field(default_factory=list)
    hidden: bool = False  # listings lag: nothing that was made shows
    fails: list[Any] = field(default_factory=list)  # for each of the next sends: None, or an error
    performs: bool = False  # a send that fails is performed all the same
    cannot_look: Exception | None = None
    sends: list[list[str]] = field(default_factory=list)
    looks: int = 0
    wanted: dict[str, Seen] = field(
        default_factory=lambda: {name: {"title": name} for name in ("a", "b", "c")}
    )
    audience: str = "staff"

    def count(self) -> dict[str, int]:
        keys = [key for key, _content in self.things]
        return {key.rsplit(":", 1)[1]: keys.count(key) for key in keys}

    def wanted_of(self, engagement: Any, _facts: Any, _playbook: Any) -> list[Wanted]:
        return [
            Thing(f"elsewhere.thing:{engagement.number}:{name}", content, self.audience)
            for name, content in self.wanted.items()
        ]

    def terms(self, *, batch: int = 2, **more: Any) -> Terms:
        """Return what connects a pass with this world."""
        return Terms(connect=lambda: self.outside(batch), **more)

    def outside(self, batch: int = 2) -> tuple[Outside, ...]:
        return (Outside(Elsewhere(self, batch=batch), self.wanted_of),)


@dataclass
class Elsewhere:
    """The system during one pass."""

    world: World
    batch: int = 2
    name: str = "elsewhere"
    settling: timedelta = SETTLING
    sent: int = 0

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen]:
        self.sent += 1
        self.world.looks += 1
        if self.world.cannot_look is not None:
            raise self.world.cannot_look
        keys = {one.key for one in wanted}
        shown = [] if self.world.hidden else self.world.things
        return {key: content for key, content in shown if key in keys}

    def act(self, changes: Sequence[Change], _doing: Doing) -> Mapping[str, Done]:
        self.sent += 1
        self.world.sends.append([one.outcome.rsplit(":", 1)[1] for one in changes])
        error = self.world.fails.pop(0) if self.world.fails else None
        if error is None or self.world.performs:
            self._perform(changes)
        if error is not None:
            raise error
        return {one.outcome: Done({"id": one.outcome[-1]}, one.after or {}) for one in changes}

    def _perform(self, changes: Sequence[Change]) -> None:
        for one in changes:
            if one.before is not None:
                self.world.things = [pair for pair in self.world.things if pair[0] != one.outcome]
            self.world.things.append((one.outcome, one.after or {}))

    def receipt(self, outcome: str) -> Seen | None:
        return {"id": outcome[-1]}

    def calls(self) -> int:
        return self.sent
