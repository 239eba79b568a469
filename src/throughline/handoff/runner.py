"""Passes as jobs: given away by the sweep on PostgreSQL, and what a job does there.

On SQLite the worker's loop runs them itself, by `run_passes`.
"""

from datetime import datetime

from throughline.handoff.deferring import defer_pass
from throughline.handoff.jobs import due_passes, run_pass
from throughline.handoff.passes import Terms
from throughline.handoff.wanted import Doing
from throughline.kernel.stopping import Stop
from throughline.playbook.model import Playbook


def defer_passes(*, at: datetime, playbook: Playbook, holder: str) -> list[int]:  # noqa: ARG001 -- in the place of run_passes
    """Have workers look at every engagement that is due, and return those given to them now."""
    return [number for number in due_passes(at=at, playbook=playbook) if defer_pass(number)]


def run_due_pass(number: int, *, at: datetime, playbook: Playbook, holder: str, stop: Stop) -> bool:
    """Go on with one handoff if the rows still want it, and return whether it was ours to do."""
    if stop() or number not in due_passes(at=at, playbook=playbook):
        return False
    return run_pass(
        number, playbook=playbook, holder=holder, doing=Doing(holder, at), terms=Terms(stop=stop)
    )
