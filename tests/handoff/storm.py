"""Many handoffs at once, while workers are killed and the outside fails, all by chance.

Run as `python -m tests.handoff.storm WORKERS HANDOFFS SEED [--blind]`, on the empty database that
`DATABASE_URL` names. It prints what it found as JSON. Of the calls that write, 15 % are answered
429, 20 % are performed and the answer is lost, 5 % are performed and answered 500, 5 % are dropped;
the listing is nine minutes late. In every round most workers die at a statement of chance.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.handoff import matrix

STEP = timedelta(minutes=7)  # from one round to the next: longer than a lease
MOST_ROUNDS = 2000
FAULT_CHANCES = {"429": 15, "lost": 20, "performed and 500": 5, "dropped": 5, "none": 55}
MORTAL_CHANCE = 0.7  # of a worker, in a round
LIFE = 2500  # statements, at most, of a worker that will die


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", type=int)
    parser.add_argument("handoffs", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--blind", action="store_true", help="switch observing off")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        matrix.set_up(home)
        with StormyWorld(wanted.workers, is_blind=wanted.blind) as world:
            found = world.weather(wanted.handoffs, random.Random(wanted.seed))
    json.dump(found, sys.stdout)


class StormyWorld(matrix.World):
    """A world in which everything fails by chance."""

    def weather(self, handoffs: int, chance: random.Random) -> dict[str, Any]:
        """Hand all engagements over, whatever it takes, and count what went wrong."""
        from tests.factories import NOON
        from tests.handoff.store import LAG, keys_of

        begun = time.monotonic()
        numbers = [matrix.make_engagement() for _ in range(handoffs)]
        self.store.lag = LAG
        self.store.on_write = lambda: self.store.faults.extend(_one_fault(chance))
        at, deaths, rounds, asked, hidden = NOON, 0, 0, 0, set()
        while (left := self._left(numbers)) and rounds < MOST_ROUNDS:
            at, rounds = at + STEP, rounds + 1
            self.store.now = at
            deaths += sum(self._round(left, at, chance))
            hidden |= set(self._hidden(numbers))
            asked += self._answer_as_a_person(numbers, at)
        objects = self.store.objects()
        keys = [key for number in numbers for key in keys_of(number)]
        return {
            "handoffs": handoffs,
            "effects": len(keys),
            "kills": deaths,
            "rounds": rounds,
            "calls": sum(self.store.calls.values()),
            "lost": sum(not objects[key] for key in keys),
            "doubled": sum(objects[key] > 1 for key in keys),
            "hidden": len(hidden),
            "asked": asked,
            "unsettled": len(self._left(numbers)),
            "seconds": round(time.monotonic() - begun),
        }

    def _round(self, left: list[int], at: datetime, chance: random.Random) -> list[bool]:
        """Let all workers live at once, most of them not to the end."""
        seeds = [chance.random() for _ in range(self.workers)]
        order = iter(seeds)
        fresh = set(self._unbegun(left))

        def life_of(seed: float) -> Any:
            mine = random.Random(seed)
            last = f"statement {mine.randint(1, LIFE)}" if mine.random() < MORTAL_CHANCE else ""

            def live() -> None:
                mortal = matrix.Mortal(last, self.folder / f"died-{seed}")
                with matrix.watched_by(mortal):
                    for number in mine.sample(sorted(fresh), len(fresh)):
                        matrix.hand_over(number, self._outside(mortal), at)
                    matrix.sweep(self._outside(mortal), at)

            return live

        return self._all_at_once_each([life_of(seed) for seed in order])

    def _left(self, numbers: list[int]) -> list[int]:
        from throughline.handoff.models import Outcome

        made = Outcome.objects.filter(engagement_id__in=numbers, system="store", state="converged")
        done = Counter(made.values_list("engagement_id", flat=True))
        return [number for number in numbers if done[number] < 3]

    def _unbegun(self, numbers: list[int]) -> list[int]:
        from throughline.handoff.models import Pass

        begun = set(Pass.objects.filter(turn__gt=0).values_list("pk", flat=True))
        return [number for number in numbers if number not in begun]

    def _hidden(self, numbers: list[int]) -> list[str]:
        from throughline.handoff.models import Outcome

        told = {row.key for row in Outcome.objects.filter(system="store") if matrix.is_told(row)}
        return [key for key in self.store.objects() if key not in told]

    def _answer_as_a_person(self, numbers: list[int], at: datetime) -> int:
        """Apply again where a person was asked to look, and return how many times one was."""
        from throughline.handoff.models import Outcome

        waiting = Outcome.objects.filter(system="store", state="waiting")
        asked = sorted(set(waiting.values_list("engagement_id", flat=True)))
        for number in asked:
            matrix.hand_over(number, self._outside(None), at)
        return len(asked)


def _one_fault(chance: random.Random) -> list[Any]:
    name = chance.choices(list(FAULT_CHANCES), weights=list(FAULT_CHANCES.values()))[0]
    return matrix.faults_of(name) or [matrix.no_fault()]


if __name__ == "__main__":
    main()
