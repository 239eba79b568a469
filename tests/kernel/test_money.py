from decimal import Decimal

import pytest

from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount, shown, without_amounts


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, None),
        (Decimal(0), "0.00"),
        (Decimal("0.005"), "0.01"),
        (Decimal("1.0049"), "1.00"),
        (Decimal("-0.005"), "-0.01"),
        (Decimal("-0.001"), "0.00"),
        (Decimal("17500.0"), "17500.00"),
    ],
)
def test_amount_is_shown_with_two_decimals_rounded_half_up(amount, text):
    assert shown(amount) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None),
        ("  ", None),
        (" 17500.0 ", Decimal("17500.0")),
        ("-3", Decimal(-3)),
        ("1.2E-7", Decimal("0.00000012")),
    ],
)
def test_amount_is_read_from_a_cell(text, amount):
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text", ["$5", "1,000", "1_000", "NaN", "Infinity", "1e12", "1e999999", "٣", "x" * 5000]
)
def test_text_that_is_no_amount_is_refused_with_a_remedy(text):
    with pytest.raises(Refused) as refused:
        parse_amount(text)

    assert refused.value.message == f"{text[:40]!r} is not an amount."
    assert refused.value.remedy == "Write digits with a point, such as 17500.00."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Credit of 120.00 USD for aws 1", "Credit of (amount hidden) for aws 1"),
        ("spent: 1,204.50 DKK.", "spent: (amount hidden)."),
        ("a limit of $2,000 or > $0.01", "a limit of (amount hidden) or > (amount hidden)"),
        ("about EUR 300, then 40 EUR", "about (amount hidden), then (amount hidden)"),
        ("120 MAU, 96.00 h, 3 AWS accounts", "120 MAU, 96.00 h, 3 AWS accounts"),
        ("80 % of 412 users on 2026-03-02", "80 % of 412 users on 2026-03-02"),
    ],
)
def test_text_for_those_who_see_no_money_loses_its_amounts_alone(text, read):
    assert without_amounts(text) == read
