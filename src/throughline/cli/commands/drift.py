"""`throughline handoff drift` and what a person decides about a difference."""

from typing import Any

import click

from throughline.cli.commands.choosing import all_option, chosen, holder, one_argument
from throughline.cli.reply import (
    DONE,
    FAILED,
    SOMETHING_TO_DO,
    Reply,
    by_option,
    day,
    now,
    operator,
    replies,
    watched,
)
from throughline.handoff.actions.drifting import (
    adopt_outcome,
    ignore_drift,
    mind_drift,
    restore_outcome,
)
from throughline.handoff.actions.looking import look_at
from throughline.handoff.drift import DRIFTED, DriftLine, drift_of, drift_shape, find_outcome
from throughline.handoff.models import Outcome
from throughline.handoff.shapes import outcome_shape
from throughline.handoff.wanted import Doing
from throughline.handoff.words import OutcomeState
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current

outcome_argument = click.argument("key", metavar="OUTCOME")


@click.command("drift")
@one_argument
@all_option
@by_option
@replies
def drift(reference: str | None, *, every: bool, by: str | None) -> Reply:
    """Look for what is not true, or not any more. Exit 3: there is some."""
    wanted, doing = chosen(reference, every=every), Doing(operator(by), now())
    on = day_in_zone(doing.at, current().organisation.zone)
    rows: list[Outcome] = []
    lines: list[DriftLine] = []
    for one in watched(wanted, what="engagements", total=len(wanted)):
        rows += look_at(one, playbook=current(), doing=doing)
        lines += drift_of(one, on=on)
    differing = [line for line in lines if line.standing == DRIFTED]
    document = {
        "outcomes": [outcome_shape(row, with_money=True) for row in rows],
        "drift": [drift_shape(line, with_money=True) for line in lines if line.differing],
    }
    unmade = sum(row.state == OutcomeState.WANTED for row in rows)
    said = _said(lines, differing)
    if unmade:
        said.append(f"{unmade} outcomes are not made yet: `throughline handoff apply` makes them.")
    return Reply(document, said, (), _code(rows, is_something_to_do=bool(differing or unmade)))


def _code(rows: list[Outcome], *, is_something_to_do: bool) -> int:
    if any(row.state == OutcomeState.FAILED for row in rows):
        return FAILED
    return SOMETHING_TO_DO if is_something_to_do else DONE


def _said(lines: list[DriftLine], differing: list[DriftLine]) -> list[str]:
    head = f"{len(differing)} of {len(lines)} outcomes have drifted."
    return [head, *(text for line in lines if line.differing for text in _both_sides(line))]


def _both_sides(line: DriftLine) -> list[str]:
    row, ignored = line.outcome, line.ignored
    until = f" until {ignored.until_on}: {ignored.why}" if ignored else ""
    return [
        f"  {line.standing}{until}: {row.summary} ({row.key})"
        + (": it is gone" if row.seen is None else ""),
        *(
            f"      {side.field}: we want {_word(side.wanted)}, there {_word(side.seen)}"
            for side in line.differing
            if row.seen is not None
        ),
    ]


def _word(value: Any) -> str:
    return "nothing" if value in (None, "", [], {}) else str(value)


@click.command("adopt")
@outcome_argument
@by_option
@replies
def adopt(key: str, by: str | None) -> Reply:
    """Make what is there what is wanted: title and due date of a deliverable."""
    row = adopt_outcome(key, by=operator(by), at=now())
    return Reply({"outcome": row.key, "adopted": True}, [f"Adopted: {row.summary}."])


@click.command("restore")
@outcome_argument
@by_option
@replies
def restore(key: str, by: str | None) -> Reply:
    """Make one outcome true again, and only that."""
    doing = Doing(operator(by), now())
    row = restore_outcome(key, playbook=current(), holder=holder(), doing=doing)
    is_true = row.state == OutcomeState.CONVERGED
    line = f"{row.get_state_display()}: {row.summary}" + (f": {row.remedy}" if row.remedy else "")
    return Reply(outcome_shape(row, with_money=True), [line], (), DONE if is_true else FAILED)


@click.command("ignore")
@outcome_argument
@click.option("--because", required=True, help="Why it may stay so.")
@click.option("--until", required=True, metavar="DATE", help="The last day; at most a year.")
@by_option
@replies
def ignore(key: str, because: str, until: str, by: str | None) -> Reply:
    """Let an outcome differ as it does now, for a reason and until a day."""
    kept = ignore_drift(
        key, because, day(until, what="--until"), playbook=current(), by=operator(by), at=now()
    )
    document = {"outcome": kept.outcome.key, "until_on": kept.until_on, "by": kept.by,
                "why": kept.why}  # fmt: skip
    return Reply(document, [f"It may differ until {kept.until_on}: {kept.outcome.summary}."])


@click.command("mind")
@outcome_argument
@by_option
@replies
def mind(key: str, by: str | None) -> Reply:
    """Stop ignoring a difference."""
    row = mind_drift(key, by=operator(by), at=now())
    shape = outcome_shape(find_outcome(row.key), with_money=True)
    return Reply(shape, [f"Drift again: {row.summary}."])


COMMANDS = (drift, adopt, restore, ignore, mind)
