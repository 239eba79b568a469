"""The usage fee, by hand and by property."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.billing.fees import usage_fee
from throughline.playbook.loader import shipped

BANDS = shipped().usage_fee
CAP = Decimal("14050.00")
users = st.integers(min_value=0, max_value=2_000_000)


@pytest.mark.parametrize(
    ("count", "fee"),
    [
        (0, "0.00"),
        (1, "10.00"),
        (10, "100.00"),
        (11, "105.00"),
        (100, "550.00"),
        (101, "552.50"),
        (280, "1000.00"),
        (1000, "2800.00"),
        (1001, "2801.25"),
        (10_000, "14050.00"),
        (10_001, "14050.00"),
        (1_000_000, "14050.00"),
    ],
)
def test_fee_is_what_a_person_computes(count, fee):
    assert usage_fee(count, BANDS) == Decimal(fee)


def test_fee_of_fewer_than_no_users_is_a_mistake():
    with pytest.raises(ValueError, match="-1 active users cannot be"):
        usage_fee(-1, BANDS)


@given(users)
def test_fee_is_never_more_than_the_most(count):
    assert 0 <= usage_fee(count, BANDS) <= CAP


@given(users, users)
def test_fee_grows_with_the_users_and_more_slowly(first, second):
    low, high = sorted((first, second))

    assert usage_fee(low, BANDS) <= usage_fee(high, BANDS)
    assert usage_fee(low + high, BANDS) <= usage_fee(low, BANDS) + usage_fee(high, BANDS)


@given(st.integers(min_value=1, max_value=12_000))
def test_each_further_user_costs_the_price_of_the_band(count):
    price = next(band.price for band in BANDS if band.up_to is None or count <= band.up_to)

    assert usage_fee(count, BANDS) - usage_fee(count - 1, BANDS) == price
