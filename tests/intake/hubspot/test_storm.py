"""Random changes, merges, deletions, lost webhooks and faults: one reading later all is equal."""

import os
from datetime import timedelta

import pytest

from tests.intake.hubspot.conftest import SECRET
from tests.intake.hubspot.storm import Storm, ours
from throughline.delivery.models import Engagement
from throughline.intake.hubspot.actions.reading import read_all
from throughline.intake.hubspot.jobs import read_what_is_due
from throughline.intake.models import HubSpotReading, ReadingKind
from throughline.journal.models import Entry
from throughline.sales.models import Deal, DealAlias

pytestmark = pytest.mark.django_db
SEEDS = range(int(os.environ.get("THROUGHLINE_STORMS", "1")))
CHANGES = 2000


@pytest.fixture(autouse=True)
def connected(settings, tmp_path, simulator):
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.BASE_URL = "https://throughline.example.org"
    settings.HUBSPOT_WEBHOOK_SECRET = SECRET
    settings.HUBSPOT_TOKEN, settings.HUBSPOT_CONNECTED = simulator.token, True
    settings.HUBSPOT_URL, settings.HUBSPOT_PORTAL = simulator.url, "4242"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_of_2000_changes_ends_with_both_sides_equal_after_one_reading(
    simulator, source, clock, seed
):
    storm = Storm(simulator, source, clock, seed)
    storm.rage(CHANGES)
    storm.calm()

    read = read_all(source, at=clock.at)

    assert read.rejected == []
    assert ours() == storm.theirs()
    assert storm.lost() == []
    kinds = set(HubSpotReading.objects.values_list("kind", flat=True))
    assert (storm.looks > 50, storm.failed > 10, kinds) == (True, True, set(ReadingKind.values))
    assert (DealAlias.objects.count() > 30, Engagement.objects.count() > 10) == (True, True)

    entries = Entry.objects.count()
    again = read_all(source, at=clock.at)
    assert (again.created, again.updated, again.merged, again.gone, again.back) == (
        0,
        0,
        [],
        [],
        [],
    )
    assert (again.unchanged, Entry.objects.count()) == (len(ours()), entries)


def test_a_day_in_which_nothing_got_through_is_made_up_for_by_the_first_reading_after_it(
    simulator, source, clock
):
    storm = Storm(simulator, source, clock, seed=1)
    read_what_is_due(playbook=source.playbook, at=clock.at)
    before = ours()
    simulator.close()
    begun = clock.at
    while clock.at < begun + timedelta(hours=25):
        storm.rage(20)
        clock.move(hours=1)
        read_what_is_due(playbook=source.playbook, at=clock.at)
    assert {one: facts for one, facts in ours().items() if one in before} == before

    simulator.open()
    storm.calm()
    assert read_what_is_due(playbook=source.playbook, at=clock.at) == ReadingKind.ALL

    assert ours() == storm.theirs()
    assert Deal.objects.filter(deleted_at=None).count() > 30
