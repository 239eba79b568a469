"""Deals as HubSpot exports them: how every deal of the demonstration comes in."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from throughline.cli.demonstration.people import ADA
from throughline.cli.demonstration.scene import Scene
from throughline.intake.actions import import_deals

HUBSPOT = "HubSpot export"
COLUMNS = (
    "id", "dealname", "dealstage", "revenue_type", "hubspot_owner", "company", "amount",
    "target_start_date", "target_end_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One deal of an export; days count from the scene's instant."""

    hubspot_id: str
    name: str
    stage: str = "Lead"
    revenue_type: str = ""
    owner: str = ADA
    buyer: str = ""
    amount: str = ""
    begins: int | None = None
    ends: int | None = None


def take_in(scene: Scene, rows: Sequence[Row], *, on: int) -> None:
    """Import an export of these deals on a day."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(scene, row) for row in rows)
    path = scene.file("hubspot-deals.csv", text.getvalue())
    import_deals(path, playbook=scene.playbook, by=HUBSPOT, at=scene.when(on))


def _cells(scene: Scene, row: Row) -> tuple[str, ...]:
    days = ["" if days is None else scene.day(days).isoformat() for days in (row.begins, row.ends)]
    return (
        row.hubspot_id, row.name, row.stage, row.revenue_type, row.owner, row.buyer, row.amount,
        *days,
    )  # fmt: skip
