from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import NOON, make_deal, make_deliverable
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import open_imported
from throughline.delivery.models import Deliverable, Evidence
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped


def make_engagements(count, **fields):
    today = timezone.now().date()
    for number in range(count):
        wanted = {"end_on": today + timedelta(days=90)} | fields
        make_deal(name=f"Deal {number}", stage="closed_won", **wanted)
    return open_imported(playbook=shipped(), by="t", at=NOON)


def names(response):
    return [line["deal"].name for line in response.context["lines"]]


def test_engagements_cost_as_many_queries_for_three_as_for_one(browser, django_assert_num_queries):
    client = browser("BD")
    make_engagements(1)
    with django_assert_num_queries(9):
        assert len(names(client.get("/engagements/"))) == 1
    make_engagements(2)
    with django_assert_num_queries(9):
        assert len(names(client.get("/engagements/"))) == 3


def test_engagements_are_fifty_a_page_and_the_filter_stays_on_the_next(browser):
    make_engagements(53)
    client = browser("PS")

    first = client.get("/engagements/?view=all&q=Deal")
    second = client.get("/engagements/?view=all&q=Deal&page=2")

    assert (len(names(first)), len(names(second))) == (50, 3)
    assert "?view=all&amp;q=Deal&amp;page=2" in first.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["soon", "later", "never"]),
        ("?view=soon", ["soon"]),
        ("?view=ended", ["past"]),
        ("?view=no-end", ["never"]),
        ("?view=lapsed", []),
        ("?view=all&q=soon", ["soon"]),
        ("?view=all&health=off_track", []),
        ("?view=all&origin=ordered", []),
        ("?view=nonsense", ["soon", "later", "never"]),
    ],
)
def test_engagements_are_narrowed_by_view_text_health_and_origin(query, expected, browser):
    today = timezone.now().date()
    ends = {"past": -1, "soon": 60, "later": 61, "never": None}
    for name, days in ends.items():
        end_on = None if days is None else today + timedelta(days=days)
        make_deal(name=name, stage="closed_won", end_on=end_on)
    open_imported(playbook=shipped(), by="t", at=NOON)

    assert names(browser("Lead").get(f"/engagements/{query}")) == expected


def test_engagement_costs_as_many_queries_for_three_promises_as_for_one(
    browser, world, django_assert_num_queries
):
    client = browser("BD")
    with django_assert_num_queries(40):
        client.get(f"/engagements/{world.number}/")
    for code in ("phase-2", "phase-3"):
        make_deliverable(world.engagement, code)
    with django_assert_num_queries(40):
        response = client.get(f"/engagements/{world.number}/")

    assert response.context["counted"].total == 3


def test_engagement_that_is_not_there_is_not_found(browser):
    assert browser("BD").get("/engagements/999/").status_code == 404


@pytest.mark.parametrize(("hat", "sees"), [("BD", True), ("Lead", True), ("PS", False)])
def test_engagement_shows_money_only_to_those_who_may_see_it(hat, sees, browser, world):
    text = browser(hat).get(f"/engagements/{world.number}/").content.decode()

    assert ("17,500" in text) is sees


def test_ps_accepts_by_name_and_a_second_person_is_told_who_did(browser, world):
    address = f"/engagements/{world.number}/accept/"

    first, second = browser("PS").post(address), browser("Admin").post(address)

    world.engagement.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 422)
    assert world.engagement.accepted_by == "ps"
    assert "ps accepted this on" in second.content.decode()


def test_health_off_track_needs_a_reason_and_nothing_is_written_without(browser, world):
    client, entries = browser("PS"), Entry.objects.count()

    refused = client.post(f"/engagements/{world.number}/health/", {"health": "off_track"})

    world.engagement.refresh_from_db()
    assert (refused.status_code, world.engagement.health, Entry.objects.count()) == (
        422, "on_track", entries,
    )  # fmt: skip
    assert "Why is it not on track?" in refused.content.decode()


def test_health_with_a_reason_is_on_the_page_with_its_day(browser, world):
    client = browser("PS")

    client.post(
        f"/engagements/{world.number}/health/", {"health": "off_track", "why": "No account yet."}
    )

    page = client.get(f"/engagements/{world.number}/")
    assert (page.context["is_silent"], "No account yet." in page.content.decode()) == (False, True)


