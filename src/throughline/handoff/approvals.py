"""Stored plans: kept as somebody read them, approved by a person or the playbook, found stale."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from throughline.delivery.models import Engagement
from throughline.handoff.deferring import defer_pass
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import HandoffPlan
from throughline.handoff.policy import rule_for
from throughline.handoff.wanted import Change, digest_of
from throughline.handoff.words import PlanState, Verb
from throughline.journal.actions import record
from throughline.kernel.errors import NotThere, Refused
from throughline.playbook.model import Playbook

OPEN = (PlanState.PROPOSED, PlanState.APPROVED)
MAKES = frozenset({Verb.CREATE.value, Verb.UPDATE.value})
SAME = ("verb", "before", "after", "preview")  # what an approval is for
SHOWN = 5  # differences that a message names


class NoSuchPlan(NotThere):
    """No plan has that number."""


class PlanIsStale(Refused):
    """What would be done now is not what was approved; `differences` says line by line how."""

    def __init__(self, plan: Plan) -> None:
        named = "; ".join(f"{one['summary']} ({one['what']})" for one in plan.differences[:SHOWN])
        more = len(plan.differences) - SHOWN
        super().__init__(
            f"Plan {plan.pk} is not what would be done now: {named}"
            f"{f'; and {more} more' if more > 0 else ''}.",
            remedy=f"Plan again: `throughline handoff plan {plan.engagement_id} --save`.",
        )
        self.plan = plan


@transaction.atomic
def save_plan(made: HandoffPlan, *, playbook: Playbook, by: str, at: datetime) -> Plan:
    """Keep a plan so that people can read and approve it; the playbook approves what it may.

    Plans of the engagement that were still open are stale from now on: one is current. A plan that
    is there already, with the same lines, is returned as it is.
    """
    lines = [one.as_json() for one in made.lines]
    digest = digest_of(lines)
    current = Plan.objects.select_for_update().filter(engagement=made.engagement, state__in=OPEN)
    found: Plan | None = current.filter(digest=digest).order_by("-pk").first()
    if found is not None:
        return found
    for older in current:
        _make_stale(older, differences_of(older, made.lines), by=by, at=at)
    plan = Plan.objects.create(
        engagement=made.engagement, made_at=at, made_by=by, digest=digest, lines=lines
    )
    record("handoff.plan.proposed", plan, by=by, at=at, engagement=plan.engagement_id)
    if policy := _policy_for(made, playbook):
        _approve(plan, by=policy, at=at)
    return plan


def _policy_for(made: HandoffPlan, playbook: Playbook) -> str:
    """Return under which rule of the playbook a plan needs nobody's approval; "" under none."""
    rows = {row.key: row for row in Outcome.objects.filter(engagement=made.engagement)}
    rules = {
        rule_for(playbook, rows.get(one.outcome), one, is_outside=one.system in made.outside)
        for one in made.changes
    }
    return f"policy: {', '.join(sorted(rules))}" if rules and all(rules) else ""


@transaction.atomic
def approve_plan(number: int, *, by: str, at: datetime) -> Plan:
    """Approve a plan by name: workers carry it out, unless it is stale by then.

    Raises:
        NoSuchPlan: there is none.
        Refused: it is decided already.
    """
    plan = open_plan(number)
    if plan.state == PlanState.PROPOSED:
        _approve(plan, by=by, at=at)
        defer_pass(plan.engagement_id)
    return plan


@transaction.atomic
def reject_plan(number: int, *, because: str, by: str, at: datetime) -> Plan:
    """Reject a plan: nothing of it is made.

    Raises:
        NoSuchPlan: there is none.
        Refused: it is decided already, or no reason was given.
    """
    plan = open_plan(number)
    if not because.strip():
        raise Refused("A rejection needs a reason.", remedy="Say what is wrong with the plan.")
    plan.reason = because.strip()
    _decide(plan, PlanState.REJECTED, by=by, at=at)
    record(
        "handoff.plan.rejected", plan, by=by, at=at, engagement=plan.engagement_id,
        because=plan.reason,
    )  # fmt: skip
    return plan


