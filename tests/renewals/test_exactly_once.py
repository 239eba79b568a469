"""Each notice once: two workers at once, and a crash between the notice and its mail."""

from contextlib import contextmanager

import pytest
from django.db import connection

from tests.renewals.world import (
    PARTNERSHIPS,
    acts,
    make_ending,
    make_representative,
    make_term,
    move_end,
    notices,
    outbox,
    run,
)
from throughline.renewals.models import Correction, Notice

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
ENDS = "2026-06-30"
SIXTY = (PARTNERSHIPS, "Agreement expiring in 60 days")


@contextmanager
def broken(table: str, condition: str = "1 = 1"):
    """Let the database refuse new rows of a table, as a full disk or a lost connection would."""
    if connection.vendor == "sqlite":
        up = [
            (
                f"CREATE TRIGGER broken BEFORE INSERT ON {table} WHEN {condition}"
                " BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
            )
        ]
        down = ["DROP TRIGGER broken"]
    else:
        up = [
            (
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$"
            ),
            (
                f"CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition})"
                " EXECUTE FUNCTION broken()"
            ),
        ]
        down = [f"DROP TRIGGER broken ON {table}", "DROP FUNCTION broken()"]
    _execute(up)
    try:
        yield
    finally:
        _execute(down)


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_two_workers_at_once_write_one_notice_and_one_mail_for_each_engagement(at_once):
    terms = [make_term(ENDS) for _ in range(8)]

    runs = at_once(lambda: run("2026-05-01"), lambda: run("2026-05-01"))

    assert [one.failed for one in runs] == [[], []]
    assert outbox() == [SIXTY] * 8
    assert [notices(one) for one in terms] == [[(ENDS, "60", "sent")]] * 8
    assert acts("renewals.") == ["renewals.notice.sent"] * 8
    assert sorted(mail.engagement for one in runs for mail in one.queued) == sorted(
        one.number for one in terms
    )


def test_two_workers_at_once_correct_a_moved_end_once(at_once):
    terms = [make_term(ENDS) for _ in range(4)]
    run("2026-05-01")
    for one in terms:
        move_end(one, "2026-06-15")

    at_once(lambda: run("2026-05-02"), lambda: run("2026-05-02"))

    assert len(outbox()) == 4 * 3
    assert Correction.objects.count() == 4
    assert [notices(one) for one in terms] == [
        [(ENDS, "60", "void"), ("2026-06-15", "60", "sent")]
    ] * 4


@pytest.mark.parametrize("table", ["renewals_notice", "mail_message", "journal_entry"])
def test_a_crash_between_leaves_neither_notice_nor_mail_and_the_next_run_sends_it(table):
    engagement = make_term(ENDS)
    written = acts("")

    with broken(table):
        failed = run("2026-05-01").failed

    assert [number for number, _why in failed] == [engagement.number]
    assert (outbox(), notices(engagement), acts("")) == ([], [], written)
    run("2026-05-01")
    assert (outbox(), notices(engagement)) == ([SIXTY], [(ENDS, "60", "sent")])


def test_one_engagement_that_fails_stops_no_other_and_is_named():
    first, second, third = (make_term(ENDS) for _ in range(3))

    with broken("renewals_notice", f"NEW.engagement_id = {second.number}"):
        found = run("2026-05-01")

    assert [number for number, _why in found.failed] == [second.number]
    assert [mail.engagement for mail in found.queued] == [first.number, third.number]
    assert Notice.objects.count() == 2


def test_a_crash_after_the_skipped_rows_leaves_none_of_them():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")

    with broken("renewals_notice", "NEW.state = 'sent'"):
        run("2026-06-20")

    assert (outbox(), notices(engagement)) == ([], [])
