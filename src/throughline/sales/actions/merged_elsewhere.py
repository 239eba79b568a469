"""Deals that became one elsewhere: it goes on here as well, and its old numbers stay known (E1)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.tombstone import bury_deal
from throughline.sales.models import Deal, DealAlias


@transaction.atomic
def follow_merge(
    deal_id: int, *, survivor_id: str, others: Sequence[int], by: str, at: datetime
) -> Deal:
    """Give a deal the number that it has in HubSpot since a merge, and bury those that went into it.

    What hangs on the buried ones stays with them. Following the same merge again changes nothing.

    Raises:
        Refused: the person may not say that a deal was deleted.
    """
    deal = locked_deal(deal_id)
    before = deal.hubspot_id
    if before == survivor_id and not others:
        return deal
    gone = [locked_deal(number) for number in others]
    old = [number for number in (before, *(one.hubspot_id for one in gone)) if number]
    for one in gone:
        bury_deal(one.pk, by=by, at=at)
        # Two rows cannot go by one number.
        number = None if one.hubspot_id == survivor_id else one.hubspot_id
        Deal.objects.filter(pk=one.pk).update(hubspot_id=number, merged_into=deal)
    Deal.objects.filter(merged_into__in=gone).update(merged_into=deal)
    deal.hubspot_id = survivor_id
    deal.save(update_fields=["hubspot_id"])
    DealAlias.objects.filter(deal__in=gone).update(deal=deal)  # what had led to them leads on
    for number in old:
        if number != survivor_id:
            DealAlias.objects.update_or_create(old_id=number, defaults={"deal": deal, "at": at})
    record(
        "sales.deal.merged_elsewhere", deal, by=by, at=at, before=before, after=survivor_id,
        others=[one.hubspot_id or str(one.pk) for one in gone],
    )  # fmt: skip
    return deal


@transaction.atomic
def part_from_hubspot(deal_id: int, *, by: str, at: datetime) -> Deal:
    """Let a deal go on as one of our own after HubSpot has merged it away; its old number finds it.

    Raises:
        Refused: the person may not.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ADVANCE_DEALS, to="part a deal from HubSpot")
    before = deal.hubspot_id
    if before is not None:
        deal.hubspot_id = None
        deal.save(update_fields=["hubspot_id"])
        DealAlias.objects.update_or_create(old_id=before, defaults={"deal": deal, "at": at})
        record("sales.deal.parted", deal, by=by, at=at, before=before)
    return deal
