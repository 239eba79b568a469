"""Deals that were deleted elsewhere: they stay, say so, and go nowhere (E3)."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal


@transaction.atomic
def bury_deal(deal_id: int, *, by: str, at: datetime) -> Deal:
    """Write down that a deal is gone where it came from; nothing that hangs on it goes with it.

    Raises:
        Refused: the person may not.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ADVANCE_DEALS, to="say that a deal was deleted")
    if deal.deleted_at is None:
        deal.deleted_at, deal.deleted_by = at, by
        deal.save(update_fields=["deleted_at", "deleted_by"])
        record("sales.deal.deleted", deal, by=by, at=at)
    return deal


@transaction.atomic
def restore_deal(deal_id: int, *, by: str, at: datetime) -> Deal:
    """Take a deal back into life, as it was.

    One that was merged stays away: what it was goes on under another, and would go on twice.

    Raises:
        Refused: it was not deleted, or was merged, or the person may not.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ADVANCE_DEALS, to="restore a deal")
    if deal.merged_into is not None:
        raise Refused(
            f"{deal} was merged into {deal.merged_into}.",
            remedy=f"{deal.way_back} What is wanted apart again is a new deal.",
        )
    if deal.deleted_at is None:
        raise Refused(f"{deal} was not deleted.", remedy="Nothing is to be restored.")
    before = deal.deleted_by
    deal.deleted_at, deal.deleted_by = None, ""
    deal.save(update_fields=["deleted_at", "deleted_by"])
    record("sales.deal.restored", deal, by=by, at=at, deleted_by=before)
    return deal
