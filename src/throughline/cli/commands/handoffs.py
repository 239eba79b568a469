"""`throughline handoff …`: plan, apply, verify."""

from typing import Any

import click

from throughline.cli.commands import drift, handing_over
from throughline.cli.commands.choosing import all_option, holder, one_argument
from throughline.cli.commands.choosing import chosen as chosen_of
from throughline.cli.reply import (
    DONE,
    FAILED,
    SOMETHING_TO_DO,
    Reply,
    by_option,
    now,
    operator,
    replies,
    watched,
)
from throughline.delivery.queries import find_engagement
from throughline.handoff.approvals import (
    PlanIsStale,
    approve_plan,
    find_plan,
    reject_plan,
    save_plan,
)
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.passes import Terms, apply_handoff, verify_handoff
from throughline.handoff.plans import HandoffPlan, plan_handoff
from throughline.handoff.queries import plans_of
from throughline.handoff.shapes import outcome_shape, plan_shape
from throughline.handoff.wanted import Doing
from throughline.handoff.words import OutcomeState, PlanState, Verb
from throughline.kernel.errors import Refused
from throughline.playbook.current import current


@click.group()
def handoff() -> None:
    """Make true what an order implies. E is an engagement's number or its deal's id."""


@handoff.command("plan")
@one_argument
@all_option
@click.option("--save", "is_kept", is_flag=True, help="Keep it, to be read and approved.")
@by_option
@replies
def plan(reference: str | None, *, every: bool, is_kept: bool, by: str | None) -> Reply:
    """Say what applying would do; looks only. Exit 3: there is something to do."""
    chosen = chosen_of(reference, every=every)
    found = [
        plan_handoff(one, playbook=current(), at=now())
        for one in watched(chosen, what="plans", total=len(chosen))
    ]
    # A plan that would make nothing is not worth a number.
    worth = [one for one in found if is_kept and one.changes]
    stored = {one.engagement.number: _kept(one, operator(by)) for one in worth}
    code = SOMETHING_TO_DO if any(one.changes for one in found) else DONE
    lines = [line for one in found for line in _plan_lines(one)]
    lines += [line for one in stored.values() for line in _stored_lines(one)]
    shapes = [_plan_document(one, stored.get(one.engagement.number)) for one in found]
    return Reply(_plans_document(shapes, every=every), lines, (), code)


def _kept(made: HandoffPlan, by: str) -> Plan:
    return save_plan(made, playbook=current(), by=by, at=now())


def _plan_document(made: HandoffPlan, stored: Plan | None) -> dict[str, Any]:
    kept = {} if stored is None else {"plan": stored.pk, "state": stored.state}
    return made.as_json() | kept


def _stored_lines(stored: Plan) -> list[str]:
    if stored.state == PlanState.APPROVED:
        return [f"Plan {stored.pk} is approved ({stored.decided_by}): a worker carries it out."]
    return [f"Plan {stored.pk} is kept. Next: `throughline handoff approve {stored.pk}`."]


def _plans_document(shapes: list[dict[str, Any]], *, every: bool) -> dict[str, Any]:
    if not every:
        return shapes[0]
    return {
        "changes": [
            {"engagement": shape["engagement"], **change}
            for shape in shapes
            for change in shape["changes"]
        ],
        "plans": shapes,
    }


SIGNS = {"create": "+", "update": "~"}


def _plan_lines(one: HandoffPlan) -> list[str]:
    ledger = one.ledger
    lines = [f"Engagement {one.engagement.number}, {one.engagement.deal.name}:"]
    lines += [f"  {SIGNS[line.verb]} {line.system}: {line.summary}" for line in one.changes]
    lines += [f"  ? {line.system}: {line.summary}: {line.remedy}" for line in one.waiting]
    lines += [f"  … {line.system}: {line.summary}: {line.remedy}" for line in one.later]
    kept = len(one.lines) - len(one.changes) - len(one.waiting) - len(one.later)
    if not one.changes:
        lines.append(f"  no changes; {kept} outcomes are as they should be.")
    lines.append(
        f"  ledger: {len(ledger.lines)} fields: {ledger.count('sent') - ledger.to_be_sent} sent, {ledger.to_be_sent} to be sent,"
        f" {ledger.count('linked')} linked, {ledger.count('not_needed')} not needed,"
        f" {len(ledger.missing)} missing{': ' + ', '.join(ledger.missing) if ledger.missing else ''}"
    )
    return lines


