"""Six years of many engagements: ends that move, outages, successors, two workers, and a judge.

Chance (with a seed) writes the history. The judge says what must have gone out, and nothing else
may have. Run as `python -m tests.renewals.simulation ENGAGEMENTS SEED` on the empty database that
`DATABASE_URL` names (SQLite without): then workers are killed with -9 as well. It prints what it
found as JSON.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time as clock
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

from throughline.playbook.model import Playbook

FIRST, LAST = date(2027, 1, 1), date(2032, 12, 31)  # over two leap days
ONE_DAY = timedelta(days=1)
ZONES = ("America/St_Johns", "Pacific/Apia", "UTC", "America/Los_Angeles", "Asia/Kathmandu")
KINDS = ["move"] * 6 + ["back"] * 2 + ["end"] * 3 + ["name"] * 3 + ["renew", "forget"]
WORKERS = 2


@dataclass
class Found:
    """What a simulation came to."""

    engagements: int
    zone: str
    days: int = 0  # on which it ran
    rehearsed: int = 0  # of them, and the rehearsal said the same
    notices: int = 0
    corrections: int = 0
    kills: int = 0
    repeats: int = 0  # handed to the server again, under one id, because an answer was lost
    missing: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    seconds: int = 0


class Simulation:
    """One history, played day by day in the database and by the judge."""

    def __init__(
        self,
        engagements: int,
        seed: int,
        *,
        home: Path,
        kills: bool,
        rules: Playbook | None = None,
        last: date = LAST,
    ) -> None:
        from throughline.playbook.loader import shipped

        self.chance = random.Random(seed)
        self.home, self.kills = home, kills
        self.found = Found(engagements, ZONES[seed % len(ZONES)])
        rules, self.last = rules or shipped(), last
        self.playbook = replace(
            rules, organisation=replace(rules.organisation, zone=self.found.zone)
        )
        self.expected, self.queued, self.renewed = [], [], {}
        self.pool = ThreadPoolExecutor(WORKERS)

    def play(self) -> Found:
        begun = clock.monotonic()
        lives = self._populate()
        happens, down = self._history(lives), self._outages()
        try:
            on = FIRST
            while on <= self.last:
                for kind, life in happens.get(on, []):
                    self._befall(kind, life, on)
                if on not in down:
                    self._day(on, lives, is_quiet=on not in happens and on - ONE_DAY not in down)
                on += ONE_DAY
            self._drain()
        finally:
            list(self.pool.map(_let_go, [Barrier(WORKERS)] * WORKERS))
            self.pool.shutdown()
        self._judge(lives)
        self.found.seconds = round(clock.monotonic() - begun)
        return self.found

    def _populate(self) -> list:
        """Make the engagements; a third has a term under 60 days, some no end yet."""
        from tests.factories import NOON
        from tests.renewals.judge import Life
        from throughline.delivery.models import Engagement
        from throughline.delivery.words import Origin
        from throughline.sales.models import Deal

        chance, deals = self.chance, []
        for number in range(self.found.engagements):
            start = FIRST + timedelta(days=chance.randint(-400, 2100))
            length = chance.choice([chance.randint(0, 59), 60, chance.randint(61, 400), 365, 730])
            end = None if number % 25 == 0 else start + timedelta(days=length)
            deals.append(
                Deal(
                    name=f"Deal {number}", hubspot_id=f"7{number:05}", stage="closed_won",
                    currency="USD", stage_since=NOON, created_at=NOON, start_on=start, end_on=end,
                )
            )  # fmt: skip
        Deal.objects.bulk_create(deals)
        Engagement.objects.bulk_create(
            Engagement(deal=deal, opened_by="factory", opened_at=NOON, origin=Origin.IMPORTED)
            for deal in deals
        )
        return [Life(deal.pk, deal.name, deal.start_on, deal.end_on) for deal in deals]

    def _history(self, lives: list) -> dict[date, list]:
        """Return what happens on which day: mostly close to an end, where it matters."""
        chance, happens = self.chance, {}
        for _ in range(self.found.engagements * 5 // 2):
            life = chance.choice(lives)
            around = life.end_on or FIRST + timedelta(days=chance.randint(0, 2100))
            on = min(max(around - timedelta(days=chance.randint(-30, 75)), FIRST), LAST)
            happens.setdefault(on, []).append((chance.choice(KINDS), life))
        return happens

    def _outages(self) -> set[date]:
        down: set[date] = set()
        for _ in range(40):
            begins = FIRST + timedelta(days=self.chance.randint(0, 2180))
            days = self.chance.choice([1, 1, 2, 5, 20, 65])
            down |= {begins + timedelta(days=later) for later in range(days)}
        return down - {self.last}

    def _befall(self, kind: str, life, on: date) -> None:
        """Let one thing happen, in the database and to the judge."""
        from tests.renewals.world import make_ending, make_representative, make_successor, move_end
        from throughline.delivery.models import Engagement

        engagement = Engagement.objects.select_related("deal").get(pk=life.number)
        if kind in {"move", "back"}:
            known = sorted({end for end, _step in life.over})
            fresh = on + timedelta(days=self.chance.choice([-20, 0, 1, 10, 30, 61, 90, 200, 365]))
            wanted = self.chance.choice(known) if kind == "back" and known else fresh
            life.end_on = max(life.start_on, wanted)
            move_end(engagement, life.end_on)
        elif kind == "forget":
            life.end_on = None
            move_end(engagement, None)
        elif kind == "end" and not life.is_ending:
            life.is_ending = True
            make_ending(engagement)
        elif kind == "name" and not life.representative:
            life.representative = f"rep{life.number}@example.org"
            make_representative(engagement, life.representative)
        elif kind == "renew" and not life.is_renewed:
            life.is_renewed = True
            make_successor(engagement)

    def _day(self, on: date, lives: list, *, is_quiet: bool) -> None:
        wanted = sorted(demand for life in lives for demand in life.on_a_day_that_runs(on))
        self.expected += wanted
        if not wanted and on.day % 15:  # nothing is due; some of these days are tried
            return
        self.found.days += 1
        at = self._some_instant_of(on)
        rehearsed = self._rehearsed(on) if is_quiet and self.found.days % 10 == 0 else None
        had_help = self.kills and self.chance.random() < 0.1
        self.found.kills += had_help and self._die_at_some_statement(at)
        mails = self._work(at)
        if rehearsed is not None:
            self.found.rehearsed += 1
        # What a third worker queued, killed or not, is not told by those who came after it.
        if rehearsed is not None and not had_help and rehearsed != mails:
            self.found.forbidden.append(f"{on}: rehearsed {rehearsed}, and brought {mails}")
        self.queued += mails

    def _some_instant_of(self, on: date) -> datetime:
        """Return an instant of a day where the organisation is; often its first or last second."""
        seconds = self.chance.choice([0, 86399, self.chance.randint(0, 86399)])
        at = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
        local = datetime.combine(on, at, tzinfo=ZoneInfo(self.found.zone))
        found = local.astimezone(UTC)
        # An hour that a clock change leaves out may lie on another day: take noon.
        if found.astimezone(ZoneInfo(self.found.zone)).date() != on:
            found = datetime.combine(on, time(12), tzinfo=ZoneInfo(self.found.zone)).astimezone(UTC)
        return found

    def _work(self, at: datetime) -> list:
        """Let both workers do what is due, at once, and return what they queued."""
        together = Barrier(WORKERS)
        runs = list(self.pool.map(lambda _: self._one_worker(at, together), range(WORKERS)))
        failed = [why for run in runs for why in run.failed]
        self.found.forbidden += [f"{at}: failed: {why}" for why in failed]
        return sorted((one.engagement, one.subject) for run in runs for one in run.queued)

    def _one_worker(self, at: datetime, together: Barrier):
        from throughline.mail.jobs import send_due
        from throughline.renewals.jobs import run_ladders

        together.wait(timeout=60)
        run = run_ladders(at=at, playbook=self.playbook, by="worker")
        send_due(at=at)
        return run

    def _rehearsed(self, on: date) -> list:
        from throughline.renewals.jobs import rehearse_ladders

        found = rehearse_ladders(on=on, today=on - ONE_DAY, playbook=self.playbook)
        return sorted((one.engagement, one.subject) for one in found)

    def _die_at_some_statement(self, at: datetime) -> bool:
        """Run in a fork that is killed before some statement, and return whether it was."""
        from django.db import connection

        nth = self.chance.randint(1, 60)
        connection.close()
        child = os.fork()
        if child == 0:
            _live_until(nth, lambda: self._one_worker(at, Barrier(1)))
        _pid, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def _drain(self) -> None:
        """Let whatever the server sent away come back, until nothing is due any more."""
        from throughline.mail.jobs import send_due

        at = self._some_instant_of(self.last)
        for hours in range(0, 24 * 14, 6):
            send_due(at=at + timedelta(hours=hours))

    def _judge(self, lives: list) -> None:
        """Hold what went out against what was demanded: on which day, to whom, in which words."""
        from tests.renewals.flaky import taken
        from throughline.mail.models import Message
        from throughline.renewals.models import Notice

        zone = ZoneInfo(self.found.zone)
        messages = list(Message.objects.filter(about__startswith="engagement:"))
        said = Counter(
            (one.queued_at.astimezone(zone).date(), int(one.about.split(":")[1]),
             tuple(one.to), one.subject)
            for one in messages
        )  # fmt: skip
        wanted = Counter((one.on, one.number, one.to, one.subject) for one in self.expected)
        self.found.missing += [str(one) for one in (wanted - said).elements()]
        self.found.forbidden += [str(one) for one in (said - wanted).elements()]
        self.found.notices = sum("expiring" in one.subject for one in messages)
        self.found.corrections = len(messages) - self.found.notices
        self._judge_the_server(messages, taken(self.home))
        twice = Notice.objects.exclude(message=None).values_list("engagement", "end_on", "step")
        self.found.doubled += [str(one) for one, n in Counter(twice).items() if n > 1]

    def _judge_the_server(self, messages: list, came: list[dict[str, str]]) -> None:
        """Every mail is at the server; one that came twice came under one id, after a lost answer."""
        times = Counter(one["id"] for one in came)
        self.found.missing += [one.key for one in messages if not times[one.message_id]]
        known = {one.message_id: one for one in messages}
        self.found.forbidden += [one for one in times if one not in known]
        self.found.repeats = sum(times.values()) - len(times)
        for key, count in times.items():
            if key in known and count > 1 + known[key].lost:
                self.found.doubled.append(known[key].key)


def _let_go(together: Barrier) -> None:
    from django.db import connection

    together.wait(timeout=60)  # so that each thread does it
    connection.close()


def _live_until(nth: int, work) -> None:
    from django.db import connection

    left = [nth]

    def die(execute, sql, params, many, context):
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(die):
            work()
    finally:
        os._exit(0)


def main(engagements: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"THROUGHLINE_HOME": home, "THROUGHLINE_SECRET_KEY": "only-for-tests"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "throughline.config.settings"}
        os.environ["THROUGHLINE_LOG_LEVEL"] = "CRITICAL"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.EMAIL_BACKEND = "tests.renewals.flaky.FlakyBackend"
        call_command("migrate", verbosity=0)
        found = Simulation(engagements, seed, home=Path(home), kills=True).play()
        print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
