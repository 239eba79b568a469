"""Engagements, and all that they are made of."""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router

from throughline.api import schemas
from throughline.api.access import reader
from throughline.api.paging import page
from throughline.delivery.queries import engagement_in_full, engagements, find_engagement
from throughline.delivery.shapes import engagement_in_full_shape, engagement_shape

router = Router(tags=["engagements"])


@router.get("", response=schemas.Page[schemas.Engagement])
def list_engagements(request: HttpRequest, span: Query[schemas.Span]) -> dict[str, Any]:
    """List engagements by number."""
    reader(request)
    return page(engagements(), span, engagement_shape)


@router.get("/{reference}", response=schemas.EngagementInFull)
def show_engagement(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show one engagement with its projects, deliverables, evidence, services and clusters."""
    reader(request)
    return engagement_in_full_shape(engagement_in_full(find_engagement(reference).number))
