"""On the way to "done": owner, check list, hours, dependencies, re-planning."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_deliverable, make_engagement, make_person
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.actions.structure import put_deliverable
from throughline.delivery.actions.working import (
    need_deliverable,
    need_no_more,
    own_deliverable,
    replan_deliverable,
    spend_hours,
    tick_point,
)
from throughline.delivery.checklists import (
    due_before_what_it_needs,
    hours_of,
    points_of,
    sum_hours,
    waits_for,
)
from throughline.delivery.models import Deliverable, DoneTick, Need, SpentHours
from throughline.delivery.queries import deliverables_of
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
HOW = {"by": PS, "at": NOON}
POINTS = ["It builds.", "It is documented."]


@pytest.fixture
def engagement(db):
    return make_engagement()


@pytest.fixture
def promised(engagement):
    made = make_deliverable(engagement)
    wanted = {"definition_of_done": POINTS, "low_h": "4.00", "high_h": "8.00"}
    return put_deliverable(engagement.number, "new-hub", made.code, wanted=wanted, **HOW)


def fresh(deliverable):
    return Deliverable.objects.get(pk=deliverable.pk)


def done(deliverable, **more):
    return mark_done(deliverable.pk, evidence="", link="", **HOW | more)


def last_entry(deliverable):
    entry = Entry.objects.about(deliverable).order_by("-pk").first()
    return entry.act, entry.facts


def ticked(deliverable):
    return [(one.text, one.by, one.at) for one in points_of(fresh(deliverable))]


def test_a_point_ticked_says_who_and_when_and_the_others_stay_open(promised):
    tick_point(promised.pk, 2, **HOW)

    assert ticked(promised) == [("It builds.", "", None), ("It is documented.", PS, NOON)]
    assert last_entry(promised) == ("delivery.point.ticked", {"point": "It is documented."})


def test_a_tick_taken_back_leaves_the_point_open(promised):
    tick_point(promised.pk, 1, **HOW)

    tick_point(promised.pk, 1, **HOW, is_done=False)

    assert ticked(promised) == [("It builds.", "", None), ("It is documented.", "", None)]
    assert last_entry(promised) == ("delivery.point.unticked", {"point": "It builds."})


def test_a_point_whose_words_change_is_open_again(promised, engagement):
    tick_point(promised.pk, 1, **HOW)
    newer = ["It builds on every commit.", POINTS[1]]

    put_deliverable(
        engagement.number, "new-hub", promised.code, wanted={"definition_of_done": newer}, **HOW
    )

    assert ticked(promised) == [(newer[0], "", None), (newer[1], "", None)]


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "and no number 0"), (3, "has 2 points, and no number 3"), (1, "pia has ticked this")],
)
def test_a_point_that_is_not_there_or_ticked_is_refused(promised, number, says):
    tick_point(promised.pk, 1, **HOW)

    with pytest.raises(Refused, match=says):
        tick_point(promised.pk, number, **HOW)
    assert DoneTick.objects.count() == 1


def test_who_says_it_is_done_says_so_of_every_open_point(promised):
    tick_point(promised.pk, 1, by="pablo", at=NOON)

    done(promised, at=NOON + timedelta(hours=1))

    assert ticked(promised) == [
        ("It builds.", "pablo", NOON),
        ("It is documented.", PS, NOON + timedelta(hours=1)),
    ]


def test_a_deliverable_that_is_done_keeps_owner_and_points_until_it_is_returned(promised):
    done(promised)

    for act in (
        lambda: own_deliverable(promised.pk, "pablo", **HOW),
        lambda: tick_point(promised.pk, 1, **HOW, is_done=False),
        lambda: replan_deliverable(promised.pk, TODAY, why="Later.", **HOW),
    ):
        with pytest.raises(Refused, match="pia called this done already"):
            act()

    return_deliverable(promised.pk, why="No.", by=BD, at=NOON)
    assert own_deliverable(promised.pk, "pablo", **HOW).owner == "pablo"
    assert last_entry(promised) == (
        "delivery.deliverable.owned", {"before": "", "after": "pablo"},
    )  # fmt: skip


def test_hours_spent_add_up_beside_the_estimate_and_may_be_taken_back(promised):
    spend_hours(promised.pk, "6.5", on=TODAY, note="Cluster", **HOW)
    spend_hours(promised.pk, 3, on=TODAY, **HOW)
    found = hours_of(fresh(promised))
    assert (found.low_h, found.high_h, found.spent_h, found.is_over) == (
        4,
        8,
        Decimal("9.50"),
        True,
    )

    spend_hours(promised.pk, -2, on=TODAY, **HOW)

    assert hours_of(fresh(promised)).spent_h == Decimal("7.50")
    assert sum_hours(deliverables_of(promised.project.engagement)).spent_h == Decimal("7.50")


@pytest.mark.parametrize(
    ("hours", "on", "says"),
    [
        ("two", TODAY, "two is no number of hours"),
        ("0", TODAY, "0 is no number of hours"),
        ("NaN", TODAY, "NaN is no number of hours"),
        ("2000", TODAY, "2000 is no number of hours"),
        ("-1", TODAY, "Only 0 h were counted"),
        ("1", TODAY + timedelta(days=1), "2026-03-03 has not come yet"),
    ],
)
def test_hours_that_are_none_are_refused(promised, hours, on, says):
    with pytest.raises(Refused, match=says):
        spend_hours(promised.pk, hours, on=on, **HOW)
    assert SpentHours.objects.count() == 0


def test_a_deliverable_waits_for_what_it_needs(promised, engagement):
    second = make_deliverable(engagement, "phase-2")
    need_deliverable(second.pk, promised.pk, **HOW)
    assert waits_for(fresh(second)) == (promised,)

    with pytest.raises(Refused) as refused:
        done(second)
    assert str(refused.value) == (
        "“Phase 1” needs “Phase 1”, which is not done."
        f" Finish deliverable {promised.pk} first, or take back that it is needed."
    )
    assert fresh(second).state == "planned"

    done(promised)
    assert waits_for(fresh(second)) == ()
    assert done(second).state == "done"


def test_a_need_taken_back_holds_nothing_up(promised, engagement):
    second = make_deliverable(engagement, "phase-2")
    need_deliverable(second.pk, promised.pk, **HOW)

    need_no_more(second.pk, promised.pk, **HOW)

    assert done(second).state == "done"
    with pytest.raises(Refused, match="does not wait for deliverable"):
        need_no_more(second.pk, promised.pk, **HOW)


def test_needs_never_go_round(engagement):
    one, two, three = (make_deliverable(engagement, f"phase-{n}") for n in range(3))
    need_deliverable(two.pk, one.pk, **HOW)
    need_deliverable(three.pk, two.pk, **HOW)

    for start, end in ((one, three), (one, two), (one, one)):
        with pytest.raises(Refused, match="nothing could begin"):
            need_deliverable(start.pk, end.pk, **HOW)
    assert sorted(Need.objects.values_list("deliverable", "needed")) == [
        (two.pk, one.pk), (three.pk, two.pk),
    ]  # fmt: skip


def test_a_need_is_said_once_and_within_one_engagement(promised, engagement):
    second = make_deliverable(engagement, "phase-2")
    elsewhere = make_deliverable(make_engagement(name="Another", hubspot_id="900200"))
    need_deliverable(second.pk, promised.pk, **HOW)

    with pytest.raises(Refused, match="That is said already"):
        need_deliverable(second.pk, promised.pk, **HOW)
    with pytest.raises(Refused, match="They belong to different engagements"):
        need_deliverable(second.pk, elsewhere.pk, **HOW)
    assert Need.objects.count() == 1


def test_what_is_due_before_what_it_needs_is_told(promised, engagement):
    second = make_deliverable(engagement, "phase-2")
    need_deliverable(second.pk, promised.pk, **HOW)
    assert due_before_what_it_needs(fresh(second)) == ()

    replan_deliverable(promised.pk, TODAY + timedelta(days=9), why="Quota.", **HOW)

    assert due_before_what_it_needs(fresh(second)) == (promised,)


def test_re_planning_moves_the_date_with_its_reason_and_twice_remembers_the_first(promised):
    replan_deliverable(promised.pk, date(2026, 4, 1), why="The quota is not there.", **HOW)
    found = replan_deliverable(promised.pk, date(2026, 5, 4), why="Still not.", **HOW)

    assert (found.due_on, found.agreed) == (
        date(2026, 5, 4),
        {"due_on": {"now": "2026-05-04", "instead_of": TODAY.isoformat()}},
    )
    assert last_entry(promised) == (
        "delivery.deliverable.replanned",
        {"before": "2026-04-01", "after": "2026-05-04", "why": "Still not."},
    )


@pytest.mark.parametrize(
    ("due_on", "why", "says"),
    [
        (date(2026, 4, 1), "  ", "Why is it moved"),
        (TODAY, "Same.", "It is due on 2026-03-02 already"),
        (date(2028, 1, 1), "Later.", "2028-01-01 is after the engagement's end, 2027-03-31"),
    ],
)
def test_re_planning_without_reason_or_beyond_the_end_is_refused(promised, due_on, why, says):
    with pytest.raises(Refused, match=says):
        replan_deliverable(promised.pk, due_on, why=why, **HOW)
    assert (fresh(promised).due_on, fresh(promised).agreed) == (TODAY, {})


def test_strangers_may_not_own_tick_count_or_link(promised, engagement):
    make_person("bea", RoleName.BD)
    make_person("sven", RoleName.SPONSOR)
    second = make_deliverable(engagement, "phase-2")

    for who, act in (
        ("bea", lambda how: own_deliverable(promised.pk, "bea", **how)),
        ("bea", lambda how: tick_point(promised.pk, 1, **how)),
        ("bea", lambda how: spend_hours(promised.pk, 1, on=TODAY, **how)),
        ("sven", lambda how: need_deliverable(second.pk, promised.pk, **how)),
        ("sven", lambda how: replan_deliverable(promised.pk, date(2026, 4, 1), why="x", **how)),
    ):
        with pytest.raises(NotEntitled):
            act({"by": who, "at": NOON})
    assert (DoneTick.objects.count(), SpentHours.objects.count(), Need.objects.count()) == (0, 0, 0)


def test_check_lists_of_many_take_a_constant_number_of_queries(
    promised, engagement, django_assert_num_queries
):
    for number in range(2, 5):
        more = make_deliverable(engagement, f"phase-{number}")
        need_deliverable(more.pk, promised.pk, **HOW)
        spend_hours(more.pk, 1, on=TODAY, **HOW)

    with django_assert_num_queries(5):
        found = list(deliverables_of(engagement))
        assert [len(waits_for(one)) for one in found] == [0, 1, 1, 1]
        assert sum_hours(found).spent_h == 3
        assert [len(points_of(one)) for one in found] == [2, 0, 0, 0]


def test_verified_work_stays_verified_when_what_it_needed_comes_back(promised, engagement):
    second = make_deliverable(engagement, "phase-2")
    need_deliverable(second.pk, promised.pk, **HOW)
    for one in (promised, second):
        done(one)
        verify_deliverable(one.pk, by=BD, at=NOON)

    return_deliverable(promised.pk, why="It broke.", by=BD, at=NOON)

    assert (fresh(promised).state, fresh(second).state) == ("returned", "verified")


@pytest.mark.both_databases
def test_two_needs_the_other_way_round_at_once_leave_no_circle(at_once):
    engagement = make_engagement()
    one, two = (make_deliverable(engagement, code) for code in ("phase-1", "phase-2"))

    results = at_once(
        lambda: need_deliverable(one.pk, two.pk, **HOW),
        lambda: need_deliverable(two.pk, one.pk, **HOW),
    )

    assert sorted(type(one).__name__ for one in results) == ["Need", "Refused"]
    assert Need.objects.count() == 1


@pytest.mark.both_databases
def test_a_point_ticked_by_two_at_once_has_one_name(at_once):
    engagement = make_engagement()
    made = make_deliverable(engagement)
    wanted = {"definition_of_done": POINTS}
    put_deliverable(engagement.number, "new-hub", made.code, wanted=wanted, **HOW)

    results = at_once(
        lambda: tick_point(made.pk, 1, by="pia", at=NOON),
        lambda: tick_point(made.pk, 1, by="pablo", at=NOON),
    )

    assert sorted(type(one).__name__ for one in results) == ["Deliverable", "Refused"]
    assert DoneTick.objects.count() == 1


@pytest.mark.both_databases
def test_a_point_ticked_while_it_is_called_done_is_ticked_once(at_once):
    engagement = make_engagement()
    made = make_deliverable(engagement)
    wanted = {"definition_of_done": POINTS}
    put_deliverable(engagement.number, "new-hub", made.code, wanted=wanted, **HOW)

    results = at_once(lambda: tick_point(made.pk, 1, by="pablo", at=NOON), lambda: done(made))

    assert {type(one).__name__ for one in results} <= {"Deliverable", "Refused"}
    assert (fresh(made).state, DoneTick.objects.count()) == ("done", 2)
