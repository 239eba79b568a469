"""What stands for what: stages, labels of contacts, properties; by label at first, kept by id."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from throughline.connectors.hubspot.shapes import (
    AssociatedType,
    AssociationType,
    Pipeline,
    Property,
)
from throughline.intake.deal_file import AMOUNTS, DAYS, PROBABILITY
from throughline.intake.hubspot.cells import is_theirs
from throughline.intake.models import HubSpotField, HubSpotLabel, HubSpotStage
from throughline.playbook.model import Playbook, Role

# What a property of the customer's own may fill, by the columns of an export. Names, stages and
# owners have properties of HubSpot's own in every account.
FILLABLE: Final = ("revenue_type", "currency", "company", "community", *AMOUNTS, *DAYS, PROBABILITY)
Row = TypeVar("Row", HubSpotLabel, HubSpotField)


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


def labels_learned(
    types: Iterable[AssociationType],
    known: Mapping[str, HubSpotLabel],
    *,
    playbook: Playbook,
    at: datetime,
) -> list[HubSpotLabel]:
    """Return the rows of all labels between deals and contacts; those that are gone say since when."""
    rows = []
    for one in types:
        if not one.label:
            continue
        row = known.get(key_of(one)) or HubSpotLabel(key=key_of(one))
        row.label, row.seen_at, row.gone_at = one.label[:120], at, None
        if not row.code and not row.chosen_by:
            ours = role_named(one.label, playbook)
            row.code = ours.code if ours else ""
        rows.append(row)
    return rows + _gone(known, {row.key for row in rows}, at)


def fields_learned(
    properties: Iterable[Property], known: Mapping[str, HubSpotField], *, at: datetime
) -> list[HubSpotField]:
    """Return the rows of the customer's own properties; those that are gone say since when."""
    rows = []
    for one in properties:
        if not is_theirs(one) or one.archived:
            continue
        row = known.get(one.name) or HubSpotField(name=one.name)
        row.label, row.seen_at, row.gone_at = one.label[:250], at, None
        if not row.column and not row.chosen_by and one.name in FILLABLE:
            row.column = one.name
        rows.append(row)
    return rows + _gone(known, {row.name for row in rows}, at)


def _gone(known: Mapping[str, Row], listed: set[str], at: datetime) -> list[Row]:
    gone = [row for key, row in known.items() if key not in listed and row.gone_at is None]
    for row in gone:
        row.gone_at = at
    return gone


def key_of(one: AssociationType | AssociatedType) -> str:
    """Return what tells a label from others."""
    return f"{one.category}:{one.type_id}"


def role_named(text: str, playbook: Playbook) -> Role | None:
    """Return the role whose code or name somebody wrote; None if there is none."""
    wanted = text.strip().casefold()
    return next(
        (one for one in playbook.engagement_roles if wanted in {one.code, one.name.casefold()}),
        None,
    )
