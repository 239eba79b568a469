"""The last numbers that tables have given: read, set, and begun anew, on either database."""

from functools import cache

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Tables of the installation itself: what a migration writes once and no test changes.
BEFOREHAND = frozenset({"django_migrations", "django_content_type", "auth_permission"})

OF_POSTGRES = """
SELECT numbered.relname, sequences.relname FROM pg_class sequences
JOIN pg_depend ON pg_depend.objid = sequences.oid AND pg_depend.deptype IN ('a', 'i')
JOIN pg_class numbered ON numbered.oid = pg_depend.refobjid
WHERE sequences.relkind = 'S' AND numbered.relkind = 'r'
"""


def last_numbers(cursor: CursorWrapper) -> dict[str, int]:
    """Return the last number that each table has given; tables that gave none are left out."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
        return dict(cursor.fetchall())
    cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value > 0")
    given = dict(cursor.fetchall())
    return {table: given[name] for table, name in _sequences().items() if name in given}


def set_last_numbers(cursor: CursorWrapper, numbers: dict[str, int]) -> None:
    """Let tables go on after these numbers; 0 is before the first."""
    if connection.vendor == "sqlite":
        for table, number in numbers.items():
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [number, table])
    elif numbers:
        said = [
            f"setval('{_sequences()[table]}', {max(number, 1)}, {number > 0})"
            for table, number in numbers.items()
        ]
        cursor.execute(f"SELECT {', '.join(said)}")


def go_on_after_the_last() -> None:
    """Let each table go on after its last row, and number from 1 where it has none.

    After a test that is rolled back SQLite does so by itself; PostgreSQL never does.
    """
    with connection.cursor() as cursor:
        given = sorted(last_numbers(cursor).keys() - BEFOREHAND)
        if given:
            asked = [f"SELECT '{name}', coalesce(max(id), 0) FROM \"{name}\"" for name in given]
            cursor.execute(" UNION ALL ".join(asked))
            set_last_numbers(cursor, dict(cursor.fetchall()))


@cache
def _sequences() -> dict[str, str]:
    """Return what numbers each table of PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(OF_POSTGRES)
        return dict(cursor.fetchall())
