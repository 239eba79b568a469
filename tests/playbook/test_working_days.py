"""Due days are days on which somebody works."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.playbook.loader import shipped
from throughline.playbook.parts import Closure
from throughline.playbook.working_days import due_day, is_working_day, working_day_near

CLOSED = shipped().capacity.closures
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 17), True),
        (date(2026, 12, 18), False),  # the closure begins
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),  # the second one
        (date(2028, 1, 3), False),
        (date(2028, 1, 4), True),
        (date(2026, 3, 7), False),  # Saturday
        (date(2026, 3, 8), False),
        (date(2026, 3, 9), True),
    ],
)
def test_nobody_works_on_weekends_and_while_closed(day, works):
    assert is_working_day(day, CLOSED) is works


def test_a_closure_reaches_into_the_next_year():
    over_new_year = (Closure(12, 28, 10),)

    assert is_working_day(date(2027, 1, 6), over_new_year) is False
    assert is_working_day(date(2027, 1, 7), over_new_year) is True


@pytest.mark.parametrize(
    ("anchor", "offset", "last", "due"),
    [
        (date(2026, 3, 2), 7, None, date(2026, 3, 9)),
        (date(2026, 3, 2), 5, None, date(2026, 3, 9)),  # a Saturday: Monday after it
        (date(2027, 3, 31), -60, date(2027, 3, 31), date(2027, 1, 29)),  # Friday before it
        (date(2026, 12, 1), 20, None, date(2027, 1, 4)),  # closed until then
        (date(2027, 1, 10), -9, None, date(2026, 12, 17)),
        (date(2026, 3, 2), 5, date(2026, 3, 8), date(2026, 3, 6)),  # the agreement ends before
        (date(2026, 3, 8), 6, date(2026, 3, 8), date(2026, 3, 16)),  # it counts from the end on
        (None, 5, None, None),
    ],
)
def test_a_due_day_moves_to_a_working_day_on_the_side_it_counts_to(anchor, offset, last, due):
    assert due_day(anchor, offset, CLOSED, last=last) == due


@given(day=DAYS, offset=st.integers(-400, 400), term=st.integers(0, 400))
def test_every_due_day_is_a_working_day_and_no_later_than_the_end(day, offset, term):
    last = day + timedelta(days=term)

    due = due_day(day, offset, CLOSED, last=last)

    assert is_working_day(due, CLOSED)
    assert due <= last or day + timedelta(days=offset) > last
    assert abs((due - day).days - offset) <= 24  # two weekends and both closures


def test_an_organisation_that_never_works_is_due_on_the_day_itself():
    always = (Closure(1, 1, 400),)

    assert working_day_near(date(2026, 3, 7), always, back=False) == date(2026, 3, 7)
