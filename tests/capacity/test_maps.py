"""The map, the gaps, and who has time: every number traced to its rows."""

from datetime import date
from decimal import Decimal

import pytest

from tests.capacity.line import make_team
from tests.factories import NOON, PS, TODAY
from throughline.capacity.actions.demand import put_demand
from throughline.capacity.actions.holds import (
    BookedHours,
    HeldHours,
    book_hours,
    firm_up,
    free_booking,
    hold_hours,
)
from throughline.capacity.actions.load import Standing, put_standing_load
from throughline.capacity.engine.work import Work
from throughline.capacity.maps import Cell, capacity_map, role_gaps, who_has
from throughline.capacity.queries import DONE, team_on
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db

ACTING = {"by": PS, "at": NOON}
APP, INFRA = "app_engineer", "infrastructure_engineer"
END = date(2026, 3, 27)  # four weeks from NOON


@pytest.fixture
def busy():
    """Ada does both, Bo only apps: 20 h a week of apps, 10 of infrastructure."""
    make_team(("Ada", APP, INFRA), ("Bo", APP))
    book_hours("deal:1", [BookedHours("1", "Booked", (APP,), Decimal(20), TODAY, END)], **ACTING)
    hold_hours(
        "deal:2", [HeldHours("Held", APP, Decimal(10), TODAY, END)], expires_on=END, **ACTING
    )
    put_standing_load(
        [Standing("deal:1", INFRA, Decimal(2), None, date(2026, 3, 15), "4 hubs")], **ACTING
    )


def mapped(**more):
    return capacity_map(team_on(TODAY, playbook=shipped()), playbook=shipped(), count=3, **more)


def row(found, code):
    return next(one for one in found.rows if one.code == code)


def test_map_lays_work_evenly_over_its_weeks_and_takes_standing_load_until_it_ends(busy):
    found = mapped()

    assert found.labels == ("2026-W10", "2026-W11", "2026-W12")
    assert row(found, APP).cells == (Cell(20.0, 5.0, 2.5, 0.0),) * 3
    assert [cell.committed for cell in row(found, INFRA).cells] == [2.0, 2.0, 0.0]
    assert [one.code for one in found.rows] == [role.code for role in shipped().team_roles]


def test_map_shows_people_with_their_part_of_the_role(busy):
    people = row(mapped(), APP).people

    assert [(one.name, one.cells[0]) for one in people] == [
        ("Ada", Cell(10.0, 2.5, 1.25, 0.0)),
        ("Bo", Cell(10.0, 2.5, 1.25, 0.0)),
    ]


def test_map_shows_this_deal_and_leaves_out_what_is_held_for_it(busy):
    works = [Work("Asked", (APP, INFRA), 0.0, 12.0, TODAY, date(2026, 3, 13))]

    found = mapped(works=works, subject="deal:2")

    # 12 hours over two weeks: two thirds for 20 hours of apps, one third for 10 of infrastructure
    assert row(found, APP).cells[0] == Cell(20.0, 5.0, 0.0, 4.0)
    assert row(found, INFRA).cells[0] == Cell(10.0, 2.0, 0.0, 2.0)
    assert [cell.asked for cell in row(found, APP).cells] == [4.0, 4.0, 0.0]
    assert row(found, APP).cells[0].used_pct == 45


def test_map_toggles_a_deal_out(busy):
    cell = row(mapped(without=frozenset({"deal:1"})), APP).cells[0]

    assert (cell.committed, cell.soft) == (0.0, 2.5)


def test_map_counts_firm_holds_as_committed(busy):
    firm_up("deal:2", **ACTING)

    assert row(mapped(), APP).cells[0] == Cell(20.0, 7.5, 0.0, 0.0)


def test_map_of_nobody_has_no_percentage_and_shows_the_work(db):
    hold_hours(
        "deal:2", [HeldHours("Held", APP, Decimal(12), TODAY, END)], expires_on=END, **ACTING
    )

    cell = row(mapped(), APP).cells[0]

    assert (cell, cell.used_pct) == (Cell(0.0, 0.0, 3.0, 0.0), None)


def test_gaps_are_what_is_left_if_everything_closes(busy):
    put_demand("deal:3", [Work("Open", (APP,), 10.0, 60.0, TODAY, END, code="1")], **ACTING)

    gaps = role_gaps(
        team_on(TODAY, playbook=shipped()), playbook=shipped(), from_on=TODAY, to_on=END
    )

    app = next(one for one in gaps if one.code == APP)
    assert (app.people, app.capacity, app.committed, app.soft, app.tentative, app.gap) == (
        2, 80.0, 20.0, 10.0, 60.0, -10.0,
    )  # fmt: skip


