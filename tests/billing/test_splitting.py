"""Bills split to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.billing.splitting import split_to_the_cent, to_cents

amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=10)
weights = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=4), min_size=1, max_size=12
).filter(any)


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        ("100", "1 1 1", "33.34 33.33 33.33"),
        ("0.01", "1 1", "0.01 0.00"),
        ("-0.01", "1 1", "0.00 -0.01"),
        ("10.005", "1", "10.01"),
        ("100", "0.6 0.4", "60.00 40.00"),
        ("100", "2 0 1", "66.67 0.00 33.33"),
        ("0", "1 2", "0.00 0.00"),
    ],
)
def test_split_by_hand(amount, shares, parts):
    found = split_to_the_cent(Decimal(amount), [Decimal(one) for one in shares.split()])

    assert " ".join(f"{one:.2f}".replace("-0.00", "0.00") for one in found) == parts


@given(amounts, weights)
def test_parts_sum_up_to_the_bill_and_none_is_a_cent_off_its_share(amount, shares):
    parts = split_to_the_cent(amount, shares)

    assert sum(parts) == to_cents(amount)
    total = sum(shares)
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part * total - to_cents(amount) * weight) < total / 100
        assert weight or part == 0


@pytest.mark.parametrize("shares", ["0", "0 0", "-1 2"])
def test_split_without_a_weight_above_zero_is_refused(shares):
    with pytest.raises(ValueError, match="A split needs a weight"):
        split_to_the_cent(Decimal(1), [Decimal(one) for one in shares.split()])
