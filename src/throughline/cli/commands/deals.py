"""`throughline deal …` and `throughline order`: a deal from Lead to Closed Won."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from throughline.cli.commands import deal_moves
from throughline.cli.reply import (
    FAILED,
    Reply,
    by_option,
    day,
    now,
    operator,
    replies,
    seen_option,
)
from throughline.delivery.actions.engagements import open_engagement
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount
from throughline.playbook.current import current
from throughline.sales.actions.advance import StageRefused, advance_deal
from throughline.sales.actions.conflicts import Wish, a_waiver, an_early_start, unless_changed
from throughline.sales.actions.create import create_deal
from throughline.sales.actions.record import FACTS, describe_form, parse_value, record_fact
from throughline.sales.actions.waive import EARLY_START, allow_early_start, waive_condition
from throughline.sales.gates.gate import Gate, judge, target_stage
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of, find_deal, listed_deals
from throughline.sales.shapes import deal_shape, gate_shape


@click.group()
def deal() -> None:
    """Look at deals and move them. D is a deal's HubSpot id or our number."""


for one in deal_moves.COMMANDS:
    deal.add_command(one)


@deal.command("list")
@click.option("--stage", help="Only deals in this stage.")
@replies
def list_deals(stage: str | None) -> Reply:
    """List deals."""
    playbook = current()
    found = list(listed_deals(_stage_code(stage) if stage else None))
    shapes = [deal_shape(one, playbook=playbook, with_money=True) for one in found]
    return Reply(
        shapes,
        [
            f"{shape['deal']:>14}  {shape['stage'] or 'unmapped: ' + shape['stage_elsewhere']:<16}"
            f"  {shape['end_on'] or 'no end date':<11}  {shape['name']}"
            for shape in shapes
        ]
        or ["No deals. Import some: `throughline import deals FILE.csv`."],
    )


def _stage_code(text: str) -> str:
    if found := current().stage_named(text):
        return found.code
    names = ", ".join(stage.name for stage in current().stages)
    raise Refused(f"There is no stage {text!r}.", remedy=f"Use one of {names}.")


@deal.command("create")
@click.argument("name")
@click.option("--owner", default="", help="Who of BD has it.")
@click.option("--amount", default="", help="In the organisation's currency.")
@by_option
@replies
def create(name: str, owner: str, amount: str, by: str | None) -> Reply:
    """Start a deal of our own, at the first stage."""
    made = create_deal(
        name,
        owner=owner,
        amount=parse_amount(amount),
        playbook=current(),
        by=operator(by),
        at=now(),
    )
    shape = deal_shape(made, playbook=current(), with_money=True)
    return Reply(shape, [f"Deal {made.reference}: {made.name}."])


@deal.command("show")
@click.argument("reference", metavar="D")
@replies
def show(reference: str) -> Reply:
    """Show one deal, with the gate to the stage that follows."""
    found = find_deal(reference)
    newest = newest_entry(found)
    shape = deal_shape(found, playbook=current(), with_money=True) | {"seen": newest}
    lines = [f"{name:>18}  {value}" for name, value in shape.items() if value not in (None, "")]
    return Reply(shape, lines)


@deal.command("gate")
@click.argument("reference", metavar="D")
@click.option("--to", default="", metavar="STAGE", help="The stage that follows, where left out.")
@replies
def gate(reference: str, to: str) -> Reply:
    """Say everything that stands between a deal and a stage, and what to do about it."""
    found, judged = _judged(find_deal(reference), to)
    return Reply(gate_shape(judged, found, playbook=current()), _gate_lines(judged))


def _judged(found: Deal, to: str) -> tuple[Deal, Gate]:
    playbook, at = current(), now()
    facts = facts_of(found, on=day_in_zone(at, playbook.organisation.zone))
    stage = target_stage(facts, to, playbook=playbook)
    return facts.deal, judge(facts, to=stage, playbook=playbook, at=at)


SIGNS = {"met": "✓", "unmet": "✗", "stale": "↻", "waived": "~"}


def _gate_lines(judged: Gate) -> list[str]:
    playbook = current()
    word = "open" if judged.is_open else "closed"
    lines = [f"The gate to {playbook.stage(judged.to_stage).name} is {word}."]
    for one in judged.conditions:
        advisory = "" if one.required else " (advisory)"
        lines.append(f"  {SIGNS[one.status]} {one.code}{advisory}: {one.message}")
        if one.remedy:
            lines.append(f"      {one.remedy}")
    return lines


