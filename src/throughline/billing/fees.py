"""The usage fee: what a month's active users cost."""

from collections.abc import Sequence
from decimal import Decimal

from throughline.playbook.money_parts import FeeBand


def usage_fee(users: int, bands: Sequence[FeeBand]) -> Decimal:
    """Return the fee for a month's active users, band by band.

    Units: the playbook's currency. Source: design §6; 280 users cost 1,000.00 and nobody pays
    more than 14,050.00 with the shipped bands.

    Raises:
        ValueError: fewer than no users.
    """
    if users < 0:
        raise ValueError(f"{users} active users cannot be: count again.")
    fee, reached = Decimal(0), 0
    for band in bands:
        top = users if band.up_to is None else min(users, band.up_to)
        fee += max(0, top - reached) * band.price
        reached = max(reached, top)
    return fee
