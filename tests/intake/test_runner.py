"""Who carries the passes: the loop on SQLite, Procrastinate on PostgreSQL; the rows decide."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories import NOON, make_engagement
from tests.handoff.databases import address_of_test_database
from tests.handoff.world import apply
from throughline.handoff.deferring import defer_pass, is_carried_by_jobs
from throughline.handoff.models import Outcome, Pass
from throughline.handoff.runner import defer_passes
from throughline.intake import runner
from throughline.intake.doctor import worker as look_at_the_worker
from throughline.intake.runner import Working, jobs_app, last_seen, rescue_stalled, work_until
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.both_databases

LATER = NOON + timedelta(hours=1)
PATIENCE_S = 180  # a dead worker is given up after a while; a busy machine takes longer


@pytest.fixture(autouse=True)
def no_jobs(committed_db):
    """Procrastinate's tables are not Django's to empty."""
    if is_carried_by_jobs():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def only_on_postgres(committed_db):
    if not is_carried_by_jobs():
        pytest.skip("jobs are for PostgreSQL")


def jobs():
    """Return the jobs that stand, as (task, arguments, status)."""
    if not is_carried_by_jobs():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, args::text, status::text FROM procrastinate_jobs ORDER BY id"
        )
        return cursor.fetchall()


def make_due():
    """Return an engagement whose ladder somebody must look at again."""
    engagement = make_engagement()
    apply(engagement)
    again(engagement)
    return engagement


def again(engagement):
    Outcome.objects.filter(key=f"renewals.ladder:{engagement.number}").update(next_at=NOON)


def is_done(engagement):
    """Whether it was looked at again, and whoever did so has let go of it."""
    is_free = Pass.objects.filter(pk=engagement.number, leased_by="").exists()
    return is_free and not Outcome.objects.filter(engagement=engagement, next_at=NOON).exists()


def eventually(what):
    """Wait until something is so; say whether it came."""
    end = time.monotonic() + PATIENCE_S
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@contextmanager
def worker_thread(concurrency=1):
    stop = threading.Event()
    working = Working(stop, lambda: LATER, concurrency)
    thread = threading.Thread(target=work_until, args=(working,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_job_and_rows_are_committed_together_or_not_at_all():
    with transaction.atomic():
        defer_pass(7)
        transaction.set_rollback(True)
    after_rollback = jobs()
    with transaction.atomic():
        defer_pass(7)

    assert after_rollback == []
    assert jobs() == ([("pass", '{"engagement": 7}', "todo")] if is_carried_by_jobs() else [])


def test_a_second_job_for_the_same_engagement_is_not_added_and_spoils_no_transaction():
    with transaction.atomic():
        first, second, other = defer_pass(7), defer_pass(7), defer_pass(8)
        Pass.objects.filter(pk=7).exists()  # the transaction still works

    assert (first, second, other) == (is_carried_by_jobs(), False, is_carried_by_jobs())
    assert len(jobs()) == (2 if is_carried_by_jobs() else 0)


def test_sweep_gives_each_due_engagement_away_once():
    number = make_due().number

    given = [defer_passes(at=LATER, playbook=shipped(), holder="sweep") for _ in range(2)]

    assert given == ([[number], []] if is_carried_by_jobs() else [[], []])


def test_worker_finds_what_is_due_without_any_job_and_gives_a_sign_of_life():
    engagement = make_due()

    with worker_thread():
        assert eventually(lambda: is_done(engagement))
        assert last_seen() is not None
        assert eventually(lambda: not jobs())


def test_two_workers_with_two_threads_each_do_each_engagement(only_on_postgres):
    engagements = [make_due() for _ in range(6)]

    with worker_thread(2), worker_thread(2):
        assert eventually(lambda: all(is_done(one) for one in engagements))
        assert eventually(lambda: not jobs())


def test_job_for_which_nothing_is_due_does_nothing(only_on_postgres):
    engagement = make_engagement()
    defer_pass(engagement.number)

    with worker_thread():
        assert eventually(lambda: "pass" not in {task for task, *_ in jobs()})

    assert not Outcome.objects.filter(engagement=engagement).exists()


def stall(number):
    """Leave a job as a worker does that was killed a minute ago."""
    defer_pass(number)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '60 s')"
            " RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE status = 'todo'",
            cursor.fetchone(),
        )


def rescue():
    async def run():
        app = jobs_app(Working(threading.Event(), lambda: LATER))
        async with app.open_async():
            return await rescue_stalled(app)

    return asyncio.run(run())


def test_job_of_a_dead_worker_is_given_back(only_on_postgres):
    stall(7)

    rescued = rescue()

    assert len(rescued) == 1
    assert jobs() == [("pass", '{"engagement": 7}', "todo")]


def test_job_of_a_dead_worker_whose_successor_waits_is_dropped(only_on_postgres):
    stall(7)
    defer_pass(7)

    rescue()

    assert jobs() == [("pass", '{"engagement": 7}', "todo")]


def test_dead_worker_holds_nothing_up_for_long(only_on_postgres):
    engagement = make_due()
    stall(engagement.number)

    with worker_thread():
        assert eventually(lambda: is_done(engagement))
        assert eventually(lambda: not jobs())


def test_more_than_one_pass_at_once_needs_postgres():
    if is_carried_by_jobs():
        pytest.skip("this is PostgreSQL")

    with pytest.raises(Refused, match="Leave --concurrency out, or use PostgreSQL"):
        work_until(Working(threading.Event(), lambda: LATER, 2))


def test_doctor_says_who_carries_the_passes_and_when_a_worker_was_seen():
    fresh = look_at_the_worker(NOON)
    make_due()
    waiting = look_at_the_worker(LATER)

    carrier = "Procrastinate carries" if is_carried_by_jobs() else "The worker's loop carries"
    assert (fresh.is_well, fresh.message) == (
        True, f"{carrier} the passes; no worker was seen yet; 0 overdue.",
    )  # fmt: skip
    assert (waiting.is_well, waiting.message, waiting.remedy) == (
        False,
        f"{carrier} the passes; no worker was seen yet; 1 overdue.",
        "Start `throughline worker`, or look why it stopped.",
    )


@contextmanager
def worker_process(home, *words):
    process = subprocess.Popen(
        [sys.executable, "-c", "from throughline.cli.main import main; main()", "worker", *words],
        stderr=subprocess.PIPE, text=True,
        env=os.environ | {
            "THROUGHLINE_HOME": str(home), "DATABASE_URL": address_of_test_database(),
            "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
        },
    )  # fmt: skip
    try:
        assert select.select([process.stderr], [], [], PATIENCE_S)[0]
        assert process.stderr.readline() == "Working.\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_worker_process_does_what_is_due_and_ends_when_asked(home):
    engagement = make_due()

    with worker_process(home) as process:
        assert eventually(lambda: is_done(engagement))
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, err) == (0, "")


def test_worker_that_is_killed_is_followed_by_another(home):
    engagement = make_due()
    with worker_process(home) as process:
        assert eventually(lambda: is_done(engagement))
        process.kill()

    again(engagement)
    with worker_process(home):
        assert eventually(lambda: is_done(engagement))


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def own_home(home):
    assert runner.seen_file().parent == home
