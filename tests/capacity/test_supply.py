"""People as hours that they can sell, worked out by hand."""

from datetime import date

import pytest

from tests.capacity.small import MONDAY, grid, person
from throughline.capacity.engine.supply import (
    Closed,
    Colleague,
    hours_by_week,
    pooled,
    public_holidays,
)
from throughline.capacity.engine.weeks import Weeks, weeks_from
from throughline.kernel.errors import Refused

YEAR_END = (Closed(12, 18, 14), Closed(1, 1, 3))


def test_hours_are_the_billable_share_of_the_week():
    ada = Colleague("Ada", ("infra",), weekly_h=40, share=0.45)

    assert list(hours_by_week(ada, grid(2), ())) == [18.0, 18.0]


def test_hours_before_joining_and_after_leaving_are_none_and_the_days_count_themselves():
    joins = person("Ada", "infra", from_on=date(2026, 3, 11))  # a Wednesday
    leaves = person("Bo", "infra", to_on=date(2026, 3, 10))  # a Tuesday

    assert list(hours_by_week(joins, grid(3), ())) == [0.0, 6.0, 10.0]
    assert list(hours_by_week(leaves, grid(3), ())) == [10.0, 4.0, 0.0]


def test_hours_lose_a_fifth_for_each_day_off_and_none_for_a_weekend():
    ada = person("Ada", "infra", off=((date(2026, 3, 6), date(2026, 3, 9)),))  # Friday to Monday

    assert list(hours_by_week(ada, grid(2), ())) == [8.0, 8.0]


def test_hours_of_a_day_that_is_off_twice_are_lost_once():
    twice = ((date(2026, 3, 4), date(2026, 3, 4)), (date(2026, 3, 4), date(2026, 3, 4)))

    assert list(hours_by_week(person("Ada", "infra", off=twice), grid(1), ())) == [8.0]


def test_hours_at_the_end_of_the_year_are_closed_for_fourteen_and_three_days():
    weeks = Weeks(date(2026, 12, 14), 4)  # to 10 January 2027

    # 18 December is a Friday; 1 January too, and the Monday after it is the 4th
    assert list(hours_by_week(person("Ada", "infra"), weeks, YEAR_END)) == [8.0, 0.0, 0.0, 10.0]


def test_hours_in_january_know_the_closure_that_began_in_december():
    weeks = Weeks(date(2026, 12, 28), 1)

    assert list(hours_by_week(person("Ada", "infra"), weeks, (Closed(12, 18, 30),))) == [0.0]


@pytest.mark.parametrize(
    ("country", "hours"), [("US", 8.0), ("US-CA", 6.0), ("DE", 10.0), ("", 10.0)]
)
def test_hours_lose_the_public_holidays_of_the_country(country, hours):
    # California keeps the day after as well
    thanksgiving = Weeks(date(2026, 11, 23), 1)

    assert list(hours_by_week(person("Ada", "infra", country=country), thanksgiving, ())) == [hours]


def test_holidays_of_a_country_that_is_none_are_refused_with_a_remedy():
    with pytest.raises(Refused) as refused:
        public_holidays("XX", 2026, 2026)

    assert refused.value.remedy.startswith("Write ISO's two letters")


def test_pools_take_people_with_the_same_roles_together_in_any_order():
    pools = pooled(
        [
            person("Cy", "app"),
            person("Ada", "lead", "infra"),
            person("Bo", "infra", "lead", hours=5),
        ],
        grid(1),
    )

    assert pools.roles == (frozenset({"app"}), frozenset({"infra", "lead"}))
    assert pools.members == (("Cy",), ("Ada", "Bo"))
    assert pools.hours.tolist() == [[10.0], [15.0]]
    assert pools.role_hours("infra").tolist() == [15.0]
    assert pools.able(["app", "lead"]) == (0, 1)


def test_weeks_start_on_monday_and_have_their_iso_name():
    weeks = weeks_from(date(2026, 1, 14), 3)  # a Wednesday

    assert (weeks.first, weeks.label(0), weeks.label(2)) == (
        date(2026, 1, 12), "2026-W03", "2026-W05",
    )  # fmt: skip
    assert weeks.span(date(2025, 1, 1), None) == (0, 2)
    assert weeks.span(date(2026, 1, 20), date(2027, 1, 1)) == (1, 2)


def test_hours_of_days_that_are_over_are_gone():
    wednesday = weeks_from(date(2026, 3, 4), 2)

    assert list(hours_by_week(person("Ada", "infra"), wednesday, ())) == [6.0, 10.0]


def test_parts_of_a_week_are_its_working_days_from_today_on():
    wednesday, saturday = date(2026, 3, 4), date(2026, 3, 7)
    on_monday, on_wednesday = weeks_from(MONDAY, 2), weeks_from(wednesday, 2)

    parts = [(weeks.part(0, wednesday, None), weeks.part(0, MONDAY, wednesday))
             for weeks in (on_monday, on_wednesday)]  # fmt: skip

    assert parts == [(0.6, 0.6), (1.0, 1 / 3)]
    assert (on_monday.part(0, saturday, None), on_monday.part(1, MONDAY, wednesday)) == (0.0, 0.0)
    assert weeks_from(saturday, 2).part(0, saturday, None) == 0.0
