"""Steps that are due on working days, where a playbook says so; and who cannot be told."""

from dataclasses import replace
from datetime import date

import pytest

from tests.factories import NOON
from tests.renewals.world import (
    make_ending,
    make_representative,
    make_term,
    move_end,
    nine,
    outbox,
    run,
)
from throughline.communities.actions import erase_contact
from throughline.communities.models import Contact
from throughline.delivery.queries import engagements
from throughline.intake.jobs import run_instant
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.playbook.parts import Closure
from throughline.renewals.arithmetic import reckoning
from throughline.renewals.jobs import run_ladders
from throughline.renewals.ladder import farthest_days, rungs
from throughline.renewals.queries import renewals
from throughline.renewals.reading import Standings
from throughline.renewals.untold import untold

SHIPPED = shipped()
CLOSED = (Closure(12, 24, 9),)  # 24 December to 1 January


def with_rule(rule):
    return tuple(
        replace(step, working_day=rule) if step.code == "60" else step for step in SHIPPED.ladder
    )


def sixty(end, rule, *, start=None):
    ladder = rungs(
        start, date.fromisoformat(end), with_rule(rule), is_ending=False, closures=CLOSED
    )
    rung = next(one for one in ladder if one.step == "60")
    return rung.due_on.isoformat(), rung.counted_on and rung.counted_on.isoformat()


@pytest.mark.parametrize(
    ("end", "rule", "due", "counted"),
    [
        ("2026-06-30", "before", "2026-05-01", None),  # a Friday
        ("2026-07-01", "", "2026-05-02", None),  # a Saturday, and nobody minds
        ("2026-07-01", "before", "2026-05-01", "2026-05-02"),
        ("2026-07-01", "after", "2026-05-04", "2026-05-02"),
        ("2027-02-24", "before", "2026-12-23", "2026-12-26"),  # closed over Christmas
        ("2027-02-24", "after", "2027-01-04", "2026-12-26"),  # and then it is a weekend
        ("2028-04-29", "before", "2028-02-29", None),  # a leap day, a Tuesday
    ],
)
def test_step_is_due_on_the_working_day_that_its_rule_asks_for(end, rule, due, counted):
    assert sixty(end, rule) == (due, counted)


def test_rule_never_takes_a_notice_out_of_its_term():
    starts_on_that_saturday = date(2026, 5, 2)

    assert sixty("2026-07-01", "before", start=starts_on_that_saturday) == ("2026-05-02", None)


def test_notice_due_before_a_weekend_goes_out_on_the_friday(db):
    rules = replace(SHIPPED, ladder=with_rule("before"))
    make_term("2026-07-01")

    assert run_ladders(at=nine("2026-04-30"), playbook=rules, by="worker").queued == []
    run_ladders(at=nine("2026-05-01"), playbook=rules, by="worker")

    assert [subject for _to, subject in outbox()] == ["Agreement expiring in 61 days"]
    assert farthest_days(rules.ladder) == 91


def line_of(engagement, on, step="60"):
    found = engagements().filter(pk=engagement.pk)
    (one,) = renewals(found, on=date.fromisoformat(on), playbook=SHIPPED)
    return next(line for line in one.notices if line.step == step)


def test_arithmetic_of_a_line_can_be_checked_with_a_calendar(db):
    engagement = make_term("2026-06-30")
    line = line_of(engagement, "2026-05-01")
    moved = replace(line, due_on=date(2026, 4, 30), counted_on=date(2026, 5, 1))

    assert reckoning(line, date(2026, 6, 30)) == "2026-06-30 - 60 days = 2026-05-01 (Fri)"
    assert reckoning(moved, date(2026, 6, 30)) == (
        "2026-06-30 - 60 days = 2026-05-01 (Fri), nobody works: 2026-04-30 (Thu)"
    )
    assert reckoning(replace(line, days=None), date(2026, 6, 30)) == (
        "2026-05-01 (Fri), half of the term"
    )


@pytest.mark.parametrize(
    ("state", "trouble"), [("sent", ""), ("failed", "Failed"), ("unsure", "Unsure")]
)
def test_line_of_a_notice_says_where_its_mail_stands_while_it_has_not_left(db, state, trouble):
    engagement = make_term("2026-06-30")
    run("2026-05-01")
    Message.objects.update(state=state)

    assert line_of(engagement, "2026-05-01").trouble == trouble


def remedies(on):
    return [one.remedy for one in untold(Standings(SHIPPED, date.fromisoformat(on)))]


def alerts(on, code):
    brought = run_instant(at=nine(on), playbook=SHIPPED, by="worker", holder="test")
    return [one.message for one in brought.alerts if one.code == code]


def test_notice_that_has_nobody_to_go_to_reaches_a_person(db):
    engagement = make_term("2026-06-30", name="Coral")
    make_ending(engagement)
    run("2026-05-01")

    assert remedies("2026-06-15") == []
    assert remedies("2026-06-16") == [
        "Nobody to send the notice “14” to; name a Community Representative with an e-mail address."
    ]
    assert alerts("2026-06-16", "nobody_to_tell") == [f"Coral: {remedies('2026-06-16')[0]}"]
    make_representative(engagement, "rae@example.org")
    assert remedies("2026-06-16") == []


def test_correction_goes_out_after_the_end_too_because_what_was_said_is_wrong(db):
    engagement = make_term("2026-06-30", name="Coral")
    run("2026-05-01")
    move_end(engagement, "2026-05-10")
    run("2026-05-20")

    assert [subject for _to, subject in outbox()] == [
        "Agreement expiring in 60 days",
        "Agreement end date changed: Coral now ends on 10 May 2026",
    ]


def test_correction_whose_readers_are_all_erased_reaches_a_person(db):
    engagement = make_term("2026-06-30", start_on="2026-06-01", name="Coral")
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")
    run("2026-06-28")  # the one mail of this term goes to the representative
    erase_contact(Contact.objects.get().pk, playbook=SHIPPED, by="ada", at=NOON)
    move_end(engagement, "2026-09-30")

    assert remedies("2026-06-29") == [
        "Its end moved from 2026-06-30, and whoever was told is erased: tell the community yourself."
    ]
    assert len(outbox()) == 1


def test_end_that_nobody_knows_reaches_a_person(db):
    make_term(None)

    assert remedies("2026-06-15") == ["No end date: nobody is told before it ends. Record one."]
