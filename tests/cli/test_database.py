"""A database that is made at once is the one that the migrations make, step by step."""

import re
import sqlite3

import pytest
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from throughline.cli.database import is_migrated, migrate_database

ONLY_SQLITE = pytest.mark.skipif(
    "postgresql" in settings.DATABASES["default"]["ENGINE"],
    reason="only an SQLite database is made at once",
)


@pytest.fixture
def elsewhere(django_db_blocker, tmp_path):
    """The default connection, on an empty file."""
    connection = connections["default"]
    was = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = str(tmp_path / "fresh.sqlite3")
        try:
            yield connection
        finally:
            connection.close()
            connection.settings_dict["NAME"] = was


def schema_of(path):
    """Return the columns, indexes and constraints of each table, and the triggers as written."""
    book = sqlite3.connect(path)
    written = book.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    tables = [name for kind, name, _table, _sql in written if kind == "table"]
    columns = {
        table: sorted(row[1:] for row in book.execute(f"PRAGMA table_info({table})"))
        for table in tables
    }
    keys = {
        table: sorted(row[2:] for row in book.execute(f"PRAGMA foreign_key_list({table})"))
        for table in tables
    }
    checks = {
        name: sorted(re.findall(r'CONSTRAINT "([^"]+)"', sql))
        for kind, name, _table, sql in written
        if kind == "table"
    }
    rest = sorted(
        (kind, name, sql) for kind, name, _table, sql in written if kind != "table" and sql
    )
    book.close()
    return columns, keys, checks, rest


def applied(path):
    book = sqlite3.connect(path)
    found = sorted(book.execute("SELECT app, name FROM django_migrations"))
    book.close()
    return found


@ONLY_SQLITE
def test_database_made_at_once_is_the_one_that_migrations_make(elsewhere, tmp_path):
    with elsewhere.cursor() as cursor:  # something is there: the migrations are walked through
        cursor.execute("CREATE TABLE somebody_elses (id integer)")
    migrate_database()
    with elsewhere.cursor() as cursor:
        cursor.execute("DROP TABLE somebody_elses")
    elsewhere.close()
    elsewhere.settings_dict["NAME"] = str(tmp_path / "at-once.sqlite3")
    migrate_database()

    assert is_migrated()
    by_steps, at_once = tmp_path / "fresh.sqlite3", tmp_path / "at-once.sqlite3"
    assert applied(at_once) == applied(by_steps)
    for first, second in zip(schema_of(at_once), schema_of(by_steps), strict=True):
        assert first == second


@ONLY_SQLITE
def test_database_whose_making_was_interrupted_is_empty_and_made_the_next_time(
    elsewhere, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.delattr(MigrationRecorder, "record_applied")  # the process dies here
        with pytest.raises(AttributeError):
            migrate_database()
    assert elsewhere.introspection.table_names() == []

    migrate_database()

    assert is_migrated()


@ONLY_SQLITE
def test_tables_are_counted_once_they_are_made(elsewhere):
    migrate_database()

    with elsewhere.cursor() as cursor:
        rows = cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'django_content_type'")
        counted = int(rows.fetchone()[0].split()[0])
        assert counted == cursor.execute("SELECT COUNT(*) FROM django_content_type").fetchone()[0]
