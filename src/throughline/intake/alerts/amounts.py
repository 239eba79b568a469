"""Amounts and thresholds as providers write them."""

import re
from decimal import Decimal

from throughline.kernel.errors import Refused
from throughline.kernel.money import LARGEST

AMOUNT = re.compile(
    r"(-)?\s*([A-Z]{3}|[$€£])?\s*(-)?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([A-Z]{3})?"
)
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}


def read_amount(text: str) -> tuple[Decimal, str]:
    """Return an amount and its currency: "$1,234.56" is 1234.56 and "USD".

    Thousands are parted by commas, as AWS writes them.

    A refusal does not repeat it: the reason is shown to people who see no money, too.

    Raises:
        Refused: it is no amount.
    """
    found = AMOUNT.fullmatch(text.strip())
    if found is None:
        raise Refused("What should be an amount is none.", remedy="Read it yourself.")
    minus, sign, later_minus, whole, part, code = found.groups()
    amount = Decimal(whole.replace(",", "") + (part or ""))
    if amount >= LARGEST:
        raise Refused("An amount is larger than any that is kept here.", remedy="Read it yourself.")
    currency = SIGNS.get(sign or "", sign or "") or code or "USD"
    return (-amount if minus or later_minus else amount), currency


def as_percent(share: Decimal) -> str:
    """Return a share as a threshold is told: 0.8 is "80 %"."""
    return f"{(share * 100).normalize():f} %"
