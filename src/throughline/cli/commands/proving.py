"""`throughline deliverable …`: asking a champion, the value of hubs, the certificate."""

from pathlib import Path

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.actions.champions import ask_champion
from throughline.delivery.actions.deliverables import give_evidence
from throughline.delivery.actions.proofs import ProofFile
from throughline.delivery.certificate import certificate_of
from throughline.delivery.first_values import first_values, first_values_shape
from throughline.delivery.queries import evidence_document, find_engagement
from throughline.delivery.shapes import evidence_shape, question_shape, value_shape
from throughline.delivery.value import value_of
from throughline.documents.actions import LARGEST, write_atomically
from throughline.documents.reading import content_of
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

FILE = click.Path(path_type=Path, dir_okay=False)
LARGEST_READ = LARGEST + 1  # bytes: one more than may be stored, so that the rule can refuse
link_option = click.option("--link", default="", help="An address that shows it.")
file_option = click.option(
    "--file", type=FILE, metavar="FILE", help="A picture, recording, PDF or text that shows it."
)


def proof_file(path: Path | None) -> ProofFile | None:
    """Return a file that shows something, as it is on the disk.

    Raises:
        Refused: it cannot be read.
    """
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return ProofFile(file.read(LARGEST_READ), path.name)
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error


@click.command("prove")
@click.argument("number", metavar="N", type=int)
@click.option("--evidence", default="", metavar="TEXT", help="What shows it, in words.")
@link_option
@file_option
@by_option
@replies
def prove(number: int, evidence: str, link: str, file: Path | None, by: str | None) -> Reply:
    """Bring something that shows deliverable N is done: words, a link or a file, under your name."""
    shown = proof_file(file)
    made = give_evidence(number, text=evidence, link=link, file=shown, by=operator(by), at=now())
    name = f" ({made.document.name})" if made.document else ""
    return Reply(
        evidence_shape(made) | {"number": number}, [f"Kept: {made.text or made.link}{name}"]
    )


@click.command("evidence-file")
@click.argument("sha256", metavar="SHA256")
@click.argument("file", type=FILE)
@replies
def evidence_file(sha256: str, file: Path) -> Reply:
    """Write a file that was brought as evidence to FILE; `deliverable list` has its SHA-256."""
    document = evidence_document(sha256)
    try:
        write_atomically(file, content_of(document))
    except OSError as error:
        raise Refused(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    shape = {"name": document.name, "sha256": document.sha256, "file": str(file)}
    return Reply(shape, [f"{document.name} is in {file}."])


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


@click.command("values")
@replies
def values() -> Reply:
    """Say of every engagement that was ordered how long it took to the first value, or waits for it.

    It is what the newest look saw: the worker looks once a day, `deliverable look` at once.
    """
    playbook = current()
    found = first_values(playbook=playbook, on=day_in_zone(now(), playbook.organisation.zone))
    usual = "" if found.median_days is None else f", half of them within {found.median_days:g} days"
    lines = [f"{len(found.reached)} came to be of value{usual}; {len(found.waiting)} wait for it."]
    for one in found.every:
        took = f"{one.days} days" if one.days is not None else f"not after {one.waiting_days} days"
        said = one.unknown_because or took if one.looked_at else "nobody has looked yet"
        lines.append(f"{one.engagement.number:>6}  {one.ordered_on}  {said}  {one.engagement.deal}")
    return Reply(first_values_shape(found), lines)


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


COMMANDS = (prove, evidence_file, ask, value, values, certificate)
