"""Deals that became one in HubSpot while both are delivered here: a person settles it (E17)."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.intake.hubspot.conftest import STAGES
from throughline.delivery.actions.structure import put_project
from throughline.delivery.models import Engagement, Project
from throughline.intake.hubspot.actions.merges import Decision, open_merges, settle_merge
from throughline.intake.hubspot.actions.reading import READER, read_all
from throughline.intake.models import HowSettled
from throughline.kernel.errors import Refused
from throughline.sales.actions.tombstone import restore_deal
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
DEALS, TODAY = "0-3", NOON.date()


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def merged(source, account):
    """Two engagements, ours, and the deal that HubSpot made of both."""
    made = [
        account.create(DEALS, {"dealname": name, "dealstage": STAGES["Closed Won"]})
        for name in ("A", "B")
    ]
    read_all(source, at=NOON)
    kept, other = Deal.objects.order_by("pk")
    for deal in (kept, other):
        put_project(deal.pk, "hub", title=deal.name, kind="new-hub", by="ada", at=NOON)
    survivor = account.merge(DEALS, made[0].id, made[1].id)
    read_all(source, at=NOON)
    return kept, other, survivor


@pytest.fixture
def settle(source):
    def run(survivor, how, keep, *, reason="Same hub.", until_on=None, at=NOON):
        decision = Decision(HowSettled(how), keep.pk, reason, until_on)
        return settle_merge(survivor.id, decision, playbook=source.playbook, by="bea", at=at)

    return run


def living():
    return sorted(Deal.objects.filter(deleted_at=None).values_list("pk", "hubspot_id"))


@pytest.mark.parametrize(("how", "projects"), [("join", ["hub", "hub@{other}"]), ("keep", ["hub"])])
def test_one_goes_on_with_the_others_work_or_without_it(
    source, merged, settle, how, projects, account
):
    kept, other, survivor = merged
    numbers = [kept.hubspot_id, other.hubspot_id]

    settle(survivor, how, kept)

    assert living() == [(kept.pk, survivor.id)]
    found = Project.objects.filter(engagement_id=kept.pk).order_by("code")
    assert [one.code for one in found] == [one.format(other=other.pk) for one in projects]
    assert [find_deal(one).pk for one in (*numbers, survivor.id)] == [kept.pk] * 3
    assert Engagement.objects.get(pk=other.pk).successor_id == kept.pk
    read = read_all(source, at=NOON + timedelta(days=1))
    assert (read.rejected, read.created, read.gone) == ([], 0, [])
    assert not open_merges(on=TODAY).exists()


@pytest.mark.parametrize("how", ["join", "keep"])
def test_what_was_merged_away_is_not_woken_by_a_person_or_a_reading(source, merged, settle, how):
    kept, other, survivor = merged
    settle(survivor, how, kept)

    with pytest.raises(Refused, match="was merged into A") as refused:
        restore_deal(other.pk, by="bea", at=NOON)

    assert refused.value.remedy == (
        f"It was merged, and goes on as deal {kept.pk}: work on that one. What is wanted apart"
        " again is a new deal."
    )
    Deal.objects.filter(pk=other.pk).update(deleted_by=READER)
    assert read_all(source, at=NOON + timedelta(days=1)).back == []
    assert living() == [(kept.pk, survivor.id)]


def test_what_merges_led_to_is_known_after_another_merge(source, merged, settle, account):
    kept, other, survivor = merged
    settle(survivor, "join", kept)
    third = account.create(DEALS, {"dealname": "C", "dealstage": STAGES["Lead"]})
    read_all(source, at=NOON)
    of_third = find_deal(third.id)

    last = account.merge(DEALS, survivor.id, third.id)
    read_all(source, at=NOON)

    assert living() == [(kept.pk, last.id)]
    assert set(Deal.objects.filter(merged_into=kept)) == {other, of_third}
    with pytest.raises(Refused, match="was merged into"):
        restore_deal(of_third.pk, by="bea", at=NOON)


def test_both_may_be_kept_until_a_day_and_then_it_is_asked_again(source, merged, settle):
    kept, other, survivor = merged
    number = other.hubspot_id

    settle(survivor, "both", other, until_on=TODAY + timedelta(days=7))

    assert living() == [(kept.pk, None), (other.pk, survivor.id)]
    assert find_deal(number) == other
    assert read_all(source, at=NOON + timedelta(days=1)).rejected == []
    assert not open_merges(on=TODAY + timedelta(days=7)).exists()
    assert open_merges(on=TODAY + timedelta(days=8)).exists()

    settle(survivor, "join", other, at=NOON + timedelta(days=8))
    assert living() == [(other.pk, survivor.id)]
    assert read_all(source, at=NOON + timedelta(days=9)).rejected == []


def test_what_cannot_be_settled_says_why_and_changes_nothing(merged, settle):
    kept, _other, survivor = merged
    before = living()

    with pytest.raises(Refused, match="needs a reason"):
        settle(survivor, "join", kept, reason=" ")
    with pytest.raises(Refused, match="a last day that is not over"):
        settle(survivor, "both", kept)
    stranger = Deal.objects.create(name="C", stage_since=NOON, created_at=NOON, currency="USD")
    with pytest.raises(Refused, match="is none of the merged deals"):
        settle(survivor, "join", stranger)
    stranger.delete()
    assert (living(), open_merges(on=TODAY).count()) == (before, 1)


def test_a_merge_is_settled_once(merged, settle):
    kept, _other, survivor = merged
    settle(survivor, "keep", kept)

    with pytest.raises(Refused, match="waits for anybody"):
        settle(survivor, "join", kept)
