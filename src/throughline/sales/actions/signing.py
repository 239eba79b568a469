"""Where each party's signature stands, and what follows once nobody's is missing.

A person moves a signature by hand today; a signature service can call the same action, as often as
its events come: a state that stands already is no news.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from throughline.infrastructure.words import Payer
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.closing_facts import finish_work
from throughline.sales.actions.dates import settle_term
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.payers import known_cluster, put_payer
from throughline.sales.models import Agreement, Deal, Signatory
from throughline.sales.queries import chain_of, is_executed, signed_end
from throughline.sales.words import (
    NEXT_STATES,
    AgreementKind,
    SigningState,
    SigningWay,
    WorkKind,
)

HASH_LENGTH = 64
SHORTEST_HASH = 12  # characters that people compare


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one party's signature."""

    to: SigningState
    on: date | None = None  # of a signature: its day; today where it is left out
    sha256: str = ""  # what was signed, by its hash; the version to be signed where left out
    name: str = ""  # who signs from now on
    note: str = ""  # why
    way: SigningWay = SigningWay.BY_HAND
    request: str = ""  # a signature service's own number


class MoveNotAllowed(Refused):
    """A signature does not go from the one state to the other."""


def last_document(deal: Deal) -> Agreement:
    """Return the document of a deal that is being signed or was signed last.

    Raises:
        Refused: there is none.
    """
    found = Agreement.objects.filter(deal=deal).select_related("document")
    chain = chain_of(found.prefetch_related("signatories"))
    if not chain:
        raise Refused(
            "There is no agreement.",
            remedy="Name the document that governs the deal first (agreement.artefact).",
        )
    return chain[-1]


def open_document(deal: Deal) -> Agreement:
    """Return the document of a deal that may still change: its agreement, or an amendment.

    Raises:
        Refused: there is none, or all are executed.
    """
    document = last_document(deal)
    if is_executed(document):
        raise Refused(
            f"{document} is executed and no longer changes.", remedy="Record an amendment instead."
        )
    return document


@transaction.atomic
def move_signature(
    deal_id: int, party: str, move: Move, *, playbook: Playbook, by: str, at: datetime
) -> Signatory:
    """Write down what became of one party's signature; a state that stands already changes nothing.

    A signature under another version than the one that counts is written down as such, and is
    none. Once every party has signed, the document is executed: a new end date or tier takes
    effect, and the Sponsor's work order for signatures is done.

    Raises:
        MoveNotAllowed: the state does not follow from the one it is in.
        Refused: no such party, everything is executed, or the move lacks what it needs.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    document = last_document(writing.deal)
    signatory = party_of(document, party)
    if is_executed(document):
        if signatory.state == move.to:
            return signatory
        open_document(writing.deal)
    if apply_move(document, signatory, move, writing):
        settle_execution(document, writing)
    return signatory


def party_of(document: Agreement, party: str) -> Signatory:
    """Return who signs a document for a party.

    Raises:
        Refused: it is no party of it.
    """
    by_party = {one.party.casefold(): one for one in document.signatories.all()}
    found = by_party.get(party.strip().casefold())
    if found is None:
        parties = ", ".join(one.party for one in by_party.values()) or "none yet"
        raise Refused(f"{party!r} is no party of {document}.", remedy=f"Parties: {parties}.")
    return found


def apply_move(document: Agreement, signatory: Signatory, move: Move, writing: Writing) -> bool:
    """Carry out a move and return whether it changed anything.

    Raises:
        MoveNotAllowed: the state does not follow from the one it is in.
        Refused: the move lacks what it needs.
    """
    to, note = _as_found(document, move)
    signed_on = (move.on or writing.on) if to == SigningState.SIGNED else None
    before = SigningState(signatory.state)
    if before == to and (move.on is None or move.on == signatory.signed_on):
        return False
    _check_move(signatory, to, move, writing)
    signatory.state, signatory.signed_on, signatory.note = to, signed_on, note[:250]
    signatory.name = move.name or signatory.name
    signatory.document = document.document if to == SigningState.SIGNED else None
    signatory.way = move.way if to == SigningState.SIGNED else ""
    signatory.request = move.request or signatory.request
    signatory.state_at, signatory.state_by = writing.at, writing.by
    signatory.save()
    record(
        "sales.signature.moved", writing.deal, by=writing.by, at=writing.at, document=str(document),
        party=signatory.party, name=signatory.name, before=before, after=to, signed_on=signed_on,
        note=note, sha256=move.sha256 or (document.document.sha256 if document.document else ""),
    )  # fmt: skip
    return True


def _as_found(document: Agreement, move: Move) -> tuple[SigningState, str]:
    """Return the state that a move leads to, and why: a signature may be under another version.

    Raises:
        Refused: what is told as the hash is none, or there is no stored version to compare with.
    """
    if move.to != SigningState.SIGNED or not move.sha256:
        return move.to, move.note
    told = move.sha256.strip().lower()
    if not SHORTEST_HASH <= len(told) <= HASH_LENGTH or set(told) - set("0123456789abcdef"):
        raise Refused(
            f"{move.sha256[:80]!r} is no hash.",
            remedy="Give the SHA-256 of what was signed, or its first 12 characters.",
        )
    if document.document is None:
        raise Refused(
            f"{document} has no stored version to compare with.",
            remedy="Upload the document that is to be signed first.",
        )
    counts = document.document.sha256
    if counts.startswith(told):
        return move.to, move.note
    why = f"They signed {told[:SHORTEST_HASH]}…; {counts[:SHORTEST_HASH]}… is the one that counts."
    return SigningState.WRONG_VERSION, why


def _check_move(signatory: Signatory, to: SigningState, move: Move, writing: Writing) -> None:
    before = SigningState(signatory.state)
    if to not in NEXT_STATES[before] and before != to:
        allowed = ", ".join(
            f"“{state.label}”" for state in SigningState if state in NEXT_STATES[before]
        )
        raise MoveNotAllowed(
            f"{signatory.party}: “{to.label}” does not follow “{before.label}”.",
            remedy=f"It may become {allowed}.",
        )
    if move.on is not None and move.on > writing.on:
        raise Refused(f"{move.on} is still to come.", remedy="Give the day of the signature.")
    if to == SigningState.DECLINED and not move.note.strip():
        raise Refused(
            f"{signatory.party} declines, and nobody says why.", remedy="Give the reason."
        )
    if before == SigningState.SIGNED and to != before and not move.note.strip():
        raise Refused(
            f"{signatory.party} has signed.", remedy="Say why the signature is taken back."
        )
    if before == SigningState.CHANGED and not move.name.strip():
        raise Refused(
            f"Nobody is named who signs for {signatory.party} now.", remedy="Give the new name."
        )


def settle_execution(document: Agreement, writing: Writing) -> bool:
    """Let what a document says take effect if nobody's signature is missing; return whether so."""
    chain = chain_of(writing.deal.agreements.prefetch_related("signatories"))
    if not is_executed(next(one for one in chain if one.pk == document.pk)):
        return False
    before = {"end_on": writing.deal.end_on, "tier": writing.deal.tier}
    _take_effect(document, writing)
    settle_term(writing.deal, signed_end=signed_end(chain))
    writing.deal.save(update_fields=["start_on", "end_on", "tier", "tier_none_because"])
    record(
        "sales.agreement.executed", writing.deal, by=writing.by, at=writing.at,
        document=str(document), what=document.what, before=before,
        after={"end_on": writing.deal.end_on, "tier": writing.deal.tier},
    )  # fmt: skip
    asked = writing.deal.sponsor_work.filter(kind=WorkKind.SIGNATURES, done_at=None)
    if asked.exists():
        finish_work(WorkKind.SIGNATURES, "The agreement is executed.", writing)
    return True


