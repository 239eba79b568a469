"""A small outside system over real HTTP, and what a pass needs to work with it.

The store keeps objects by marker. It never refuses a second one with the same marker: a double is
to be seen. What was written shows in its listing only some time later.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from throughline.connectors.http import open_client, send
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, Seen, Wanted
from throughline.simulators.server import Call, Fault, Reply, Simulator, When

SETTLING = timedelta(minutes=10)
LAG = timedelta(minutes=9)  # longer than a lease, shorter than settling
PATIENCE_S = 10.0  # with an answer; a slow one is not waited for
SHORT_PATIENCE_S = 0.2

# Performs the call, and says that it has not: what a system does that dies while it answers.
NO_FAULT = Fault(When.SLOW)
PERFORMED_AND_500 = Fault(When.SLOW, Reply(500, "out of order"))


@dataclass(frozen=True, slots=True)
class Kept:
    """One object, as it was written at an instant."""

    number: int
    marker: str
    fields: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadly:
    """Kill whoever sends the next write: as it arrives, or once it is performed."""

    is_performed: bool


class StoreSimulator(Simulator):
    """Keeps what it is given; `now` is its clock, `lag` how late its listing is."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime | None = None
        self.lag = timedelta()
        self.written: list[Kept] = []
        self.faults: list[Fault] = []  # one for each of the next writes
        self.deadly: Deadly | None = None
        self.on_write: Callable[[], None] | None = None  # called as a write arrives

    def objects(self) -> Counter[str]:
        """Return how many objects each marker has."""
        numbers = {kept.number: kept.marker for kept in self.written}
        return Counter(numbers.values())

    def take(self, call: Call) -> Reply | None:
        with self._lock:
            self.calls[call.key] += 1
            if call.method == "GET":
                return Reply(200, {"objects": self._listed()})
            if self.on_write is not None:
                self.on_write()
            fault = self.faults.pop(0) if self.faults else NO_FAULT
            deadly, self.deadly = self.deadly, None
            is_performed = fault.when not in {When.INSTEAD, When.DROPPED}
            if is_performed and (deadly is None or deadly.is_performed):
                reply = self._write(call)
        if deadly is not None:
            return _kill(call)
        if fault.when in {When.LOST, When.DROPPED} or self._closing.wait(fault.seconds):
            return None
        return reply if is_performed and fault is not PERFORMED_AND_500 else fault.reply

    def _write(self, call: Call) -> Reply:
        """Make one object for each that is sent, or write anew the one that is named."""
        assert self.now is not None
        self.performed[call.key] += 1
        made = []
        for one in json.loads(call.body)["objects"]:
            number = one["number"] or 1 + max((kept.number for kept in self.written), default=0)
            kept = Kept(number, one["marker"], one["fields"], self.now)
            self.written.append(kept)
            made.append(_shown(kept))
        return Reply(200, {"objects": made})

    def _listed(self) -> list[dict[str, Any]]:
        """Return the objects as the listing knows them: as they were `lag` ago."""
        assert self.now is not None
        known = {kept.number: kept for kept in self.written if kept.at <= self.now - self.lag}
        return [_shown(kept) for kept in known.values()]


def _shown(kept: Kept) -> dict[str, Any]:
    return {"number": kept.number, "marker": kept.marker, "fields": dict(kept.fields)}


def _kill(call: Call) -> None:
    """Kill the process that sent a call; nobody is left to be answered."""
    os.kill(int(call.headers["x-process"]), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Object:
    """One outcome in the store."""

    key: str
    wanted: Seen
    system: str = "store"
    audience: str = "staff"

    @property
    def summary(self) -> str:
        return f"object {self.key}"

    def observe(self) -> Seen | None:
        raise NotImplementedError("the store is looked at as a whole")

    def act(self, doing: Doing) -> Seen:
        raise NotImplementedError("the store is written to in batches")

    def waits_for(self) -> str:
        return ""


@dataclass(slots=True)
class Store:
    """The store during one pass."""

    url: str
    name: str = "store"
    settling: timedelta = SETTLING
    batch: int = 2
    is_blind: bool = False  # observing switched off: what the negative control does
    patience_s: float = PATIENCE_S  # with an answer to what writes
    sent: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen]:
        if self.is_blind:
            return {}
        found: dict[str, Seen] = {}
        keys = {one.key for one in wanted}
        for one in self._send("GET", "/objects")["objects"]:
            if one["marker"] in keys:
                found[one["marker"]] = one["fields"]
                self.numbers[one["marker"]] = one["number"]
        return found

    def act(self, changes: Sequence[Change], doing: Doing) -> Mapping[str, Done | Failure]:
        wishes = [
            {"number": self.numbers.get(one.outcome), "marker": one.outcome, "fields": one.after}
            for one in changes
        ]
        made = self._send("POST", "/objects", {"objects": wishes})["objects"]
        return {one["marker"]: Done({"number": one["number"]}, one["fields"]) for one in made}

    def calls(self) -> int:
        return self.sent

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        self.sent += 1
        patience_s = PATIENCE_S if method == "GET" else self.patience_s
        with open_client(self.url, timeout_s=patience_s) as http:
            headers = {"X-Process": str(os.getpid())}
            return send(http, method, path, json=body, headers=headers).json()


def keys_of(number: int) -> list[str]:
    """Return the markers of an engagement's three objects: two go in one send, one alone."""
    return [f"store.object:{number}:{part}" for part in ("a", "b", "c")]


def objects_of(engagement: Any, _facts: Any, _playbook: Any) -> list[Object]:
    """Return what must be in the store for an engagement."""
    return [Object(key, {"title": f"Object {key[-1]}"}) for key in keys_of(engagement.number)]
