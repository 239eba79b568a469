"""The time to first value of all engagements that were ordered, as the newest looks saw it."""

from datetime import timedelta

import pytest

from tests.factories import NOON, TODAY, make_cluster, make_deal, make_deliverable, make_engagement
from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.delivery.first_values import first_values, first_values_shape
from throughline.delivery.queries import engagements
from throughline.infrastructure.models import Hub
from throughline.intake.evidence import Eyes, look_for_evidence
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BLIND = Eyes(None, lambda: None, None)
LATER = TODAY + 60 * DAY


def ordered(number, *, came=None, gone=False):
    """Make an engagement whose hub six people use from so many days after the order on."""
    made = make_engagement(name=f"Deal {number}", hubspot_id=f"90010{number}")
    make_deliverable(made)
    hubs = {"prod": ("Production", f"hub{number}.example.org")}
    make_cluster(f"cluster-{number}", deal_id=f"90010{number}", hubs=hubs)
    link_clusters(by="t", at=NOON)
    if came is not None:
        begin = made.deal.order.at.date()
        to_on = begin + timedelta(days=59)
        days = [came] if gone else [came, 50]
        users = frozenset((begin + timedelta(days=day), name) for day in days for name in "abcdef")
        hub = Hub.objects.get(cluster__name=f"cluster-{number}")
        told = Activity(hub, "activity.csv", begin, to_on, users)
        keep_activity(told, staff=(), by="t", at=NOON)
    return made


def look(made, *, days=60):
    one = engagements().get(pk=made.pk)
    at = NOON + days * DAY
    look_for_evidence(one, eyes=BLIND, playbook=shipped(), by="worker", at=at)


def values():
    return first_values(playbook=shipped(), on=LATER)


def test_days_waiting_lost_and_unknown_are_told_apart():
    quick, slow, lost, silent, unseen = (
        ordered(1, came=9), ordered(2, came=30), ordered(3, came=2, gone=True), ordered(4),
        ordered(5, came=4),
    )  # fmt: skip
    for one in (quick, slow, lost, silent):
        look(one)

    found = {one.engagement.pk: one for one in values().every}

    assert [found[one.pk].days for one in (quick, slow, lost, silent, unseen)] == [
        9, 30, 2, None, None,
    ]  # fmt: skip
    assert [found[one.pk].is_lost for one in (quick, slow, lost)] == [False, False, True]
    assert found[silent.pk].unknown_because.startswith("No source has told")
    assert (found[silent.pk].waiting_days, found[unseen.pk].looked_at) == (60, None)
    told = first_values_shape(values())
    assert (told["median_days"], told["reached"], told["waiting"]) == (9.0, 3, 0)


def test_one_that_nobody_uses_yet_waits_and_counts_its_days():
    made = ordered(1, came=59)
    look(made, days=20)

    [one] = values().waiting

    assert (one.engagement, one.days, one.waiting_days, one.people) == (made, None, 60, 0)


def test_what_came_in_already_won_is_not_among_them():
    make_deal(name="Old", stage="closed_won")
    open_imported(playbook=shipped(), by="t", at=NOON)

    assert (values().every, values().median_days) == ((), None)


def test_they_cost_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    for count in (1, 3):
        while len(values().every) < count:
            look(ordered(len(values().every), came=9))
        with django_assert_num_queries(2):
            assert len(first_values_shape(values())["engagements"]) == count
