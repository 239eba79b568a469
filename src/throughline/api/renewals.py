"""Where agreements stand towards their end, and against what runs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.paging import enveloped
from throughline.kernel.days import day_in_zone
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.renewals.lists import engagements_in, renewals_of
from throughline.renewals.reconcile import findings
from throughline.renewals.shapes import finding_shape, renewal_shape

router = Router(tags=["renewals"])


@router.get("/renewals", response=schemas.Page[schemas.Renewal])
@needs(Permission.READ)
def list_renewals(request: HttpRequest, wanted: Query[schemas.DayWanted]) -> dict[str, Any]:
    """List engagements as they end, each with its ladder as it stands on a day (today)."""
    day = wanted.on or _today()
    found = engagements_in("all", on=day)
    numbers = found.values_list("pk", flat=True)[wanted.offset : wanted.offset + wanted.limit]
    listed = renewals_of(list(numbers), on=day, playbook=current())
    return enveloped([renewal_shape(one) for one in listed], count=found.count(), span=wanted)


@router.get("/findings", response=schemas.Page[schemas.Finding])
@needs(Permission.READ)
def list_findings(request: HttpRequest, wanted: Query[schemas.DayWanted]) -> dict[str, Any]:
    """List the differences between agreements and what runs on a day (today), by cluster."""
    found = findings(on=wanted.on or _today(), playbook=current())
    part = found[wanted.offset : wanted.offset + wanted.limit]
    return enveloped([finding_shape(one) for one in part], count=len(found), span=wanted)


def _today() -> date:
    return day_in_zone(timezone.now(), current().organisation.zone)
