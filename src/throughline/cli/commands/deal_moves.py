"""`throughline deal …` on what happened elsewhere, and what the community is told."""

from functools import partial

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies, seen_option
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.sales.actions.conflicts import an_explanation, unless_changed
from throughline.sales.actions.exceptions import explain_exceptions, revert_move
from throughline.sales.actions.summary import send_summary, summary_of
from throughline.sales.actions.tombstone import bury_deal, restore_deal
from throughline.sales.queries import facts_of, find_deal
from throughline.sales.setaside import exception_shape, exceptions
from throughline.sales.shapes import deal_shape


@click.command("exceptions")
@click.option(
    "--state", type=click.Choice(["open", "explained", "reverted", "all"]), default="open"
)
@replies
def list_exceptions(state: str) -> Reply:
    """List the moves past an open gate: those to be explained, where nothing else is said."""
    shapes = [
        exception_shape(one, current()) for one in exceptions("" if state == "all" else state)
    ]
    lines = [
        f"{one['deal']:>14}  {one['state']}: {one['from'] or 'unmapped'} to {one['to']} past"
        f" {', '.join(one['conditions'])}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No exceptions."])


@click.command("explain")
@click.argument("reference", metavar="D")
@click.option("--reason", required=True)
@by_option
@seen_option
@replies
def explain(reference: str, reason: str, by: str | None, seen: int | None) -> Reply:
    """Say why a deal was moved past an open gate. It opens no gate that comes later."""
    found = find_deal(reference)
    step = partial(explain_exceptions, found.pk, explanation=reason, by=operator(by), at=now())
    wish = an_explanation(reason)
    closed = unless_changed(found.pk, wish, step, seen=seen, playbook=current())
    document = {"deal": found.reference, "explained": len(closed), "reason": reason.strip()}
    return Reply(document, [f"The move of {found} is explained."])


@click.command("revert")
@click.argument("reference", metavar="D")
@by_option
@replies
def revert(reference: str, by: str | None) -> Reply:
    """Take back a move past an open gate: the deal returns to where it was."""
    playbook = current()
    moved = revert_move(find_deal(reference).pk, playbook=playbook, by=operator(by), at=now())
    shape = deal_shape(find_deal(str(moved.reference)), playbook=playbook, with_money=True)
    return Reply(shape, [f"{moved} is back at {shape['stage'] or 'its unmapped stage'}."])


@click.command("delete")
@click.argument("reference", metavar="D")
@by_option
@replies
def delete(reference: str, by: str | None) -> Reply:
    """Say that a deal was deleted elsewhere. Everything stays, and it goes nowhere."""
    found = bury_deal(find_deal(reference).pk, by=operator(by), at=now())
    return Reply({"deal": found.reference, "deleted_by": found.deleted_by}, [f"{found} is gone."])


@click.command("restore")
@click.argument("reference", metavar="D")
@by_option
@replies
def restore(reference: str, by: str | None) -> Reply:
    """Take a deleted deal back into life, as it was."""
    found = restore_deal(find_deal(reference).pk, by=operator(by), at=now())
    return Reply({"deal": found.reference, "deleted_by": None}, [f"{found} is back."])


@click.command("summary")
@click.argument("reference", metavar="D")
@click.option("--send", is_flag=True, help="Put it into the outbox: once for each yes.")
@by_option
@replies
def summary(reference: str, send: bool, by: str | None) -> Reply:
    """Show the mail that tells the community what was agreed, once somebody has said yes."""
    found, playbook, at = find_deal(reference), current(), now()
    on = day_in_zone(at, playbook.organisation.zone)
    draft = summary_of(facts_of(found, on=on), playbook=playbook)
    if send:
        send_summary(found.pk, playbook=playbook, by=operator(by), at=at)
    document = {
        "deal": found.reference, "to": list(draft.to), "subject": draft.subject,
        "text": draft.text, "sent": send,
    }  # fmt: skip
    return Reply(document, [f"To: {', '.join(draft.to)}", draft.subject, "", draft.text])


COMMANDS = (list_exceptions, explain, revert, delete, restore, summary)
