"""The team's bookings follow what an executed amendment changed, and moved days, by themselves."""

from datetime import date, timedelta

import pytest

from tests.factories import BD, NOON, PS, make_engagement
from tests.handoff.world import apply, fresh, plan, sweep, with_statement
from tests.sales.agreements_world import amend, sign_all
from throughline.capacity.models import Booking
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.scope import Work, add_work, change_scope, drop_deliverable
from throughline.delivery.actions.working import replan_deliverable
from throughline.delivery.models import Deliverable
from throughline.sales.models import StatementOfWork

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)
INFRA, DELIVERY = "infrastructure_engineer", "delivery"


def item(low, high, role):
    return {"text": "Do it", "low_h": low, "high_h": high, "role": role}


@pytest.fixture
def engagement(db):
    """An engagement whose first deliverable two roles work on, 10 and 5 hours, the second one 4."""
    made = make_engagement(name="EarthScope 2026")
    statement = with_statement(made, [("Build", ["B."], 8, 15), ("Teach", ["T."], 2, 4)])
    content = statement.content
    content["deliverables"][0]["items"] = [
        item(5, 10, "Infrastructure Engineer"), item(3, 5, "Delivery Manager"),
    ]  # fmt: skip
    content["deliverables"][1]["items"] = [item(2, 4, "Delivery Manager")]
    StatementOfWork.objects.filter(pk=statement.pk).update(content=content)
    apply(made)
    return fresh(made)


def booked():
    found = Booking.objects.filter(code__regex="deliverable|added").order_by("pk")
    return [(one.code, str(one.hours)) for one in found]


def number_of(code):
    return Deliverable.objects.get(code=code).pk


def amendment(engagement):
    made = amend(engagement.deal, kind="amendment", scope="Other work.")
    sign_all(engagement.deal)
    return {"amendment": made.pk, "by": BD, "at": LATER}


def test_hours_of_an_amendment_are_shared_among_the_roles_as_before(engagement):
    assert booked() == [
        ("deliverable-1", "10.00"), ("deliverable-1:2", "5.00"), ("deliverable-2", "4.00"),
    ]  # fmt: skip
    how = amendment(engagement)

    change_scope(number_of("deliverable-1"), {"low_h": 4, "high_h": 10}, why="Less.", **how)
    swept = sweep(LATER + timedelta(minutes=1))

    assert swept == [engagement.number]
    assert booked() == [
        ("deliverable-1", "6.67"), ("deliverable-1:2", "3.33"), ("deliverable-2", "4.00"),
    ]  # fmt: skip
    assert not [one for one in plan(engagement, LATER).changes if one.system == "capacity"]


def test_what_is_taken_out_is_free_and_what_is_added_is_booked_until_its_day(engagement):
    how, due_on = amendment(engagement), date(2026, 6, 30)

    drop_deliverable(number_of("deliverable-1"), why="No need.", **how)
    work = Work("Train", ("Ten came.",), due_on, 3, 6)
    added = add_work(engagement.number, "statement-of-work", work, **how)
    sweep(LATER + timedelta(minutes=1))

    assert booked() == [("deliverable-2", "4.00"), ("added-1", "6.00")]
    made = Booking.objects.get(code="added-1")
    assert (set(made.roles), made.from_on, made.to_on) == (
        {INFRA, DELIVERY}, LATER.date(), due_on,
    )  # fmt: skip
    mark_done(added.pk, evidence="", link="", by=PS, at=LATER)
    assert booked() == [("deliverable-2", "4.00")]


def test_day_that_is_moved_moves_the_booking(engagement):
    moved = date(2026, 7, 17)

    replan_deliverable(number_of("deliverable-2"), moved, why="They asked.", by=PS, at=LATER)
    sweep(LATER + timedelta(minutes=1))

    assert Booking.objects.get(code="deliverable-2").to_on == moved