def find_plan(number: int) -> Plan:
    """Return a stored plan.

    Raises:
        NoSuchPlan: there is none.
    """
    return _found(Plan.objects.all(), number)


def _found(plans: QuerySet[Plan], number: int) -> Plan:
    found = plans.filter(pk=number).first()
    if found is None:
        raise NoSuchPlan(
            f"There is no plan {number}.", remedy="`throughline handoff plan E --save` makes one."
        )
    return found


def open_plan(number: int) -> Plan:
    """Return a plan that can still be approved and applied, locked.

    Raises:
        NoSuchPlan: there is none.
        Refused: it was applied or rejected, or is stale.
    """
    plan = _found(Plan.objects.select_for_update(), number)
    if plan.state not in OPEN:
        raise Refused(
            f"Plan {number} is {plan.get_state_display().lower()}.",
            remedy=f"Plan again: `throughline handoff plan {plan.engagement_id} --save`.",
        )
    return plan


@transaction.atomic
def begin_plan(
    number: int, engagement: Engagement, now: Sequence[Change], *, by: str, at: datetime
) -> Plan:
    """Return a plan whose lines are what would be done now; applying it approves it.

    Raises:
        NoSuchPlan: there is none.
        Refused: it was applied or rejected.
    """
    plan = open_plan(number)
    if plan.engagement_id != engagement.pk:
        raise NoSuchPlan(
            f"Plan {number} is of engagement {plan.engagement_id}.", remedy="Name its own plan."
        )
    if differences := differences_of(plan, now):
        _make_stale(plan, differences, by=by, at=at)
    elif plan.state == PlanState.PROPOSED:
        _approve(plan, by=by, at=at)
    return plan


@transaction.atomic
def end_plan(plan: Plan, *, by: str, at: datetime) -> None:
    """Keep that every line of a plan was carried out, or waits in its own row."""
    plan.state, plan.applied_at = PlanState.APPLIED, at
    plan.save(update_fields=["state", "applied_at"])
    record("handoff.plan.applied", plan, by=by, at=at, engagement=plan.engagement_id)


def differences_of(plan: Plan, now: Iterable[Change]) -> list[dict[str, Any]]:
    """Return where what would be done now differs from what was approved.

    A line that came true meanwhile as approved is no difference, nor is one that waits: neither
    makes anything that nobody has read.
    """
    today = {one.outcome: one.as_json() for one in now}
    approved = {one["outcome"]: one for one in plan.lines if one["verb"] in MAKES}
    found = []
    for key, line in approved.items():
        if what := _difference(line, today.get(key)):
            found.append(_told(what, line, today.get(key)))
    found += [
        _told("appears", None, line)
        for key, line in today.items()
        if key not in approved and line["verb"] in MAKES
    ]
    return found


def _difference(approved: dict[str, Any], now: dict[str, Any] | None) -> str:
    if now is None:
        return "vanishes"
    if now["verb"] in {Verb.WAIT, Verb.LATER}:
        return ""
    if now["verb"] == Verb.KEEP:
        return "" if now["after"] == approved["after"] else "differs"
    return "" if all(approved[name] == now[name] for name in SAME) else "differs"


def _told(what: str, approved: dict[str, Any] | None, now: dict[str, Any] | None) -> dict[str, Any]:
    line = approved or now or {}
    return {
        "outcome": line["outcome"],
        "summary": line["summary"],
        "what": what,
        "approved": approved,
        "now": now,
    }


def _approve(plan: Plan, *, by: str, at: datetime) -> None:
    _decide(plan, PlanState.APPROVED, by=by, at=at)
    record("handoff.plan.approved", plan, by=by, at=at, engagement=plan.engagement_id)


def _decide(plan: Plan, state: PlanState, *, by: str, at: datetime) -> None:
    plan.state, plan.decided_by, plan.decided_at = state, by, at
    plan.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _make_stale(plan: Plan, differences: list[dict[str, Any]], *, by: str, at: datetime) -> None:
    plan.state, plan.differences = PlanState.STALE, differences
    plan.save(update_fields=["state", "differences"])
    record(
        "handoff.plan.stale", plan, by=by, at=at, engagement=plan.engagement_id,
        differences=len(differences),
    )  # fmt: skip
