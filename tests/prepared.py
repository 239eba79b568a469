"""Rows that many tests begin with: made once by the actions, then put back as they were.

Only in a database that holds nothing but people and what the journal says of them, and whose tables
number their rows from 1: there the same call makes the same rows, and the same files in the home.
Everywhere else the actions make them again.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from itertools import chain
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from tests.numbers import BEFOREHAND, last_numbers, set_last_numbers
from throughline.playbook.current import own_path

P = ParamSpec("P")
Made = TypeVar("Made")

# Of these the key tells the contents.
PEOPLE = {"people_user", "people_rolegrant", "journal_entry"}
CLOCKS = ("'now'", "timestamp()")  # in the default of a column
# The tables without numbers of their own.
OF_SQLITE = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'
AND sql NOT LIKE '%%AUTOINCREMENT%%'
"""
OF_POSTGRES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN (
    SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'
)
"""
COLUMNS = {
    "sqlite": "SELECT name, dflt_value FROM pragma_table_info(%s)",
    "postgresql": """
        SELECT column_name, column_default FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
    """,
}
# So that a column comes as it is stored, and no date or decimal is made of it.
AS_STORED = {"sqlite": '+"{}"', "postgresql": '"{}"::text'}
# Settings of which nothing that is made here depends: the home, and the doors to other systems, which
# only handoffs and intake open.
NO_MATTER = (
    "AIRTABLE_", "AWS_", "GITHUB_", "HOME", "HUBSPOT_TOKEN", "HUBSPOT_URL", "PROMETHEUS_", "SHEETS_",
    "SNS_", "default_settings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """What one call left behind in a table, and in which columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What one call left behind: rows and last numbers by table, files, and what it returned."""

    tables: dict[str, Table]
    sequences: dict[str, int]
    files: dict[Path, bytes]  # by their places in the home
    returned: bytes


_kept: dict[str, Kept] = {}


def made_once(build: Callable[P, Made]) -> Callable[P, Made]:
    """Return a function that makes the same rows as another, copying those that it made before."""

    @wraps(build)
    def make(*args: P.args, **kwargs: P.kwargs) -> Made:
        with transaction.atomic(), connection.cursor() as cursor:
            before = last_numbers(cursor)
            if before.keys() - BEFOREHAND - PEOPLE or _filled(cursor):
                return build(*args, **kwargs)
            surroundings = (before, _people(cursor), _told_otherwise(), timezone.localdate())
            key = repr((build.__qualname__, args, kwargs, surroundings))
            if key not in _kept:
                files = _files()
                made = build(*args, **kwargs)
                _kept[key] = _read(cursor, before, files, made)
                return made
            _write(cursor, _kept[key])
            return cast("Made", pickle.loads(_kept[key].returned))

    return make


def _told_otherwise() -> dict[str, Any]:
    """Return the settings that the test has changed, and the playbook of its home."""
    told: dict[str, Any] = {}
    layer = settings._wrapped
    while hasattr(layer, "default_settings"):
        told = vars(layer) | told
        layer = layer.default_settings
    own = own_path()
    told["playbook"] = own.read_bytes() if own.is_file() else b""
    return {name: told[name] for name in sorted(told) if not name.startswith(NO_MATTER)}


def _files() -> dict[Path, int]:
    """Return the files of the home, and when each was written."""
    home = Path(settings.HOME)
    return {
        path.relative_to(home): path.stat().st_mtime_ns
        for path in home.rglob("*")
        if path.is_file()
    }


@cache
def _without_numbers() -> tuple[str, ...]:
    """Return the tables whose rows are numbered by what they belong to, as an engagement by its deal.

    The words of the search are not among them: what they are made of has numbers, and on SQLite
    they lie in a virtual table with books of its own, which are never empty.
    """
    with connection.cursor() as cursor:
        cursor.execute(OF_POSTGRES if connection.vendor == "postgresql" else OF_SQLITE)
        names = [name for (name,) in cursor.fetchall()]
    return tuple(name for name in names if not name.startswith("search_words"))


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


def _read(
    cursor: CursorWrapper, before: dict[str, int], files: dict[Path, int], made: object
) -> Kept:
    after = last_numbers(cursor)
    grown = {table: seq for table, seq in after.items() if seq != before.get(table)}
    tables = {table: _table(cursor, table, f"WHERE id > {before.get(table, 0)}") for table in grown}
    tables |= {table: _table(cursor, table) for table in _filled(cursor)}
    written = [path for path, when in _files().items() if files.get(path) != when]
    contents = {path: (Path(settings.HOME) / path).read_bytes() for path in written}
    return Kept(tables, grown, contents, pickle.dumps(made))


def _table(cursor: CursorWrapper, table: str, which: str = "") -> Table:
    columns = _columns(cursor, table)
    asked = ", ".join(AS_STORED[connection.vendor].format(column) for column in columns)
    cursor.execute(f'SELECT {asked} FROM "{table}" {which}')
    return Table(columns, cursor.fetchall())


def _columns(cursor: CursorWrapper, table: str) -> tuple[str, ...]:
    """Return the columns of a table but for those that the database's own clock fills."""
    cursor.execute(COLUMNS[connection.vendor], [table])
    return tuple(
        name
        for name, default in cursor.fetchall()
        if not any(clock in (default or "").lower() for clock in CLOCKS)
    )


def _write(cursor: CursorWrapper, kept: Kept) -> None:
    for name, table in kept.tables.items():
        if table.rows:
            place = f"({', '.join(['%s'] * len(table.columns))})"
            columns = ", ".join(f'"{column}"' for column in table.columns)
            places = ", ".join([place] * len(table.rows))
            cells = list(chain.from_iterable(table.rows))
            cursor.execute(f'INSERT INTO "{name}" ({columns}) VALUES {places}', cells)
    set_last_numbers(cursor, kept.sequences)
    for path, content in kept.files.items():
        target = Path(settings.HOME) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
