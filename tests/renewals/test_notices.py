"""The words of the ladder, to the letter: one running system, one engagement at a time."""

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from tests.renewals.world import (
    PARTNERSHIPS,
    acts,
    day,
    make_ending,
    make_representative,
    make_term,
    move_end,
    notices,
    outbox,
    run,
)
from throughline.communities.models import RoleAssignment
from throughline.mail.models import Message
from throughline.playbook.loader import parse, shipped
from throughline.renewals.jobs import run_ladders
from throughline.renewals.models import Notice
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
ENDS = "2026-06-30"


def shipped_in(zone: str):
    text = (resources.files("throughline.playbook") / "shipped.toml").read_text()
    return parse(text.replace('zone = "UTC"', f'zone = "{zone}"'), name="elsewhere.toml")


def test_run_ladders_on_the_sixtieth_day_before_the_end_sends_the_words_of_the_process():
    engagement = make_term(ENDS)

    run("2026-05-01")

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]
    assert notices(engagement) == [(ENDS, "60", "sent")]
    assert acts("renewals.") == ["renewals.notice.sent"]


def test_run_ladders_a_moment_before_that_day_sends_nothing_and_at_midnight_does():
    make_term(ENDS)

    run(datetime(2026, 4, 30, 23, 59, 59, 999_999, tzinfo=UTC))
    before = outbox()
    run(datetime(2026, 5, 1, 0, 0, tzinfo=UTC))

    assert before == []
    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("America/Los_Angeles", datetime(2026, 5, 1, 7, 0, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 4, 30, 18, 30, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 4, 30, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_notice_is_due_from_midnight_of_its_day_in_the_organisations_zone(zone, midnight):
    make_term(ENDS)
    there = shipped_in(zone)

    run_ladders(at=midnight - timedelta(seconds=1), playbook=there, by="worker")
    before = outbox()
    run_ladders(at=midnight, playbook=there, by="worker")

    assert before == []
    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]


def test_run_ladders_again_the_same_day_and_on_all_later_days_sends_nothing_more():
    make_term(ENDS)

    for later in range(70):
        run(day("2026-05-01") + timedelta(days=later))
        run(day("2026-05-01") + timedelta(days=later))

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(("on", "left"), [("2026-05-02", 59), ("2026-06-29", 1), (ENDS, 0)])
def test_after_downtime_the_subject_says_the_true_number_of_days(on, left):
    make_term(ENDS)

    run(on)

    assert outbox() == [(PARTNERSHIPS, f"Agreement expiring in {left} days")]


def test_the_day_after_the_end_brings_no_mail_however_long_the_system_was_down():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")

    run("2026-07-01")
    run("2026-12-01")

    assert outbox() == []
    assert notices(engagement) == []


def test_an_ending_agreement_tells_its_representatives_fourteen_and_two_days_before():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")
    make_representative(engagement, "abe@example.org")

    for left in range(65, -3, -1):
        run(day(ENDS) - timedelta(days=left))

    both = ["abe@example.org", "rae@example.org"]
    assert outbox() == [
        (PARTNERSHIPS, "Agreement expiring in 60 days"),
        (both, "Agreement expiring in 14 days"),
        (both, "Agreement expiring in 2 days"),
    ]


def test_an_agreement_that_may_be_renewed_tells_its_representatives_nothing():
    engagement = make_term(ENDS)
    make_representative(engagement, "rae@example.org")

    for left in range(65, -3, -1):
        run(day(ENDS) - timedelta(days=left))

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]


def test_of_several_missed_steps_only_the_latest_is_sent_and_the_others_are_kept_as_skipped():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")

    run("2026-06-29")
    run(ENDS)

    assert outbox() == [(["rae@example.org"], "Agreement expiring in 1 days")]
    assert notices(engagement) == [
        (ENDS, "60", "skipped"),
        (ENDS, "14", "skipped"),
        (ENDS, "2", "sent"),
    ]


def test_without_a_representative_a_notice_waits_is_said_and_nothing_is_written():
    engagement = make_term(ENDS)
    make_ending(engagement)
    run("2026-05-01")
    written = acts("")

    waiting = run("2026-06-16")

    assert [(one.engagement.number, one.step) for one in waiting.nobody] == [
        (engagement.number, "14")
    ]
    assert waiting.queued == []
    assert notices(engagement) == [(ENDS, "60", "sent")]
    assert acts("") == written


def test_a_notice_that_waited_goes_out_once_somebody_is_named():
    engagement = make_term(ENDS)
    make_ending(engagement)
    run("2026-05-01")
    run("2026-06-16")

    make_representative(engagement, "rae@example.org")
    run("2026-06-20")
    run("2026-06-21")

    assert outbox()[1:] == [(["rae@example.org"], "Agreement expiring in 10 days")]


def test_a_representative_who_has_left_is_not_told():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "gone@example.org")
    RoleAssignment.objects.update(to_on=day("2026-06-01"))
    make_representative(engagement, "new@example.org")
    run("2026-05-01")

    run("2026-06-16")

    assert outbox()[1:] == [(["new@example.org"], "Agreement expiring in 14 days")]


def test_an_unknown_end_brings_no_mail_until_it_is_known():
    engagement = make_term(None)
    run("2026-05-01")
    before = outbox()

    move_end(engagement, ENDS)
    run("2026-05-01")

    assert before == []
    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]


def test_a_short_term_is_told_once_at_half_term():
    engagement = make_term("2026-06-30", "2026-06-01")

    for later in range(40):
        run(day("2026-06-01") + timedelta(days=later))

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 15 days")]
    assert notices(engagement) == [("2026-06-30", "half-term", "sent")]


def test_a_start_date_that_moves_brings_no_second_reminder_for_the_same_end():
    engagement = make_term("2026-06-30", "2026-06-01")
    run("2026-06-15")
    Deal.objects.filter(pk=engagement.pk).update(start_on=day("2025-06-01"))
    run("2026-06-16")
    Deal.objects.filter(pk=engagement.pk).update(start_on=day("2026-06-10"))

    run("2026-06-25")

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 15 days")]


def test_the_mail_says_which_agreement_ends_when_and_that_none_is_recorded():
    make_term(ENDS, name="AWI CIROH 2025-2026 Extension")

    run("2026-05-01")

    text = Message.objects.get().text.splitlines()
    assert text[0] == (
        'The agreement "AWI CIROH 2025-2026 Extension" with its community ends on 30 June 2026,'
        " in 60 days."
    )
    assert text[2] == "No agreement is recorded here for this deal; the dates are the deal's."


def test_shipped_ladder_is_the_one_that_these_tests_count_on():
    assert [(one.code, one.days, one.kind, one.to, one.only_if) for one in shipped().ladder] == [
        ("180", 180, "flag", "", ""),
        ("60", 60, "mail", "renewals", ""),
        ("14", 14, "mail", "representatives", "end"),
        ("2", 2, "mail", "representatives", "end"),
    ]
