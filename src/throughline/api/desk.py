"""The Sponsor's desk, what is set aside, and the journal."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from throughline.api import deal_schemas as shapes
from throughline.api import schemas
from throughline.api.access import may, needs
from throughline.api.dates import at, signed, stamped, today
from throughline.api.paging import enveloped, page
from throughline.journal.models import Entry
from throughline.journal.queries import entries
from throughline.kernel.errors import Refused
from throughline.kernel.money import without_amounts
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.sales.actions.sponsor import finish_sponsor_work, take_sponsor_work
from throughline.sales.actions.waive import renew_waiver, withdraw_waiver
from throughline.sales.desk import desk_items, desk_shape, works
from throughline.sales.permissions import ANYBODY_WHO_WRITES
from throughline.sales.setaside import (
    exception_shape,
    exceptions,
    past_waivers,
    standing_waivers,
    waiver_shape,
    waivers,
)

router = Router(tags=["desk"])
P = Permission
Number = Annotated[int, Field(ge=1, le=schemas.FARTHEST)]


class WorkWanted(schemas.Span):
    """What waits; with `all` also what is done."""

    all: bool = False


class StateWanted(schemas.Span):
    """Those in a state."""

    state: schemas.Text = ""


class Receipt(Schema):
    """What shows that it is done."""

    receipt: schemas.Text


@router.get("/sponsor-work", response=schemas.Page[schemas.SponsorWork], by_alias=True)
@needs(P.READ, P.SPONSOR_WORK)
def list_work(request: HttpRequest, wanted: Query[WorkWanted]) -> dict[str, Any]:
    """List work orders: what is asked, with whom it is, and since when."""
    found = works() if wanted.all else works().filter(done_at=None)
    part = found[wanted.offset : wanted.offset + wanted.limit]
    items = desk_items(part, playbook=current(), at=at())
    with_money = may(request, P.SEE_MONEY)
    return enveloped([_work(one, with_money) for one in items], count=found.count(), span=wanted)


def _work(item: Any, with_money: bool) -> dict[str, Any]:  # noqa: FBT001 -- one of ours
    """Return a work order; check list and question say amounts, which not everybody may see."""
    shape = desk_shape(item)
    if with_money:
        return shape
    question = shape["question"] and without_amounts(shape["question"])
    return shape | {"checklist": [], "question": question}


@router.post("/sponsor-work/{number}/take", response=schemas.SponsorWork, by_alias=True)
@needs(P.SPONSOR_WORK)
def take(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """Take a work order: from then on it is with you."""
    take_sponsor_work(number, **signed(request))
    return _shown(request, number)


@router.post("/sponsor-work/{number}/done", response=schemas.SponsorWork, by_alias=True)
@needs(P.SPONSOR_WORK)
def finish(request: HttpRequest, number: Path[Number], told: Receipt) -> dict[str, Any]:
    """Say that a work order is done, with what shows it."""
    finish_sponsor_work(number, receipt=told.receipt, **stamped(request))
    return _shown(request, number)


def _shown(request: HttpRequest, number: int) -> dict[str, Any]:
    [item] = desk_items(works().filter(pk=number), playbook=current(), at=at())
    return _work(item, may(request, P.SEE_MONEY))


@router.get("/waivers", response=schemas.Page[shapes.Waiver])
@needs(P.READ)
def list_waivers(request: HttpRequest, wanted: Query[StateWanted]) -> dict[str, Any]:
    """List waivers: standing (where nothing else is said), past or all.

    Raises:
        Refused: the state is none of these.
    """
    lists = {
        "": standing_waivers(on=today()),
        "standing": standing_waivers(on=today()),
        "past": past_waivers(on=today()),
        "all": waivers(),
    }
    if wanted.state not in lists:
        raise Refused(f"No waivers are {wanted.state!r}.", remedy="Use standing, past or all.")
    return page(lists[wanted.state], wanted, lambda one: waiver_shape(one, on=today()))


@router.post("/waivers/{number}/renew", response=shapes.Waiver)
@needs(*sorted(ANYBODY_WHO_WRITES))
def renew(
    request: HttpRequest, number: Path[Number], wanted: shapes.LongerWaiver
) -> dict[str, Any]:
    """Set the same condition aside for longer."""
    made = renew_waiver(number, reason=wanted.reason, until=wanted.until, **stamped(request))
    return waiver_shape(made, on=today())


@router.post("/waivers/{number}/withdraw", response=shapes.Waiver)
@needs(*sorted(ANYBODY_WHO_WRITES))
def withdraw(request: HttpRequest, number: Path[Number]) -> dict[str, Any]:
    """End a waiver: its condition counts again."""
    return waiver_shape(withdraw_waiver(number, **stamped(request)), on=today())


@router.get("/exceptions", response=schemas.Page[shapes.GateException], by_alias=True)
@needs(P.READ)
def list_exceptions(request: HttpRequest, wanted: Query[StateWanted]) -> dict[str, Any]:
    """List the moves past an open gate, the latest first; of all states where none is named."""
    playbook = current()
    return page(exceptions(wanted.state), wanted, lambda one: exception_shape(one, playbook))


@router.get("/journal", response=schemas.Page[schemas.JournalEntry])
@needs(P.READ_JOURNAL)
def list_journal(request: HttpRequest, wanted: Query[schemas.JournalWanted]) -> dict[str, Any]:
    """List what happened, the latest first. Facts may hold amounts: they go to who sees money."""
    with_facts = may(request, P.SEE_MONEY)
    found = entries(act=wanted.act, by=wanted.by, subject=wanted.subject)
    return page(found, wanted, lambda one: _entry(one, with_facts))


def _entry(one: Entry, with_facts: bool) -> dict[str, Any]:  # noqa: FBT001 -- one of ours
    return {
        "entry": one.pk,
        "act": one.act,
        "at": one.at,
        "by": one.by,
        "subject": f"{one.subject_type}:{one.subject_id}",
        "facts": one.facts if with_facts else None,
    }
