"""What is put back is what the actions make, row by row."""

import pytest
from django.db import connection, transaction

from tests import prepared
from tests.factories import make_engagement, make_person
from throughline.people.words import RoleName

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite's rows are put back"),
]
WHEN_WRITTEN = "recorded_at"  # the journal's own clock


def rows_of_every_table():
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            found[table] = [
                {name: cell for name, cell in zip(names, row, strict=True) if name != WHEN_WRITTEN}
                for row in cursor.fetchall()
            ]
    return found


def left_behind(make):
    """Return what every table holds after something was made, and take it back."""
    with transaction.atomic():
        made = make(name="A hub", hubspot_id="900100")
        rows = rows_of_every_table()
        transaction.set_rollback(True)
    return made.number, made.deal.name, rows


def test_rows_put_back_are_those_that_the_actions_make(monkeypatch):
    monkeypatch.setattr(prepared, "_kept", {})
    make_person("ada", RoleName.BD)

    by_actions = left_behind(make_engagement.__wrapped__)
    kept = left_behind(make_engagement)
    put_back = left_behind(make_engagement)

    assert len(by_actions[2]["delivery_engagement"]) == 1
    assert kept == by_actions
    assert put_back == by_actions
