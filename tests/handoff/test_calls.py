"""How many calls a handoff makes in GitHub and Airtable together, counted where they arrive."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.world import apply, fresh, with_statement
from throughline.delivery.models import Deliverable, Project
from throughline.handoff.models import Pass
from throughline.sales.models import Deal
from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.server import TOKEN

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

REPOSITORY = "2i2c-org/infrastructure"
LATER = NOON + timedelta(hours=2)
MUCH_LATER = NOON + timedelta(hours=4)


@pytest.fixture
def github(settings):
    with GitHubSimulator() as simulator:
        simulator.add_repository(REPOSITORY)
        simulator.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        settings.GITHUB_URL, settings.GITHUB_TOKEN = simulator.url, TOKEN
        settings.GITHUB_REPOSITORY, settings.GITHUB_PROJECT = REPOSITORY, 7
        yield simulator


@pytest.fixture
def handed_over(github, base):
    engagement = make_engagement(name="EarthScope 2026")
    with_statement(engagement)
    apply(engagement)
    return engagement


def counted(github, base):
    """Return the calls that came in since the last count, as (reads, writes) of each system."""
    found = {"github": _split(github, "GET"), "airtable": _split(base, "GET", "listRecords")}
    github.calls.clear()
    base.calls.clear()
    return found


def _split(simulator, *reading):
    """Airtable is read by POST as well."""
    reads = sum(
        count
        for (method, path), count in simulator.calls.items()
        if any(word in (method, path.rsplit("/", 1)[-1]) for word in reading)
    )
    return reads, simulator.calls.total() - reads


def kept_calls():
    """Return what the pass itself has counted."""
    return Pass.objects.get().last_calls


def test_first_apply_writes_each_thing_once_in_the_vendors_batches(github, base, handed_over):
    projects, deliverables = Project.objects.count(), Deliverable.objects.count()
    things = projects + deliverables
    assert (projects, deliverables) == (3, 7)

    # GitHub takes one thing a call: an issue, a sub-issue under its parent, a card, its fields;
    # and the label of the engagement, once. Airtable takes ten records of one table.
    assert counted(github, base) == {
        "github": (3, 1 + 3 * things + deliverables),
        "airtable": (4, 3),
    }
    assert kept_calls() == {"github": 41, "airtable": 7}


def test_apply_again_reads_each_listing_once_and_writes_nothing(github, base, handed_over):
    counted(github, base)

    apply(handed_over, at=LATER)

    # GitHub: issues, fields of the board, its cards. Airtable: the base, and each of its tables.
    assert counted(github, base) == {"github": (3, 0), "airtable": (4, 0)}
    assert kept_calls() == {"github": 3, "airtable": 4}


def test_one_changed_date_writes_only_what_shows_it(github, base, handed_over):
    apply(handed_over, at=LATER)
    counted(github, base)

    dates = {"Build the tool": "2027-03-01"}
    Deal.objects.filter(pk=handed_over.pk).update(deliverable_dates=dates)
    apply(fresh(handed_over), at=MUCH_LATER)

    # The project ends with its last deliverable: in GitHub the issue and the card of both say so,
    # in Airtable the record of the deliverable.
    assert counted(github, base) == {"github": (3, 4), "airtable": (4, 1)}
