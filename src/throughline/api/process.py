"""The process as a whole."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from throughline.api import process_schemas as shapes
from throughline.api.access import may, needs
from throughline.api.dates import today
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.renewals.process_shapes import process_shape
from throughline.sales.flow import period_of

router = Router(tags=["process"])


@router.get("/process", response=shapes.Process, by_alias=True)
@needs(Permission.READ)
def show_process(request: HttpRequest, wanted: Query[shapes.PeriodWanted]) -> dict[str, Any]:
    """Show how much stands where, how deals go from stage to stage, and the coming months."""
    playbook = current()
    zone = playbook.organisation.zone
    period = period_of(wanted.from_, wanted.to, today=today(), zone=zone)
    return process_shape(
        period,
        playbook=playbook,
        sees_money=may(request, Permission.SEE_MONEY),
        sees_capacity=may(request, Permission.SEE_CAPACITY),
    )
