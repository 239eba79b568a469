"""How long indexing and asking take, on both databases: run `.venv/bin/python benchmarks/search.py`.

Fills an SQLite file and, where one answers at THROUGHLINE_TEST_POSTGRES, a PostgreSQL database of
its own with 20,000 deals and what hangs on them; makes the index; asks; opens the page; and follows
2,000 changes. Another size: `… search.py 5000`.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

SIZE = 20_000
ROUNDS = 40
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POSTGRES = os.environ.get(
    "THROUGHLINE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"
)
PARTS = [
    "ba",
    "co",
    "di",
    "fe",
    "gu",
    "ha",
    "jo",
    "ki",
    "lu",
    "me",
    "no",
    "pi",
    "ra",
    "se",
    "tu",
    "va",
    "wo",
    "xe",
    "yi",
    "zo",
]
WORDS = [f"{one}{two}{three}" for one in PARTS for two in PARTS for three in PARTS[:5]]
QUERIES = {  # what people type
    "an id": "90000000345",
    "two words": "bacodi zo",
    "a beginning": "bac",
    "a word of all deals": "membership",
    "one letter": "m",
    "nothing": "qqqq",
}


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    with tempfile.TemporaryDirectory() as home:
        here = os.environ | {"THROUGHLINE_HOME": home, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        one = [sys.executable, __file__, str(size), "measure"]
        subprocess.run(one, env=here | {"DATABASE_URL": f"sqlite:///{home}/b.sqlite3"}, check=True)
        with _database() as url:
            if url:
                subprocess.run(one, env=here | {"DATABASE_URL": url}, check=True)


@contextmanager
def _database():
    """Yield the address of a fresh database, dropped afterwards; "" where none answers."""
    import psycopg
    from psycopg import sql

    name = f"search_benchmark_{os.getpid()}"
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        print(f"PostgreSQL was left out: {error}")
        yield ""
        return
    with server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{POSTGRES.rpartition('/')[0]}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def measure(size: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from throughline.cli.database import migrate_database

    settings.ALLOWED_HOSTS = ["testserver"]
    migrate_database()
    things = fill(size)
    print(f"\n{connection.vendor}: {size:,} deals, {things:,} things in all")
    _index()
    _ask()
    _follow()


def fill(size: int) -> int:
    """Write rows; every word is drawn by a fixed seed. Returns how many things they are."""
    from throughline.communities.models import Community, Contact
    from throughline.delivery.models import Deliverable, Engagement, Project
    from throughline.mail.models import Message
    from throughline.sales.models import Deal

    draw = random.Random(1)

    def some(count):
        return " ".join(draw.choice(WORDS) for _ in range(count))

    communities = Community.objects.bulk_create(
        Community(short_name=f"{some(2).title()} {number}", long_name=some(5), created_at=NOW)
        for number in range(size // 20)
    )
    deals = Deal.objects.bulk_create(
        (
            Deal(
                name=f"{some(2).title()} membership {number}", hubspot_id=str(90_000_000_000 + number),
                buyer=f"University of {some(1).title()}", owner=draw.choice(["ada", "ben", "cleo"]),
                community=draw.choice(communities), stage="lead", currency="USD", amount=17500,
                stage_since=NOW, created_at=NOW,
            )
            for number in range(size)
        ),
        batch_size=1000,
    )  # fmt: skip
    won = Engagement.objects.bulk_create(
        Engagement(deal=deal, origin="imported", opened_at=NOW, opened_by="ada")
        for deal in deals[: size // 10]
    )
    projects = Project.objects.bulk_create(
        Project(engagement=one, code="new-hub", title=f"New hub: {some(2)}", kind="new_hub")
        for one in won
    )
    Deliverable.objects.bulk_create(
        Deliverable(
            project=project, code=f"d{number}", title=some(4).capitalize(),
            definition_of_done=[some(8), some(8)],
        )
        for project in projects for number in range(4)
    )  # fmt: skip
    Contact.objects.bulk_create(
        Contact(full_name=some(2).title(), email=f"{number}@example.org")
        for number in range(size // 10)
    )
    Message.objects.bulk_create(
        Message(
            key=f"k{number}", message_id=f"<{number}@x>", to=["bo@example.org"], subject=some(4),
            text="\n\n".join(some(40) for _ in range(4)), about="engagement:1", queued_at=NOW,
            queued_by="ada",
        )
        for number in range(size // 10)
    )  # fmt: skip
    return size + len(communities) + len(won) + 4 * len(won) + 2 * (size // 10)


def _index() -> None:
    from throughline.playbook.loader import shipped
    from throughline.search.actions.following import start_anew
    from throughline.search.jobs import steps
    from throughline.search.models import Item

    start_anew()
    begun = time.perf_counter()
    spent = []
    last = begun
    for _left in steps(playbook=shipped(), at=NOW, most=10**6):
        spent.append(time.perf_counter() - last)
        last = time.perf_counter()
    total = time.perf_counter() - begun
    print(
        f"  index of {Item.objects.count():,} things in {total:.1f} s"
        f" ({total / Item.objects.count() * 1000:.2f} ms each);"
        f" the longest transaction {max(spent):.2f} s"
    )


def _ask() -> None:
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from throughline.people.actions import add_user
    from throughline.people.words import RoleName
    from throughline.playbook.loader import shipped
    from throughline.search.actions.asking import ask
    from throughline.search.words import EVERYTHING

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client = Client()
    client.force_login(add_user("lea", roles=frozenset({RoleName.LEAD}), by="x", at=NOW))
    print(f"  {'':22}{'found':>8}{'ask p50':>10}{'p95':>8}{'page p50':>10}{'p95':>8}  queries")
    for what, text in QUERIES.items():
        answer = ask(text, sight=EVERYTHING, playbook=shipped(), at=NOW)
        reset_queries()
        with CaptureQueriesContext(connection) as caught:
            ask(text, sight=EVERYTHING, playbook=shipped(), at=NOW)
        queries = len(caught)  # a page's request forgets them
        answered = client.get("/search/", {"q": text})
        assert answered.status_code == 200, answered.status_code
        asked = _times(lambda text=text: ask(text, sight=EVERYTHING, playbook=shipped(), at=NOW))
        page = _times(lambda text=text: client.get("/search/", {"q": text}))
        print(
            f"  {what:22}{answer.findings.count:>8,}{_ms(asked)}{_ms(page, first=10)}{queries:>9}"
        )


def _times(call) -> list[float]:
    found = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        call()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def _ms(times: list[float], first: int = 10) -> str:
    p95 = times[int(len(times) * 0.95) - 1]
    return f"{statistics.median(times):>{first}.0f}{p95:>8.0f}"


def _follow() -> None:
    """Change 2,000 deals, as an import would, and see how long the index takes to follow."""
    from throughline.journal.actions import entry, record_all
    from throughline.playbook.loader import shipped
    from throughline.sales.models import Deal
    from throughline.search.actions.following import waiting
    from throughline.search.jobs import steps

    changed = list(Deal.objects.order_by("pk")[:2000])
    for one in changed:
        one.name += " renamed"
    Deal.objects.bulk_update(changed, ["name"], batch_size=500)
    record_all(entry("sales.deal.changed_elsewhere", one, by="x", at=NOW) for one in changed)
    begun = time.perf_counter()
    list(steps(playbook=shipped(), at=NOW + timedelta(hours=1), most=10**6))
    took = time.perf_counter() - begun
    print(f"  followed {len(changed):,} changes in {took:.1f} s, {waiting()} left")


if __name__ == "__main__":
    if sys.argv[2:] == ["measure"]:
        measure(int(sys.argv[1]))
    else:
        main()