@deal.command("advance")
@click.argument("reference", metavar="D")
@click.argument("stage")
@by_option
@seen_option
@replies
def advance(reference: str, stage: str, by: str | None, seen: int | None) -> Reply:
    """Move a deal to a stage. Every gate between must be open."""
    playbook = current()
    found = find_deal(reference)
    try:
        moved = advance_deal(
            found.pk, to=stage, playbook=playbook, by=operator(by), at=now(), seen=seen
        )
    except StageRefused as refused:
        shape = gate_shape(refused.gate, found, playbook=playbook)
        document = {"refused": refused.message, "remedy": refused.remedy} | shape
        lines = [refused.message, *_gate_lines(refused.gate)]
        return Reply(document, (), (), FAILED, lines)
    shape = deal_shape(moved, playbook=playbook, with_money=True)
    return Reply(shape, [f"{moved} is at {shape['stage']}."])


def _codes_help() -> str:
    forms = "\n".join(f"  {code}: {describe_form(FACTS[code].form)}" for code in sorted(FACTS))
    return (
        "Write down the fact that a condition reads.\n\n"
        """--value is a JSON object, such as '{"owner": "ada"}'. Fields in [brackets] may be left"""
        f" out.\n\n\b\n{forms}"
    )


@deal.command("record", help=_codes_help())
@click.argument("reference", metavar="D")
@click.argument("code")
@by_option
@click.option("--value", default="{}", metavar="JSON", help="The fact's fields.")
@seen_option
@replies
def record(reference: str, code: str, by: str | None, value: str, seen: int | None) -> Reply:
    """Write down the fact that a condition reads."""
    playbook = current()
    found = find_deal(reference)
    value_told = parse_value(value)
    kept = record_fact(
        found.pk, code, value_told, playbook=playbook, by=operator(by), at=now(), seen=seen
    )
    shape = deal_shape(kept, playbook=playbook, with_money=True)
    return Reply(shape | {"recorded": code}, [f"{code} is written down for {kept}."])


@deal.command("waive")
@click.argument("reference", metavar="D")
@click.argument("code")
@click.option("--by", required=True, metavar="WHO", help="Somebody entitled to.")
@click.option("--reason", required=True)
@click.option("--until", required=True, metavar="DATE", help="Last day on which it counts.")
@click.option("--limit", default="", metavar="AMOUNT", help=f"For {EARLY_START}: the money limit.")
@seen_option
@replies
def waive(
    reference: str, code: str, by: str, reason: str, until: str, limit: str, seen: int | None
) -> Reply:
    """Set a condition aside, with a reason and a last day.

    The code order.early_start allows the order before the agreement is executed, up to --limit.
    """
    last, found = day(until, what="--until"), find_deal(reference)
    how: dict[str, Any] = {
        "reason": reason, "until": last, "playbook": current(), "by": by, "at": now(),
    }  # fmt: skip
    if code == EARLY_START:
        wish, step = _early_start(found, limit, how)
    else:
        wish = a_waiver(code, reason=reason, until=last)
        step = partial(waive_condition, found.pk, code, **how)
    unless_changed(found.pk, wish, step, seen=seen, playbook=how["playbook"])
    document = {"deal": found.reference, "code": code, "until": last, "by": by}
    return Reply(document, [f"{code} is waived for {found} until {last}."])


def _early_start(found: Deal, limit: str, how: dict[str, Any]) -> tuple[Wish, Callable[[], object]]:
    money_limit = parse_amount(limit)
    if money_limit is None:
        raise Refused("An early start needs a money limit.", remedy="Give --limit AMOUNT.")
    wish = an_early_start(reason=how["reason"], until=how["until"], money_limit=money_limit)
    return wish, partial(allow_early_start, found.pk, money_limit=money_limit, **how)


@click.command()
@click.argument("reference", metavar="D")
@by_option
@replies
def order(reference: str, by: str | None) -> Reply:
    """Request delivery of a deal: its engagement is opened, and the clock starts."""
    found = find_deal(reference)
    engagement, is_new = open_engagement(found.pk, playbook=current(), by=operator(by), at=now())
    number = engagement.number
    words = "is opened" if is_new else "stands already"
    line = f"Engagement {number} {words}. Next: `throughline handoff plan {number}`."
    return Reply({"deal": found.reference, "engagement": number}, [line])
