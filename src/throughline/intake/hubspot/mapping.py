"""Which stage of HubSpot stands for which of ours: by its label at first, kept by its internal id."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from throughline.connectors.hubspot.shapes import Pipeline
from throughline.intake.models import HubSpotStage
from throughline.playbook.model import Playbook


def learned(
    pipelines: Sequence[Pipeline],
    known: Mapping[str, HubSpotStage],
    *,
    playbook: Playbook,
    at: datetime,
) -> list[HubSpotStage]:
    """Return the rows of all stages as HubSpot has them now; those that are gone say since when.

    What an id stands for is kept when its label changes. A label that our playbook knows maps a
    stage that nobody has mapped yet; any other stays unmapped, and is shown.
    """
    rows = []
    told = [(pipeline, stage) for pipeline in pipelines for stage in pipeline.stages]
    for place, (pipeline, stage) in enumerate(told):
        row = known.get(stage.id) or HubSpotStage(stage_id=stage.id)
        row.label, row.place = stage.label[:120], place
        row.pipeline_id, row.pipeline_label = pipeline.id, pipeline.label[:120]
        row.seen_at, row.gone_at = at, None
        if not row.code and not row.chosen_by:
            ours = playbook.stage_named(stage.label)
            row.code = ours.code if ours else ""
        rows.append(row)
    listed = {row.stage_id for row in rows}
    for row in known.values():
        if row.stage_id not in listed and row.gone_at is None:
            row.gone_at = at
            rows.append(row)
    return rows


def names(rows: Sequence[HubSpotStage], *, playbook: Playbook) -> dict[str, str]:
    """Return what each stage is called when it is taken in: our name for it, else its label."""
    ours = {stage.code: stage.name for stage in playbook.stages}
    return {row.stage_id: ours.get(row.code, row.label) for row in rows}
