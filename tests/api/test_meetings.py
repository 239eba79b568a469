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
