"""How long a capacity answer takes, and how that grows: run `.venv/bin/python benchmarks/capacity.py`.

A team of five roles, a third of the people with two; engagements that want three of the roles for two
months to a year, 70 or 90 % of all hours together with a standing load. Cold is the model of what is
promised; a what-if asks it once more about a deal of six deliverables (360 hours) on other days; an
answer is everything that a person sees: level, limits, and P50 to P95 from 1,000 draws.

Times are the processor's: all of it runs on one thread, and neighbours do not count.
"""

import random
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from throughline.capacity.engine.answer import Question, Rules, answer_of
from throughline.capacity.engine.programme import Programme
from throughline.capacity.engine.supply import Closed, Colleague, pooled
from throughline.capacity.engine.weeks import weeks_from
from throughline.capacity.engine.work import Load, Work, tasks_of

SIZES = ((8, 50, 52), (15, 100, 104), (15, 200, 104), (30, 200, 104), (30, 400, 104))
ROLES = ("app", "infra", "lead", "product", "delivery")
TODAY = date(2026, 3, 2)
CLOSED = (Closed(12, 18, 14), Closed(1, 1, 3))


def main() -> None:
    print(
        f"{'people':>6} {'engagements':>11} {'weeks':>5} {'full':>5} {'variables':>9}"
        f" {'cold':>8} {'what-if':>8} {'answer':>8}  word"
    )
    for people, engagements, count in SIZES:
        for full in (0.7, 0.9):
            measure(people, engagements, count, full)


def measure(people: int, engagements: int, count: int, full: float) -> None:
    weeks = weeks_from(TODAY, count)
    pools = pooled(team(people), weeks, CLOSED)
    loads = promised(pools, engagements, count, full)
    cold, programme = timed(lambda: Programme(pools, loads))
    moves = range(0, 20, 4)
    what_ifs = [
        timed(lambda move=move: programme.place(tasks_of(deal(move), weeks)))[0] for move in moves
    ]
    asked = Question(programme, weeks, deal(0), TODAY + timedelta(days=28), Rules(52, 0.5, 1000))
    answer, found = timed(lambda: answer_of(asked))
    print(
        f"{people:>6} {engagements:>11} {count:>5} {full:>5.0%} {programme.size:>9}"
        f" {cold * 1000:>5.0f} ms {statistics.median(what_ifs) * 1000:>5.0f} ms"
        f" {answer * 1000:>5.0f} ms  {found.word}"
    )


def timed(work):
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def team(people: int) -> list[Colleague]:
    countries = ("US", "DE", "GB")
    return [
        Colleague(
            f"Person {number}",
            tuple({ROLES[number % 5], ROLES[(number * 7 + 1) % 5 if number % 3 == 0 else number % 5]}),
            40, 0.45, country=countries[number % 3],
        )
        for number in range(people)
    ]  # fmt: skip


def promised(pools, engagements: int, count: int, full: float) -> list[Load]:
    dice = random.Random(1)
    standing = 0.15
    hours = {role: pools.role_hours(role) for role in ROLES}
    loads = [
        Load("standing", (role,), float(hours[role][week]) * standing, week, week)
        for role in ROLES
        for week in range(count)
    ]
    for number in range(engagements):
        for role in dice.sample(ROLES, 3):
            first = dice.randrange(0, count - 8)
            last = min(count - 1, first + dice.randrange(8, 52))
            share = (full - standing) * 5 / 3 / engagements * dice.uniform(0.4, 1.2)
            total = float(hours[role].sum()) * share
            loads.append(Load(f"deal:{number}", (role,), total, first, last))
    return loads


def deal(weeks_later: int) -> tuple[Work, ...]:
    start = TODAY + timedelta(days=28)
    return tuple(
        Work(
            f"Deliverable {number}", ("app", "infra") if number % 2 else ("infra",), 30, 60,
            start, start + timedelta(days=40 + 10 * number),
        ).later(weeks_later)
        for number in range(6)
    )  # fmt: skip


if __name__ == "__main__":
    main()
