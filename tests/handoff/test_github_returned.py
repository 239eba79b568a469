"""Work that BD returned is open again in GitHub, once for each time, and people have the last word."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS
from tests.handoff.test_github import (  # noqa: F401 -- fixtures
    engagement,
    github,
    issue,
    open_ones,
)
from tests.handoff.world import apply, fresh, plan, sweep, verify
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.models import Deliverable
from throughline.handoff.models import Outcome
from throughline.journal.models import Entry

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def one():
    return Deliverable.objects.get(project__code="new-hub", code="phase-0")


def close(made, at, reason="completed"):
    """Close an issue as somebody does in GitHub."""
    made.state, made.state_reason = "closed", reason
    made.closed_at = at.strftime("%Y-%m-%dT%H:%M:%SZ")


def done_and_closed(github, engagement, at):  # noqa: F811 -- the fixtures' names
    close(issue(github, engagement, "new-hub:phase-0"), at)
    mark_done(one().pk, evidence="It runs.", link="", by=PS, at=at + MINUTE)
    sweep(at + 2 * MINUTE)


def give_back(at):
    return_deliverable(one().pk, why="Nobody can sign in.", by=BD, at=at)
    return sweep(at + MINUTE)


def reopened(engagement):  # noqa: F811 -- the fixture's name
    return Outcome.objects.get(key=f"github.reopened:{engagement.number}:new-hub:phase-0")


def test_issue_of_returned_work_is_open_again_with_a_receipt(github, engagement):  # noqa: F811 -- fixtures
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    done_and_closed(github, engagement, NOON + HOUR)
    assert made.state == "closed"

    swept = give_back(NOON + 2 * HOUR)

    assert (swept, made.state, made.state_reason) == ([engagement.number], "open", "reopened")
    row = reopened(engagement)
    assert (row.state, row.receipt["number"], row.receipt["returned_at"]) == (
        "converged", made.number, (NOON + 2 * HOUR).isoformat(),
    )  # fmt: skip
    acts = Entry.objects.filter(subject_id=str(row.pk), act__startswith="handoff.outcome.")
    assert "handoff.outcome.converged" in set(acts.values_list("act", flat=True))


def test_who_closes_it_again_has_the_last_word_until_bd_returns_it_again(github, engagement):  # noqa: F811 -- fixtures
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    done_and_closed(github, engagement, NOON + HOUR)
    give_back(NOON + 2 * HOUR)

    close(made, NOON + 3 * HOUR)

    assert open_ones(verify(engagement, at=NOON + 4 * HOUR)) == {}
    assert plan(engagement, NOON + 4 * HOUR).changes == ()
    apply(fresh(engagement), at=NOON + 4 * HOUR)
    assert made.state == "closed"
    mark_done(one().pk, evidence="", link="", by=PS, at=NOON + 5 * HOUR)
    sweep(NOON + 5 * HOUR + MINUTE)
    give_back(NOON + 6 * HOUR)
    assert made.state == "open"
    assert reopened(engagement).receipt["returned_at"] == (NOON + 6 * HOUR).isoformat()


def test_issue_that_was_closed_since_the_return_stays_closed(github, engagement):  # noqa: F811 -- fixtures
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    done_and_closed(github, engagement, NOON + HOUR)
    return_deliverable(one().pk, why="No.", by=BD, at=NOON + 2 * HOUR)

    close(made, NOON + 2 * HOUR + MINUTE)  # they had opened it themselves, and are done again
    swept = sweep(NOON + 2 * HOUR + 2 * MINUTE)

    assert (swept, made.state) == ([engagement.number], "closed")
    assert reopened(engagement).state == "converged"


def test_verified_given_up_and_open_issues_are_left_alone(github, engagement):  # noqa: F811 -- fixtures
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    mark_done(one().pk, evidence="", link="", by=PS, at=NOON + HOUR)
    sweep(NOON + HOUR + MINUTE)

    give_back(NOON + 2 * HOUR)

    assert (made.state, made.state_reason) == ("open", None)
    assert reopened(engagement).state == "converged"
    mark_done(one().pk, evidence="", link="", by=PS, at=NOON + 3 * HOUR)
    close(made, NOON + 3 * HOUR)
    verify_deliverable(one().pk, by=BD, at=NOON + 4 * HOUR)
    sweep(NOON + 4 * HOUR + MINUTE)
    assert made.state == "closed"


def test_return_before_anything_was_looked_at_waits_for_a_persons_yes(github, engagement):  # noqa: F811 -- fixtures
    apply(engagement)
    made = issue(github, engagement, "new-hub:phase-0")
    close(made, NOON + HOUR)
    mark_done(one().pk, evidence="", link="", by=PS, at=NOON + HOUR)
    return_deliverable(one().pk, why="No.", by=BD, at=NOON + 2 * HOUR)

    [line] = plan(engagement, NOON + 3 * HOUR).changes
    assert line.outcome == f"github.reopened:{engagement.number}:new-hub:phase-0"
    apply(fresh(engagement), at=NOON + 3 * HOUR)

    assert made.state == "open"
