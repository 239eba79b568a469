"""Applying from a page: at once what is made here, by a worker what outside systems must be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from throughline.delivery.models import Engagement
from throughline.handoff.approvals import PlanIsStale, approve_plan, differences_of, find_plan
from throughline.handoff.approvals import mark_stale, save_plan
from throughline.handoff.connected import Outside, connected
from throughline.handoff.leases import Leased, want_pass
from throughline.handoff.models import Outcome, Plan
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
    are not any more as they were read; the plan is stale then, and nothing is made there.

    Raises:
        Leased: another worker is on it.
        PlanIsStale: a plan was named, and what would be done now is not what it lists.
        Refused: the plan that was named is decided otherwise, or there is none.
    """
    outside = connect()
    if not outside:
        terms = Terms(plan=plan, connect=lambda: ())
        rows = apply_handoff(
            engagement, playbook=playbook, holder=holder, doing=doing, terms=terms
        )
        return Applied(rows)
    approved = _approved(engagement, plan, outside, playbook, doing)
    names = frozenset(one.system.name for one in outside)
    here = frozenset(
        line["outcome"] for line in approved.lines if line["system"] not in names
    )
    terms = Terms(only=here, connect=lambda: ())
    try:
        rows = apply_handoff(
            engagement, playbook=playbook, holder=holder, doing=doing, terms=terms
        )
    except Leased:  # a worker was faster: it makes all of it
        rows = []
    want_pass(engagement.number, at=doing.at)
    return Applied(rows, tuple(sorted(names)))


def _approved(
    engagement: Engagement,
    number: int | None,
    outside: Sequence[Outside],
    playbook: Playbook,
    doing: Doing,
) -> Plan:
    """Return the plan that was read, approved; outside systems are as they were last seen."""
    made = plan_handoff(
        engagement, playbook=playbook, at=doing.at, outside=as_remembered(outside),
        clock=doing.clock,
    )  # fmt: skip
    if number is None:
        plan = save_plan(made, playbook=playbook, by=doing.by, at=doing.at)
    else:
        plan = find_plan(number)
        if plan.engagement_id == engagement.pk and differences_of(plan, made.lines):
            raise PlanIsStale(mark_stale(plan.pk, made.lines, by=doing.by, at=doing.at))
    return approve_plan(plan.pk, by=doing.by, at=doing.at)
