"""Limits of calls: one bucket in the database for all workers."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOON
from tests.handoff.world import SetClock
from throughline.handoff.buckets import Exhausted, charge_calls, close_system, take_calls
from throughline.handoff.models import Bucket, Closure
from throughline.playbook.parts import CallLimit

HOUR = timedelta(hours=1)
MINUTE = (CallLimit("github", 80, 60),)
SECOND = (CallLimit("airtable", 5, 1),)


def took(clock, limits, calls=1) -> bool:
    try:
        take_calls(limits[0].system, limits, clock=clock, calls=calls)
    except Exhausted:
        return False
    return True


@pytest.mark.django_db
def test_a_bucket_gives_what_it_holds_and_then_says_when_the_next_call_is_due():
    clock = SetClock(NOON)
    limits = (CallLimit("github", 2, 60),)

    given_out = [took(clock, limits) for _ in range(3)]
    with pytest.raises(Exhausted) as refused:
        take_calls("github", limits, clock=clock)

    assert given_out == [True, True, False]
    assert refused.value.retry_after_s == pytest.approx(60)  # for both: one would be no use
    clock.at += timedelta(seconds=31)
    assert (took(clock, limits), took(clock, limits)) == (True, False)


@pytest.mark.django_db
def test_a_wait_of_a_moment_is_waited_out_at_once():
    clock = SetClock(NOON)

    given_out = [took(clock, SECOND) for _ in range(20)]

    assert given_out == [True] * 20
    assert timedelta(seconds=2.9) < clock.at - NOON < timedelta(seconds=3.1)


@pytest.mark.django_db
def test_a_pause_of_thirds_of_a_second_is_enough_where_clocks_round():
    clock = SetClock(NOON)

    given_out = [took(clock, (CallLimit("airtable", 3, 1),)) for _ in range(12)]

    assert given_out == [True] * 12


@pytest.mark.django_db
def test_every_limit_of_a_system_counts_and_those_of_others_do_not():
    clock = SetClock(NOON)
    limits = (CallLimit("github", 80, 60), CallLimit("github", 3, 3600), *SECOND)

    given_out = [took(clock, limits) for _ in range(4)]

    assert given_out == [True, True, True, False]
    assert sorted(Bucket.objects.values_list("limit", flat=True)) == ["github/3600", "github/60"]


@pytest.mark.django_db
def test_calls_beyond_those_taken_are_paid_back_before_the_next():
    clock = SetClock(NOON)
    limits = (CallLimit("github", 10, 10),)
    take_calls("github", limits, clock=clock)

    charge_calls("github", limits, clock=clock, calls=14)

    with pytest.raises(Exhausted) as refused:
        take_calls("github", limits, clock=clock)
    assert refused.value.retry_after_s == pytest.approx(15)
    clock.at += timedelta(seconds=6)
    assert (took(clock, limits), Bucket.objects.get().tokens) == (True, pytest.approx(0))


@pytest.mark.django_db
def test_a_long_listing_owes_one_bucket_at_most_and_nothing_where_it_took_its_time():
    clock = SetClock(NOON)
    take_calls("airtable", SECOND, clock=clock)
    charge_calls("airtable", SECOND, clock=clock, calls=500)
    owed = Bucket.objects.get().tokens
    clock.at += timedelta(seconds=10)
    take_calls("airtable", SECOND, clock=clock)
    clock.at += timedelta(seconds=10)
    charge_calls("airtable", SECOND, clock=clock, calls=40)

    assert (owed, Bucket.objects.get().tokens) == (-5, 5)


@pytest.mark.django_db
def test_whoever_comes_back_when_told_can_look_and_send():
    clock = SetClock(NOON)
    limits = (CallLimit("github", 450, 3600),)
    while took(clock, limits, 10):
        pass
    with pytest.raises(Exhausted) as refused:
        take_calls("github", limits, clock=clock, calls=10)

    clock.at += timedelta(seconds=refused.value.retry_after_s)

    assert [took(clock, limits) for _ in range(3)] == [True, True, True]


@pytest.mark.django_db
def test_a_closed_system_gives_nothing_until_its_hour_and_a_shorter_wish_does_not_open_it():
    clock = SetClock(NOON)
    close_system("github", seconds=3600, clock=clock)
    close_system("github", seconds=60, clock=clock)

    with pytest.raises(Exhausted) as refused:
        take_calls("github", MINUTE, clock=clock)

    assert refused.value.retry_after_s == pytest.approx(3600)
    assert Closure.objects.get().until == NOON + HOUR
    clock.at += HOUR
    assert took(clock, MINUTE)


@pytest.mark.django_db
def test_a_clock_that_goes_back_fills_nothing_and_breaks_nothing():
    clock = SetClock(NOON)
    limits = (CallLimit("github", 1, 60),)
    take_calls("github", limits, clock=clock)

    clock.at -= HOUR

    assert not took(clock, limits)
    clock.at = NOON + timedelta(seconds=60)
    assert took(clock, limits)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_never_more_calls_than_the_limit_in_any_window_but_for_one_full_bucket(steps):
    Bucket.objects.all().delete()
    clock = SetClock(NOON)
    limits = (CallLimit("github", 5, 10),)
    taken = []
    for step in steps:
        clock.at += timedelta(seconds=step)
        while took(clock, limits):
            taken.append(clock.at)

    for first in taken:
        inside = [at for at in taken if first <= at < first + timedelta(seconds=10)]
        assert len(inside) <= 2 * 5


@pytest.mark.both_databases
def test_workers_at_once_share_one_bucket(at_once):
    limits = (CallLimit("github", 3, 3600),)
    took(SetClock(NOON), limits)

    found = at_once(*(lambda: took(SetClock(NOON), limits) for _ in range(6)))

    assert sorted(found) == [False] * 4 + [True] * 2


@pytest.mark.both_databases
def test_two_workers_may_make_the_bucket_at_the_same_instant(at_once):
    limits = (CallLimit("github", 6, 3600),)

    assert at_once(*(lambda: took(SetClock(NOON), limits) for _ in range(4))) == [True] * 4
    assert Bucket.objects.get().tokens == 2
