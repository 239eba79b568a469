"""Saying what something of HubSpot's stands for here; the next full reading follows."""

from datetime import datetime

from django.db import transaction

from throughline.intake.hubspot.mapping import FILLABLE, role_named
from throughline.intake.models import HubSpotField, HubSpotLabel, HubSpotStage
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook

NOTHING = ""  # it stands for nothing: that was looked at and decided
READ_FIRST = "Look at what it has: throughline hubspot read, then stages, labels or fields."


@transaction.atomic
def map_stage(
    stage_id: str, code: str, *, playbook: Playbook, by: str, at: datetime
) -> HubSpotStage:
    """Say which of our stages one of HubSpot's stands for; the next reading moves its deals.

    Raises:
        Refused: there is no such stage, here or there, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="map stages")
    row = HubSpotStage.objects.select_for_update().filter(stage_id=stage_id).first()
    if row is None:
        raise Refused(f"HubSpot has no stage {stage_id!r}.", remedy=READ_FIRST)
    ours = playbook.stage_named(code)
    if ours is None:
        known = ", ".join(stage.name for stage in playbook.stages)
        raise Refused(f"We have no stage {code!r}.", remedy=f"Choose one of {known}.")
    before = row.code
    row.code, row.chosen_by = ours.code, by
    row.save(update_fields=["code", "chosen_by"])
    record("intake.hubspot.stage_mapped", row, by=by, at=at, label=row.label, before=before,
           after=row.code)  # fmt: skip
    return row


@transaction.atomic
def map_label(key: str, role: str, *, playbook: Playbook, by: str, at: datetime) -> HubSpotLabel:
    """Say which role a label of HubSpot's stands for; "" is none of ours.

    Raises:
        Refused: there is no such label or role, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="map labels")
    row = HubSpotLabel.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise Refused(f"HubSpot has no label {key!r}.", remedy=READ_FIRST)
    ours = role_named(role, playbook)
    if ours is None and role != NOTHING:
        known = ", ".join(one.name for one in playbook.engagement_roles)
        raise Refused(f"We have no role {role!r}.", remedy=f"Choose one of {known}.")
    before = row.code
    row.code, row.chosen_by = ours.code if ours else NOTHING, by
    row.save(update_fields=["code", "chosen_by"])
    record("intake.hubspot.label_mapped", row, by=by, at=at, label=row.label, before=before,
           after=row.code)  # fmt: skip
    return row


@transaction.atomic
def map_field(name: str, column: str, *, by: str, at: datetime) -> HubSpotField:
    """Say which of our fields a property of the customer's own fills; "" only keeps it.

    Raises:
        Refused: there is no such property or field, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="map properties")
    row = HubSpotField.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise Refused(f"HubSpot has no property {name!r} of your own.", remedy=READ_FIRST)
    if column not in (*FILLABLE, NOTHING):
        raise Refused(
            f"We have no field {column!r} to fill.", remedy=f"Choose one of {', '.join(FILLABLE)}."
        )
    before = row.column
    row.column, row.chosen_by = column, by
    row.save(update_fields=["column", "chosen_by"])
    record("intake.hubspot.field_mapped", row, by=by, at=at, label=row.label, before=before,
           after=row.column)  # fmt: skip
    return row
