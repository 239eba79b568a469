from datetime import timedelta

import pytest

from tests.factories import NOON
from throughline.people.actions_tallies import MINUTE, TooOften, check, forget_old_tallies, take
from throughline.people.models import Tally

pytestmark = pytest.mark.both_databases


def count(key="api:user:1", *, most=2, seconds=0):
    take(key, most=most, span=MINUTE, what="calls", at=NOON + timedelta(seconds=seconds))


@pytest.mark.django_db
def test_so_many_pass_in_a_span_and_the_next_is_told_how_long_to_wait():
    count(seconds=1)
    count(seconds=2)

    with pytest.raises(TooOften) as refused:
        count(seconds=12)

    assert (refused.value.wait_s, str(refused.value)) == (48, "Too many calls. Wait 48 seconds.")


@pytest.mark.django_db
def test_next_span_begins_anew_and_others_are_counted_by_themselves():
    for seconds in (1, 2):
        count(seconds=seconds)
    count("api:user:2", seconds=3)
    count(seconds=60)
    count(seconds=61)

    with pytest.raises(TooOften):
        count(seconds=62)


@pytest.mark.django_db
def test_looking_counts_nothing():
    span = {"most": 1, "span": MINUTE, "what": "tries", "at": NOON}
    for _look in range(3):
        check("door:1", **span)
    take("door:1", **span)

    with pytest.raises(TooOften):
        check("door:1", **span)
    assert Tally.objects.get().count == 1


@pytest.mark.django_db
def test_no_address_is_kept_and_old_rows_go():
    take("door:203.0.113.7", most=9, span=MINUTE, what="tries", at=NOON)
    assert "203.0.113.7" not in str(list(Tally.objects.values()))

    gone = [forget_old_tallies(at=NOON + timedelta(hours=hours)) for hours in (23, 25)]

    assert (gone, Tally.objects.count()) == ([0, 1], 0)


def test_counting_at_the_same_time_loses_nobody(at_once):
    found = at_once(*[lambda: count(most=3)] * 5)

    assert sorted(type(one).__name__ for one in found) == ["NoneType"] * 3 + ["TooOften"] * 2
