"""The files of an agreement: the version to be signed, the executed copy, the buyer's terms."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from throughline.documents.actions import keep_document
from throughline.documents.models import Document
from throughline.documents.reading import DOCX, ODT, PDF, sniffed
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.signing import (
    HASH_LENGTH,
    SHORTEST_HASH,
    Move,
    apply_move,
    last_document,
    open_document,
    party_of,
    settle_execution,
    void_signatures,
)
from throughline.sales.models import Agreement, AgreementCopy, Deal
from throughline.sales.queries import is_executed
from throughline.sales.words import AgreementKind, CopyRole, SigningState, SigningWay

ACCEPTED = {
    CopyRole.EXECUTED: ({PDF}, "Save it as PDF and upload that."),
    CopyRole.TO_SIGN: ({PDF, DOCX, ODT}, "Upload a PDF, or a Word or OpenDocument text."),
    CopyRole.TERMS: ({PDF, DOCX, ODT}, "Upload a PDF, or a Word or OpenDocument text."),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for an agreement; of a copy signed on paper, the day of each party's signature.

    `of` is the number of the document that it belongs to; None is the last one.
    """

    content: bytes
    name: str
    role: CopyRole
    signed: Mapping[str, date] = field(default_factory=dict)
    of: int | None = None


@transaction.atomic
def add_copy(
    deal_id: int, upload: Upload, *, playbook: Playbook, by: str, at: datetime
) -> AgreementCopy:
    """Keep a file of the document that is being signed, or was signed last.

    The version to be signed is what signatures count for from then on; those given to another
    version are void. An executed copy counts once a second person has confirmed it.

    Raises:
        Refused: the file is not what it should be, or the document no longer takes it.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    _check_kind(upload)
    agreement = _document_of(upload, writing)
    if upload.role == CopyRole.EXECUTED:
        _check_executed_copy(agreement, upload, writing)
    document = keep_document(upload.content, name=upload.name, by=by, at=at)
    signed = {party: day.isoformat() for party, day in upload.signed.items()}
    made, created = AgreementCopy.objects.get_or_create(
        agreement=agreement, document=document, role=upload.role,
        defaults={"added_by": by, "added_at": at, "signed": signed},
    )  # fmt: skip
    is_other = upload.role == CopyRole.TO_SIGN and agreement.document_id != document.pk
    if not (created or is_other):
        return made
    void = _take_up(agreement, document, writing) if is_other else []
    record(
        "sales.copy.added", writing.deal, by=by, at=at, document=str(agreement), role=upload.role,
        name=document.name, sha256=document.sha256, signatures_void=void,
    )  # fmt: skip
    return made


def _document_of(upload: Upload, writing: Writing) -> Agreement:
    """Return the document that a file belongs to.

    Raises:
        Refused: the deal has no such document, or it no longer changes.
    """
    if upload.role == CopyRole.TO_SIGN:
        return open_document(writing.deal)
    if upload.of is None:
        return last_document(writing.deal)
    found = Agreement.objects.filter(deal=writing.deal, pk=upload.of).first()
    if found is None:
        raise Refused(
            f"The deal has no document {upload.of}.", remedy="Look at the agreement again."
        )
    return found


def _check_kind(upload: Upload) -> None:
    kinds, remedy = ACCEPTED[upload.role]
    if upload.content and sniffed(upload.content) not in kinds:
        raise Refused(f"{upload.name[:120]} is not what its name says.", remedy=remedy)


def _check_executed_copy(agreement: Agreement, upload: Upload, writing: Writing) -> None:
    """Refuse an executed copy that nobody could confirm.

    Raises:
        Refused: one is confirmed already, or the days of the signatures do not fit.
    """
    confirmed = agreement.copies.filter(role=CopyRole.EXECUTED, confirmed_at__isnull=False).first()
    if confirmed is not None:
        raise Refused(
            f"The executed copy is here: {confirmed.confirmed_by} has confirmed it.",
            remedy="What was executed no longer changes; record an amendment instead.",
        )
    waiting = agreement.copies.filter(role=CopyRole.EXECUTED).select_related("document").first()
    if waiting and waiting.document.sha256 != hashlib.sha256(upload.content).hexdigest():
        raise Refused(
            f"Another copy waits: {waiting.added_by} has uploaded it.",
            remedy="Confirm that one, or reject it, first.",
        )
    for party, day in upload.signed.items():
        party_of(agreement, party)
        if day > writing.on:
            raise Refused(f"{day} is still to come.", remedy="Give the day of the signature.")
    if agreement.kind == AgreementKind.PURCHASE_ORDER or is_executed(agreement):
        return
    signed = {party.casefold() for party in upload.signed}
    missing = [
        one.party
        for one in agreement.signatories.order_by("position")
        if one.state != SigningState.SIGNED and one.party.casefold() not in signed
    ]
    if missing:
        raise Refused(
            f"An executed copy bears every signature; that of {', '.join(missing)} is missing.",
            remedy="Give the day on which each of them signed.",
        )


def _take_up(agreement: Agreement, document: Document, writing: Writing) -> list[str]:
    """Make a file the version that is signed, and return whose signatures that voids."""
    void = void_signatures(agreement, writing)
    agreement.document = document
    agreement.save(update_fields=["document"])
    return void


@transaction.atomic
def confirm_copy(
    deal_id: int, *, sha256: str, playbook: Playbook, by: str, at: datetime
) -> AgreementCopy:
    """Confirm, as a second person, that a file is the executed copy; `sha256` is what they hold.

    Signatures on paper that it bears count from now on.

    Raises:
        Refused: no copy waits, the hash is another's, or one person would do both.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    copy = _waiting_copy(writing.deal)
    require_permission(by, Permission.SEE_MONEY, to="confirm an executed copy")
    require_four_eyes(copy.added_by, by, what="An executed copy")
    _check_hash(sha256, copy)
    copy.confirmed_by, copy.confirmed_at = by, at
    copy.save(update_fields=["confirmed_by", "confirmed_at"])
    record(
        "sales.copy.confirmed", writing.deal, by=by, at=at, document=str(copy.agreement),
        added_by=copy.added_by, sha256=copy.document.sha256, signed=copy.signed,
    )  # fmt: skip
    document = copy.agreement
    was_executed = is_executed(document)
    for party, day in copy.signed.items():
        _sign_on_paper(document, party, date.fromisoformat(day), writing)
    if not was_executed:
        settle_execution(document, writing)
    return copy


