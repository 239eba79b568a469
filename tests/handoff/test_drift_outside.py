"""Somebody edits, closes, moves or deletes in GitHub or Airtable: seen, adopted, restored, ignored."""

from datetime import date, timedelta

import pytest

from tests.factories import NOON, PS, make_engagement
from tests.handoff.airtable_world import by_hand, record_of
from tests.handoff.world import apply, doing_at, fresh, plan, verify
from throughline.delivery.models import Deliverable, Evidence
from throughline.handoff.actions.drifting import adopt_outcome, ignore_drift, restore_outcome
from throughline.handoff.drift import drift_of, drifted
from throughline.handoff.models import Outcome
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.server import TOKEN

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
REPOSITORY = "2i2c-org/infrastructure"
LATER = NOON + timedelta(hours=2)
MUCH_LATER = LATER + timedelta(hours=2)


@pytest.fixture
def github(settings):
    with GitHubSimulator() as simulator:
        simulator.add_repository(REPOSITORY)
        simulator.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        settings.GITHUB_URL, settings.GITHUB_TOKEN = simulator.url, TOKEN
        settings.GITHUB_REPOSITORY, settings.GITHUB_PROJECT = REPOSITORY, 7
        settings.BASE_URL = "https://throughline.example"
        yield simulator


@pytest.fixture
def engagement():
    return make_engagement(name="EarthScope 2026")


def key(engagement, kind, code="new-hub:phase-1"):
    return f"{kind}:{engagement.number}:{code}"


def issue_of(github, engagement, code="new-hub:phase-1"):
    return github.issue_marked(f"throughline:{key(engagement, 'github.issue', code)}")


def look(engagement, at=LATER):
    """Look again, and return what drifted by key."""
    verify(engagement, at)
    lines = drifted(drift_of(fresh(engagement), on=at.date()))
    return {line.outcome.key: line for line in lines}


def planned(engagement, at):
    return [one.outcome for one in plan(engagement, at).changes if one.system != "capacity"]


def restore(which, at=LATER):
    return restore_outcome(which, playbook=shipped(), holder="w", doing=doing_at(at))


def test_after_a_handoff_all_of_github_is_synced(github, engagement):
    apply(engagement)

    assert look(engagement) == {}


def test_a_title_changed_in_github_is_adopted_by_the_deliverable(github, engagement):
    apply(engagement)
    made = issue_of(github, engagement)
    made.title = made.title.replace("Phase 1: cluster and staging hub", "Phase 1: our cluster")
    which = key(engagement, "github.issue")

    line = look(engagement)[which]
    assert [(side.field, side.seen) for side in line.differing] == [("title", made.title)]
    assert line.can_adopt is True
    adopt_outcome(which, by=PS, at=LATER)

    assert Deliverable.objects.get(code="phase-1").title == "Phase 1: our cluster"
    assert which not in planned(engagement, MUCH_LATER)
    assert look(engagement, MUCH_LATER) == {}


def test_a_title_without_the_communitys_name_is_not_adopted_and_says_why(github, engagement):
    apply(engagement)
    issue_of(github, engagement).title = "Something else"
    which = key(engagement, "github.issue")

    assert look(engagement)[which].can_adopt is False
    with pytest.raises(Refused, match="This cannot be adopted: title"):
        adopt_outcome(which, by=PS, at=LATER)
    assert restore(which).state == "converged"
    assert issue_of(github, engagement).title.endswith("Phase 1: cluster and staging hub")


def test_an_issue_closed_as_not_planned_is_drift_and_can_be_restored(github, engagement):
    apply(engagement)
    made = issue_of(github, engagement)
    made.state, made.state_reason = "closed", "not_planned"
    which = key(engagement, "github.issue")

    line = look(engagement)[which]
    assert [(one.field, one.wanted, one.seen) for one in line.differing] == [
        ("given_up", False, True)
    ]
    assert restore(which).state == "converged"

    assert made.state == "open"


def test_an_issue_closed_as_completed_is_how_work_ends_and_no_drift(github, engagement):
    apply(engagement)
    made = issue_of(github, engagement)
    made.state, made.state_reason = "closed", "completed"

    assert look(engagement) == {}


def test_a_deleted_issue_is_gone_and_restored(github, engagement):
    apply(engagement)
    issue_of(github, engagement).is_deleted = True
    which = key(engagement, "github.issue")

    line = look(engagement)[which]
    assert line.outcome.seen is None
    with pytest.raises(Refused, match="It is gone"):
        adopt_outcome(which, by=PS, at=LATER)
    assert restore(which).state == "converged"

    assert issue_of(github, engagement).is_deleted is False


def test_ignored_drift_in_github_is_left_by_the_next_apply(github, engagement):
    apply(engagement)
    made = issue_of(github, engagement)
    made.title = "Something else"
    which = key(engagement, "github.issue")
    look(engagement)

    ignore_drift(
        which, "Theirs is better.", LATER.date() + timedelta(days=9), playbook=shipped(),
        by=PS, at=LATER,
    )  # fmt: skip
    apply(engagement, at=MUCH_LATER)

    assert made.title == "Something else"
    assert look(engagement, MUCH_LATER) == {}


def test_name_and_due_date_changed_in_airtable_are_adopted(base, engagement):
    apply(engagement)
    which = key(engagement, "airtable.deliverable")
    by_hand(base, which, Name="Our cluster", Due="2026-04-30")

    assert look(engagement)[which].can_adopt is True
    adopt_outcome(which, by=PS, at=LATER)

    found = Deliverable.objects.get(code="phase-1")
    assert (found.title, found.due_on) == ("Our cluster", date(2026, 4, 30))
    assert planned(engagement, MUCH_LATER) == []
    assert look(engagement, MUCH_LATER) == {}


def test_done_in_airtable_is_adopted_as_said_by_ps_with_where_it_was_seen(base, engagement):
    apply(engagement)
    which = key(engagement, "airtable.deliverable")
    by_hand(base, which, State="Done, to be verified")
    look(engagement)

    adopt_outcome(which, by=PS, at=LATER)

    found = Deliverable.objects.get(code="phase-1")
    assert (found.state, found.done_by) == ("done", PS)
    address = Outcome.objects.get(key=which).receipt["address"]
    assert Evidence.objects.get(deliverable=found).link == address
    assert look(engagement, MUCH_LATER) == {}


def test_verified_in_airtable_is_not_adopted_that_is_bds_verdict_here(base, engagement):
    apply(engagement)
    which = key(engagement, "airtable.deliverable")
    by_hand(base, which, State="Verified")
    look(engagement)

    with pytest.raises(Refused, match="This cannot be adopted: State"):
        adopt_outcome(which, by=PS, at=LATER)
    restored = restore(which)
    assert (restored.state, restored.remedy) == ("converged", "")
    table, record = record_of(base, which)
    assert table.by_name(record.cells)["State"] == "Planned"


def test_a_renamed_engagement_in_airtable_says_where_to_change_it(base, engagement):
    apply(engagement)
    which = f"airtable.engagement:{engagement.number}"
    by_hand(base, which, Name="Another name")

    [side] = look(engagement)[which].differing

    assert side.why_not == (
        "The record follows the deal and what PS says of the engagement: change it here, or"
        " restore it."
    )
