"""Deals and their gates."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router

from throughline.api import handing_over, schemas
from throughline.api.access import may, needs
from throughline.api.paging import page
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.playbook.model import Playbook
from throughline.sales.gates.gate import judge, target_stage
from throughline.sales.knowledge import note_shape, notes_of
from throughline.sales.pipeline import deals_matching
from throughline.sales.queries import facts_of, find_deal
from throughline.sales.shapes import deal_shape, gate_shape
from throughline.sales.words import UNMAPPED

router = Router(tags=["deals"])


@router.get("", response=schemas.Page[schemas.Deal])
@needs(Permission.READ)
def list_deals(request: HttpRequest, wanted: Query[schemas.DealsWanted]) -> dict[str, Any]:
    """List deals by number: those in a stage (its name, or "unmapped"), those that hold a text."""
    with_money = may(request, Permission.SEE_MONEY)
    playbook = current()
    found = deals_matching(text=wanted.q, stage=_stage_code(wanted.stage, playbook))
    return page(
        found.select_related("community", "engagement").order_by("pk"),
        wanted,
        lambda deal: deal_shape(deal, playbook=playbook, with_money=with_money),
    )


@router.get("/{reference}", response=schemas.Deal)
@needs(Permission.READ)
def show_deal(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show one deal, by its HubSpot id or our number."""
    with_money = may(request, Permission.SEE_MONEY)
    return deal_shape(find_deal(reference), playbook=current(), with_money=with_money)


@router.get("/{reference}/gate", response=schemas.Gate, by_alias=True)
@needs(Permission.READ)
def show_gate(
    request: HttpRequest, reference: Path[schemas.Text], wanted: Query[schemas.GateWanted]
) -> dict[str, Any]:
    """Say all that stands between a deal and a stage: the one that follows, where none is named."""
    playbook, at = current(), timezone.now()
    facts = facts_of(find_deal(reference), on=day_in_zone(at, playbook.organisation.zone))
    stage = target_stage(facts, wanted.to, playbook=playbook)
    return gate_shape(judge(facts, to=stage, playbook=playbook, at=at), facts.deal, playbook)


@router.get("/{reference}/notes", response=list[handing_over.Note])
@needs(Permission.READ)
def show_notes(request: HttpRequest, reference: Path[schemas.Text]) -> list[dict[str, Any]]:
    """Show what BD knows of a deal and PS must know; who has read it, and what was said to it."""
    return [note_shape(note) for note in notes_of(find_deal(reference).pk)]


def _stage_code(text: str, playbook: Playbook) -> str | None:
    """Return the code of the stage that a reader means; None where they name none.

    Raises:
        Refused: there is no such stage.
    """
    if not text:
        return None
    if text.casefold() == "unmapped":
        return UNMAPPED
    if found := playbook.stage_named(text):
        return found.code
    names = ", ".join(stage.name for stage in playbook.stages)
    raise Refused(f"There is no stage {text!r}.", remedy=f"Use one of {names}, or unmapped.")
