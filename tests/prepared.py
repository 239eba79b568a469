"""Rows that many tests begin with: made once by the actions, then put back as they were.

Only on SQLite, where a test that is rolled back leaves no gap in the numbers, and only in a database
that holds nothing but people and what the journal says of them: there the same call makes the same
rows. Everywhere else the actions make them again.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

P = ParamSpec("P")
Made = TypeVar("Made")

# Tables of the installation itself, and those of which the key tells the contents.
BEFOREHAND = {"django_migrations", "django_content_type", "auth_permission"}
PEOPLE = {"people_user", "people_rolegrant", "journal_entry"}


@dataclass(frozen=True, slots=True)
class Rows:
    """What one call left behind: rows and last numbers by table, and what it returned."""

    by_table: dict[str, list[tuple[Any, ...]]]
    sequences: dict[str, int]
    returned: bytes


_kept: dict[str, Rows] = {}


def made_once(build: Callable[P, Made]) -> Callable[P, Made]:
    """Return a function that makes the same rows as another, copying those that it made before."""

    @wraps(build)
    def make(*args: P.args, **kwargs: P.kwargs) -> Made:
        if connection.vendor != "sqlite" or settings.HUBSPOT_CONNECTED:
            return build(*args, **kwargs)
        with transaction.atomic(), connection.cursor() as cursor:
            before = _sequences(cursor)
            if before.keys() - BEFOREHAND - PEOPLE or _filled(cursor):
                return build(*args, **kwargs)
            key = repr((build.__name__, args, kwargs, settings.HOME, before, _people(cursor)))
            if key not in _kept:
                made = build(*args, **kwargs)
                _kept[key] = _read(cursor, before, made)
                return made
            _write(cursor, _kept[key])
            return cast("Made", pickle.loads(_kept[key].returned))

    return make


def _sequences(cursor: CursorWrapper) -> dict[str, int]:
    """Return the last number that each table has given."""
    cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
    return dict(cursor.fetchall())


@cache
def _without_numbers() -> tuple[str, ...]:
    """Return the tables whose rows are numbered by what they belong to, as an engagement by its deal."""
    numbered = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(numbered)
        return tuple(name for name, sql in cursor.fetchall() if "AUTOINCREMENT" not in sql)


def _filled(cursor: CursorWrapper) -> list[str]:
    """Return the tables without numbers that have rows."""
    if not _without_numbers():
        return []
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in _without_numbers()
    )
    cursor.execute(asked)
    return [table for (table,) in cursor.fetchall()]


def _people(cursor: CursorWrapper) -> list[tuple[Any, ...]]:
    cursor.execute("SELECT id, username, is_active FROM people_user ORDER BY id")
    users = cursor.fetchall()
    cursor.execute("SELECT * FROM people_rolegrant ORDER BY id")
    return [*users, *cursor.fetchall()]


def _read(cursor: CursorWrapper, before: dict[str, int], made: object) -> Rows:
    after = _sequences(cursor)
    grown = {table: seq for table, seq in after.items() if seq != before.get(table)}
    rows = {table: _rows(cursor, table, f"WHERE id > {before.get(table, 0)}") for table in grown}
    rows |= {table: _rows(cursor, table) for table in _filled(cursor)}
    return Rows(rows, grown, pickle.dumps(made))


def _rows(cursor: CursorWrapper, table: str, which: str = "") -> list[tuple[Any, ...]]:
    cursor.execute(f'PRAGMA table_info("{table}")')
    # With a sign before it, a column comes as it is stored: no date or decimal is made of it.
    columns = ", ".join(f'+"{column[1]}"' for column in cursor.fetchall())
    cursor.execute(f'SELECT {columns} FROM "{table}" {which}')
    return cursor.fetchall()


def _write(cursor: CursorWrapper, kept: Rows) -> None:
    for table, rows in kept.by_table.items():
        if rows:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
    for table, seq in kept.sequences.items():
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [seq, table])
