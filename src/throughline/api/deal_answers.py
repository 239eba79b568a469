"""What several addresses answer of a deal."""

from typing import Any

from django.http import HttpRequest

from throughline.api.access import may
from throughline.capacity.queries import answer_shape, newest_answers
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal
from throughline.sales.shapes import deal_shape


def in_full(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    """Return a deal for the caller, with the newest entry about it."""
    newest = newest_entry(deal)
    with_money = may(request, Permission.SEE_MONEY)
    shape = deal_shape(find_deal(str(deal.reference)), playbook=current(), with_money=with_money)
    return shape | {"seen": newest}


def capacity_of(deal: Deal) -> dict[str, Any]:
    """Return the answer that counts for a deal."""
    found = newest_answers([deal.subject]).get(deal.subject)
    return {"deal": deal.reference, "answer": None if found is None else answer_shape(found)}
