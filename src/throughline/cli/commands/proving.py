"""`throughline deliverable …`: asking a champion, the value of hubs, the certificate."""

from pathlib import Path

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.actions.champions import ask_champion
from throughline.delivery.certificate import certificate_of
from throughline.delivery.queries import find_engagement
from throughline.delivery.shapes import question_shape, value_shape
from throughline.delivery.value import value_of
from throughline.documents.actions import write_atomically
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("ask")
@click.argument("number", metavar="N", type=int)
@click.option("--of", default="", metavar="ADDRESS", help="Whom; else the first champion.")
@click.option("--text", default="", help="What you want to know beside the promise.")
@by_option
@replies
def ask(number: int, of: str, text: str, by: str | None) -> Reply:
    """Ask a champion by mail whether deliverable N is what they needed; they answer by a link.

    Without an answer they are reminded. Silence is never taken for a yes.
    """
    asked = ask_champion(number, of=of, text=text, playbook=current(), by=operator(by), at=now())
    return Reply(question_shape(asked), [f"The letter to {asked.name} is in the outbox."])


@click.command("value")
@click.argument("reference", metavar="E")
@replies
def value(reference: str) -> Reply:
    """Say who uses the hubs of engagement E, and how long it took from the order to the first value."""
    engagement, playbook = find_engagement(reference), current()
    on = day_in_zone(now(), playbook.organisation.zone)
    shape = value_shape(value_of(engagement, playbook=playbook, on=on), playbook.verification)
    days = shape["time_to_first_value_days"]
    lines = [
        "No first value yet." if shape["first_value_on"] is None
        else f"First value on {shape['first_value_on']}"
        + ("." if days is None else f", {days} days after the order."),
        f"People in the newest window: {shape['people']}." if shape["people"] is not None
        else shape["unknown_because"] or "Nothing is told of the days since the order yet.",
    ]  # fmt: skip
    if shape["is_lost"]:
        lines.append("Fewer than wanted, where there were enough before: tell who renews.")
    return Reply(shape, lines)


@click.command("certificate")
@click.argument("reference", metavar="E")
@click.argument("file", type=FILE)
@replies
def certificate(reference: str, file: Path) -> Reply:
    """Write the acceptance certificate of engagement E as PDF, once everything is verified."""
    engagement = find_engagement(reference)
    content = certificate_of(engagement.number, playbook=current())
    try:
        write_atomically(file, content)
    except OSError as error:
        raise Refused(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    return Reply(
        {"engagement": engagement.number, "file": str(file)}, [f"The certificate is in {file}."]
    )


COMMANDS = (ask, value, certificate)
