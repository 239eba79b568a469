from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.renewals.slow_ladder import ladder_days, mails_by
from throughline.playbook.loader import shipped
from throughline.renewals.ladder import Rung, due, rungs

STEPS = shipped().ladder
DAYS = st.dates(date(2023, 12, 1), date(2030, 3, 1))


def days_of(ladder: tuple[Rung, ...]) -> dict[str, date]:
    return {rung.step: rung.due_on for rung in ladder if not rung.is_dropped}


@given(start=st.none() | DAYS, end=DAYS, is_ending=st.booleans())
@example(start=date(2027, 12, 31), end=date(2028, 2, 29), is_ending=True)
@example(start=date(2028, 1, 1), end=date(2028, 2, 29), is_ending=True)
@example(start=date(2028, 2, 29), end=date(2028, 2, 29), is_ending=True)
def test_rungs_fall_on_the_days_that_counting_one_by_one_finds(start, end, is_ending):
    if start is not None and start > end:
        start, end = end, start

    found = days_of(rungs(start, end, STEPS, is_ending=is_ending))

    assert found == ladder_days(start, end, is_ending=is_ending)


@given(start=DAYS, length=st.integers(0, 250), gone=st.integers(-5, 260), is_ending=st.booleans())
def test_due_mails_are_those_whose_day_has_come_and_none_after_the_end(
    start, length, gone, is_ending
):
    end, on = start + timedelta(days=length), start + timedelta(days=gone)

    found = due(rungs(start, end, STEPS, is_ending=is_ending), end_on=end, on=on)

    # two steps of one day may come in either order; the ladder's own tells which one is later
    assert sorted(rung.step for rung in found) == sorted(
        mails_by(on, start, end, is_ending=is_ending)
    )
    assert [rung.due_on for rung in found] == sorted(rung.due_on for rung in found)


@pytest.mark.parametrize(
    ("end", "sixty"),
    [
        ("2026-06-30", "2026-05-01"),
        ("2026-03-01", "2025-12-31"),  # over the turn of the year
        ("2028-04-29", "2028-02-29"),  # onto the leap day
        ("2028-03-01", "2028-01-01"),  # over the leap day
        ("2027-03-01", "2026-12-31"),  # the same in a common year
        ("2100-04-29", "2100-02-28"),  # 2100 is no leap year
    ],
)
def test_the_notice_is_sixty_days_before_the_last_day(end, sixty):
    ladder = rungs(None, date.fromisoformat(end), STEPS, is_ending=False)

    assert days_of(ladder)["60"] == date.fromisoformat(sixty)


def test_a_term_of_exactly_sixty_days_keeps_its_notice_on_the_first_day():
    ladder = rungs(date(2026, 5, 1), date(2026, 6, 30), STEPS, is_ending=False)

    assert days_of(ladder) == {"60": date(2026, 5, 1)}


def test_a_term_one_day_shorter_gets_one_notice_at_half_term_instead():
    ladder = rungs(date(2026, 5, 2), date(2026, 6, 30), STEPS, is_ending=False)

    assert days_of(ladder) == {"half-term": date(2026, 5, 31)}
    assert [rung.step for rung in ladder if rung.is_dropped] == ["180", "60"]


def test_a_term_of_one_day_is_told_on_that_day():
    ladder = rungs(date(2026, 5, 2), date(2026, 5, 2), STEPS, is_ending=True)

    assert days_of(ladder) == {"half-term": date(2026, 5, 2)}


def test_two_renewal_notices_before_the_start_give_one_at_half_term():
    ninety = replace(shipped().step("60"), code="90", days=90)

    ladder = rungs(date(2026, 6, 1), date(2026, 6, 30), [ninety, *STEPS], is_ending=False)

    assert days_of(ladder) == {"half-term": date(2026, 6, 15)}


def test_one_of_two_renewal_notices_before_the_start_needs_no_half_term():
    ninety = replace(shipped().step("60"), code="90", days=90)

    ladder = rungs(date(2026, 4, 20), date(2026, 6, 30), [ninety, *STEPS], is_ending=False)

    assert days_of(ladder) == {"60": date(2026, 5, 1)}


def test_the_last_two_steps_count_only_once_it_is_decided_to_end():
    end = date(2026, 6, 30)

    assert {*days_of(rungs(None, end, STEPS, is_ending=True))} == {"180", "60", "14", "2"}
    assert {*days_of(rungs(None, end, STEPS, is_ending=False))} == {"180", "60"}
