"""Hours asked for, held, made firm, booked and freed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import NOON, PS, TODAY
from throughline.capacity.actions.demand import assign_work, put_demand, withdraw_demand
from throughline.capacity.actions.holds import (
    BookedHours,
    HeldHours,
    book_hours,
    firm_up,
    free_booking,
    hold_hours,
    release,
)
from throughline.capacity.engine.work import Work
from throughline.capacity.jobs import expiring_on, release_expired
from throughline.capacity.models import Booking, Demand, Hold
from throughline.capacity.queries import bookings_of, demand_of, holds_expiring, holds_of
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db

DEAL = "deal:1"
END = date(2026, 6, 30)
ACTING = {"by": PS, "at": NOON}
HELD = HeldHours("Phase 1", "app_engineer", Decimal(40), TODAY, END)
BOOKED = BookedHours("deliverable-1", "Phase 1", ("app_engineer",), Decimal(40), TODAY, END)


def hold(*held, subject=DEAL, expires_on=END):
    return hold_hours(subject, held, expires_on=expires_on, **ACTING)


def work(code="1.1", roles=("app_engineer", "tech_lead"), high=8.0):
    return Work("Phase 1", roles, 2.0, high, TODAY, END, DEAL, code)


def kinds(subject=DEAL):
    return [(one.kind, one.expires_on) for one in holds_of(subject)]


def acts():
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


def test_holds_are_soft_and_a_new_answer_replaces_them():
    hold(HELD, HELD)
    hold(HELD, HeldHours("Nothing", "app_engineer", Decimal(0), TODAY, END))

    assert kinds() == [("soft", END)]


def test_holds_become_firm_at_the_verbal_yes_and_stay_firm():
    hold(HELD)

    assert firm_up(DEAL, **ACTING) == 1
    assert firm_up(DEAL, **ACTING) == 0
    hold(HELD)

    assert kinds() == [("firm", None)]
    assert acts() == ["capacity.hold.kept", "capacity.hold.firmed", "capacity.hold.kept"]


def test_soft_holds_are_freed_after_their_last_day_and_both_sides_hear_of_it():
    hold(HELD, HeldHours("Phase 2", "tech_lead", Decimal("2.5"), TODAY, END), expires_on=TODAY)
    hold(HELD, subject="deal:2", expires_on=TODAY)
    firm_up("deal:2", **ACTING)
    tomorrow = TODAY + timedelta(days=1)

    assert release_expired(on=TODAY, **ACTING) == []
    expected = expiring_on(tomorrow)
    freed = release_expired(on=tomorrow, **ACTING)

    assert freed == expected
    assert [(one.subject, one.hours, one.roles) for one in freed] == [
        (DEAL, 42.5, ("app_engineer", "tech_lead"))
    ]
    assert (kinds(), kinds("deal:2")) == ([], [("firm", None)])
    assert release_expired(on=tomorrow, **ACTING) == []
    entry = Entry.objects.filter(act="capacity.hold.freed").first()
    assert (entry.facts["about"], entry.facts["why"]) == (DEAL, f"expired on {TODAY}")


def test_holds_that_expire_soon_are_listed_the_next_first():
    hold(HELD, subject="deal:2", expires_on=TODAY + timedelta(days=5))
    hold(HELD, expires_on=TODAY)
    hold(HELD, subject="deal:3", expires_on=TODAY + timedelta(days=8))

    found = holds_expiring(on=TODAY, within_days=7)

    assert [one.subject for one in found] == [DEAL, "deal:2"]


def test_bookings_take_the_place_of_holds_and_leave_what_was_chosen():
    put_demand(DEAL, [work()], **ACTING)
    hold(HELD)

    book_hours(DEAL, [BOOKED], **ACTING)
    book_hours(DEAL, [BOOKED], **ACTING)

    assert [(one.code, one.hours) for one in bookings_of(DEAL)] == [("deliverable-1", 40)]
    assert (Hold.objects.count(), Demand.objects.count()) == (0, 1)


def test_booking_of_what_is_done_is_freed_in_all_its_parts_and_no_other():
    codes = ("deliverable-1", "deliverable-1:2", "deliverable-10")
    book_hours(
        DEAL,
        [BookedHours(code, "P", ("app_engineer",), Decimal(1), TODAY, END) for code in codes],
        **ACTING,
    )

    assert free_booking(DEAL, "deliverable-1", why="it is done", **ACTING) == 2
    assert [one.code for one in bookings_of(DEAL)] == ["deliverable-10"]


def test_release_frees_everything_of_one_deal_and_says_why():
    for subject in (DEAL, "deal:2"):
        put_demand(subject, [work()], **ACTING)
        book_hours(subject, [BOOKED], **ACTING)
        hold(HELD, subject=subject)

    assert release(DEAL, why="the deal is lost", **ACTING) == 3

    left = [model.objects.values_list("subject", flat=True)[:] for model in (Hold, Booking, Demand)]
    assert [list(one) for one in left] == [["deal:2"]] * 3
    freed = Entry.objects.filter(act__endswith=".freed").values_list("facts__why", flat=True)
    assert list(freed) == ["the deal is lost"] * 3


def test_demand_is_put_once_and_changes_with_the_estimate():
    assert put_demand(DEAL, [work(), work("1.2")], **ACTING)
    assert not put_demand(DEAL, [work(), work("1.2")], **ACTING)
    assert put_demand(DEAL, [work(high=9.0)], **ACTING)

    assert [(one.code, one.high_h) for one in demand_of(DEAL)] == [("1.1", 9)]
    assert acts() == ["capacity.demand.put", "capacity.demand.put"]


def test_demand_keeps_the_role_that_somebody_chose_while_it_is_one_of_its_own():
    put_demand(DEAL, [work()], **ACTING)
    assign_work(DEAL, "1.1", "tech_lead", **ACTING)

    chosen = []
    for roles in (("app_engineer", "tech_lead"), ("app_engineer",)):
        put_demand(DEAL, [work(roles=roles, high=5.0)], **ACTING)
        chosen.append(demand_of(DEAL)[0].assigned_role)

    assert chosen == ["tech_lead", ""]


@pytest.mark.parametrize(
    ("code", "role", "message", "remedy"),
    [
        ("9", "tech_lead", "There is no work '9'.", "There is: 1.1."),
        ("1.1", "product", "product is not named for it.", "Use one of app_engineer, tech_lead."),
    ],
)
def test_role_that_cannot_be_chosen_is_refused(code, role, message, remedy):
    put_demand(DEAL, [work()], **ACTING)

    with pytest.raises(Refused) as refused:
        assign_work(DEAL, code, role, **ACTING)

    assert (refused.value.message, refused.value.remedy) == (message, remedy)
    assert demand_of(DEAL)[0].assigned_role == ""


def test_demand_is_withdrawn_once():
    put_demand(DEAL, [work()], **ACTING)

    assert put_demand(DEAL, [], **ACTING)
    assert not withdraw_demand(DEAL, **ACTING)
    assert acts() == ["capacity.demand.put", "capacity.demand.withdrawn"]
