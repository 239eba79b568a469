"""Closing the exceptions of deals that were moved past an open gate elsewhere."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.staying import Step, keep_steps
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
    require_permission(by, Permission.ADVANCE_DEALS, to="explain why a deal was moved")
    if not explanation.strip():
        raise Refused("An exception needs an explanation.", remedy="Say why the deal was moved.")
    closed = _close(deal, ExceptionState.EXPLAINED, explanation.strip(), by=by, at=at)
    if not closed:
        raise Refused(**_none_open(deal))
    record("sales.exception.explained", deal, by=by, at=at, explanation=explanation.strip())
    return closed


def _none_open(deal: Deal) -> dict[str, str]:
    """Return in words that no exception is open: who has closed the last one, and how."""
    last = deal.exceptions.exclude(state=ExceptionState.OPEN).order_by("closed_at", "pk").last()
    said = f": “{last.explanation}”" if last and last.explanation else ""
    how = f"{last.closed_by} has {last.get_state_display().lower()} it already" if last else ""
    return {
        "message": f"No exception of {deal} is open.",
        "remedy": f"{how or 'Nothing is left to close'}{said}.",
    }


@transaction.atomic
def revert_move(deal_id: int, *, playbook: Playbook, by: str, at: datetime) -> Deal:
    """Take back the moves past open gates: the deal returns to where it was before the first.

    Going back needs no gate. Where HubSpot may be written in, it is told next; else it keeps its word.

    Raises:
        Refused: no exception of the deal is open, or the person may not.
    """
    deal = locked_deal(deal_id)
    require_permission(by, Permission.ADVANCE_DEALS, to="take a move back")
    first = deal.exceptions.filter(state=ExceptionState.OPEN).order_by("pk").first()
    if first is None:
        raise Refused(**_none_open(deal))
    before, since = deal.stage, deal.stage_since
    if before != first.from_stage:
        deal.reopened_at = reopened_at(deal, first.from_stage, playbook=playbook, at=at)
        deal.stage, deal.stage_since = first.from_stage, at
        deal.save(update_fields=["stage", "stage_since", "reopened_at"])
        keep_steps([Step(deal, before, since, deal.stage, at)])
        record("sales.deal.moved_back", deal, by=by, at=at, before=before, after=deal.stage,
               waived=[], playbook=playbook.sha256)  # fmt: skip
    revert_exceptions(deal, by=by, at=at)
    return deal


def reopened_at(deal: Deal, to: str, *, playbook: Playbook, at: datetime) -> datetime | None:
    """Return since when a deal that moves to a stage is open again after it was won (E2)."""
    kinds = {stage.code: stage.kind for stage in playbook.stages}
    if kinds.get(to) != "open":
        return None
    return at if kinds.get(deal.stage) == "won" else deal.reopened_at


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