def _take_effect(document: Agreement, writing: Writing) -> None:
    """Set the deal's tier and the payers that an amendment changes; note the tier of the first."""
    deal = writing.deal
    if document.amends_id is None:
        if not document.tier:
            document.tier = deal.tier  # so that it stays readable once an amendment changes it
            document.save(update_fields=["tier"])
        return
    if document.tier:
        deal.tier, deal.tier_none_because = document.tier, ""
    for change in document.payer_changes:
        put_payer(
            document,
            known_cluster(change["cluster"]),
            Payer(change["payer"]),
            from_on=date.fromisoformat(change["from_on"]),
            writing=writing,
        )


@transaction.atomic
def accept_order(
    deal_id: int,
    *,
    reference: str,
    accepted_on: date,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Agreement:
    """Write down that a purchase order was issued and that we have accepted it.

    Raises:
        Refused: it is no purchase order, it is executed already, it has no number, or its days do
            not fit.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    document = open_document(writing.deal)
    if document.kind != AgreementKind.PURCHASE_ORDER:
        raise Refused(
            f"{document} is signed by its parties.", remedy="Write down each party's signature."
        )
    put_acceptance(document, reference=reference, accepted_on=accepted_on, writing=writing)
    settle_execution(document, writing)
    return document


def put_acceptance(
    document: Agreement, *, reference: str, accepted_on: date | None, writing: Writing
) -> None:
    """Store number and day of an order's acceptance; without a day of issue it is the same day.

    Raises:
        Refused: number or day is missing, or the order had expired or was not issued yet.
    """
    if accepted_on is None or not (reference or document.reference):
        raise Refused(
            "A purchase order is executed by its number and the day of acceptance.",
            remedy="Give reference and accepted_on.",
        )
    if accepted_on > writing.on:
        raise Refused(f"{accepted_on} is still to come.", remedy="Give the day of acceptance.")
    if document.expires_on and document.expires_on < accepted_on:
        raise Refused(
            f"The order had expired on {document.expires_on}.",
            remedy="Ask the buyer for a new or an extended order.",
        )
    if document.issued_on and accepted_on < document.issued_on:
        raise Refused(
            f"The order was issued on {document.issued_on}, after {accepted_on}.",
            remedy="Correct one of the days.",
        )
    document.accepted_on, document.accepted_by = accepted_on, writing.by
    document.issued_on = document.issued_on or accepted_on
    document.reference = reference or document.reference
    document.save(update_fields=["accepted_on", "accepted_by", "issued_on", "reference"])


def void_signatures(document: Agreement, writing: Writing) -> list[str]:
    """Take back the signatures under a document that changes, and return whose they were."""
    signed = document.signatories.filter(state=SigningState.SIGNED).order_by("position")
    names = [one.party for one in signed]
    document.signatories.update(
        state=SigningState.TO_SEND, signed_on=None, document=None, way="", note="",
        state_at=writing.at, state_by=writing.by,
    )  # fmt: skip
    return names
