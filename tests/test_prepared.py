"""What is put back is what the actions make, row by row, and the actions make it once."""

import pytest
from django.db import connection, transaction

from tests import factories, prepared
from tests.factories import NOON, make_deal, make_engagement, make_person
from tests.numbers import go_on_after_the_last
from throughline.documents.actions import keep_document, path_of
from throughline.people.words import RoleName

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
WHEN_WRITTEN = "recorded_at"  # the journal's own clock


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(prepared, "_kept", {})


def rows_of_every_table():
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            for row in rows:
                row.pop(WHEN_WRITTEN, None)
            found[table] = sorted(rows, key=repr)
    return found


def left_behind(make):
    """Return what every table holds after something was made, and take it back."""
    with transaction.atomic():
        made = make(name="A hub", hubspot_id="900100")
        rows = rows_of_every_table()
        transaction.set_rollback(True)
    go_on_after_the_last()
    return made.number, made.deal.name, rows


def nothing_may_be_made(*_args, **_kwargs):
    raise AssertionError("The actions made it again.")


def test_rows_put_back_are_those_that_the_actions_make(monkeypatch):
    make_person("ada", RoleName.BD)

    by_actions = left_behind(make_engagement.__wrapped__)
    kept = left_behind(make_engagement)
    monkeypatch.setattr(factories, "make_deal", nothing_may_be_made)
    put_back = left_behind(make_engagement)

    assert len(by_actions[2]["delivery_engagement"]) == 1
    assert kept == by_actions
    assert put_back == by_actions


def test_files_put_back_lie_in_the_home_of_now(settings, tmp_path):
    @prepared.made_once
    def keep():
        return keep_document(b"A letter.", name="letter.txt", by="test", at=NOON)

    for home in ("first", "second"):
        settings.HOME = tmp_path / home
        with transaction.atomic():
            document = keep()
            assert path_of(document.sha256).read_bytes() == b"A letter."
            transaction.set_rollback(True)
        go_on_after_the_last()
    assert len(prepared._kept) == 1


@pytest.mark.parametrize("told", ["BASE_URL", "PLAYBOOK"])
def test_what_was_made_under_other_settings_is_not_put_back(told, settings):
    @prepared.made_once
    def say():
        return getattr(settings, told)

    for value in ("first", "second"):
        setattr(settings, told, value)
        assert say() == value


@pytest.mark.parametrize("time", ["first", "second"])
def test_whoever_commits_leaves_tables_that_number_from_1(time, committed_db):
    assert make_deal().pk == 1


@pytest.mark.parametrize("time", ["first", "second"])
def test_whoever_is_rolled_back_leaves_tables_that_number_from_1(time):
    assert make_deal().pk == 1
