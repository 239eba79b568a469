"""BD's request to PS to start delivery."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, EarlyStart, Order
from throughline.sales.queries import DealFacts, facts_of, is_executed

ORDERABLE = ("contract_admin", "closed_won")


@transaction.atomic
def place_order(deal_id: int, *, playbook: Playbook, by: str, at: datetime) -> Order:
    """Place the order for a deal; an order that stands already is returned as it is.

    Raises:
        Refused: the deal is not at Contract Admin or Closed Won, or its agreement is not executed
            and nobody has given leave to start early.
    """
    deal = locked_deal(deal_id)
    if standing := Order.objects.filter(deal=deal).first():
        return standing
    if deal.deleted_at is not None:
        raise Refused(f"{deal} was deleted.", remedy=deal.way_back)
    if deal.stage not in ORDERABLE:
        names = " or ".join(playbook.stage(code).name for code in ORDERABLE)
        raise Refused(
            f"{deal} is not at {names}.",
            remedy="Move it there first: `throughline deal gate` says what is missing.",
        )
    on = day_in_zone(at, playbook.organisation.zone)
    early = _leave_to_start(deal, facts_of(deal, on=on), at=at, playbook=playbook)
    order = Order.objects.create(deal=deal, at=at, by=by, early_start=early)
    record("sales.order.placed", deal, by=by, at=at, early_start=early is not None)
    return order


def _leave_to_start(
    deal: Deal, facts: DealFacts, *, at: datetime, playbook: Playbook
) -> EarlyStart | None:
    if is_executed(facts.agreement):
        return None
    on = day_in_zone(at, playbook.organisation.zone)
    standing = [early for early in deal.early_starts.all() if early.until_on >= on]
    if not standing:
        raise Refused(
            f"The agreement of {deal} is not executed.",
            remedy="Have every party sign it, or have a Lead allow an early start with a reason,"
            " a money limit and a last day.",
        )
    early = max(standing, key=lambda one: one.pk)
    if deal.amount is not None and deal.amount > early.money_limit:
        # The limit bounds what may be spent before signature, not the deal: say so, do not block.
        record("sales.early_start.limited", deal, by=early.by, at=at, limit=str(early.money_limit))
    return early
