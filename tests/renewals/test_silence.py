"""An executed successor silences the ladder, and the journal says so."""

import pytest

from tests.factories import NOON, make_deal, sign
from tests.renewals.world import (
    PARTNERSHIPS,
    acts,
    day,
    make_ending,
    make_representative,
    make_successor,
    make_term,
    move_end,
    notices,
    outbox,
    run,
)
from throughline.delivery.actions.engagements import name_successor
from throughline.delivery.queries import engagements
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.renewals.queries import notice_lines, standings, term_state

pytestmark = pytest.mark.django_db
ENDS = "2026-06-30"


def states(engagement, on: str) -> tuple[str, dict[str, str]]:
    standing = standings(engagements().filter(pk=engagement.pk), on=day(on))[0]
    known = {"on": day(on), "playbook": shipped()}
    lines = {line.step: line.state.value for line in notice_lines(standing, **known)}
    return term_state(standing, **known).value, lines


def test_an_executed_successor_silences_the_notice_and_journals_it_once():
    engagement = make_term(ENDS)
    successor = make_successor(engagement)

    for on in ("2026-04-30", "2026-05-01", "2026-05-01", "2026-05-02", "2026-06-30"):
        run(on)

    assert outbox() == []
    assert notices(engagement) == [(ENDS, "60", "silenced")]
    entry = Entry.objects.get(act="renewals.notice.silenced")
    assert entry.facts == {"end_on": ENDS, "steps": ["60"], "successor": successor.pk}


def test_each_later_step_of_an_ending_agreement_is_silenced_on_its_day():
    engagement = make_term(ENDS)
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")
    make_successor(engagement)

    for on in ("2026-05-01", "2026-06-16", "2026-06-28", "2026-06-29"):
        run(on)

    assert outbox() == []
    assert notices(engagement) == [(ENDS, step, "silenced") for step in ("60", "14", "2")]
    assert acts("renewals.") == ["renewals.notice.silenced"] * 3


def test_a_successor_that_is_not_executed_silences_nothing():
    engagement = make_term(ENDS)
    make_successor(engagement, executed=False)

    run("2026-05-01")

    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 60 days")]


def test_a_successor_executed_after_the_notice_leaves_that_notice_sent():
    engagement = make_term(ENDS)
    successor = make_successor(engagement, executed=False)
    run("2026-05-01")

    sign(successor)
    run("2026-05-02")

    assert notices(engagement) == [(ENDS, "60", "sent")]
    assert acts("renewals.") == ["renewals.notice.sent"]


def test_a_successor_that_falls_through_lets_the_notice_out_after_all():
    engagement = make_term(ENDS)
    make_successor(engagement)
    run("2026-05-01")
    another = make_deal(name="Another try", stage="lead")
    name_successor(engagement.number, another, by="ada", at=NOON)

    planned = states(engagement, "2026-05-20")
    run("2026-05-21")
    run("2026-05-22")

    assert planned == ("expiring", {"180": "flagged", "60": "planned"})
    assert outbox() == [(PARTNERSHIPS, "Agreement expiring in 40 days")]
    assert notices(engagement) == [(ENDS, "60", "sent")]


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2025-12-31", ("running", {"180": "planned", "60": "planned"})),
        ("2026-01-01", ("flagged", {"180": "flagged", "60": "planned"})),
        ("2026-04-30", ("flagged", {"180": "flagged", "60": "planned"})),
        ("2026-05-01", ("expiring", {"180": "flagged", "60": "planned"})),
        ("2026-06-30", ("expiring", {"180": "flagged", "60": "planned"})),
        ("2026-07-01", ("ended", {"180": "flagged", "60": "missed"})),
    ],
)
def test_term_state_and_steps_where_nothing_ever_ran(on, state):
    engagement = make_term(ENDS)

    assert states(engagement, on) == state


def test_notice_lines_show_sent_notices_and_voided_ones_of_an_older_end():
    engagement = make_term(ENDS)
    run("2026-05-01")
    move_end(engagement, "2026-12-31")
    run("2026-05-02")

    standing = standings(engagements().filter(pk=engagement.pk), on=day("2026-05-02"))[0]
    lines = notice_lines(standing, on=day("2026-05-02"), playbook=shipped())

    assert [(line.step, line.due_on.isoformat(), line.state.value, line.to) for line in lines] == [
        ("180", "2026-07-04", "planned", ()),
        ("60", "2026-11-01", "planned", ("partnerships@2i2c.org",)),
        ("60", "2026-05-01", "void", ("partnerships@2i2c.org",)),
    ]


def test_a_step_that_was_dropped_before_the_start_is_not_silenced():
    engagement = make_term(ENDS, "2026-06-01")
    make_successor(engagement)

    for on in ("2026-06-01", "2026-06-14", "2026-06-15", "2026-06-16"):
        run(on)

    assert notices(engagement) == [(ENDS, "half-term", "silenced")]
