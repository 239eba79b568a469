"""Money as people write it, and as we keep it: `Decimal`, rounded half-up only when shown."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from throughline.kernel.errors import Refused

CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 12  # beyond it something is wrong with the input, not with our columns
MAX_CHARACTERS = 40
HIDDEN = "(amount hidden)"
_NUMBER = r"[-\u2212]?\d+(?:[.,]\d{3})*"  # 1,250 and 1.250
_REST = r"(?:[.,]\d+)?"
_CODES = "USD|EUR|GBP|CHF|CAD|AUD|NZD"  # those that are understood without cents, too
_AMOUNT = re.compile(
    rf"[-\u2212]?[$€£¥]\s?{_NUMBER}{_REST}"  # $1,200 and $0.01, as providers write them
    rf"|\b(?:{_CODES})\s{_NUMBER}{_REST}"
    rf"|(?<![\d.,]){_NUMBER}\.\d{{2,}}\s[A-Z]{{3}}\b"  # 1200.00 DKK, as `shown` and a code make it
    rf"|(?<![\d.,]){_NUMBER}{_REST}\s(?:{_CODES})\b"
)


def shown(amount: Decimal | None) -> str | None:
    """Return an amount with two decimals, rounded half-up; None stays None (unknown, not zero).

    Units: whole units of the amount's currency.
    """
    if amount is None:
        return None
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return str(rounded or abs(rounded))  # never "-0.00"


def without_amounts(text: str) -> str:
    """Return a text in which no amount of money can be read, for those who may not see any.

    A number counts as money by its currency: a sign, or a code of three capitals.
    """
    return _AMOUNT.sub(HIDDEN, text)


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
