"""`throughline deliverable …`: from the promise to BD's verdict."""

from pathlib import Path

import click

from throughline.cli.commands import proving, scoping, working
from throughline.cli.commands.proving import file_option, link_option, proof_file
from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.checklists import with_checklists, with_evidence
from throughline.delivery.models import Deliverable
from throughline.delivery.queries import deliverables_of, find_engagement
from throughline.delivery.shapes import deliverable_shape, evidence_shape
from throughline.intake.evidence import eyes_from_settings, look_for_evidence
from throughline.playbook.current import current


@click.group()
def deliverable() -> None:
    """Look at deliverables, say that one is done, verify it. N is a deliverable's number."""


@deliverable.command("list")
@click.argument("reference", metavar="E")
@replies
def list_deliverables(reference: str) -> Reply:
    """List an engagement's deliverables, with evidence and verdict."""
    shapes = [deliverable_shape(one) for one in deliverables_of(find_engagement(reference))]
    return Reply(
        shapes,
        [
            f"{shape['number']:>6}  {shape['state']:<9}  {shape['due_on'] or 'no date':<10} "
            f" {shape['title']}"
            for shape in shapes
        ]
        or ["No deliverables yet. Apply the handoff: `throughline handoff apply`."],
    )


@deliverable.command("look")
@click.argument("reference", metavar="E")
@by_option
@replies
def look(reference: str, by: str | None) -> Reply:
    """Look now for evidence that can be had without a person, as the worker does each day.

    Issues, hubs, who uses them, billing columns, budget alerts, renewal notices. Hubs are asked over
    the network only where THROUGHLINE_HUB_CHECKS is on.
    """
    found = look_for_evidence(
        find_engagement(reference),
        eyes=eyes_from_settings(),
        playbook=current(),
        by=operator(by),
        at=now(),
    )
    return Reply(
        [evidence_shape(one) | {"number": one.deliverable_id} for one in found],
        [f"{one.deliverable_id:>6}  {one.get_state_display()}: {one.text}" for one in found]
        or ["Nothing new since the last look."],
    )


def _answer(changed: Deliverable) -> Reply:
    found = with_checklists(with_evidence(Deliverable.objects.all()))
    shape = deliverable_shape(found.select_related("project").get(pk=changed.pk))
    return Reply(shape, [f"{shape['title']}: {shape['state']}."])


@deliverable.command("done")
@click.argument("number", metavar="N", type=int)
@click.option("--evidence", default="", metavar="TEXT", help="What shows that it is done.")
@link_option
@file_option
@by_option
@replies
def done(number: int, evidence: str, link: str, file: Path | None, by: str | None) -> Reply:
    """Say, for PS, that a deliverable is done."""
    shown = proof_file(file)
    return _answer(
        mark_done(number, evidence=evidence, link=link, file=shown, by=operator(by), at=now())
    )


@deliverable.command("verify")
@click.argument("number", metavar="N", type=int)
@click.option(
    "--because", default="", metavar="TEXT", help='Needed where the community said "not yet".'
)
@by_option
@replies
def verify(number: int, because: str, by: str | None) -> Reply:
    """Verify, for BD, that a deliverable is what was promised. Needs a second person."""
    return _answer(verify_deliverable(number, why=because, by=operator(by), at=now()))


@deliverable.command("return")
@click.argument("number", metavar="N", type=int)
@click.option("--because", required=True, metavar="TEXT", help="What is missing.")
@by_option
@replies
def give_back(number: int, because: str, by: str | None) -> Reply:
    """Return a deliverable to PS: not yet, and why."""
    return _answer(return_deliverable(number, why=because, by=operator(by), at=now()))


for command in (*working.COMMANDS, *scoping.COMMANDS, *proving.COMMANDS):
    deliverable.add_command(command)
