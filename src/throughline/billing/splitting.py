"""Splitting a bill so that its parts are the bill, to the cent."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

from throughline.kernel.money import CENT


def to_cents(amount: Decimal) -> Decimal:
    """Return an amount rounded half-up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + 0


def split_to_the_cent(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return the parts of an amount by weights; their sum is the amount rounded to the cent.

    By largest remainder: each gets its part rounded down, then the cents that are left go to those
    that lost most, the earlier one first where they lost the same. Weightless parts get nothing.

    Source: requirements E32, F11.

    Raises:
        ValueError: no weight is above zero, or one is below.
    """
    if not any(weights) or min(weights) < 0:
        raise ValueError("A split needs a weight above zero, and none below it.")
    if len(weights) == 1:
        return [to_cents(amount)]
    total = sum(map(Fraction, weights))
    bill = int(to_cents(amount) / CENT)
    exact = [bill * Fraction(weight) / total for weight in weights]
    parts = [floor(one) for one in exact]
    lost_most = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in lost_most[: bill - sum(parts)]:
        parts[index] += 1
    return [part * CENT for part in parts]
