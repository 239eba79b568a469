"""What HubSpot's page shows; a constant number of queries."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from throughline.intake.hubspot.actions.merges import open_merges
from throughline.intake.hubspot.actions.orders import waiting_orders
from throughline.intake.hubspot.actions.telling_stages import open_stages
from throughline.intake.models import (
    HubSpotField,
    HubSpotHint,
    HubSpotLabel,
    HubSpotReading,
    HubSpotStage,
    ReadingKind,
    StageToTell,
)
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal
from throughline.web.hubspot.forms import FieldForm, LabelForm, SettleForm, StageForm
from throughline.web.moment import Moment, ago
from throughline.web.sales.forms import StepForm

LATEST = 8


@dataclass(frozen=True, slots=True)
class Tried:
    """What was asked for and refused, to be shown where it was asked."""

    refused: Refused | None = None
    settle_pk: int = 0
    settle: SettleForm | None = None


def hubspot_page(now: Moment, tried: Tried) -> dict[str, Any]:
    """Return what the page shows."""
    readings = list(HubSpotReading.objects.all()[:LATEST])
    last = HubSpotReading.objects.filter(kind=ReadingKind.ALL, finished_at__isnull=False).first()
    return {
        "is_connected": settings.HUBSPOT_CONNECTED,
        "portal": settings.HUBSPOT_PORTAL,
        "last": last,
        "last_ago": ago(last.started_at, at=now.at) if last else "",
        "running": next((one for one in readings if one.finished_at is None), None),
        "readings": [_reading(one) for one in readings],
        "hints": HubSpotHint.objects.filter(read_at=None).count(),
        "may_write": settings.HUBSPOT_CONNECTED and settings.HUBSPOT_WRITE,
        "to_tell": [_to_tell(row, now) for row in open_stages()],
        "orders": waiting_orders(),
        "merges": _merges(now, tried),
        "stages": [_stage(row, now) for row in HubSpotStage.objects.all()],
        "labels": [_label(row, now) for row in HubSpotLabel.objects.all()],
        "fields": [
            _line(row, row.name, row.column, FieldForm(**_of(row.pk, "field", row.column)))
            for row in HubSpotField.objects.all()
        ],
        "refused": tried.refused,
    }


def _stage(row: HubSpotStage, now: Moment) -> dict[str, Any]:
    form = StageForm(now.playbook, **_of(row.pk, "stage", row.code))
    return _line(row, row.stage_id, row.code, form) | {"under": row.pipeline_label}


def _label(row: HubSpotLabel, now: Moment) -> dict[str, Any]:
    form = LabelForm(now.playbook, **_of(row.pk, "label", row.code))
    return _line(row, row.key, row.code, form)


def _line(
    row: HubSpotStage | HubSpotLabel | HubSpotField, told_as: str, value: str, form: StepForm
) -> dict[str, Any]:
    to: Any = form.fields["to"]
    here = dict(to.choices).get(value, value)
    is_open = not value and not row.chosen_by
    return {"row": row, "id": told_as, "here": here, "is_unmapped": is_open, "form": form}


def _of(pk: int, what: str, value: str) -> dict[str, Any]:
    return {"initial": {"to": value}, "auto_id": f"id_{what}_{pk}_%s"}


def _reading(one: HubSpotReading) -> dict[str, Any]:
    if one.finished_at is not None:
        look, word = "converged", "Done"
    elif one.trouble:
        look, word = "failed", "Failed"
    else:
        look, word = "in_flight", "Asked for" if one.asked_by and not one.taken else "Running"
    return {"row": one, "look": look, "word": word}


def _to_tell(row: StageToTell, now: Moment) -> dict[str, Any]:
    looks = {"waiting": "waiting", "unknown": "unknown"}
    stage = now.playbook.stage_named(row.wanted)
    return {
        "row": row,
        "here": stage.name if stage else row.wanted,
        "look": looks.get(row.state, "wanted"),
    }


def _merges(now: Moment, tried: Tried) -> list[dict[str, Any]]:
    rows = list(open_merges(on=now.on))
    numbers = {number for row in rows for number in row.deals}
    deals = Deal.objects.in_bulk(numbers)
    return [
        {
            "row": row,
            "deals": (ours := [deals[number] for number in row.deals if number in deals]),
            "form": tried.settle
            if tried.settle and tried.settle_pk == row.pk
            else SettleForm(ours, auto_id=f"id_merge_{row.pk}_%s"),
        }
        for row in rows
    ]
