"""Applying from a page: at once what is made here, by a worker what outside systems must be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from throughline.delivery.models import Engagement
from throughline.handoff.approvals import approve_plan, save_plan
from throughline.handoff.connected import Outside, connected
from throughline.handoff.leases import Leased, want_pass
from throughline.handoff.models import Outcome
from throughline.handoff.passes import Terms, apply_handoff
from throughline.handoff.plans import plan_handoff
from throughline.handoff.remembered import as_remembered
from throughline.handoff.wanted import Doing
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Applied:
    """What was made at once, and where a worker goes on."""

    rows: Sequence[Outcome]
    left_to: tuple[str, ...] = ()  # names of systems


def apply_from_page(
    engagement: Engagement,
    *,
    plan: int | None = None,
    playbook: Playbook,
    holder: str,
    doing: Doing,
    connect: Callable[[], Sequence[Outside]] = connected,
) -> Applied:
    """Make true what was read on a page, without letting the reader wait for other systems.

    Without outside systems everything is made at once. With them, what was read is approved by name
    as a plan: what is made here is made now, and a worker asks and changes the others, unless they
    are not any more as they were read; the plan is stale then, and nothing is made there. A plan
    that was kept before is left to the worker as a whole.

    Raises:
        Leased: another worker is on it.
        PlanIsStale: a plan was named, and what would be done now is not what it lists.
        Refused: the plan that was named is decided otherwise, or there is none.
    """
    outside = connect()
    names = tuple(sorted(one.system.name for one in outside))
    apply = partial(apply_handoff, engagement, playbook=playbook, holder=holder, doing=doing)
    if not outside:
        return Applied(apply(terms=Terms(plan=plan, connect=tuple)))
    if plan is not None:
        approve_plan(plan, by=doing.by, at=doing.at)
        return Applied((), names)
    here = _approved(engagement, outside, playbook, doing)
    try:
        rows = apply(terms=Terms(only=here, connect=tuple))
    except Leased:  # a worker was faster: it makes all of it
        rows = []
    want_pass(engagement.number, at=doing.at)
    return Applied(rows, names)


def _approved(
    engagement: Engagement, outside: Sequence[Outside], playbook: Playbook, doing: Doing
) -> frozenset[str]:
    """Approve what is read now, outside systems as last seen, and return what is made here."""
    made = plan_handoff(
        engagement,
        playbook=playbook,
        at=doing.at,
        outside=as_remembered(outside),
        clock=doing.clock,
    )
    plan = save_plan(made, playbook=playbook, by=doing.by, at=doing.at)
    approve_plan(plan.pk, by=doing.by, at=doing.at)
    return frozenset(line.outcome for line in made.lines if line.system not in made.outside)
