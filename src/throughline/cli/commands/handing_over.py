"""`throughline handoff ledger|decide|accept|return|returns|answer`: people's side of a handoff."""

from typing import Any

import click

from throughline.cli.reply import DONE, SOMETHING_TO_DO, Reply, by_option, now, operator, replies
from throughline.delivery.actions.acceptance import accept_engagement, answer_return
from throughline.delivery.models import HandoffReturn
from throughline.delivery.queries import find_engagement
from throughline.delivery.returns import handoff_ball, returns_of
from throughline.delivery.shapes import return_shape
from throughline.handoff.acceptance import return_handoff
from throughline.handoff.actions.deciding import decide_field
from throughline.handoff.queries import ledger_now
from throughline.handoff.shapes import ledger_shape
from throughline.handoff.words import FieldVerdict
from throughline.playbook.current import current


@click.command("ledger")
@click.argument("reference", metavar="E")
@replies
def ledger(reference: str) -> Reply:
    """Say where every field goes, and whether it is there. Exit 3: some are missing."""
    engagement = find_engagement(reference)
    found = ledger_now(engagement, playbook=current(), at=now())
    lines = [
        f"{line.standing.replace('_', ' '):<10}  {line.field}"
        f"{f' to {line.to}' if line.to else ''}: {line.why}"
        for line in found.lines
    ]
    code = SOMETHING_TO_DO if found.missing else DONE
    return Reply({"engagement": engagement.number, **ledger_shape(found)}, lines, (), code)


@click.command("decide")
@click.argument("reference", metavar="E")
@click.argument("field", metavar="FIELD")
@click.option("--because", required=True, help="Why.")
@click.option(
    "--verdict", default=FieldVerdict.NOT_NEEDED.value, help=f"{', '.join(FieldVerdict.values)}."
)
@by_option
@replies
def decide(reference: str, field: str, because: str, verdict: str, by: str | None) -> Reply:
    """Decide about a field that is missing in the ledger, for this deal alone."""
    kept = decide_field(
        find_engagement(reference), field, because, verdict=verdict, playbook=current(),
        by=operator(by), at=now(),
    )  # fmt: skip
    document = {"engagement": kept.engagement_id, "field": kept.field, "verdict": kept.verdict,
                "why": kept.why, "by": kept.by}  # fmt: skip
    return Reply(document, [f"{kept.field}: {kept.get_verdict_display().lower()}, {kept.why}"])


@click.command("accept")
@click.argument("reference", metavar="E")
@by_option
@replies
def accept(reference: str, by: str | None) -> Reply:
    """Accept a handoff for PS, by name; every note must have been read."""
    engagement = accept_engagement(find_engagement(reference).number, by=operator(by), at=now())
    return Reply(
        {"engagement": engagement.number, "accepted_by": engagement.accepted_by},
        [f"{engagement.accepted_by} has accepted engagement {engagement.number}."],
    )


@click.command("return")
@click.argument("reference", metavar="E")
@click.argument("line", metavar="LINE")
@click.option("--because", required=True, help="What is wrong with it.")
@by_option
@replies
def send_back(reference: str, line: str, because: str, by: str | None) -> Reply:
    """Return a handoff to BD. LINE is a field of the ledger, an outcome, or note:NUMBER."""
    kept = return_handoff(
        find_engagement(reference), line, because, playbook=current(), by=operator(by), at=now()
    )
    return _reply(kept, f"Return {kept.pk}: {kept.line_text}. The ball is with BD.")


@click.command("answer")
@click.argument("number", metavar="RETURN", type=int)
@click.argument("text")
@by_option
@replies
def answer(number: int, text: str, by: str | None) -> Reply:
    """Answer a returned line for BD; with the last one it is handed over again."""
    kept = answer_return(number, text, by=operator(by), at=now())
    return _reply(kept, f"Return {kept.pk} is answered.")


def _reply(kept: HandoffReturn, line: str) -> Reply:
    return Reply(return_shape(kept), [line])


@click.command("returns")
@click.argument("reference", metavar="E")
@replies
def returns(reference: str) -> Reply:
    """List what PS returned and BD answered, and with whom the ball is."""
    engagement = find_engagement(reference)
    found, ball = list(returns_of(engagement)), handoff_ball(engagement)
    document: dict[str, Any] = {
        "engagement": engagement.number,
        "accepted_by": engagement.accepted_by or None,
        "ball": ball.party if ball else None,
        "returns": [return_shape(one) for one in found],
    }
    lines = [
        f"{one.pk:>5}  {one.line_text}: {one.why} ({one.by})"
        + (f"\n       {one.answer} ({one.answered_by})" if one.answer else "")
        for one in found
    ]
    return Reply(document, lines or ["Nothing was returned."])


COMMANDS = (ledger, decide, accept, send_back, answer, returns)
