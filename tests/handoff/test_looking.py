"""Every day each running handoff is looked at again, and nothing is changed by that."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.world import apply, make_whole
from throughline.delivery.models import Deliverable, EvidenceLook
from throughline.delivery.queries import engagements
from throughline.handoff.actions import looking
from throughline.handoff.actions.looking import due_looks, look_at_due
from throughline.handoff.drift import drift_of, drifted
from throughline.handoff.models import LastLook, Outcome
from throughline.intake.jobs import run_instant
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def look(at=NOON):
    return look_at_due(at=at, on=at.date(), playbook=shipped(), by="worker")


def test_what_was_never_handed_over_is_not_looked_at():
    make_engagement()

    assert (look(), Outcome.objects.count()) == ([], 0)


def test_a_handoff_is_looked_at_once_a_day():
    engagement = make_whole()
    apply(engagement)

    assert [look(), look(), look(NOON + DAY - timedelta(seconds=1)), look(NOON + DAY)] == [
        [engagement.number], [], [], [engagement.number],
    ]  # fmt: skip


def test_the_look_finds_drift_and_leaves_it():
    engagement = make_whole()
    apply(engagement)
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")

    look()

    found = drifted(drift_of(engagement, on=NOON.date()))
    assert [line.outcome.key.rpartition(":")[2] for line in found] == ["phase-2"]
    assert Deliverable.objects.get(code="phase-2").title == "Our hub"


def test_an_engagement_that_has_ended_is_left_in_peace():
    engagement = make_whole()
    apply(engagement)
    ended = NOON.date() - DAY
    Deal.objects.filter(pk=engagement.pk).update(start_on=ended, end_on=ended)

    assert look() == []


def test_looks_are_spread_and_the_longest_waiting_come_first(monkeypatch):
    monkeypatch.setattr(looking, "AT_ONCE", 1)
    first, second = (make_whole_called(name) for name in ("one", "two"))

    assert [look(), look(), look()] == [[first], [second], []]
    later = NOON + DAY + timedelta(hours=1)
    assert [look(later), look(later)] == [[first], [second]]


def make_whole_called(name):
    engagement = make_engagement(name=name)
    apply(engagement)
    return engagement.number


def test_a_look_that_fails_stops_no_other_and_waits_for_its_next_turn():
    first, second = (make_whole_called(name) for name in ("one", "two"))
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")
    systems = iter([RuntimeError("no system"), ()])

    def connect():
        found = next(systems)
        if isinstance(found, Exception):
            raise found
        return found

    looked = look_at_due(at=NOON, on=NOON.date(), playbook=shipped(), by="worker", connect=connect)

    found = [len(drifted(drift_of(one, on=NOON.date()))) for one in engagements()]
    assert (looked, found) == ([first, second], [0, 1])
    assert due_looks(at=NOON, on=NOON.date()) == []


def test_the_daily_work_looks_as_well():
    engagement = make_whole()
    apply(engagement)
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")

    run_instant(at=NOON, playbook=shipped(), by="worker", holder="worker")

    assert len(drifted(drift_of(engagement, on=NOON.date()))) == 1


def test_daily_work_that_is_asked_to_stop_asks_and_tells_nobody_outside():
    engagement = make_whole()
    apply(engagement)
    Message.objects.all().delete()
    due = {"at": NOON, "playbook": shipped(), "by": "worker", "holder": "worker"}
    queue_message(
        Draft(key="a", to=("rae@example.org",), subject="Hello", text="Dear Rae", about="deal:1"),
        by="worker", at=NOON,
    )  # fmt: skip

    run_instant(**due, stop=lambda: True)
    left = (Message.objects.get(key="a").state, EvidenceLook.objects.count())
    assert (*left, LastLook.objects.count()) == ("queued", 0, 0)

    run_instant(**due)
    done = (Message.objects.get(key="a").state, EvidenceLook.objects.count())
    assert (*done, LastLook.objects.count()) == ("sent", 1, 1)
