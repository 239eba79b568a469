"""How long the map of the process takes: run `.venv/bin/python benchmarks/process.py`.

20,000 deals with the stays of four years, 2,000 engagements with ten deliverables each, a team of
fifteen with bookings and asking deals. Each page, and one list behind a number, is asked for twenty
times by Django's test client in this process: on SQLite, and on PostgreSQL where
THROUGHLINE_TEST_POSTGRES names a server that answers and may make a database. CPU is the median of
this process alone: without waiting for neighbours, and without the database server.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

POSTGRES = os.environ.get(
    "THROUGHLINE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"
)
DEALS, ENGAGEMENTS, DELIVERABLES, TIMES = 20_000, 2_000, 10, 20
STAGES = ("lead", "qualified", "proposal", "negotiation", "contract_admin", "closed_won")
ROLES = ("app_engineer", "infrastructure_engineer", "tech_lead", "product", "delivery")
PAGES = (
    "/process/", "/process/flow/", "/process/months/", "/pipeline/?view=table&of=in.proposal",
    "/pipeline/?view=table&of=went.proposal.on", "/engagements/?view=all&of=place.partly",
)  # fmt: skip


def main() -> None:
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {"THROUGHLINE_HOME": home, "THROUGHLINE_SECRET_KEY": "b"}
            base, _, _last = POSTGRES.rpartition("/")
            database = f"bench_process_{os.getpid()}"
            if name == "PostgreSQL":
                if not sql(f'CREATE DATABASE "{database}"'):
                    print("PostgreSQL does not answer.")
                    continue
                environment["DATABASE_URL"] = f"{base}/{database}"
            else:
                environment.pop("DATABASE_URL", None)
            try:
                subprocess.run(
                    [sys.executable, __file__, "--measure", name], env=environment, check=True
                )
            finally:
                if name == "PostgreSQL":
                    sql(f'DROP DATABASE "{database}"')


def sql(statement: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.OperationalError:
        return False
    return True


def measure(name: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "throughline.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    user = seed()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    print(f"{name:<47} {'median':>9} {'p95':>9} {'CPU':>9} {'size':>8}")
    for page in PAGES:
        took, worked, size = [], [], 0
        for _ in range(TIMES + 2):
            begun, at_work = time.perf_counter(), time.process_time()
            answer = client.get(page)
            took.append((time.perf_counter() - begun) * 1000)
            worked.append((time.process_time() - at_work) * 1000)
            assert answer.status_code == 200, (page, answer.status_code)
            size = len(answer.content)
        took = sorted(took[2:])  # the first ones load templates
        p95 = took[int(len(took) * 0.95) - 1]
        print(
            f"  {page:<45} {statistics.median(took):>6.0f} ms {p95:>6.0f} ms"
            f" {statistics.median(worked[2:]):>6.0f} ms {size / 1000:>5.0f} kB"
        )


def seed():
    """Write the rows of a large house, straight into the tables, and return one of its leads."""
    from django.db import connection

    from throughline.people.actions import add_user
    from throughline.people.words import RoleName

    chance, now = random.Random(1), datetime.now(UTC)
    deals = seed_deals(chance, now)
    seed_engagements(chance, now, deals)
    seed_team(chance, now, deals)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return add_user("lea", roles=frozenset({RoleName.LEAD, RoleName.ADMIN}), by="benchmark", at=now)


def seed_deals(chance, now):
    from throughline.sales.models import Deal, Stay
    from throughline.sales.staying import Moved, stays_told

    deals, told = [], []
    for number in range(DEALS):
        created = now - timedelta(days=chance.randrange(1, 1460))
        last = 5 if number < ENGAGEMENTS else chance.choice((0, 1, 1, 2, 2, 3, 4, 6, 6, 6))
        path = [*STAGES[: min(last, chance.randrange(1, 5)) + 1]]
        end = "closed_lost" if last == 6 else STAGES[last]
        path += [end] if path[-1] != end else []
        at, moves = created, []
        for before, after in pairwise(path):
            at = min(now, at + timedelta(days=chance.randrange(1, 90), hours=chance.randrange(24)))
            moves.append(Moved(at, before, after))
        told.append(stays_told(moves, stage=path[0], since=created))
        start = now.date() + timedelta(days=chance.randrange(-700, 400))
        has_term = chance.random() < 0.7
        deals.append(Deal(
            name=f"Deal {number}", owner=f"bd{number % 7}", stage=path[-1], stage_since=at,
            amount=chance.randrange(1000, 200000), currency="USD", created_at=created,
            start_on=start if has_term else None,
            end_on=start + timedelta(days=chance.randrange(90, 720)) if has_term else None,
            close_on=start, probability=chance.choice((None, "0.300", "0.550")),
        ))  # fmt: skip
    Deal.objects.bulk_create(deals, batch_size=500)
    Stay.objects.bulk_create(
        (
            Stay(
                deal=deal, stage=one.stage, from_at=one.from_at, to_at=one.to_at, days=one.days,
                next_stage=one.next_stage, again_at=one.again_at,
            )
            for deal, stays in zip(deals, told, strict=True)
            for one in stays
        ),
        batch_size=500,
    )  # fmt: skip
    return deals


def seed_engagements(chance, now, deals):
    from throughline.delivery.models import Deliverable, Engagement, EvidenceLook, Project
    from throughline.sales.models import Order

    won = deals[:ENGAGEMENTS]
    Order.objects.bulk_create([Order(deal=one, at=one.stage_since, by="bd") for one in won])
    made = Engagement.objects.bulk_create([
        Engagement(
            deal=one, origin="ordered", opened_at=one.stage_since, opened_by="bd",
            accepted_by="ps", accepted_at=now, successor=chance.choice((None, None, deals[0])),
        )
        for one in won
    ])  # fmt: skip
    projects = Project.objects.bulk_create(
        [Project(engagement=one, code="p", title="P", kind="new_hub") for one in made]
    )
    states = ("planned", "done", "verified", "returned")
    Deliverable.objects.bulk_create(
        (
            Deliverable(
                project=one, code=f"d{place}", title="D",
                **told(state if state == "planned" else chance.choice(states[states.index(state):]), now),
            )
            for one in projects
            for state in [chance.choice(states)]
            for place in range(DELIVERABLES)
        ),
        batch_size=500,
    )  # fmt: skip
    EvidenceLook.objects.bulk_create([
        EvidenceLook(engagement=one, at=now, first_value_on=now.date()) for one in made[::2]
    ])  # fmt: skip


def told(state, now):
    fields = {"state": state}
    if state != "planned":
        fields |= {"done_by": "pia", "done_at": now}
    if state == "verified":
        fields |= {"verdict_by": "ada", "verdict_at": now}
    return fields


def seed_team(chance, now, deals):
    from throughline.capacity.models import Booking, Colleague, Demand, StandingLoad

    today = now.date()
    Colleague.objects.bulk_create([
        Colleague(
            name=f"Person {n}", roles=[ROLES[n % 5], *([ROLES[(n + 1) % 5]] if n % 3 == 0 else [])],
            weekly_hours=40, billable_share="0.450",
        )
        for n in range(15)
    ])  # fmt: skip
    Booking.objects.bulk_create([
        Booking(
            subject=one.subject, code="d0", title="Work", roles=[chance.choice(ROLES)],
            hours=chance.randrange(5, 60), from_on=today - timedelta(days=30),
            to_on=today + timedelta(days=chance.randrange(10, 500)),
        )
        for one in deals[:400]
    ])  # fmt: skip
    StandingLoad.objects.bulk_create([
        StandingLoad(
            subject=one.subject, role="infrastructure_engineer", hours_per_week="0.02",
            why="1 hub", to_on=today + timedelta(days=chance.randrange(600)),
        )
        for one in deals[:ENGAGEMENTS]
    ])  # fmt: skip
    Demand.objects.bulk_create([
        Demand(
            subject=one.subject, code="1", title="Work", roles=[chance.choice(ROLES)], low_h=10,
            high_h=40, from_on=today + timedelta(days=chance.randrange(90)),
            due_on=today + timedelta(days=chance.randrange(100, 300)),
        )
        for one in deals[-200:]
    ])  # fmt: skip


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(sys.argv[-1])
    else:
        main()
