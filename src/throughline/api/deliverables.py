"""Deliverables: PS says done, BD says verified or not yet."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.dates import signed
from throughline.api.deal_schemas import Words
from throughline.api.paging import page
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.queries import deliverables_in, find_deliverable
from throughline.delivery.shapes import deliverable_shape
from throughline.people.words import Permission

router = Router(tags=["deliverables"])
Number = Annotated[int, Field(ge=1, le=schemas.FARTHEST)]


class DeliverablesWanted(schemas.Span):
    """Those in a state: planned, done, verified, returned; all where none is named."""

    state: schemas.Text = ""


class Done(Schema):
    """What shows that it is done."""

    evidence: Words = ""
    link: schemas.Text = ""


class Why(Schema):
    """Why, where that has to be said."""

    because: Words = ""


@router.get("", response=schemas.Page[schemas.Deliverable])
@needs(Permission.READ)
def list_deliverables(request: HttpRequest, wanted: Query[DeliverablesWanted]) -> dict[str, Any]:
    """List the deliverables of all engagements, by number."""
    return page(deliverables_in(wanted.state), wanted, deliverable_shape)


@router.get("/{number}", response=schemas.Deliverable)
@needs(Permission.READ)
def show_deliverable(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Show a deliverable with its evidence, as it was found, and BD's verdict."""
    return deliverable_shape(find_deliverable(number))


@router.post("/{number}/done", response=schemas.Deliverable)
@needs(Permission.DELIVER)
def say_done(request: HttpRequest, number: Path[Number], told: Done) -> dict[str, Any]:
    """Say, for PS, that it is done."""
    mark_done(number, evidence=told.evidence, link=told.link, **signed(request))
    return deliverable_shape(find_deliverable(number))


@router.post("/{number}/verify", response=schemas.Deliverable)
@needs(Permission.VERIFY)
def verify(request: HttpRequest, number: Path[Number], told: Why) -> dict[str, Any]:
    """Verify, for BD, that it is what was promised. Needs a second person."""
    verify_deliverable(number, why=told.because, **signed(request))
    return deliverable_shape(find_deliverable(number))


@router.post("/{number}/return", response=schemas.Deliverable)
@needs(Permission.VERIFY)
def give_back(request: HttpRequest, number: Path[Number], told: Why) -> dict[str, Any]:
    """Return it to PS: not yet, and why."""
    return_deliverable(number, why=told.because, **signed(request))
    return deliverable_shape(find_deliverable(number))
