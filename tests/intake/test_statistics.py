"""SQLite counts its tables after they change, and once a day."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from tests.factories import NOON, make_deal
from throughline.intake import statistics
from throughline.intake.jobs import run_instant
from throughline.intake.statistics import keep_statistics
from throughline.playbook.loader import shipped

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="PostgreSQL counts by itself",
    ),
]  # fmt: skip
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path


def counted():
    """Return how many deals SQLite thinks there are; None where nobody counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stat FROM sqlite_stat1 WHERE tbl = 'sales_deal' AND idx = 'deal_board'"
        )
        row = cursor.fetchone()
    return int(row[0].split()[0]) if row else None


def test_daily_work_counts_what_came_in():
    make_deal()
    make_deal()

    run_instant(at=NOON, playbook=shipped(), by="worker", holder="test")

    assert counted() == 2


def test_tables_are_counted_once_a_day_and_by_a_clock_that_was_put_back():
    done = [keep_statistics(at=NOON + hours * HOUR) for hours in (0, 1, 23, 24, 47, -1, 0)]

    assert done == [True, False, False, True, False, True, False]


def test_database_that_is_held_for_too_long_is_counted_by_the_next_turn(monkeypatch, caplog):
    def locked():
        raise OperationalError("database is locked")

    with monkeypatch.context() as held:
        held.setattr(statistics, "take_statistics", locked)
        assert keep_statistics(at=NOON) is False
    assert "tried again: database is locked" in caplog.text
    assert keep_statistics(at=NOON) is True
