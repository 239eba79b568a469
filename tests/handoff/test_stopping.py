"""A worker that is asked to stop finishes the item in hand, and the next one goes on."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.factories import NOON
from tests.handoff.databases import address_of_test_database
from tests.handoff.matrix import make_engagement
from tests.handoff.store import Store, StoreSimulator, keys_of, objects_of
from throughline.delivery.queries import engagements
from throughline.handoff.connected import Outside
from throughline.handoff.deferring import is_carried_by_jobs
from throughline.handoff.models import Outcome
from throughline.handoff.passes import Terms, apply_handoff
from throughline.handoff.wanted import Doing
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.both_databases

PATIENCE_S = 90


@pytest.fixture
def store():
    with StoreSimulator() as opened:
        opened.now = NOON
        yield opened


def ask_for(number, store):
    """Approve a handoff, and leave it to a worker."""
    outside = (Outside(Store(store.url), objects_of),)
    terms = Terms(stop=lambda: True, connect=lambda: outside)
    apply_handoff(
        engagements().get(pk=number), playbook=shipped(), holder="pia", doing=Doing("pia", NOON),
        terms=terms,
    )  # fmt: skip


@contextmanager
def worker(store, home):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.handoff.worker", store.url],
        stderr=subprocess.PIPE, text=True,
        env=os.environ | {
            "THROUGHLINE_HOME": str(home), "DATABASE_URL": address_of_test_database(),
            "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
        },
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def states(number):
    rows = Outcome.objects.filter(engagement_id=number, system="store")
    return dict(rows.values_list("key", "state"))


def test_worker_asked_to_stop_in_the_midst_of_a_call_writes_its_result_and_sends_no_more(
    committed_db, store, home
):
    number = make_engagement()
    ask_for(number, store)
    first, second, third = keys_of(number)
    with worker(store, home) as process:
        store.on_write = lambda: process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, err) == (0, "Working.\n")
    assert store.objects() == {first: 1, second: 1}
    stopped = states(number)
    assert (stopped[first], stopped[second]) == ("converged", "converged")
    assert stopped[third] != "converged"

    with worker(store, home) as process:
        store.on_write = lambda: process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert store.objects() == {first: 1, second: 1, third: 1}
    assert set(states(number).values()) == {"converged"}


def test_worker_on_postgres_carries_jobs_and_on_sqlite_a_loop():
    from django.db import connection

    assert is_carried_by_jobs() == (connection.vendor == "postgresql")
