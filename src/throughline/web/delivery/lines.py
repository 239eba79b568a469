"""A deliverable as pages show it."""

from datetime import date
from typing import Any

from throughline.delivery.models import Deliverable
from throughline.delivery.promises import lacking, missing_evidence, promise_source
from throughline.delivery.words import DeliverableState
from throughline.web.delivery.forms import DoneForm, ProofForm


def promise_line(one: Deliverable, *, on: date) -> dict[str, Any]:
    """Return a deliverable as pages show it, with forms whose ids stay unique on a page."""
    is_open = one.state in {DeliverableState.PLANNED, DeliverableState.RETURNED}
    return {
        "deliverable": one,
        "is_open": is_open,
        "is_done": one.state == DeliverableState.DONE,
        "is_overdue": is_open and one.due_on is not None and one.due_on < on,
        "late": (on - one.due_on).days if one.due_on else 0,
        "missing": missing_evidence(one),
        "lacking": lacking(one),
        "source": promise_source(one),
        "done_form": DoneForm(auto_id=f"id_{one.pk}_%s"),
        "proof_form": ProofForm(auto_id=f"id_proof_{one.pk}_%s"),
        "first": {"name": one.done_by, "did": "said it is done", "at": one.done_at},
        "second": {"name": one.verdict_by, "did": "verified it", "at": one.verdict_at},
    }
