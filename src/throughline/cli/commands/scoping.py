"""`throughline deliverable …`: what is promised, and how that changes."""

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from throughline.cli.commands.working import changed
from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.actions.scope import (
    Work,
    add_clause,
    add_work,
    change_scope,
    drop_deliverable,
    serve_promise,
)
from throughline.delivery.promised import gap_shape, promise_gaps
from throughline.delivery.queries import find_engagement
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

point_option = click.option(
    "--point", "points", multiple=True, metavar="TEXT", help="A point of the definition of done."
)
hours_option = click.option("--hours", nargs=2, metavar="LOW HIGH", help="Estimated hours.")
amendment_option = click.option(
    "--amendment", required=True, type=int, metavar="A", help="The executed amendment's number."
)
because_option = click.option("--because", required=True, metavar="TEXT", help="Why.")


@click.command("promises")
@click.argument("reference", metavar="E")
@replies
def promises(reference: str) -> Reply:
    """List promises that no deliverable serves, and deliverables that serve no promise."""
    engagement = find_engagement(reference)
    shapes = [gap_shape(one) for one in promise_gaps(engagement, playbook=current())]
    names = {
        "promise_without_work": "promised, and nobody does it",
        "work_without_promise": "done, and nobody promised it",
    }
    return Reply(
        shapes,
        [f"{names[shape['code']]}: {shape['text']}" for shape in shapes]
        or ["Every promise is served, and every deliverable serves one."],
    )


@click.command("add")
@click.argument("reference", metavar="E")
@click.argument("project", metavar="PROJECT")
@click.argument("title", metavar="TITLE")
@point_option
@hours_option
@click.option("--due", metavar="DATE", help="When it is due.")
@click.option("--amendment", type=int, metavar="A", help="The amendment that promises it.")
@by_option
@replies
def add(reference: str, project: str, title: str, by: str | None, **said: Any) -> Reply:
    """Add a deliverable to a project. Without an amendment it is work that nobody promised."""
    due_on = day(said["due"], what="--due") if said["due"] else None
    work = Work(title, said["points"], due_on, *_hours(said["hours"]))
    number = find_engagement(reference).number
    made = add_work(number, project, work, amendment=said["amendment"], by=operator(by), at=now())
    return changed(made.pk)


@click.command("rescope")
@click.argument("number", metavar="N", type=int)
@amendment_option
@because_option
@point_option
@hours_option
@by_option
@replies
def rescope(
    number: int, amendment: int, because: str, points: tuple[str, ...],
    hours: tuple[str, str] | None, by: str | None,
) -> Reply:  # fmt: skip
    """Change what deliverable N means or takes, as an amendment says; it is planned again."""
    changes: dict[str, object] = {"definition_of_done": points} if points else {}
    if hours:
        changes["low_h"], changes["high_h"] = _hours(hours)
    change_scope(number, changes, amendment=amendment, why=because, by=operator(by), at=now())
    return changed(number)


@click.command("drop")
@click.argument("number", metavar="N", type=int)
@amendment_option
@because_option
@by_option
@replies
def drop(number: int, amendment: int, because: str, by: str | None) -> Reply:
    """Take deliverable N out, as an amendment says."""
    drop_deliverable(number, amendment=amendment, why=because, by=operator(by), at=now())
    return changed(number)


@click.command("clause")
@click.argument("reference", metavar="E")
@click.argument("name", metavar="NAME")
@click.argument("text", metavar="TEXT")
@click.option("--agreement", required=True, type=int, metavar="A", help="Whose clause it is.")
@by_option
@replies
def clause(reference: str, name: str, text: str, agreement: int, by: str | None) -> Reply:
    """Write down a promise of the agreement's text, such as "§ 4.2"."""
    number = find_engagement(reference).number
    made = add_clause(number, name, text, agreement=agreement, by=operator(by), at=now())
    shape = {"clause": made.pk, "engagement": number, "name": made.name, "text": made.text}
    return Reply(shape, [f"{made.name}: {made.text}"])


@click.command("serve")
@click.argument("number", metavar="N", type=int)
@click.argument("promise", metavar="PROMISE")
@by_option
@replies
def serve(number: int, promise: str, by: str | None) -> Reply:
    """Say which promise deliverable N serves, such as "clause: § 4.2"."""
    serve_promise(number, promise, by=operator(by), at=now())
    return changed(number)


def _hours(said: tuple[str, str] | None) -> tuple[Decimal | None, Decimal | None]:
    if not said:
        return None, None
    try:
        low, high = Decimal(said[0]), Decimal(said[1])
    except InvalidOperation as error:
        raise Refused("Those are no hours.", remedy="Write them as --hours 4 8.5.") from error
    return low, high


COMMANDS = (promises, add, rescope, drop, clause, serve)
