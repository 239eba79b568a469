"""Closing the exceptions of deals that were moved past an open gate elsewhere."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, GateException
from throughline.sales.words import ExceptionState


@transaction.atomic
def explain_exceptions(
    deal_id: int, *, explanation: str, by: str, at: datetime
) -> list[GateException]:
    """Explain why a deal was moved past an open gate, and return the exceptions this closes.

    Raises:
        Refused: nothing is said, or no exception of the deal is open.
    """
    deal = locked_deal(deal_id)
    if not explanation.strip():
        raise Refused("An exception needs an explanation.", remedy="Say why the deal was moved.")
    closed = _close(deal, ExceptionState.EXPLAINED, explanation.strip(), by=by, at=at)
    if not closed:
        raise Refused(f"No exception of {deal} is open.", remedy="Somebody has closed it already.")
    record("sales.exception.explained", deal, by=by, at=at, explanation=explanation.strip())
    return closed


def revert_exceptions(deal: Deal, *, by: str, at: datetime) -> list[GateException]:
    """Close the open exceptions of a deal that is moved back, and return them."""
    closed = _close(deal, ExceptionState.REVERTED, "", by=by, at=at)
    if closed:
        record("sales.exception.reverted", deal, by=by, at=at, count=len(closed))
    return closed


def _close(
    deal: Deal, state: ExceptionState, explanation: str, *, by: str, at: datetime
) -> list[GateException]:
    standing = list(deal.exceptions.filter(state=ExceptionState.OPEN).order_by("pk"))
    for one in standing:
        one.state, one.explanation, one.closed_by, one.closed_at = state, explanation, by, at
        one.save(update_fields=["state", "explanation", "closed_by", "closed_at"])
    return standing
