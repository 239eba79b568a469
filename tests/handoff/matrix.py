"""Handoffs that are killed with -9 at every boundary while the outside system fails in every way.

Run as `python -m tests.handoff.matrix WORKERS [--faults NAME…] [--blind] [--every-statement]`, on the empty database
that `DATABASE_URL` names. It prints what it found as JSON. Workers are forks; whichever comes to
the boundary first kills itself: no clean-up of any kind runs. Time does not pass, it is handed in.
"""

import argparse
import gc
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

MINUTE = timedelta(minutes=1)
# When the workers come back: soon, after the lease, after settling, and much later.
ROUNDS = [one * MINUTE for one in (1, 6, 12, 18, 40, 90, 240, 600, 1500, 3000, 6000)]
FORKED_ROUNDS = 2  # in which all workers go on at once; later one of them is enough

# Where a worker dies. Each is a place in the life of one pass over one system.
BOUNDARIES = (
    "before observing",
    "observed",
    "before the intent is written",
    "before the intent is committed",
    "intent committed",
    "call arrived, not performed",
    "call performed, not answered",
    "answered",
    "before the result is written",
    "before the result is committed",
    "result committed",
    "nowhere",
)
FAULTS = (
    "none", "429", "500", "slow", "dropped", "lost", "performed and 500",
    "lagging", "lost and lagging", "performed, 500 and lagging",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One way to fail, at one boundary."""

    boundary: str
    fault: str


@dataclass(slots=True)
class Found:
    """What became of one case; all lists and counts are empty or zero where all is well."""

    case: dict[str, str]
    died: bool
    effects: int = 0  # how many things had to come true
    lost: list[str] = field(default_factory=list)  # wanted, and not there at the end
    doubled: list[str] = field(default_factory=list)  # there more than once
    hidden: list[str] = field(default_factory=list)  # done, and no row said so or said "unknown"
    unsettled: dict[str, str] = field(default_factory=dict)  # not converged at the end
    calls: int = 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", type=int)
    parser.add_argument("--blind", action="store_true", help="switch observing off")
    parser.add_argument("--every-statement", action="store_true")
    parser.add_argument("--faults", nargs="+", default=FAULTS)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        set_up(home)
        world = World(wanted.workers, is_blind=wanted.blind)
        with world:
            cases = [Case(boundary, fault) for fault in wanted.faults for boundary in BOUNDARIES]
            if wanted.every_statement:
                cases = list(statement_cases(world))
            found = [world.run(case) for case in cases]
    json.dump([asdict(one) for one in found], sys.stdout)


def set_up(home: str, *, is_whole: bool = False) -> None:
    """Make the database ready; unless `is_whole`, a pass has nothing but the store's three."""
    os.environ |= {"THROUGHLINE_HOME": home, "THROUGHLINE_SECRET_KEY": "only-for-tests"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "throughline.config.settings"
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)  # failing is what this is about
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if not is_whole:
        only_outside()
    gc.freeze()  # a fork need not copy what nobody touches


def only_outside() -> None:
    """Leave out what is made here, which `killing.py` is about."""
    from throughline.handoff import plans

    def outcomes_for(engagement: Any, facts: Any, *, playbook: Any, outside: Any = ()) -> Any:
        return tuple(
            one for system in outside for one in system.wanted_of(engagement, facts, playbook)
        )

    plans.outcomes_for = outcomes_for


class Mortal:
    """What kills this process at a boundary; of several workers, only the first to come dies."""

    def __init__(self, boundary: str, token: Path) -> None:
        self.boundary, self.token, self.phase, self.statements = boundary, token, "", 0

    def reach(self, boundary: str) -> None:
        if boundary == self.boundary:
            self.die()

    def die(self) -> None:
        try:
            self.token.touch(exist_ok=False)
        except FileExistsError:
            return  # another worker has died here already
        os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        """Stand before every statement to the database."""
        self.statements += 1
        self.reach(f"statement {self.statements}")
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.reach(f"before the {self.written} is written")
        done = execute(sql, params, many, context)
        if not context["connection"].in_atomic_block:
            self.reach(f"{self.written} committed")
        return done

    @property
    def written(self) -> str:
        """What the pass writes in this phase."""
        return {"observed": "intent", "answered": "result"}.get(self.phase, "rest")

    def commit(self, commit: Callable[[], None]) -> Callable[[], None]:
        """Stand before and after every commit."""

        def committing() -> None:
            self.reach(f"before the {self.written} is committed")
            commit()
            self.reach(f"{self.written} committed")

        return committing


def mortal_store(store: Any, mortal: Mortal) -> Any:
    """Return a store that tells where the pass stands."""
    from tests.handoff.store import Store

    class MortalStore(Store):
        def observe(self, wanted: Any) -> Any:
            mortal.phase = "observing"
            mortal.reach("before observing")
            try:
                return super().observe(wanted)
            finally:
                mortal.phase = "observed"
                mortal.reach("observed")

        def act(self, changes: Any, doing: Any) -> Any:
            mortal.reach("intent committed")
            mortal.phase = "acting"
            try:
                return super().act(changes, doing)
            finally:
                mortal.phase = "answered"
                mortal.reach("answered")

    return MortalStore(store.url, is_blind=store.is_blind, patience_s=store.patience_s)


class World:
    """One database, one store, and workers that come and go."""

    def __init__(self, workers: int, *, is_blind: bool = False) -> None:
        from tests.handoff.store import StoreSimulator

        self.workers, self.is_blind = workers, is_blind
        self.store = StoreSimulator()
        self.folder = Path(os.environ["THROUGHLINE_HOME"])
        self.ran = 0

    def __enter__(self) -> Self:
        self.store.open()
        return self

    def __exit__(self, *_what: object) -> None:
        self.store.close()

    def run(self, case: Case) -> Found:
        """Hand one engagement over while the case happens, then let time pass; say what is wrong."""
        from tests.factories import NOON

        self.ran += 1
        begun = NOON + self.ran * timedelta(days=30)
        number = make_engagement()
        calls = sum(self.store.calls.values())
        died = self._first_pass(case, number, begun)
        hidden = hidden_effects(number, self.store.objects())
        ask_again(number, self._outside(None), begun)
        for place, later in enumerate(ROUNDS):
            at = self.store.now = begun + later
            if place < FORKED_ROUNDS and self.workers > 1:
                self._all_at_once(lambda at=at: sweep(self._outside(None), at))
            else:
                sweep(self._outside(None), at)
            hidden += hidden_effects(number, self.store.objects())
            if not unsettled(number):
                break
        if not self.is_blind:  # a person applies again, much later: that must do nothing
            self.store.now = begun + ROUNDS[-1]
            hand_over(number, self._outside(None), self.store.now)
        return self._found(case, number, died=died, hidden=hidden, calls=calls)

    def _first_pass(self, case: Case, number: int, at: Any) -> bool:
        store = self.store
        store.now, store.faults = at, faults_of(case.fault)
        store.lag = lag_of(case.fault)
        store.deadly = deadly_of(case.boundary)
        token = self.folder / f"died-{self.ran}"

        def live() -> None:
            mortal = Mortal(case.boundary, token)
            with watched_by(mortal):
                hand_over(number, self._outside(mortal), at)

        deaths = self._all_at_once(live)
        store.faults, store.deadly = [], None
        return any(deaths)

    def _all_at_once(self, life: Callable[[], None]) -> list[bool]:
        """Let all workers live the same life in forks, and return which were killed."""
        return self._all_at_once_each([life] * self.workers)

    def _all_at_once_each(self, lives: Sequence[Callable[[], None]]) -> list[bool]:
        """Let every worker live its life in a fork, together, and return which were killed."""
        from django.db import connection

        connection.close()
        sys.stdout.flush()
        children = [fork(life) for life in lives]
        ends = [os.waitpid(child, 0)[1] for child in children]
        strange = [end for end in ends if end and not os.WIFSIGNALED(end)]
        assert not strange, f"a worker ended with {strange}"
        return [os.WIFSIGNALED(end) for end in ends]

    def _outside(self, mortal: Mortal | None) -> Any:
        from tests.handoff.store import SHORT_PATIENCE_S, Store, objects_of
        from throughline.handoff.connected import Outside

        store = Store(self.store.url, is_blind=self.is_blind)
        if self.store.faults and self.store.faults[0].seconds:
            store.patience_s = SHORT_PATIENCE_S
        return (Outside(store if mortal is None else mortal_store(store, mortal), objects_of),)

    def _found(self, case: Case, number: int, **more: Any) -> Found:
        from tests.handoff.store import keys_of

        objects = self.store.objects()
        return Found(
            asdict(case),
            more["died"],
            len(keys_of(number)),
            lost=[key for key in keys_of(number) if not objects[key]],
            doubled=[key for key in keys_of(number) if objects[key] > 1],
            hidden=sorted(set(more["hidden"])),
            unsettled=unsettled(number),
            calls=sum(self.store.calls.values()) - more["calls"],
        )


def fork(life: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        life()
    except BaseException:  # noqa: BLE001 -- a fork must not live on as its parent
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def watched_by(mortal: Mortal) -> Any:
    """Have a process reach a boundary at every statement and every commit."""
    from django.db import connection

    connection.ensure_connection()
    connection.commit = mortal.commit(connection.commit)
    return connection.execute_wrapper(mortal)


def make_engagement() -> int:
    """Return the number of an engagement of which nothing is known."""
    from tests.factories import NOON, make_deal
    from throughline.delivery.models import Engagement
    from throughline.delivery.words import Origin

    deal = make_deal(stage="closed_won")
    made = Engagement.objects.create(
        deal=deal, origin=Origin.values[0], opened_at=NOON, opened_by="ada"
    )
    return made.number


def faults_of(name: str) -> list[Any]:
    from tests.handoff.store import PERFORMED_AND_500
    from throughline.simulators.server import answering, dropping, losing_the_answer, slow, too_many

    made = {
        "429": too_many("30"),
        "500": answering(500),
        "slow": slow(0.6),
        "dropped": dropping(),
        "lost": losing_the_answer(),
        "performed and 500": PERFORMED_AND_500,
        "lost and lagging": losing_the_answer(),
        "performed, 500 and lagging": PERFORMED_AND_500,
    }
    return [made[name]] if name in made else []


def no_fault() -> Any:
    from tests.handoff.store import NO_FAULT

    return NO_FAULT


def lag_of(fault: str) -> timedelta:
    from tests.handoff.store import LAG

    return LAG if "lagging" in fault else timedelta()


def deadly_of(boundary: str) -> Any:
    from tests.handoff.store import Deadly

    if not boundary.startswith("call "):
        return None
    return Deadly(is_performed=boundary.startswith("call performed"))


def hand_over(number: int, outside: Sequence[Any], at: Any) -> None:
    """Do what a person does who applies: one pass, now."""
    from tests.handoff.world import SetClock
    from throughline.delivery.queries import engagements
    from throughline.handoff.leases import Leased
    from throughline.handoff.passes import Terms, apply_handoff
    from throughline.handoff.wanted import Doing
    from throughline.playbook.loader import shipped

    with suppress(Leased):  # another worker is on it
        apply_handoff(
            engagements().get(pk=number), playbook=shipped(), holder=f"worker {os.getpid()}",
            doing=Doing("pia", at, SetClock(at)), terms=Terms(connect=lambda: outside),
        )  # fmt: skip


def ask_again(number: int, outside: Sequence[Any], at: Any) -> None:
    """Do what a person does whose page broke before anything was written down."""
    from throughline.handoff.models import Pass

    if not Pass.objects.filter(pk=number, turn__gt=0).exists():
        hand_over(number, outside, at)


def sweep(outside: Sequence[Any], at: Any) -> None:
    """Do what a worker does: every pass that is due."""
    from tests.handoff.world import SetClock
    from throughline.handoff.jobs import run_passes
    from throughline.playbook.loader import shipped

    run_passes(
        at=at, playbook=shipped(), holder=f"worker {os.getpid()}", clock=SetClock(at),
        connect=lambda: outside,
    )  # fmt: skip


def hidden_effects(number: int, objects: Mapping[str, int]) -> list[str]:
    """Return the objects that exist and of which no row says so, or that it is not known."""
    from throughline.handoff.models import Outcome

    rows = Outcome.objects.filter(engagement_id=number, system="store")
    told = {
        row.key
        for row in rows
        if row.receipt is not None
        or row.intent_at is not None
        or row.state in {"unknown", "waiting"}
    }
    from tests.handoff.store import keys_of

    return [key for key in keys_of(number) if objects[key] and key not in told]


def is_told(row: Any) -> bool:
    """Return whether a row says that its object is there, or that nobody knows."""
    return bool(row.receipt or row.intent_at or row.state in {"unknown", "waiting"})


def unsettled(number: int) -> dict[str, str]:
    from tests.handoff.store import keys_of
    from throughline.handoff.models import Outcome

    rows = Outcome.objects.filter(engagement_id=number, system="store")
    states = dict.fromkeys(keys_of(number), "unknown to us") | {row.key: row.state for row in rows}
    return {key: state for key, state in states.items() if state != "converged"}


def statement_cases(world: World) -> Iterator[Case]:
    """Yield a death before every statement of a pass, in peace and when an answer is lost."""
    from tests.factories import NOON

    mortal = Mortal("nowhere", world.folder / "nobody")
    world.store.now = NOON
    number = make_engagement()
    with watched_by(mortal):
        hand_over(number, world._outside(None), NOON)
    for fault in ("none", "lost and lagging"):
        for nth in range(1, mortal.statements + 1):
            yield Case(f"statement {nth}", fault)


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"{time.monotonic() - begun:.1f} s", file=sys.stderr)
