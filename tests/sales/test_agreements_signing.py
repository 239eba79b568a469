"""Signatures: which state follows which, and what follows once none is missing."""

from datetime import date
from hashlib import sha256

import pytest

from tests.factories import BD, NOON, SIGNATORIES, tell
from tests.sales.agreements_world import (
    CSS,
    OTHER_PDF,
    PDF,
    TODAY,
    UNIVERSITY,
    acts,
    executed,
    how,
    last_facts,
    make_agreed,
    make_executed,
    make_ordered_by_po,
    move,
    sign_all,
    states,
    terms,
    upload,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.sales.actions.parties import name_party, remove_party
from throughline.sales.actions.signing import MoveNotAllowed, accept_order
from throughline.sales.models import Agreement, Signatory, SponsorWork
from throughline.sales.queries import executed_on
from throughline.sales.words import NEXT_STATES, SIGNING_REMEDIES, CopyRole, SigningState

pytestmark = pytest.mark.django_db
S = SigningState
NEEDS = {  # what a move to a state must bring along
    S.DECLINED: {"note": "The budget is gone."},
    S.TO_SEND: {"note": "Again.", "name": "Uma Dean II"},
}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def put_at(deal, state):
    signed_on = TODAY if state == S.SIGNED else None
    Signatory.objects.filter(party=CSS).update(state=state, signed_on=signed_on)


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_signature_moves_exactly_as_the_table_says(before, after):
    deal = make_agreed()
    put_at(deal, before)

    if before == after or after in NEXT_STATES[before]:
        moved = move(deal, CSS, after, **NEEDS.get(after, {}))
        assert moved.state == after
    else:
        with pytest.raises(MoveNotAllowed) as refused:
            move(deal, CSS, after, **NEEDS.get(after, {}))
        assert refused.value.message == (f"CS&S: “{after.label}” does not follow “{before.label}”.")
        assert states(deal)[0] == before


def test_every_state_but_signed_says_what_to_do():
    assert [state for state in S if not SIGNING_REMEDIES[state]] == [S.SIGNED]


def test_every_state_can_lead_to_a_signature_in_the_end():
    reaching = {S.SIGNED}
    while more := {state for state in S if NEXT_STATES[state] & reaching} - reaching:
        reaching |= more

    assert reaching == set(S)


def test_state_told_twice_is_no_news():
    deal = make_agreed()
    move(deal, CSS, S.SENT)
    count = Entry.objects.count()

    move(deal, "cs&s", S.SENT, days=1)

    assert Entry.objects.count() == count
    assert Signatory.objects.get(party=CSS).state_at == NOON


def test_signature_by_a_service_keeps_its_number():
    deal = make_agreed()

    move(deal, CSS, S.SENT, request="sig-771")
    signatory = move(deal, CSS, S.SIGNED, on=TODAY)

    assert (signatory.request, signatory.state, signatory.signed_on) == ("sig-771", "signed", TODAY)


def test_one_signature_is_not_execution_and_the_last_one_is():
    deal = make_agreed()

    move(deal, UNIVERSITY, S.SIGNED)
    assert not executed(deal)

    move(deal, CSS, S.SIGNED, on=date(2026, 2, 20))
    assert executed(deal)
    assert executed_on(Agreement.objects.get()) == TODAY
    assert acts(deal)[-1] == "sales.agreement.executed"


def test_execution_closes_the_sponsors_work_order_for_signatures():
    deal = make_agreed()
    tell(deal, "signatures.requested")

    sign_all(deal)

    assert SponsorWork.objects.get(deal=deal).receipt == "The agreement is executed."


@pytest.mark.parametrize(
    ("state", "told", "message"),
    [
        (S.DECLINED, {}, "CS&S declines, and nobody says why."),
        (S.SIGNED, {"on": date(2026, 3, 3)}, "2026-03-03 is still to come."),
        (S.SIGNED, {"sha256": "xyz"}, "'xyz' is no hash."),
        (S.SIGNED, {"sha256": "0" * 64},
         "Service Agreement Agreement has no stored version to compare with."),
    ],
)  # fmt: skip
def test_move_that_lacks_what_it_needs_is_refused(state, told, message):
    deal = make_agreed()

    with pytest.raises(Refused) as refused:
        move(deal, CSS, state, **told)

    assert (refused.value.message, bool(refused.value.remedy)) == (message, True)
    assert states(deal) == ["to_send", "to_send"]


def test_signature_is_taken_back_only_with_the_reason():
    deal = make_agreed()
    move(deal, CSS, S.SIGNED)

    with pytest.raises(Refused):
        move(deal, CSS, S.TO_SEND)
    move(deal, CSS, S.TO_SEND, note="Signed by the wrong person.")

    assert states(deal) == ["to_send", "to_send"]


def test_party_that_is_none_is_refused_with_those_that_are():
    with pytest.raises(Refused) as refused:
        move(make_agreed(), "NASA", S.SENT)

    assert refused.value.remedy == "Parties: CS&S, University."


def test_signer_who_changed_is_sent_for_only_once_another_is_named():
    deal = make_agreed()
    move(deal, UNIVERSITY, S.CHANGED, note="On leave.")

    with pytest.raises(Refused) as refused:
        move(deal, UNIVERSITY, S.TO_SEND)
    assert refused.value.message == "Nobody is named who signs for University now."

    assert move(deal, UNIVERSITY, S.TO_SEND, name="Ula Provost").name == "Ula Provost"


def test_signature_under_another_version_is_noted_and_is_none():
    deal = make_agreed()
    upload(deal, PDF, CopyRole.TO_SIGN)
    other = sha256(OTHER_PDF).hexdigest()

    signatory = move(deal, CSS, S.SIGNED, sha256=other)

    counts = sha256(PDF).hexdigest()
    assert (signatory.state, signatory.signed_on) == ("wrong_version", None)
    assert signatory.note == (f"They signed {other[:12]}…; {counts[:12]}… is the one that counts.")
    move(deal, UNIVERSITY, S.SIGNED, sha256=counts)
    assert not executed(deal)


def test_signature_names_the_document_that_was_signed():
    deal = make_agreed()
    upload(deal, PDF, CopyRole.TO_SIGN)

    signatory = move(deal, CSS, S.SIGNED, sha256=sha256(PDF).hexdigest()[:12].upper())

    assert signatory.document.sha256 == sha256(PDF).hexdigest()


def test_new_version_to_be_signed_voids_the_signatures_given_so_far():
    deal = make_agreed()
    upload(deal, PDF, CopyRole.TO_SIGN)
    move(deal, CSS, S.SIGNED)

    upload(deal, OTHER_PDF, CopyRole.TO_SIGN)

    assert last_facts(deal)["signatures_void"] == ["CS&S"]
    assert states(deal) == ["to_send", "to_send"]
    move(deal, UNIVERSITY, S.SIGNED)
    assert not executed(deal)


def test_older_version_uploaded_again_becomes_the_one_to_sign():
    deal = make_agreed()
    for content in (PDF, OTHER_PDF, PDF):
        upload(deal, content, CopyRole.TO_SIGN)

    assert Agreement.objects.get().document.sha256 == sha256(PDF).hexdigest()


def test_executed_signature_cannot_be_taken_back_and_told_again_is_no_news():
    deal = make_executed()
    count = Entry.objects.count()

    assert move(deal, CSS, S.SIGNED).state == "signed"
    with pytest.raises(Refused) as refused:
        move(deal, CSS, S.TO_SEND, note="Oh.")

    assert refused.value.message == (
        "Service Agreement Agreement is executed and no longer changes."
    )
    assert Entry.objects.count() == count


def test_executed_fact_with_another_day_is_refused():
    deal = make_executed()

    with pytest.raises(Refused):
        tell(deal, "agreement.executed", signed=[{"party": CSS, "signed_on": "2026-02-01"}])

    assert Signatory.objects.get(party=CSS).signed_on == date(2026, 3, 2)


def test_purchase_order_needs_no_signature_but_issue_and_acceptance():
    deal = make_ordered_by_po()

    accept_order(deal.pk, reference="", accepted_on=TODAY, **how())

    order = Agreement.objects.get()
    assert (order.issued_on, order.accepted_on, order.accepted_by) == (TODAY, TODAY, BD)
    assert executed(deal)


@pytest.mark.parametrize(
    ("known", "on", "message"),
    [
        ({"issued_on": "2026-03-01"}, "2026-02-01",
         "The order was issued on 2026-03-01, after 2026-02-01."),
        ({"expires_on": "2026-02-28"}, "2026-03-01", "The order had expired on 2026-02-28."),
        ({}, "2026-03-03", "2026-03-03 is still to come."),
    ],
)  # fmt: skip
def test_purchase_order_is_not_accepted_on_a_day_that_cannot_be(known, on, message):
    deal = make_ordered_by_po()
    terms(deal, **known)

    with pytest.raises(Refused) as refused:
        accept_order(deal.pk, reference="", accepted_on=date.fromisoformat(on), **how())

    assert refused.value.message == message
    assert not executed(deal)


def test_agreement_is_not_accepted_like_an_order():
    with pytest.raises(Refused) as refused:
        accept_order(make_agreed().pk, reference="1", accepted_on=TODAY, **how())

    assert refused.value.message == "Service Agreement Agreement is signed by its parties."


def test_parties_sign_in_the_order_in_which_they_are_named():
    deal = make_agreed()

    name_party(deal.pk, "NASA", "Nell Counsel", **how())

    assert list(Signatory.objects.order_by("position").values_list("party", "position")) == [
        ("CS&S", 1), ("University", 2), ("NASA", 3),
    ]  # fmt: skip


def test_another_signer_for_a_party_is_sent_the_document_anew():
    deal = make_agreed()
    move(deal, UNIVERSITY, S.SENT)

    name_party(deal.pk, "university", "Ula Provost", **how())

    signatory = Signatory.objects.get(party=UNIVERSITY)
    assert (signatory.name, signatory.state) == ("Ula Provost", "to_send")


def test_parties_stay_as_they_are_once_one_has_signed():
    deal = make_agreed()
    move(deal, CSS, S.SIGNED)

    for change in (
        lambda: name_party(deal.pk, "NASA", "Nell", **how()),
        lambda: name_party(deal.pk, CSS, "Somebody", **how()),
        lambda: remove_party(deal.pk, UNIVERSITY, **how()),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.remedy == "Take the signature back first, with the reason."
    assert Signatory.objects.count() == len(SIGNATORIES)


@pytest.mark.parametrize(("party", "name"), [("", "Bo"), ("NASA", " "), ("N" * 161, "Bo")])
def test_party_without_name_or_too_long_is_refused(party, name):
    with pytest.raises(Refused):
        name_party(make_agreed().pk, party, name, **how())

    assert Signatory.objects.count() == len(SIGNATORIES)