def _sign_on_paper(document: Agreement, party: str, on: date, writing: Writing) -> None:
    """Have a party sign on paper, wherever its signature stood.

    Raises:
        Refused: it has declined, or somebody else signs for it now.
    """
    signatory = party_of(document, party)
    if signatory.state in {SigningState.DECLINED, SigningState.CHANGED}:
        raise Refused(
            f"{signatory.party} is noted as “{signatory.get_state_display()}”.",
            remedy="Set it to “To send” first, with who signs.",
        )
    if signatory.state in {SigningState.EXPIRED, SigningState.WRONG_VERSION}:
        apply_move(document, signatory, Move(SigningState.TO_SEND), writing)
    if signatory.state != SigningState.SIGNED:
        move = Move(SigningState.SIGNED, on=on, way=SigningWay.WET_INK)
        apply_move(document, signatory, move, writing)


def _waiting_copy(deal: Deal) -> AgreementCopy:
    waiting = AgreementCopy.objects.filter(
        agreement__deal=deal, role=CopyRole.EXECUTED, confirmed_at=None
    )
    found = waiting.select_related("document", "agreement__document").order_by("pk").last()
    if found is None:
        raise Refused(
            f"No executed copy of {deal} waits to be confirmed.",
            remedy="Upload it first; a second person confirms it.",
        )
    return found


def _check_hash(sha256: str, copy: AgreementCopy) -> None:
    told = sha256.strip().lower()
    if not SHORTEST_HASH <= len(told) <= HASH_LENGTH or not copy.document.sha256.startswith(told):
        raise Refused(
            "That is not the hash of the copy that waits.",
            remedy="Compare the file with the one you hold; if they differ, reject it.",
        )


@transaction.atomic
def reject_copy(deal_id: int, *, why: str, playbook: Playbook, by: str, at: datetime) -> Agreement:
    """Take away an executed copy that waits, because it is not what was signed.

    Raises:
        Refused: no copy waits, or nobody says why.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    copy = _waiting_copy(writing.deal)
    if not why.strip():
        raise Refused("Nobody says why the copy is rejected.", remedy="Say what is wrong with it.")
    agreement, sha256, added_by = copy.agreement, copy.document.sha256, copy.added_by
    copy.delete()
    record(
        "sales.copy.rejected", writing.deal, by=by, at=at, document=str(agreement),
        sha256=sha256, added_by=added_by, why=why.strip(),
    )  # fmt: skip
    return agreement
