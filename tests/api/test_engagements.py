import pytest

from tests.factories import NOON
from throughline.delivery.actions.deliverables import return_deliverable, verify_deliverable
from throughline.delivery.models import Deliverable
from throughline.delivery.queries import deliverables_of, engagement_in_full, find_engagement
from throughline.delivery.shapes import (
    deliverable_shape,
    engagement_in_full_shape,
    engagement_shape,
)

pytestmark = pytest.mark.django_db


def test_engagements_are_listed_by_number(bd, won):
    made = won(1, 2)

    answer = bd.get("/api/v1/engagements?limit=1").json()

    assert (answer["count"], answer["limit"], answer["offset"]) == (2, 1, 0)
    assert answer["items"] == [engagement_shape(made[0])]
    assert answer["items"][0] | {"engagement": 0} == {
        "engagement": 0, "deal": "771", "name": "Deal 1", "community": "Community 1",
        "community_id": None, "origin": "imported", "opened_at": "2026-03-02T12:00:00+00:00",
        "opened_by": "import", "health": "on_track", "health_why": None, "health_at": None,
        "accepted_by": None, "accepted_at": None, "start_on": "2026-01-01",
        "end_on": "2026-12-30", "is_ending": False,
    }  # fmt: skip


@pytest.mark.parametrize("called", ["771", "{number}"])
def test_engagement_is_shown_with_all_its_parts_by_its_number_or_its_deals_id(bd, won, called):
    [made] = won(1)

    answer = bd.get(f"/api/v1/engagements/{called.format(number=made.number)}").json()

    assert answer == engagement_in_full_shape(engagement_in_full(made.number))
    [project], [service], [cluster] = answer["projects"], answer["services"], answer["clusters"]
    assert project["deliverables"] == [deliverable_shape(one) for one in deliverables_of(made)]
    assert project["deliverables"][0]["evidence"] == [
        {
            "kind": "manual", "state": "found", "text": "I saw it.", "link": None, "file": None,
            "at": "2026-03-02T12:00:00+00:00", "by": "pia",
        }
    ]  # fmt: skip
    assert service == {"code": "support", "title": "Support", "rhythm": "monthly"}
    assert cluster["hubs"] == [{"name": "prod", "domain": "hub1.example.org"}]


def test_deliverable_carries_the_verdict_that_holds(bd, won):
    [made] = won(1)
    one = Deliverable.objects.get()

    def verdict():
        answer = bd.get(f"/api/v1/engagements/{made.number}").json()
        return answer["projects"][0]["deliverables"][0]["verdict"]

    assert verdict() is None
    return_deliverable(one.pk, why="No logo.", by="ada", at=NOON)
    given = {"by": "ada", "at": "2026-03-02T12:00:00+00:00"}
    assert verdict() == {"verdict": "returned", "why": "No logo.", **given}
    Deliverable.objects.update(state="done")
    assert verdict() is None
    verify_deliverable(one.pk, by="ada", at=NOON)
    assert verdict() == {"verdict": "verified", "why": None, **given}


@pytest.mark.parametrize("reference", ["999", "771"])
def test_engagement_that_does_not_exist_is_not_found(bd, reference):
    answer = bd.get(f"/api/v1/engagements/{reference}")

    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_looking_at_engagements_takes_the_same_queries_for_one_and_for_three(
    bd, won, django_assert_num_queries
):
    for number in (1, 2, 3):
        won(number)
        if number in {1, 3}:
            with django_assert_num_queries(6):  # session, person, roles, engagements, count, tally
                assert bd.get("/api/v1/engagements").json()["count"] == number


def test_looking_at_one_engagement_takes_the_same_queries_for_one_and_for_three_deliverables(
    bd, won, django_assert_num_queries
):
    [made] = won(1)
    found = find_engagement("771")
    for count in (1, 3):
        while Deliverable.objects.count() < count:
            code = f"phase-{Deliverable.objects.count() + 1}"
            Deliverable.objects.create(project=found.projects.get(), code=code, title=code)
        with django_assert_num_queries(24):
            answer = bd.get(f"/api/v1/engagements/{made.number}").json()
        assert len(answer["projects"][0]["deliverables"]) == count


def test_readiness_promises_and_joint_work_of_an_engagement(bd, won):
    won(1)
    where = "/api/v1/engagements/771"

    ready = bd.get(f"{where}/ready").json()
    gaps = bd.get(f"{where}/promises").json()

    assert bd.get(f"{where}/joint").json() == []
    assert {frozenset(one) for one in ready} <= {
        frozenset({"project", "deliverable", "title", "ready", "missing", "fields"})
    }
    assert {frozenset(one) for one in gaps} == {frozenset({"code", "text", "promise", "number"})}
    assert {one["code"] for one in gaps} == {"promise_without_work", "work_without_promise"}
