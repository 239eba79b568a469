"""Rehearsing a day, and what lapses on it."""

from datetime import timedelta

import pytest

from tests.renewals.world import (
    acts,
    day,
    make_ending,
    make_hub,
    make_representative,
    make_successor,
    make_term,
    move_end,
    outbox,
    run,
)
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import DueMail, ends_unknown, lapses_beginning, rehearse_ladders

pytestmark = pytest.mark.django_db
ENDS, TODAY = "2026-06-30", "2026-03-02"
US = ("partnerships@2i2c.org",)


def rehearse(on: str, today: str = TODAY) -> list[DueMail]:
    return rehearse_ladders(on=day(on), today=day(today), playbook=shipped())


def test_rehearse_of_the_day_shows_the_mail_with_its_words_and_writes_nothing():
    engagement = make_term(ENDS)
    written = acts("")

    found = rehearse("2026-05-01")

    assert found == [DueMail(US, "Agreement expiring in 60 days", engagement.number, "60")]
    assert outbox() == []
    assert acts("") == written


@pytest.mark.parametrize("on", ["2026-04-30", "2026-05-02", "2026-06-30", "2026-07-01"])
def test_rehearse_of_another_day_shows_nothing_because_the_mail_goes_on_its_own(on):
    make_term(ENDS)

    assert rehearse(on) == []


def test_rehearse_of_today_shows_all_that_is_outstanding_after_downtime():
    engagement = make_term(ENDS)

    found = rehearse("2026-05-20", today="2026-05-20")

    assert found == [DueMail(US, "Agreement expiring in 41 days", engagement.number, "60")]


def test_rehearse_of_a_day_after_downtime_does_not_show_what_today_will_bring():
    make_term(ENDS)

    assert rehearse("2026-05-21", today="2026-05-20") == []


def test_rehearse_shows_a_correction_today_and_not_on_a_later_day():
    engagement = make_term(ENDS, name="Deal")
    run("2026-05-01")
    move_end(engagement, "2026-12-31")

    subject = "Agreement end date changed: Deal now ends on 31 December 2026"
    assert rehearse("2026-05-02", today="2026-05-02") == [
        DueMail(US, subject, engagement.number, "correction")
    ]
    assert rehearse("2026-05-03", today="2026-05-02") == []


def test_rehearse_leaves_out_mails_with_nobody_to_go_to_until_somebody_is_named():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org", from_on="2026-06-20")

    assert rehearse("2026-06-16") == []
    assert [one.subject for one in rehearse("2026-06-20")] == ["Agreement expiring in 10 days"]


def test_rehearse_of_every_day_is_what_a_running_system_then_sends():
    for end_on in (ENDS, "2026-07-15", "2026-05-20"):
        engagement = make_term(end_on)
        make_ending(engagement)
        make_representative(engagement, f"rep{engagement.number}@example.org")
    make_successor(make_term(ENDS))
    make_term("2026-06-05", "2026-05-25")

    for later in range(150):
        on = day(TODAY) + timedelta(days=later)
        rehearsed = rehearse(on.isoformat())
        assert run(on).queued == rehearsed


def test_lapses_begin_on_the_first_day_after_the_end_while_a_hub_runs():
    running, quiet = make_term(ENDS), make_term(ENDS)
    make_hub("here", running)
    renewed = make_term(ENDS)
    make_hub("there", renewed)
    make_successor(renewed)

    found = {
        on: [one.number for one in lapses_beginning(on=day(on), playbook=shipped())]
        for on in (ENDS, "2026-07-01", "2026-07-02")
    }

    assert found == {ENDS: [], "2026-07-01": [running.number], "2026-07-02": []}
    assert quiet.number not in found["2026-07-01"]


def test_ends_unknown_names_the_engagements_of_which_nobody_will_be_told():
    unknown = make_term(None)
    make_term(ENDS)

    assert [one.number for one in ends_unknown()] == [unknown.number]
