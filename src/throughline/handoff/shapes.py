"""Outcomes and plans as the command line and the API show them."""

from typing import Any

from throughline.handoff.ledger import Ledger
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import HandoffPlan
from throughline.handoff.private import text_for


def outcome_shape(outcome: Outcome, *, with_money: bool) -> dict[str, Any]:
    """Return the shape of design §12, with what a person can do where one is needed."""
    receipt = None
    if outcome.receipt is not None:
        receipt = outcome.receipt | {"at": outcome.receipt_at}
    return {
        "outcome": outcome.key,
        "engagement": outcome.engagement_id,
        "system": outcome.system,
        "state": outcome.state,
        "receipt": receipt,
        "remedy": text_for(outcome.key, outcome.remedy, sees_money=with_money),
    }


def plan_preview_shape(plan: HandoffPlan, *, with_money: bool) -> dict[str, Any]:
    """Return what a handoff would make, line by line; remedies may tell amounts."""
    shape = plan.as_json()
    for line in (*shape["waiting"], *shape["later"]):
        line["remedy"] = text_for(line["outcome"], line["remedy"], sees_money=with_money)
    return shape


def plan_shape(plan: Plan) -> dict[str, Any]:
    """Return a stored plan without its lines: where it stands, and who decided that."""
    return {
        "plan": plan.pk,
        "engagement": plan.engagement_id,
        "state": plan.state,
        "made_at": plan.made_at,
        "made_by": plan.made_by,
        "decided_by": plan.decided_by,
        "decided_at": plan.decided_at,
        "applied_at": plan.applied_at,
        "reason": plan.reason,
        "differences": plan.differences,
    }


def ledger_shape(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger with its lines; no values, which some may not see."""
    return ledger.as_json() | {
        "lines": [
            {
                "field": line.field,
                "standing": line.standing,
                "to": line.to or None,
                "why": line.why,
                "decided_by": line.by or None,  # null: the playbook
            }
            for line in ledger.lines
        ]
    }
