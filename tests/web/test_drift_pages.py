from datetime import timedelta

import pytest
from django.utils import timezone

from throughline.delivery.models import Deliverable
from throughline.handoff.models import IgnoredDrift, Outcome


@pytest.fixture
def drifted(browser, world):
    """Return the outcome of a deliverable that somebody renamed after the handoff."""
    client = browser("BD")
    client.post(f"/handoff/{world.number}/apply/")
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")
    client.post(f"/handoff/{world.number}/verify/")
    return Outcome.objects.get(key=f"delivery.deliverable:{world.number}:new-hub:phase-2")


def page_of(client, world):
    return client.get(f"/handoff/{world.number}/drift/")


def in_a_month():
    return (timezone.now().date() + timedelta(days=30)).isoformat()


def counts(response):
    names = ("differing", "ignored", "unseen", "synced")
    return [len(response.context[name]) for name in names]


def test_both_sides_are_shown_field_by_field_with_when_they_were_seen(browser, world, drifted):
    response = page_of(browser("PS"), world)

    line = response.context["differing"][0]
    assert line["row"] == drifted
    assert line["sides"] == [
        {"field": "title", "wanted": drifted.wanted["title"], "seen": "Our hub"}
    ]
    assert response.context["looked_at"] == drifted.seen_at
    assert "Adopt it" in response.content.decode()


def test_before_anything_was_made_the_page_says_what_would_come(browser, world):
    response = page_of(browser("PS"), world)

    assert counts(response) == [0, 0, 0, 0]
    assert "Nothing was made yet" in response.content.decode()


def test_adopting_makes_both_sides_alike_with_the_next_look(browser, world, drifted):
    client = browser("BD")
    stamp = page_of(client, world).context["differing"][0]["stamp"]

    client.post(f"/drift/{drifted.pk}/adopt/", {"stamp": stamp})
    client.post(f"/handoff/{world.number}/verify/", {"on": "drift"})

    assert counts(page_of(client, world))[0] == 0
    assert Deliverable.objects.get(code="phase-2").title == "Our hub"


def test_adopting_what_was_not_seen_is_refused(browser, world, drifted):
    response = browser("BD").post(f"/drift/{drifted.pk}/adopt/", {"stamp": "other"})

    assert response.status_code == 422
    assert "It has changed since you looked." in response.content.decode()


def test_restoring_applies_that_line_again(browser, world, drifted):
    client = browser("PS")

    client.post(f"/drift/{drifted.pk}/restore/")

    assert counts(page_of(client, world))[0] == 0
    assert Deliverable.objects.get(code="phase-2").title == drifted.wanted["title"]


def test_ignoring_needs_a_reason_and_a_day_and_can_be_taken_back(browser, world, drifted):
    client, where = browser("PS"), f"/drift/{drifted.pk}/ignore/"

    refused = client.post(where, {"why": "", "until_on": in_a_month()})
    assert (refused.status_code, IgnoredDrift.objects.count()) == (422, 0)
    client.post(where, {"why": "They like it so.", "until_on": in_a_month()})
    assert counts(page_of(client, world))[:2] == [0, 1]
    client.post(f"/drift/{drifted.pk}/mind/")

    assert counts(page_of(client, world))[:2] == [1, 0]


def test_whoever_may_not_decide_is_told_who_does(browser, world, drifted):
    text = page_of(browser("Lead"), world).content.decode()

    assert ("BD or PS decides about it." in text, "Restore it" in text) == (True, False)


def test_list_names_what_differs_in_all_handoffs(browser, world, drifted):
    listed = browser("PS").get("/drift/").context["page"].object_list

    assert list(listed) == [drifted]


def test_ignored_drift_is_not_in_the_list(browser, world, drifted):
    client = browser("PS")
    client.post(f"/drift/{drifted.pk}/ignore/", {"why": "So.", "until_on": in_a_month()})

    assert list(client.get("/drift/").context["page"].object_list) == []


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_many_as_for_one(
    count, browser, world, drifted, django_assert_num_queries
):
    others = Outcome.objects.filter(key__startswith="delivery.deliverable").exclude(pk=drifted.pk)
    some = list(others.values_list("pk", flat=True)[: count - 1])
    Outcome.objects.filter(pk__in=some).update(state="drifted")
    client = browser("PS")

    with django_assert_num_queries(5):
        assert len(client.get("/drift/").context["page"].object_list) == count