def test_booked_deal_asks_for_nothing_more_when_its_bookings_are_over_or_done(busy):
    put_demand("deal:1", [Work("Booked", (APP,), 10.0, 60.0, TODAY, END, code="1")], **ACTING)
    later = date(2026, 4, 6)  # every booking of deal:1 is over

    over = team_on(later, playbook=shipped())
    free_booking("deal:1", "1", why=DONE, **ACTING)
    done = team_on(TODAY, playbook=shipped())

    assert ("deal:1" in over.asked, "deal:1" in done.asked) == (False, False)


def test_map_counts_a_deal_that_only_asks_where_somebody_wants_to_see_it(busy):
    put_demand("deal:3", [Work("Open", (APP,), 10.0, 40.0, TODAY, END, code="1")], **ACTING)

    found = mapped(beside=frozenset({"deal:3"}))

    assert [cell.soft for cell in row(found, APP).cells] == [12.5] * 3
    assert [cell.soft for cell in row(mapped(), APP).cells] == [2.5] * 3


def test_part_of_a_map_has_the_same_numbers_for_fewer_weeks(busy):
    part = mapped().part(1, 9)

    assert part.labels == ("2026-W11", "2026-W12")
    assert row(part, INFRA).cells == row(mapped(), INFRA).cells[1:]
    assert row(part, INFRA).people[0].cells == row(mapped(), INFRA).people[0].cells[1:]


def test_who_has_time_counts_what_all_of_their_roles_take(busy):
    found = who_has(
        team_on(TODAY, playbook=shipped()),
        playbook=shipped(), role=APP, fte=0.3, from_on=TODAY, to_on=date(2026, 3, 15),
    )  # fmt: skip

    # Bo: two weeks of 10 less 3.75; Ada also has 2 hours of hubs a week. 0.3 FTE are 5.2 h a week.
    assert [(one.name, one.free_h, one.least_h, one.is_enough) for one in found] == [
        ("Bo", 12.5, 6.25, True),
        ("Ada", 8.5, 4.25, False),
    ]


def test_reads_take_the_same_number_of_queries_however_much_there_is(
    busy, django_assert_num_queries
):
    for count in range(3):
        make_team(*((f"P{count}{one}", APP) for one in range(3)))
        put_demand(f"deal:1{count}", [Work("W", (APP,), 1, 2, TODAY, code="1")], **ACTING)
        with django_assert_num_queries(8):
            mapped()


def test_standing_load_changes_only_where_it_differs():
    one = Standing("deal:1", INFRA, Decimal(2), None, None, "4 hubs")
    other = Standing("deal:2", INFRA, Decimal(1), TODAY, END, "2 hubs")

    changes = [put_standing_load(wanted, **ACTING) for wanted in ([one], [one, other], [other], [])]

    assert changes == [1, 1, 1, 1]
    assert list(Entry.objects.order_by("pk").values_list("act", flat=True)) == [
        "capacity.load.began", "capacity.load.began", "capacity.load.ended", "capacity.load.ended",
    ]  # fmt: skip


def test_standing_load_rests_while_all_are_off(busy):
    put_standing_load([Standing("deal:1", INFRA, Decimal(5), None, None, "10 hubs")], **ACTING)

    team = team_on(date(2026, 12, 14), playbook=shipped())

    assert team.standing[INFRA][:4].tolist() == [4.0, 0.0, 0.0, 5.0]


def test_hold_that_is_over_or_has_expired_does_not_count(busy):
    hold_hours(
        "deal:4", [HeldHours("Held", APP, Decimal(10), TODAY, END)], expires_on=TODAY, **ACTING
    )

    subjects = [
        sorted({load.subject for load in team_on(day, playbook=shipped()).promised})
        for day in (TODAY, date(2026, 3, 3), date(2026, 3, 28))
    ]

    assert subjects == [["deal:1", "deal:2", "deal:4"], ["deal:1", "deal:2"], []]


def test_gaps_show_this_deal_whether_it_asks_already_or_not(busy):
    works = [Work("Open", (APP,), 10.0, 60.0, TODAY, END, code="1")]
    period = {"from_on": TODAY, "to_on": END}

    def asked():
        known = team_on(TODAY, playbook=shipped())
        found = role_gaps(known, playbook=shipped(), works=works, subject="deal:3", **period)
        return next((one.tentative, one.asked, one.gap) for one in found if one.code == APP)

    before = asked()
    put_demand("deal:3", works, **ACTING)

    assert (before, asked()) == ((0.0, 60.0, -10.0), (0.0, 60.0, -10.0))
