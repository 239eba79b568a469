"""Who signs a document for which party."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.agreement_facts import Party
from throughline.sales.actions.facts import Writing, filled
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.signing import open_document, party_of
from throughline.sales.models import Agreement, Signatory
from throughline.sales.words import SigningState


@transaction.atomic
def name_party(
    deal_id: int, party: str, name: str, *, playbook: Playbook, by: str, at: datetime
) -> Signatory:
    """Add a party to the document that is being prepared, or name who else signs for one.

    Parties sign in the order in which they are added.

    Raises:
        Refused: a field is empty, the document is executed, or somebody has signed already.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    form = filled(Party, {"party": party, "name": name}, what="party")
    document = open_document(writing.deal)
    found = document.signatories.filter(party__iexact=form.party).first()
    if found is not None:
        return _rename(found, form.name, writing)
    _check_unsigned(document)
    last = document.signatories.order_by("position").last()
    made = Signatory.objects.create(
        agreement=document, position=last.position + 1 if last else 1, party=form.party,
        name=form.name, state_at=at, state_by=by,
    )  # fmt: skip
    record(
        "sales.party.named", writing.deal, by=by, at=at, party=made.party, name=made.name,
        document=str(document), before="",
    )  # fmt: skip
    return made


def _rename(found: Signatory, name: str, writing: Writing) -> Signatory:
    if found.name == name:
        return found
    if found.state == SigningState.SIGNED:
        raise Refused(
            f"{found.name} has signed for {found.party}.",
            remedy="Take the signature back first, with the reason.",
        )
    before = found.name
    found.name, found.state, found.note, found.request = name, SigningState.TO_SEND, "", ""
    found.state_at, found.state_by = writing.at, writing.by
    found.save()
    record(
        "sales.party.named", writing.deal, by=writing.by, at=writing.at, party=found.party,
        name=name, document=str(found.agreement), before=before,
    )  # fmt: skip
    return found


@transaction.atomic
def remove_party(
    deal_id: int, party: str, *, playbook: Playbook, by: str, at: datetime
) -> Agreement:
    """Take a party off the document that is being prepared.

    Raises:
        Refused: it is no party, the document is executed, or somebody has signed already.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    document = open_document(writing.deal)
    found = party_of(document, party)
    _check_unsigned(document)
    name, party = found.name, found.party
    found.delete()
    record(
        "sales.party.removed", writing.deal, by=by, at=at, party=party, name=name,
        document=str(document),
    )  # fmt: skip
    return document


def _check_unsigned(document: Agreement) -> None:
    signed = document.signatories.filter(state=SigningState.SIGNED).first()
    if signed is not None:
        raise Refused(
            f"{signed.party} has signed with the parties as they are.",
            remedy="Take the signature back first, with the reason.",
        )
