"""`throughline hubspot …`: reading HubSpot, and what its stages stand for."""

import json
import sys
from typing import Any

import click
from django.conf import settings

from throughline.cli.commands.hubspot_settling import SETTLING
from throughline.cli.reply import DONE, FAILED, Reply, by_option, now, operator, replies
from throughline.handoff.words import OutcomeState
from throughline.intake.hubspot.actions.mapped import map_stage
from throughline.intake.hubspot.actions.reading import DealsRead, read_all, read_changes
from throughline.intake.hubspot.actions.telling_stages import tell_now
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.intake.hubspot.subscriptions import webhooks_file
from throughline.intake.models import HubSpotStage, StageToTell
from throughline.playbook.current import current


@click.group("hubspot")
def hubspot() -> None:
    """Read HubSpot's deals, say what its words stand for, and settle what it asks."""


@hubspot.command("read")
@click.option("--changes", is_flag=True, help="Only what has changed since the last reading.")
@replies
def read(changes: bool) -> Reply:
    """Take in HubSpot's deals. An interrupted reading goes on where it stopped.

    Without --changes every deal is read, and merged and deleted ones are found.
    """
    source = source_from_settings(current())
    take = read_changes if changes else read_all
    with source.hubspot:
        found = take(source, at=now(), progress=_progress)
    summary = (
        f"{found.created} created, {found.updated} updated, {found.unchanged} unchanged,"
        f" {len(found.rejected)} rejected, {len(found.merged)} merged, {len(found.gone)} gone,"
        f" {len(found.back)} back."
    )
    return Reply(
        _document(found),
        [
            summary,
            *(f"deal {number}: {reason}" for number, reason in found.rejected),
        ],
        [f"{one.code}: {one.message}" for one in found.warnings],
        FAILED if found.rejected else DONE,
    )


@hubspot.command("stages")
@replies
def stages() -> Reply:
    """Show HubSpot's stages as they were last read, and what each stands for."""
    rows = list(HubSpotStage.objects.all())
    names = {stage.code: stage.name for stage in current().stages}
    return Reply(
        [_stage(row) for row in rows],
        [
            f"{row}: {names.get(row.code, 'not mapped')}{' (gone)' if row.gone_at else ''}"
            for row in rows
        ]
        or ["HubSpot was not read yet: throughline hubspot read."],
    )


@hubspot.command("map")
@click.argument("stage_id", metavar="ID")
@click.argument("stage")
@by_option
@replies
def map_(stage_id: str, stage: str, by: str | None) -> Reply:
    """Say that HubSpot's stage ID stands for STAGE; the next reading moves its deals."""
    row = map_stage(stage_id, stage, playbook=current(), by=operator(by), at=now())
    ours = current().stage(row.code).name
    return Reply(_stage(row), [f"{row} stands for {ours}. Deals follow with the next reading."])


@hubspot.command("tell")
@by_option
@replies
def tell(by: str | None) -> Reply:
    """Tell HubSpot the stages of deals that were moved here, or whose exception was reverted.

    The worker does it by itself; deals with an engagement are told by their handoff. A stage that
    was moved in HubSpot since it was last read is read first, and never written over.
    """
    rows = tell_now(playbook=current(), by=operator(by), at=now())
    failed = any(row.state == OutcomeState.WAITING for row in rows)
    return Reply(
        [_told(row) for row in rows],
        [f"{row.deal}: {row.get_state_display()}. {row.remedy}".strip() for row in rows]
        or ["Nothing is to be told."],
        exit_code=FAILED if failed else DONE,
    )


@hubspot.command("webhooks")
@replies
def webhooks() -> Reply:
    """Print the file that an app of HubSpot's developer platform listens by.

    It goes to src/app/webhooks/webhooks-hsmeta.json of the app's project. THROUGHLINE_BASE_URL must
    be the address at which HubSpot reaches this installation.
    """
    document = webhooks_file(settings.BASE_URL)
    return Reply(document, [json.dumps(document, indent=2)])


for command in SETTLING:
    hubspot.add_command(command)


def _progress(count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"{count} deals read", err=True)


def _document(found: DealsRead) -> dict[str, Any]:
    return {
        "created": found.created,
        "updated": found.updated,
        "unchanged": found.unchanged,
        "rejected": [{"deal": number, "reason": reason} for number, reason in found.rejected],
        "merged": [{"deal": old, "into": new} for old, new in found.merged],
        "gone": found.gone,
        "back": found.back,
        "warnings": [
            {"code": one.code, "deal": one.deal, "message": one.message} for one in found.warnings
        ],
    }


def _told(row: StageToTell) -> dict[str, Any]:
    return {
        "deal": row.deal.reference,
        "stage": row.wanted,
        "moved_by": row.moved_by,
        "seen": row.seen,
        "state": str(row.state),
        "remedy": row.remedy,
        "next_at": row.next_at,
    }


def _stage(row: HubSpotStage) -> dict[str, Any]:
    return {
        "id": row.stage_id,
        "label": row.label,
        "pipeline": row.pipeline_label,
        "stage": row.code,
        "chosen_by": row.chosen_by,
        "gone_at": row.gone_at,
    }
