"""Deals and their gates."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router

from throughline.api import deal_schemas as shapes
from throughline.api import handing_over, schemas
from throughline.api.access import may, needs
from throughline.api.dates import today
from throughline.api.deal_answers import capacity_of, in_full
from throughline.api.paging import page
from throughline.communities.queries import people_matrix
from throughline.communities.shapes import matrix_shape
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import NotThere, Refused
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.playbook.model import Playbook
from throughline.sales.agreement_notes import notes_on
from throughline.sales.agreement_shapes import terms_shape
from throughline.sales.gates.gate import judge, target_stage
from throughline.sales.knowledge import note_shape, notes_of
from throughline.sales.pipeline import deals_matching
from throughline.sales.queries import facts_of, find_deal
from throughline.sales.shapes import deal_shape, gate_shape
from throughline.sales.terms import terms_on
from throughline.sales.versions import statement_shape, version_of
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


@router.get("/{reference}", response=shapes.DealInFull)
@needs(Permission.READ)
def show_deal(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show one deal, by its HubSpot id or our number."""
    return in_full(request, find_deal(reference))


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


@router.get("/{reference}/capacity", response=shapes.Capacity)
@needs(Permission.SEE_CAPACITY)
def show_capacity(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show PS's answer to "can we deliver this?"; null where nobody has given one."""
    return capacity_of(find_deal(reference))


@router.get("/{reference}/agreement", response=shapes.Terms)
@needs(Permission.SEE_MONEY)
def show_agreement(
    request: HttpRequest, reference: Path[schemas.Text], wanted: Query[shapes.OnDay]
) -> dict[str, Any]:
    """Show the terms as of a day (today), and the documents that say so.

    Raises:
        NotThere: no agreement governs the deal.
    """
    deal = find_deal(reference)
    terms = terms_on(deal, wanted.on or today())
    if terms is None:
        raise NotThere(f"No agreement governs {deal}.", remedy="Write down agreement.artefact.")
    return terms_shape(deal, terms, notes_on(deal, terms), playbook=current())


@router.get("/{reference}/statement", response=dict[str, Any])
@needs(Permission.READ)
def show_statement(
    request: HttpRequest, reference: Path[schemas.Text], wanted: Query[schemas.VersionWanted]
) -> dict[str, Any]:
    """Show a version of the statement of work: the newest, where none is named."""
    deal = find_deal(reference)
    return statement_shape(
        deal,
        version_of(deal, wanted.version),
        playbook=current(),
        with_money=may(request, Permission.SEE_MONEY),
    )


@router.get("/{reference}/people", response=schemas.People)
@needs(Permission.SEE_CONTACTS)
def show_people(
    request: HttpRequest, reference: Path[schemas.Text], wanted: Query[shapes.OnDay]
) -> dict[str, Any]:
    """Show who is what for a deal on a day (today), and the roles that nobody has."""
    on = wanted.on or today()
    matrix = people_matrix(find_deal(reference).subject, on=on, playbook=current())
    return {"on": on, **matrix_shape(matrix)}


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
