"""The facts about the artefact that governs a deal, and who has signed it."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.money import LARGEST
from throughline.sales.actions.dates import check_order
from throughline.sales.actions.facts import Form, Writing, fact
from throughline.sales.actions.signing import (
    Move,
    apply_move,
    last_document,
    open_document,
    party_of,
    put_acceptance,
    settle_execution,
    void_signatures,
)
from throughline.sales.models import Agreement, Signatory
from throughline.sales.queries import facts_of, is_executed
from throughline.sales.words import AgreementKind, SigningState


class Party(Form):
    """Who signs for one party."""

    party: str = Field(min_length=1, max_length=160)
    name: str = Field(min_length=1, max_length=160)


class Artefact(Form):
    """The document that governs the deal."""

    kind: Literal["service_agreement", "purchase_order"] = "service_agreement"
    title: str = Field(min_length=1, max_length=250)
    reference: str = Field("", max_length=120, description="contract or PO number")
    location: str = Field("", max_length=500, description="where the original is kept")
    effective_on: date | None = None
    end_on: date | None = Field(None, description="last day, included")
    ceiling: Decimal | None = Field(
        None, gt=0, lt=LARGEST, decimal_places=2, description="limit of cloud costs or of the PO"
    )
    signatories: list[Party] = Field(
        default_factory=list, description="party and name of each, in signing order"
    )


@fact("agreement.artefact", Artefact)
def record_artefact(form: Artefact, writing: Writing) -> None:
    """Name the document that governs the deal, and who has to sign it.

    A document that changes is a new document: signatures given to the old one are void.

    Raises:
        Refused: the document is executed already, its dates are in the wrong order, or a party is
            named twice.
    """
    check_order(form.effective_on, form.end_on)
    _check_parties(form.signatories)
    standing = facts_of(writing.deal, on=writing.on).agreement
    if standing is not None and is_executed(standing):
        raise Refused(
            f"{standing} is executed and no longer changes.", remedy="Record an amendment instead."
        )
    fields = form.model_dump(exclude={"signatories"})
    void = _voided_signatures(standing, form.signatories, fields, writing)
    version = standing.version + 1 if standing else 1
    agreement, _created = Agreement.objects.update_or_create(
        deal=writing.deal, amends=None, defaults=fields | {"version": version},
        create_defaults=fields | {"created_at": writing.at},
    )  # fmt: skip
    if form.signatories and form.signatories != _named_parties(agreement):
        agreement.signatories.all().delete()
        Signatory.objects.bulk_create(
            Signatory(agreement=agreement, position=position, party=one.party, name=one.name)
            for position, one in enumerate(form.signatories, start=1)
        )
    record(
        "sales.agreement.named", writing.deal, by=writing.by, at=writing.at,
        signatures_void=void, version=version, document=str(agreement),
        **form.model_dump(mode="json"),
    )  # fmt: skip


def _check_parties(parties: list[Party]) -> None:
    names = [one.party.casefold() for one in parties]
    for place, one in enumerate(parties):
        if one.party.casefold() in names[:place]:
            raise Refused(
                f"{one.party} is named twice.",
                remedy="Name each party once, with who signs for it.",
            )


def _named_parties(agreement: Agreement) -> list[Party]:
    rows = agreement.signatories.order_by("position")
    return [Party(party=one.party, name=one.name) for one in rows]


def _voided_signatures(
    standing: Agreement | None, parties: list[Party], fields: dict[str, Any], writing: Writing
) -> list[str]:
    """Take back the signatures under a document that changes, and return whose they were."""
    if standing is None:
        return []
    same_parties = not parties or parties == _named_parties(standing)
    if same_parties and all(getattr(standing, name) == value for name, value in fields.items()):
        return []
    return void_signatures(standing, writing)


class Signed(Form):
    """One party's signature."""

    party: str = Field(min_length=1)
    signed_on: date


class Execution(Form):
    """Who has signed and when; of a purchase order, its number and when it was accepted."""

    signed: list[Signed] = Field(
        default_factory=list, description="party and signed_on of each signature"
    )
    accepted_on: date | None = Field(None, description="of a purchase order")
    reference: str = Field("", max_length=120, description="the purchase order's number")


@fact("agreement.executed", Execution)
def record_execution(form: Execution, writing: Writing) -> None:
    """Write down signatures, or a purchase order's acceptance; "executed" is derived from them.

    They are those of the agreement, or of its amendment where one is being signed. Once it is
    executed, the Sponsor's work order for signatures is done.

    Raises:
        Refused: there is no agreement, a party is not among its signatories, or a day is to come.
    """
    if facts_of(writing.deal, on=writing.on).agreement is None:
        raise Refused("There is no agreement.", remedy="Record agreement.artefact first.")
    document = last_document(writing.deal)
    days = [one.signed_on for one in form.signed] + [form.accepted_on or writing.on]
    if late := [day for day in days if day > writing.on]:
        raise Refused(f"{late[0]} is still to come.", remedy="Give the day of the signature.")
    if document.kind == AgreementKind.PURCHASE_ORDER:
        changed = _accept(document, form, writing)
    else:
        changed = _sign(document, form, writing)
    executed = is_executed(last_document(writing.deal))
    record(
        "sales.agreement.signed", writing.deal, by=writing.by, at=writing.at,
        executed=executed, **form.model_dump(mode="json"),
    )  # fmt: skip
    if changed:
        settle_execution(document, writing)


def _accept(document: Agreement, form: Execution, writing: Writing) -> bool:
    standing = (document.accepted_on, document.reference)
    if is_executed(document):
        if standing == (form.accepted_on, form.reference or document.reference):
            return False
        open_document(writing.deal)
    put_acceptance(
        document, reference=form.reference, accepted_on=form.accepted_on, writing=writing
    )
    return True


def _sign(document: Agreement, form: Execution, writing: Writing) -> bool:
    """Sign for each party, and return whether that changed anything.

    Raises:
        Refused: no signature is given.
    """
    if not form.signed:
        raise Refused("No signature is given.", remedy="Give party and signed_on of each.")
    changed = False
    for one in form.signed:
        signatory = party_of(document, one.party)
        if is_executed(document) and signatory.signed_on != one.signed_on:
            open_document(writing.deal)
        move = Move(SigningState.SIGNED, on=one.signed_on)
        changed |= apply_move(document, signatory, move, writing)
    return changed
