"""Handoffs to GitHub, Airtable and AWS that are killed with -9 at any call and any statement.

Run as `python -m tests.handoff.vendors WORKERS CASES SEED`, on the empty database that
`DATABASE_URL` names; CASES 0 is every call, twice (as it arrives, and once it is performed), and
every statement. It prints what it found as JSON. What is made at GitHub and AWS shows late, and in each case one other
call fails: too many requests, broken, dropped, or performed and the answer lost.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from tests.handoff import matrix

REPOSITORY = "2i2c-org/infrastructure"
SYSTEMS, BUDGET = ("github", "airtable", "aws"), "community-earthscope-monthly"
FAULTS = ("none", "429", "500", "dropped", "lost")
LAG = 2  # later calls whose listings do not show yet what was just made
MINUTE = timedelta(minutes=1)
ROUNDS = [one * MINUTE for one in (1, 6, 12, 20, 40, 90, 240, 600, 1500, 3000)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", type=int)
    parser.add_argument("cases", type=int)
    parser.add_argument("seed", type=int)
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory() as home:
        matrix.set_up(home, is_whole=True)
        with Vendors(wanted.workers) as world:
            cases = list(world.cases(chance))
            chosen = chance.sample(cases, wanted.cases) if wanted.cases else cases
            found = [world.run(case) for case in chosen]
    json.dump([asdict(one) for one in found], sys.stdout)


class Vendors(matrix.World):
    """GitHub, Airtable and AWS, and workers that come and go."""

    def __init__(self, workers: int) -> None:
        import throughline.connectors.aws.budgets  # noqa: F401 -- slow: before any fork, not in each
        from throughline.simulators.airtable import agreements_base
        from throughline.simulators.aws_budgets import AwsBudgetsSimulator
        from throughline.simulators.github import GitHubSimulator

        super().__init__(workers)
        self.github, self.airtable = GitHubSimulator(), agreements_base()
        self.github.add_repository(REPOSITORY)
        self.github.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        self.aws = AwsBudgetsSimulator()
        self.github.lag = self.aws.lag = LAG
        self.arrived, self.fails_at, self.fault = 0, 0, "none"
        self.death: tuple[str, int] | None = None
        self.counting = threading.Lock()
        for one in (self.github, self.airtable, self.aws):
            self._stand_before(one)

    def __enter__(self) -> "Vendors":  # noqa: PYI034 -- one class of its kind
        from django.conf import settings

        from throughline.simulators.github.server import TOKEN

        self.github.open()
        self.airtable.open()
        self.aws.open()
        settings.GITHUB_URL, settings.GITHUB_TOKEN = self.github.url, TOKEN
        settings.GITHUB_REPOSITORY, settings.GITHUB_PROJECT = REPOSITORY, 7
        settings.AIRTABLE_URL, settings.AIRTABLE_TOKEN = self.airtable.url, self.airtable.token
        settings.AIRTABLE_BASE = self.airtable.base
        settings.AWS_BUDGETS, settings.AWS_ROLE = "make", self.aws.role
        settings.AWS_KEY_ID, settings.AWS_SECRET = "AKIASIMULATED", "simulated"
        settings.AWS_URL = settings.AWS_STS_URL = self.aws.url
        return self

    def __exit__(self, *_what: object) -> None:
        self.github.close()
        self.airtable.close()
        self.aws.close()

    def cases(self, chance: random.Random) -> Iterator[matrix.Case]:
        """Hand one engagement over in peace, and yield a death at each step that it took."""
        from tests.factories import NOON

        mortal = matrix.Mortal("nowhere", self.folder / "nobody")
        number = make_engagement()
        with matrix.watched_by(mortal):
            matrix.hand_over(number, self._outside(None), NOON)
        self.calls_in_peace = self.arrived
        steps = [f"statement {nth}" for nth in range(1, mortal.statements + 1)]
        steps += [
            f"call {nth} {when}"
            for nth in range(1, self.arrived + 1)
            for when in ("arrived", "performed")
        ]
        return (matrix.Case(step, chance.choice(FAULTS)) for step in steps)

    def run(self, case: matrix.Case) -> matrix.Found:
        """Hand one engagement over while the case happens, then let time pass; say what is wrong."""
        from tests.factories import NOON

        self.ran += 1
        at = NOON + self.ran * timedelta(days=30)
        number = make_engagement()
        self.arrived, self.fault = 0, case.fault
        # Deterministic: each case fails at a call of its own.
        self.fails_at = random.Random(f"{case}").randint(1, self.calls_in_peace)
        kind, nth, *when = case.boundary.split()
        self.death = (when[0], int(nth)) if kind == "call" else None
        token = self.folder / f"died-{self.ran}"

        def live() -> None:
            mortal = matrix.Mortal(case.boundary, token)
            tell_who_calls()
            with matrix.watched_by(mortal):
                matrix.hand_over(number, self._outside(None), at)

        died = any(self._all_at_once(live))
        self.death, self.fails_at = None, 0
        hidden = self._hidden(number)
        matrix.ask_again(number, self._outside(None), at)
        for later in ROUNDS:
            self.aws.catch_up()  # what it made shows within its settling time: the first round
            matrix.sweep(self._outside(None), at + later)
            hidden += self._hidden(number)
            if not self._unsettled(number):
                break
        objects = self._objects(number)
        keys = self._keys(number)
        return matrix.Found(
            asdict(case),
            died,
            len(keys),
            lost=[key for key in keys if key.split(".")[1].startswith(MADE) and not objects[key]],
            doubled=[key for key in objects if objects[key] > 1],
            hidden=sorted(set(hidden)),
            unsettled=self._unsettled(number),
            calls=self.arrived,
        )

    def _outside(self, mortal: Any) -> Any:
        from throughline.handoff.connected import connected

        return connected()

    def _stand_before(self, simulator: Any) -> None:
        """Count every call, and kill its sender, or have it fail, when its number comes."""
        from throughline.simulators.server import Call, Reply

        take = simulator.take

        def taking(call: Call) -> Reply | None:
            with self.counting:
                self.arrived += 1
                nth = self.arrived
            if nth == self.fails_at:
                simulator.fail_next(*matrix.faults_of(self.fault))
            if self.death == ("arrived", nth):
                return kill(call)
            reply = take(call)
            return kill(call) if self.death == ("performed", nth) else reply

        simulator.take = taking

    def _keys(self, number: int) -> list[str]:
        from throughline.handoff.models import Outcome

        rows = Outcome.objects.filter(engagement_id=number, system__in=SYSTEMS)
        return list(rows.values_list("key", flat=True))

    def _objects(self, number: int) -> dict[str, int]:
        """Return how many issues, records and budgets there are of each key of an engagement."""
        issues = {
            mark.removeprefix("throughline:"): count for mark, count in self.github.marked().items()
        }
        records: dict[str, int] = {}
        for name in ("Engagements", "Projects", "Deliverables"):
            records |= self.airtable.table(name).count_by("Throughline key")
        budgets = {key: self.aws.made[f"{account_of(number)} {BUDGET}"] for key in self._keys(number)
                   if key.startswith("aws.")}  # fmt: skip
        found = dict.fromkeys(self._keys(number), 0)
        of_it = {
            key: count for key, count in (issues | records | budgets).items() if f":{number}" in key
        }
        return found | {key: count for key, count in of_it.items() if _number_in(key) == number}

    def _hidden(self, number: int) -> list[str]:
        from throughline.handoff.models import Outcome

        rows = Outcome.objects.filter(engagement_id=number)
        told = {row.key for row in rows if matrix.is_told(row)}
        return [key for key, count in self._objects(number).items() if count and key not in told]

    def _unsettled(self, number: int) -> dict[str, str]:
        from throughline.handoff.models import Outcome

        rows = Outcome.objects.filter(engagement_id=number, system__in=SYSTEMS).exclude(
            state="converged"
        )
        return {row.key: f"{row.state}: {row.remedy}" for row in rows} or (
            {} if self._keys(number) else {"": "nothing is known of it"}
        )


# What is an object of its own.
MADE = ("issue", "engagement", "project", "deliverable", "budget")


def account_of(number: int) -> str:
    return f"{number:012}"


def make_engagement() -> int:
    """Return the number of an engagement that runs in an AWS account of its own, which we pay for."""
    from tests.factories import NOON
    from tests.handoff.world import with_cluster
    from throughline.communities.models import Community
    from throughline.delivery.queries import engagements
    from throughline.sales.models import Deal

    number = matrix.make_engagement()
    community, _made = Community.objects.get_or_create(
        community_id="earthscope",
        defaults={"short_name": "EarthScope", "created_at": NOON, "id_state": "reserved"},
    )
    Deal.objects.filter(engagement=number).update(community=community)
    found = engagements().get(pk=number)
    with_cluster(found, f"cluster-{number}", account=account_of(number))
    return number


def _number_in(key: str) -> int:
    return int(key.split(":")[1])


def tell_who_calls() -> None:
    """Put this process's number into the name that calls go out under."""
    from botocore.config import Config

    from throughline.connectors import http
    from throughline.connectors.aws import budgets

    http.__version__ = f"{http.__version__} {os.getpid()}"
    budgets.ONCE = budgets.ONCE.merge(Config(user_agent_extra=str(os.getpid())))


def kill(call: Any) -> None:
    """Kill the process that sent a call; nobody is left to be answered."""
    os.kill(int(call.headers["user-agent"].split()[-1]), signal.SIGKILL)


if __name__ == "__main__":
    main()
