"""Money as people write it, and as we keep it: `Decimal`, rounded half-up only when shown."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from throughline.kernel.errors import Refused

CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 12  # beyond it something is wrong with the input, not with our columns
MAX_CHARACTERS = 40


def shown(amount: Decimal | None) -> str | None:
    """Return an amount with two decimals, rounded half-up; None stays None (unknown, not zero).

    Units: whole units of the amount's currency.
    """
    if amount is None:
        return None
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return str(rounded or abs(rounded))  # never "-0.00"


def parse_amount(text: str) -> Decimal | None:
    """Return the amount a cell holds; None where the cell is empty.

    Units: whole units of the currency; a point separates decimals.

    Raises:
        Refused: the text is not a finite number, or none that money comes in.
    """
    stripped = text.strip()
    if not stripped:
        return None
    try:
        # Decimal also reads 1_000 and digits of other scripts, which nobody means
        plain = stripped.isascii() and "_" not in stripped and len(stripped) <= MAX_CHARACTERS
        amount = Decimal(stripped if plain else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not _is_money(amount):
        raise Refused(
            f"{stripped[:MAX_CHARACTERS]!r} is not an amount.",
            remedy="Write digits with a point, such as 17500.00.",
        )
    return amount


def _is_money(amount: Decimal) -> bool:
    """Return whether an amount fits our columns, written with not more digits than people write."""
    # copy_abs and adjusted never compute: 1e999999999 would overflow any arithmetic
    return (
        amount.is_finite()
        and amount.copy_abs() <= LARGEST - CENT
        and abs(amount.adjusted()) < MAX_CHARACTERS
    )
