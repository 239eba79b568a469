"""Orders on HubSpot's deals: BD's request for delivery. The order action decides, as for anybody."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.engagements import open_engagement
from throughline.intake.actions import Warned
from throughline.intake.hubspot.cells import Around
from throughline.intake.models import HubSpotOrder
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal


@transaction.atomic
def take_orders(
    around: Mapping[str, Around], *, playbook: Playbook, by: str, at: datetime
) -> list[Warned]:
    """Take in the orders of some deals, and return those that were refused, with the remedy.

    An order counts once, and so do several on one deal. One that was taken off its deal before it
    was taken waits no longer; one that was taken stays placed.
    """
    told = {deal: set(one.orders) for deal, one in around.items() if one.orders is not None}
    rows = list(HubSpotOrder.objects.select_for_update().filter(deal_id__in=told))
    for row in rows:
        is_gone = row.order_id not in told[row.deal_id] and row.taken_at is None
        if is_gone != (row.gone_at is not None):
            row.gone_at = at if is_gone else None
            row.save(update_fields=["gone_at"])
    known = {(row.deal_id, row.order_id) for row in rows}
    HubSpotOrder.objects.bulk_create(
        HubSpotOrder(order_id=order, deal_id=deal, seen_at=at)
        for deal, orders in told.items()
        for order in sorted(orders)
        if (deal, order) not in known
    )
    return place_waiting(deals=told, playbook=playbook, by=by, at=at)


@transaction.atomic
def place_waiting(
    *, playbook: Playbook, by: str, at: datetime, deals: Iterable[str] | None = None
) -> list[Warned]:
    """Place the orders that wait, of some deals or of all, and return those that are refused."""
    waiting = HubSpotOrder.objects.select_for_update().filter(taken_at=None, gone_at=None)
    waiting = waiting if deals is None else waiting.filter(deal_id__in=list(deals))
    rows = list(waiting)
    ours = {
        str(deal.hubspot_id): deal
        for deal in Deal.objects.filter(
            hubspot_id__in={row.deal_id for row in rows}, deleted_at=None
        )
    }
    gone = [row.pk for row in rows if row.deal_id not in ours]  # merged or deleted meanwhile
    HubSpotOrder.objects.filter(pk__in=gone).update(gone_at=at)
    return [
        refused
        for row in rows
        if row.deal_id in ours
        and (refused := _placed(row, ours[row.deal_id], playbook=playbook, by=by, at=at))
    ]


def _placed(
    row: HubSpotOrder, deal: Deal, *, playbook: Playbook, by: str, at: datetime
) -> Warned | None:
    try:
        open_engagement(deal.pk, playbook=playbook, by=by, at=at)
    except Refused as refused:
        if row.refusal != str(refused):
            row.refusal = str(refused)
            row.save(update_fields=["refusal"])
            record("intake.hubspot.order_refused", row, by=by, at=at, deal=deal.pk, why=row.refusal)
        return Warned(
            "order_refused", deal.reference, f"{deal.name}: its order in HubSpot waits. {refused}"
        )
    row.taken_at, row.refusal = at, ""
    row.save(update_fields=["taken_at", "refusal"])
    record("intake.hubspot.order_taken", row, by=by, at=at, deal=deal.pk, order=row.order_id)
    return None


@transaction.atomic
def place_again(pk: int, *, playbook: Playbook, by: str, at: datetime) -> HubSpotOrder:
    """Try again, on behalf of a person, to place an order that waits.

    Raises:
        Refused: it is refused still, its deal is not known here, or the person may not.
    """
    require_permission(by, Permission.ORDER, to="place an order")
    row = HubSpotOrder.objects.select_for_update().get(pk=pk)
    if row.taken_at is not None:
        return row
    deal = Deal.objects.filter(hubspot_id=row.deal_id).first()
    if deal is None or row.gone_at is not None:
        raise Refused(
            f"{row} is not there any more.", remedy="Make the order anew in HubSpot, on its deal."
        )
    open_engagement(deal.pk, playbook=playbook, by=by, at=at)
    row.taken_at, row.refusal = at, ""
    row.save(update_fields=["taken_at", "refusal"])
    record("intake.hubspot.order_taken", row, by=by, at=at, deal=deal.pk, order=row.order_id)
    return row


def waiting_orders() -> list[tuple[HubSpotOrder, Deal | None]]:
    """Return the orders that wait, with their deals; two queries."""
    rows = list(HubSpotOrder.objects.filter(taken_at=None, gone_at=None))
    found = Deal.objects.filter(hubspot_id__in=[row.deal_id for row in rows])
    deals = {deal.hubspot_id: deal for deal in found.select_related("community")}
    return [(row, deals.get(row.deal_id)) for row in rows]
