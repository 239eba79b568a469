"""What is done to a deal, by the same actions as on its page.

On the router of `deals`: one address takes all its methods.
"""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Status

from throughline.api import deal_schemas as shapes
from throughline.api import handing_over, schemas
from throughline.api.access import may, needs
from throughline.api.dates import signed, stamped, today
from throughline.api.deal_answers import capacity_of, in_full
from throughline.api.deals import router
from throughline.api.problems import Told
from throughline.delivery.actions.engagements import open_engagement
from throughline.kernel.errors import NotThere
from throughline.people.gates import NotEntitled
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.sales.actions.advance import StageRefused, advance_deal
from throughline.sales.actions.conflicts import a_waiver, an_explanation, unless_changed
from throughline.sales.actions.create import create_deal
from throughline.sales.actions.exceptions import explain_exceptions
from throughline.sales.actions.knowledge import write_note
from throughline.sales.actions.record import FACTS, record_fact
from throughline.sales.actions.waive import waive_condition
from throughline.sales.knowledge import note_shape
from throughline.sales.models import Deal
from throughline.sales.permissions import ANYBODY_WHO_WRITES, permissions_to_record
from throughline.sales.queries import facts_of, find_deal
from throughline.sales.setaside import waiver_shape
from throughline.sales.shapes import gate_shape

P = Permission
Reference = Path[schemas.Text]


@router.post("", response={201: shapes.DealInFull})
@needs(P.EDIT_DEALS)
def create(request: HttpRequest, wanted: shapes.NewDeal) -> Status[dict[str, Any]]:
    """Start a deal of our own, at the first stage.

    Raises:
        NotEntitled: an amount is named by somebody who sees none.
    """
    if wanted.amount is not None and not may(request, P.SEE_MONEY):
        raise NotEntitled("You may not name an amount.", remedy="Leave it out.")
    made = create_deal(wanted.name, owner=wanted.owner, amount=wanted.amount, **stamped(request))
    return Status(201, in_full(request, made))


@router.post("/{reference}/advance", response=shapes.DealInFull)
@needs(P.ADVANCE_DEALS)
def advance(request: HttpRequest, reference: Reference, wanted: shapes.Move) -> dict[str, Any]:
    """Move a deal to a stage. Every gate between must be open; a closed one comes as `gate`.

    Raises:
        Told: a gate between here and there is closed.
    """
    deal = find_deal(reference)
    try:
        moved = advance_deal(deal.pk, to=wanted.to, seen=wanted.seen, **stamped(request))
    except StageRefused as refused:
        raise Told(refused, gate=gate_shape(refused.gate, deal, current())) from refused
    return in_full(request, moved)


@router.post("/{reference}/facts/{code}", response=shapes.DealInFull)
@needs(*sorted(ANYBODY_WHO_WRITES))
def record(
    request: HttpRequest, reference: Reference, code: Path[schemas.Text], told: shapes.ToldFact
) -> dict[str, Any]:
    """Write down the fact that a condition reads."""
    deal = find_deal(reference)
    _check_writer(request, deal, code)
    kept = record_fact(deal.pk, code, told.value, seen=told.seen, **stamped(request))
    return in_full(request, kept)


def _check_writer(request: HttpRequest, deal: Deal, code: str) -> None:
    """Pass if the caller may write this fact down as things stand.

    Raises:
        NotThere: no fact has that code.
        NotEntitled: others write it down.
    """
    if code not in FACTS:
        raise NotThere(f"No fact is called {code!r}.", remedy=f"Use one of {', '.join(FACTS)}.")
    wanted = permissions_to_record(code, facts_of(deal, on=today()))
    if not any(may(request, one) for one in wanted):
        names = " or ".join(sorted(wanted))
        raise NotEntitled(f"You may not write down {code}.", remedy=f"It takes {names}.")


@router.post("/{reference}/waivers", response={201: shapes.Waiver})
@needs(*sorted(ANYBODY_WHO_WRITES))
def waive(
    request: HttpRequest, reference: Reference, wanted: shapes.NewWaiver
) -> Status[dict[str, Any]]:
    """Set a condition aside; the playbook says who is entitled to."""
    deal, how = find_deal(reference), stamped(request)
    made = unless_changed(
        deal.pk,
        a_waiver(wanted.code, reason=wanted.reason, until=wanted.until),
        lambda: waive_condition(
            deal.pk, wanted.code, reason=wanted.reason, until=wanted.until, **how
        ),
        seen=wanted.seen,
        playbook=current(),
    )
    return Status(201, waiver_shape(made, on=today()))


@router.post("/{reference}/order", response=shapes.Ordered)
@needs(P.ORDER)
def order(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Request delivery: the engagement is opened, and the clock starts. Twice changes nothing."""
    deal = find_deal(reference)
    engagement, is_new = open_engagement(deal.pk, **stamped(request))
    return {"deal": deal.reference, "engagement": engagement.number, "is_new": is_new}


@router.post("/{reference}/capacity", response=shapes.Capacity)
@needs(P.ANSWER_PS)
def answer_capacity(
    request: HttpRequest, reference: Reference, given: shapes.NewAnswer
) -> dict[str, Any]:
    """Give PS's answer, and hold the hours. Somebody other than the deal's owner does."""
    deal = find_deal(reference)
    record_fact(deal.pk, "capacity.answered", given.dict(), **stamped(request))
    return capacity_of(deal)


@router.post("/{reference}/explanation", response=shapes.Explained)
@needs(P.ADVANCE_DEALS)
def explain(request: HttpRequest, reference: Reference, why: shapes.Explanation) -> dict[str, Any]:
    """Say why a deal was moved past an open gate. It opens no gate that comes later."""
    deal = find_deal(reference)
    closed = unless_changed(
        deal.pk,
        an_explanation(why.reason),
        lambda: explain_exceptions(deal.pk, explanation=why.reason, **signed(request)),
        seen=None,
        playbook=current(),
    )
    return {"deal": deal.reference, "explained": len(closed)}


@router.post("/{reference}/notes", response={201: handing_over.Note})
@needs(P.EDIT_DEALS, P.ANSWER_PS)
def add_note(
    request: HttpRequest, reference: Reference, note: shapes.NewNote
) -> Status[dict[str, Any]]:
    """Write down what BD knows and PS must know."""
    deal = find_deal(reference)
    made = write_note(
        deal.pk, note.text, kind=note.kind, is_private=note.is_private, **signed(request)
    )
    return Status(201, note_shape(made))
