"""Outcomes as the command line and the API show them."""

from typing import Any

from throughline.handoff.models import Outcome


def outcome_shape(outcome: Outcome) -> dict[str, Any]:
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
        "remedy": outcome.remedy,
    }