def test_deciding_to_end_adds_the_last_two_notices(browser, world):
    client = browser("BD")
    before = client.get(f"/engagements/{world.number}/").context["renewal"].notices

    client.post(f"/engagements/{world.number}/end/")

    after = client.get(f"/engagements/{world.number}/").context["renewal"].notices
    assert {one.step for one in after} - {one.step for one in before} == {"14", "2"}


def test_done_with_evidence_comes_into_the_queue_with_what_shows_it(browser, world):
    browser("PS").post(
        f"/deliverables/{world.deliverable.pk}/done/",
        {"evidence": "It answers.", "link": "https://hub.example.org"},
    )

    text = browser("BD").get("/verification/").content.decode()
    assert ("It answers." in text, 'href="https://hub.example.org"' in text) == (True, True)


def test_done_with_a_link_that_is_none_is_refused_and_nothing_is_written(browser, world):
    response = browser("PS").post(
        f"/deliverables/{world.deliverable.pk}/done/", {"link": "javascript:alert(1)"}
    )

    world.deliverable.refresh_from_db()
    assert (response.status_code, world.deliverable.state) == (422, "planned")


def test_evidence_with_a_script_for_a_link_is_shown_without_it(browser, world):
    done = mark_done(world.deliverable.pk, evidence="", link="", by="ps", at=NOON)
    Evidence.objects.create(  # as it may stand from elsewhere: the action takes no such link
        deliverable=done, kind="manual", state="found", text="<b>bold</b>",
        link="javascript:alert(1)", by="ps", at=NOON,
    )  # fmt: skip

    text = browser("BD").get("/verification/").content.decode()
    assert ("javascript:" in text, "<b>bold" in text, "&lt;b&gt;bold" in text) == (
        False, False, True,
    )  # fmt: skip


@pytest.mark.parametrize("page", ["verification", "engagement"])
def test_verifying_what_one_has_done_oneself_is_refused_and_nothing_is_written(
    page, browser, world
):
    mark_done(world.deliverable.pk, evidence="", link="", by="admin", at=NOON)
    client, entries = browser("Admin"), Entry.objects.count()

    response = client.post(f"/deliverables/{world.deliverable.pk}/verify/", {"page": page})

    world.deliverable.refresh_from_db()
    assert (response.status_code, world.deliverable.state) == (422, "done")
    assert (world.deliverable.verdict_by, Entry.objects.count()) == ("", entries)
    assert "needs two persons, and admin did the first part." in response.content.decode()


def test_bd_verifies_what_ps_has_done(browser, world):
    mark_done(world.deliverable.pk, evidence="", link="", by="ps", at=NOON)

    response = browser("BD").post(
        f"/deliverables/{world.deliverable.pk}/verify/", {"page": "verification"}
    )

    world.deliverable.refresh_from_db()
    assert (response.headers["Location"], world.deliverable.verdict_by) == ("/verification/", "bd")


def test_not_yet_needs_a_reason_and_with_one_is_ps_s_again(browser, world):
    mark_done(world.deliverable.pk, evidence="", link="", by="ps", at=NOON)
    client, address = browser("BD"), f"/deliverables/{world.deliverable.pk}/return/"

    without = client.post(address, {"page": "verification", "why": ""})
    with_one = client.post(address, {"page": "verification", "why": "No alert is armed."})

    world.deliverable.refresh_from_db()
    assert (without.status_code, with_one.status_code) == (422, 302)
    assert (world.deliverable.state, world.deliverable.verdict_why) == (
        "returned", "No alert is armed.",
    )  # fmt: skip


def test_verification_costs_as_many_queries_for_three_as_for_one(
    browser, world, django_assert_num_queries
):
    client = browser("BD")
    mark_done(world.deliverable.pk, evidence="It is.", link="", by="ps", at=NOON)
    with django_assert_num_queries(9):
        client.get("/verification/")
    for code in ("phase-2", "phase-3"):
        one = make_deliverable(world.engagement, code)
        mark_done(one.pk, evidence="It is.", link="", by="ps", at=NOON)
    with django_assert_num_queries(9):
        response = client.get("/verification/")

    assert len(response.context["lines"]) == 3


def test_deliverable_that_is_not_there_is_not_found(browser):
    assert browser("BD").post("/deliverables/999/verify/").status_code == 404
    assert Deliverable.objects.count() == 0
