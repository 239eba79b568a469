"""What every test may lean on: one instant, the shipped playbook, and a database that commits.

`DATABASE_URL` decides which database the tests run on. SQLite lies in a file, so that threads with
their own connections see one database, as processes do.
"""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase
from hypothesis import settings as hypothesis_settings

from tests.factories import NOON
from tests.numbers import BEFOREHAND, go_on_after_the_last
from tests.template import drop_template, make_template
from throughline.cli.database import make_at_once
from throughline.journal import remembering
from throughline.playbook.loader import shipped

hypothesis_settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis_settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what lives as long as the tests do.

    Modules and collected tests are millions of objects; walking them again and again took an eighth
    of the processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


SQLITE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
JOURNAL = "journal_entry"
IS_ONE_OF_MANY = "PYTEST_XDIST_WORKER" in os.environ


@contextmanager
def journal_wall_lifted() -> Iterator[None]:
    """Take the journal's triggers away for a moment, and put back exactly what was there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(SQLITE_TRIGGERS, [JOURNAL])
            triggers = cursor.fetchall()
            down = [f"DROP TRIGGER {name}" for name, _sql in triggers]
            up = [sql for _name, sql in triggers]
        else:
            down = [f"ALTER TABLE {JOURNAL} DISABLE TRIGGER USER"]
            up = [f"ALTER TABLE {JOURNAL} ENABLE TRIGGER USER"]
        for statement in down:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in up:
                cursor.execute(statement)


# Tests change rows behind the journal's back; what is remembered until it says so has its own tests.
AS_SERVED = remembering.MOST
remembering.MOST = 0


def _empty_what_is_filled(_test: TransactionTestCase) -> None:
    """Take the rows out of the tables that have any, the journal as well.

    Django's own flush truncates every table and writes all permissions again, which takes longer
    than most tests do.
    """
    names = set(connection.introspection.django_table_names(only_existing=True)) - BEFOREHAND
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in sorted(names)
    )
    with journal_wall_lifted(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(asked)
        for (name,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{name}"')
    go_on_after_the_last()


def _roll_back(test: TestCase) -> None:
    """Take back what a test has written, and on PostgreSQL the numbers that it used."""
    ROLL_BACK(test)
    if connection.vendor == "postgresql":
        go_on_after_the_last()


# A test that commits ends with this, and the journal is emptied as well: only here, and only for
# that moment, is the wall lifted. `test_wall.py` shows that it stands before and after.
TransactionTestCase._fixture_teardown = _empty_what_is_filled
ROLL_BACK = TestCase._fixture_teardown
TestCase._fixture_teardown = _roll_back


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory, django_db_modify_db_settings_parallel_suffix, django_db_blocker
):
    """Put SQLite's test database into a file, made as a first start makes it.

    One in memory cannot be shared between threads. PostgreSQL's walks through every migration, once
    for all processes that test.
    """
    if connection.vendor == "postgresql" and IS_ONE_OF_MANY:
        with django_db_blocker.unblock():
            template = make_template(tmp_path_factory.getbasetemp().parent)
            connection.settings_dict["TEST"]["TEMPLATE"] = template
    elif connection.vendor == "sqlite":
        named = connection.settings_dict
        was, name = named["NAME"], str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        named["NAME"] = named["TEST"]["NAME"] = name
        with django_db_blocker.unblock():
            make_at_once()
            connection.close()
        named["NAME"] = was


def pytest_sessionfinish() -> None:
    """Leave no template behind, once every process has its database."""
    if connection.vendor == "postgresql" and not IS_ONE_OF_MANY:
        drop_template()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """Keep SQLite's file as it was made; it lies in a folder that goes with the tests."""
    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture
def at():
    return NOON


@pytest.fixture
def playbook():
    return shipped()


@pytest.fixture
def committed_db(transactional_db):
    """A database in which every transaction really commits; it is emptied after the test."""
    return connection


@pytest.fixture
def remembers(committed_db, monkeypatch) -> Iterator[None]:
    """Let answers be remembered, as they are outside of tests, beginning with none."""
    monkeypatch.setattr(remembering, "MOST", AS_SERVED)
    remembering.forget()
    yield
    remembering.forget()


@pytest.fixture
def at_once(committed_db) -> Callable[..., list[Any]]:
    """Run functions in threads that start together, each with a connection of its own.

    Returns what each returned or raised, in the given order.
    """

    def run(*functions: Callable[[], Any]) -> list[Any]:
        start = threading.Barrier(len(functions))
        results: list[Any] = [None] * len(functions)

        def work(place: int, function: Callable[[], Any]) -> None:
            try:
                start.wait(timeout=10)
                results[place] = function()
            except Exception as error:  # noqa: BLE001 -- the test looks at what was raised
                results[place] = error
            finally:
                connections["default"].close()

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert [thread for thread in threads if thread.is_alive()] == []
        return results

    return run