@handoff.command("apply")
@one_argument
@all_option
@click.option("--plan", "number", type=int, help="Exactly what this stored plan lists.")
@by_option
@replies
def apply(reference: str | None, *, every: bool, number: int | None, by: str | None) -> Reply:
    """Make it true; each line turns into a receipt. Applied twice, nothing changes.

    Whoever applies approves by that. With --plan, nothing is made if the plan is stale.
    """
    if every and number is not None:
        raise click.UsageError("A plan is of one engagement: name it.")
    chosen = chosen_of(reference, every=every)
    doing, terms = Doing(operator(by), now()), Terms(plan=number)
    done: list[Outcome] = []
    refused: list[str] = []
    for one in watched(chosen, what="handoffs", total=len(chosen)):
        try:
            done += apply_handoff(
                one, playbook=current(), holder=holder(), doing=doing, terms=terms
            )
        except PlanIsStale as error:
            return _stale_reply(error)
        except Refused as error:
            refused.append(str(error))
    changed = sum(one.receipt_at == doing.at for one in done)
    outcomes = "outcome" if changed == 1 else "outcomes"
    summary = f"{changed} {outcomes} made true." if changed else "no changes."
    return _outcomes_reply(done, summary, refused)


def _stale_reply(error: PlanIsStale) -> Reply:
    """Return where what would be done now differs from what was approved."""
    found = error.plan.differences
    lines = [f"  {one['what']}: {one['summary']}" for one in found]
    return Reply(
        {"outcomes": [], "plan": error.plan.pk, "state": error.plan.state, "differences": found},
        lines,
        (),
        FAILED,
        [str(error)],
    )


@handoff.command("plans")
@click.argument("reference", metavar="E")
@replies
def plans(reference: str) -> Reply:
    """List the stored plans of an engagement, the newest first."""
    found = list(plans_of(find_engagement(reference)))
    lines = [f"Plan {one.pk}, {one.made_at:%Y-%m-%d}: {one.get_state_display()}" for one in found]
    return Reply({"plans": [plan_shape(one) for one in found]}, lines or ["No stored plans."])


@handoff.command("show")
@click.argument("number", metavar="PLAN", type=int)
@replies
def show(number: int) -> Reply:
    """Show a stored plan line by line, with the texts of issues and mails."""
    found = find_plan(number)
    lines = [f"Plan {found.pk}, engagement {found.engagement_id}: {found.get_state_display()}"]
    for line in found.lines:
        if line["verb"] != Verb.KEEP:
            lines.append(f"  {SIGNS.get(line['verb'], '?')} {line['system']}: {line['summary']}")
            lines += [f"      {one}" for one in line["preview"].splitlines()]
    return Reply(plan_shape(found) | {"lines": found.lines}, lines)


@handoff.command("approve")
@click.argument("number", metavar="PLAN", type=int)
@by_option
@replies
def approve(number: int, by: str | None) -> Reply:
    """Approve a stored plan by name: a worker carries it out, unless it is stale by then."""
    return _decided(approve_plan(number, by=operator(by), at=now()))


@handoff.command("reject")
@click.argument("number", metavar="PLAN", type=int)
@click.option("--because", required=True, help="What is wrong with it.")
@by_option
@replies
def reject(number: int, because: str, by: str | None) -> Reply:
    """Reject a stored plan: nothing of it is made."""
    return _decided(reject_plan(number, because=because, by=operator(by), at=now()))


def _decided(found: Plan) -> Reply:
    line = f"Plan {found.pk} is {found.get_state_display().lower()} by {found.decided_by}."
    return Reply(plan_shape(found), [line])


@handoff.command("verify")
@one_argument
@all_option
@by_option
@replies
def verify(reference: str | None, *, every: bool, by: str | None) -> Reply:
    """Look again at what was applied; changes nothing in the world."""
    return _verify(reference, every=every, by=by)


def _verify(reference: str | None, *, every: bool, by: str | None) -> Reply:
    chosen = chosen_of(reference, every=every)
    doing = Doing(operator(by), now())
    found = [
        outcome
        for one in watched(chosen, what="engagements", total=len(chosen))
        for outcome in verify_handoff(one, playbook=current(), doing=doing)
    ]
    true = sum(one.state == OutcomeState.CONVERGED for one in found)
    return _outcomes_reply(found, f"{true} of {len(found)} outcomes are true.", [])


def _outcomes_reply(found: list[Outcome], summary: str, refused: list[str]) -> Reply:
    open_ones = [one for one in found if one.state != OutcomeState.CONVERGED]
    lines = [
        *([summary] if found or not refused else []),
        *(f"  {one.state}: {one.summary}: {one.remedy}" for one in open_ones),
    ]
    has_failed = any(one.state == OutcomeState.FAILED for one in found)
    return Reply(
        {"outcomes": [outcome_shape(one, with_money=True) for one in found]},
        lines,
        (),
        FAILED if has_failed or refused else DONE,
        refused,
    )


for _one in (*handing_over.COMMANDS, *drift.COMMANDS):
    handoff.add_command(_one)
