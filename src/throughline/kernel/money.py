"""Money as people write it, and as we keep it: `Decimal`, rounded half-up only when shown."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from throughline.kernel.errors import Refused

CENT = Decimal("0.01")


def shown(amount: Decimal | None) -> str | None:
    """Return an amount with two decimals, rounded half-up; None stays None (unknown, not zero).

    Units: whole units of the amount's currency.
    """
    return None if amount is None else str(amount.quantize(CENT, rounding=ROUND_HALF_UP))


def parse_amount(text: str) -> Decimal | None:
    """Return the amount a cell holds; None where the cell is empty.

    Units: whole units of the currency; a point separates decimals.

    Raises:
        Refused: the text is not a finite number.
    """
    stripped = text.strip()
    if not stripped:
        return None
    try:
        amount = Decimal(stripped)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Refused(
            f"{stripped!r} is not an amount.", remedy="Write digits with a point, such as 17500.00."
        )
    return amount
