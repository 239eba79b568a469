import pytest

from tests.factories import BD, NOON, TODAY
from throughline.delivery.actions.meetings import close_meeting, decide, open_meeting
from throughline.delivery.models import Service
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db


def test_reviews_are_listed_and_shown_with_decisions_and_minutes(bd, won):
    [made] = won(1)
    meeting = open_meeting(on=TODAY, by=BD, at=NOON)
    decide(meeting.pk, "Ask again.", number=made.number, owner="pia", due_on=TODAY, by=BD, at=NOON)
    close_meeting(meeting.pk, playbook=shipped(), on=TODAY, by=BD, at=NOON)

    listed = bd.get("/api/v1/meetings").json()
    shown = bd.get(f"/api/v1/meetings/{TODAY}").json()

    meeting.refresh_from_db()
    assert (listed["count"], listed["items"][0]) == (
        1, {name: shown[name] for name in listed["items"][0]},
    )  # fmt: skip
    assert shown["minutes"] == meeting.minutes
    assert [(one["text"], one["engagement"]) for one in shown["decisions"]] == [
        ("Ask again.", made.number)
    ]
    assert bd.get("/api/v1/meetings/2026-03-03").status_code == 404


def test_agenda_and_services_are_shown(bd, won):
    [made] = won(1)

    agenda = bd.get("/api/v1/meetings/agenda").json()
    services = bd.get(f"/api/v1/engagements/{made.number}/services").json()

    assert [one["code"] for one in agenda["parts"]] == ["new", "off", "risk", "stale"]
    assert [(one["service"], one["months"]) for one in services] == [(Service.objects.get().pk, [])]


def test_review_is_held_by_a_program_from_opening_to_minutes(bd, won):
    [made] = won(1)

    bd.post(f"/api/v1/meetings/{TODAY}/close", {}, "application/json")  # of the week before
    opened = bd.post("/api/v1/meetings", {}, content_type="application/json")
    day = opened.json()["held_on"]
    told = {"text": "Ask again.", "engagement": str(made.number), "owner": "pia", "due_on": day}
    decided = bd.post(f"/api/v1/meetings/{day}/decisions", told, content_type="application/json")
    standing = bd.get("/api/v1/meetings/decisions?open=true").json()
    number = decided.json()["decision"]
    settled = bd.post(f"/api/v1/meetings/decisions/{number}/settle", {}, "application/json")
    closed = bd.post(f"/api/v1/meetings/{day}/close", {}, "application/json")
    late = bd.post(f"/api/v1/meetings/{day}/decisions", told, content_type="application/json")

    assert (opened.status_code, decided.status_code, settled.status_code) == (201, 201, 200)
    assert (decided.json()["engagement"], decided.json()["owner"]) == (made.number, "pia")
    assert [one["decision"] for one in standing["items"]] == [number]
    assert settled.json()["settled_by"] == closed.json()["closed_by"] == opened.json()["opened_by"]
    assert "Ask again." in closed.json()["minutes"]
    assert bd.get("/api/v1/meetings/decisions?open=true").json()["count"] == 0
    assert bd.get("/api/v1/meetings/decisions").json()["count"] == 1
    assert (late.status_code, late.json()["detail"]) == (422, "This review is closed.")


def test_decision_sent_twice_with_one_key_is_made_once(bd, won):
    won(1)
    open_meeting(on=TODAY, by=BD, at=NOON)
    address, key = f"/api/v1/meetings/{TODAY}/decisions", {"HTTP_IDEMPOTENCY_KEY": "k-1"}

    answers = [
        bd.post(address, {"text": "Once."}, content_type="application/json", **key)
        for _time in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert bd.get("/api/v1/meetings/decisions").json()["count"] == 1


@pytest.mark.parametrize("limit", [1, 3])
def test_decisions_take_the_same_queries(bd, won, django_assert_max_num_queries, limit):
    [made] = won(1)
    meeting = open_meeting(on=TODAY, by=BD, at=NOON)
    for number in range(limit):
        decide(meeting.pk, f"{number}", number=made.number, owner="", due_on=None, by=BD, at=NOON)

    with django_assert_max_num_queries(6):
        found = bd.get("/api/v1/meetings/decisions").json()

    assert found["count"] == limit
