"""The lock that every action on a deal takes first."""

from throughline.sales.models import Deal


def locked_deal(deal_id: int) -> Deal:
    """Return the deal, locked until the transaction ends."""
    return Deal.objects.select_for_update().get(pk=deal_id)
