"""What facts change, and who may write them down."""

from datetime import date

import pytest

from tests.factories import (
    BD,
    NOON,
    PS,
    SIGNATORIES,
    SIGNED,
    gate_of,
    make_deal,
    make_person,
    make_ready,
    make_statement,
    sign,
    tell,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.models import Agreement, Review, Signatory, SponsorWork
from throughline.sales.queries import facts_of, is_executed

pytestmark = pytest.mark.django_db


def last_entry(deal):
    return Entry.objects.about(deal).order_by("-pk").first()


def executed(deal):
    return is_executed(facts_of(deal, on=NOON.date()).agreement)


def test_owner_changed_keeps_the_one_before_in_the_journal():
    deal = tell(make_deal(owner="bea"), "deal.owner", owner="  ada  ")

    assert deal.owner == "ada"
    assert (last_entry(deal).act, last_entry(deal).facts) == (
        "sales.deal.owned", {"before": "bea", "after": "ada"},
    )  # fmt: skip


def test_community_of_the_same_name_is_found_whatever_its_case():
    first = tell(make_deal(), "community.named", short_name="EarthScope")
    second = tell(make_deal(), "community.named", short_name="earthscope")

    assert first.community == second.community


def test_review_answered_by_who_asked_is_refused():
    deal = tell(make_deal(), "ps.reviewed", question="Two hubs?", by="ada")

    with pytest.raises(NotEntitled) as refused:
        tell(deal, "ps.reviewed", answer="Sure.", by="Ada")

    assert str(refused.value) == (
        "A review needs two persons, and ada did the first part."
        " Ask a second person to do it (on the command line: --by NAME)."
    )
    assert Review.objects.get().answered_at is None


@pytest.mark.parametrize("code", ["ps.reviewed", "capacity.answered"])
def test_answer_for_ps_by_somebody_of_bd_is_refused(code):
    make_person("bea", RoleName.BD)
    deal = tell(make_deal(), "ps.reviewed", question="Two hubs?", by="ada")

    with pytest.raises(NotEntitled) as refused:
        tell(deal, code, by="bea", answer="yes")

    assert str(refused.value) == "bea may not answer for PS. Ask somebody of Admin or Lead or PS."


def test_capacity_answered_by_the_deals_owner_is_refused():
    deal = tell(make_deal(), "deal.owner", owner=PS)

    with pytest.raises(NotEntitled, match="A capacity answer needs two persons"):
        tell(deal, "capacity.answered", answer="yes", by=PS)


def test_review_is_due_after_the_days_of_the_playbook():
    tell(make_deal(), "ps.reviewed", question="Two hubs?")

    review = Review.objects.get()
    assert (review.asked_by, review.asked_at, review.needed_by) == (BD, NOON, date(2026, 3, 7))


def test_oldest_open_review_is_answered_first():
    deal = tell(make_deal(), "ps.reviewed", question="First?")
    deal = tell(deal, "ps.reviewed", question="Second?")

    tell(deal, "ps.reviewed", answer="Yes.", by=PS)

    answers = Review.objects.order_by("pk").values_list("question", "answer")
    assert list(answers) == [("First?", "Yes."), ("Second?", "")]


def test_dates_agreed_set_the_term_and_keep_the_due_dates_of_before():
    deal = make_deal(target_start_on=date(2026, 5, 1), target_end_on=date(2027, 4, 30))
    make_statement(deal, "Hub", "Docs")
    term = {"start_on": "2026-04-01", "end_on": "2027-03-31"}

    tell(deal, "dates.agreed", **term, deliverables={"Hub": "2026-06-30"})
    deal = tell(deal, "dates.agreed", **term, deliverables={"Docs": "2026-07-31"})

    assert (deal.start_on, deal.end_on) == (date(2026, 4, 1), date(2027, 3, 31))
    assert deal.target_start_on == date(2026, 5, 1)
    assert deal.deliverable_dates == {"Hub": "2026-06-30", "Docs": "2026-07-31"}


def test_dates_on_one_day_are_in_order():
    deal = tell(make_deal(), "dates.agreed", start_on="2026-04-01", end_on="2026-04-01")

    assert deal.start_on == deal.end_on == date(2026, 4, 1)


def test_tier_by_name_is_kept_by_code_and_clears_the_reason_for_none():
    deal = tell(make_deal(), "service.tier", none_because="unsure")

    deal = tell(deal, "service.tier", tier="PREMIER")

    assert (deal.tier, deal.tier_none_because) == ("premier", "")


def test_community_record_keeps_what_is_not_named():
    deal = make_ready(make_deal(), "proposal")
    tell(deal, "community.record", long_name="EarthScope C.")

    deal = tell(deal, "community.record", website="https://earth.example")

    community = deal.community
    assert (community.long_name, community.website, community.cloud) == (
        "EarthScope C.", "https://earth.example", "aws",
    )  # fmt: skip


def test_signature_changes_nothing_else_and_is_written_down():
    deal = tell(make_deal(), "agreement.artefact", title="Agreement", signatories=SIGNATORIES)

    tell(deal, "agreement.executed", signed=[{"party": "cs&s", "signed_on": "2026-02-28"}])

    rows = Signatory.objects.order_by("position").values_list("party", "state", "signed_on")
    assert list(rows) == [
        ("CS&S", "signed", date(2026, 2, 28)), ("University", "to_send", None),
    ]  # fmt: skip
    assert (last_entry(deal).act, last_entry(deal).facts["executed"]) == (
        "sales.agreement.signed", False,
    )  # fmt: skip
    assert not executed(deal)


@pytest.mark.parametrize(
    ("signed", "message"),
    [
        ([], "No signature is given."),
        ([{"party": "Nobody", "signed_on": "2026-03-01"}],
         "'Nobody' is no party of Service Agreement Agreement."),
        ([{"party": "CS&S", "signed_on": "2026-03-03"}], "2026-03-03 is still to come."),
    ],
)  # fmt: skip
def test_signature_that_cannot_be_is_refused_and_signs_nothing(signed, message):
    deal = tell(make_deal(), "agreement.artefact", title="Agreement", signatories=SIGNATORIES)

    with pytest.raises(Refused) as refused:
        tell(deal, "agreement.executed", signed=[SIGNED["signed"][1], *signed] if signed else [])

    assert refused.value.message == message
    assert set(Signatory.objects.values_list("state", flat=True)) == {"to_send"}


def test_parties_named_twice_are_refused_because_each_signs_once():
    twice = [SIGNATORIES[0], {"party": "cs&s", "name": "Sam Sponsor"}]

    with pytest.raises(Refused) as refused:
        tell(make_deal(), "agreement.artefact", title="Agreement", signatories=twice)

    assert str(refused.value) == "cs&s is named twice. Name each party once, with who signs for it."
    assert Agreement.objects.count() == 0


def test_executed_agreement_no_longer_changes():
    deal = sign(make_ready(make_deal(), "contract_admin"))

    with pytest.raises(Refused) as refused:
        tell(deal, "agreement.artefact", title="Another")

    assert str(refused.value) == (
        "Service Agreement Agreement is executed and no longer changes."
        " Record an amendment instead."
    )
    assert Agreement.objects.get().title == "Agreement"


def test_document_changed_after_one_signature_must_be_signed_again_by_all():
    deal = make_ready(make_deal(), "contract_admin")
    deal = tell(deal, "agreement.executed", signed=SIGNED["signed"][:1])

    deal = tell(deal, "agreement.artefact", title="Agreement", ceiling="900000")

    assert last_entry(deal).facts["signatures_void"] == ["CS&S"]
    deal = tell(deal, "agreement.executed", signed=SIGNED["signed"][1:])
    assert not executed(deal)


def test_document_written_down_again_unchanged_keeps_its_signatures():
    deal = make_ready(make_deal(), "contract_admin")
    deal = tell(deal, "agreement.executed", signed=SIGNED["signed"][:1])

    deal = tell(deal, "agreement.artefact", title="Agreement")
    deal = tell(deal, "agreement.executed", signed=SIGNED["signed"][1:])

    assert executed(deal)


@pytest.mark.parametrize(
    "value", [{"accepted_on": "2026-03-02"}, {"reference": "4711"}, {"signed": SIGNED["signed"]}]
)
def test_purchase_order_without_number_or_day_is_not_executed(value):
    deal = tell(make_deal(), "agreement.artefact", kind="purchase_order", title="PO")

    with pytest.raises(Refused) as refused:
        tell(deal, "agreement.executed", **value)

    assert refused.value.message == (
        "A purchase order is executed by its number and the day of acceptance."
    )
    assert not executed(deal)


def test_purchase_order_accepted_is_executed_and_says_by_whom():
    deal = tell(make_deal(), "agreement.artefact", kind="purchase_order", title="PO",
                reference="4711")  # fmt: skip

    tell(deal, "agreement.executed", accepted_on="2026-03-01", by="sol")

    agreement = Agreement.objects.get()
    assert (agreement.accepted_by, agreement.accepted_on, agreement.reference) == (
        "sol", date(2026, 3, 1), "4711",
    )  # fmt: skip
    assert executed(deal)


def test_legal_flagged_asks_the_sponsor_and_the_answer_closes_it():
    deal = tell(make_deal(), "legal.involved", needed_because="indemnity")
    assert SponsorWork.objects.values_list("kind", "question").get() == ("legal", "indemnity")

    tell(deal, "legal.involved", answer="No.", by="sol")

    work = SponsorWork.objects.get()
    assert (work.done_by, work.done_at, work.receipt) == ("sol", NOON, "No.")


def test_advice_asked_for_twice_stays_one_work_order():
    deal = tell(make_deal(), "signatures.requested")

    tell(deal, "signatures.requested", by="bea")

    assert SponsorWork.objects.values_list("kind", "asked_by").get() == ("signatures", BD)


def test_sign_off_given_again_is_refused_with_who_gave_it():
    deal = make_deal()
    make_statement(deal, "Hub")
    tell(deal, "sow.signed_off", role="tech_lead", by="tom")

    with pytest.raises(Refused) as refused:
        tell(deal, "sow.signed_off", role="Tech Lead", by="tea")

    assert str(refused.value) == (
        "Version 1 is signed off as Tech Lead already, by tom. Nothing more is needed of this role."
    )


def test_sign_off_in_every_role_needs_a_second_person():
    deal = make_deal()
    make_statement(deal, "Hub")
    for role in ("head_of_product", "tech_lead"):
        tell(deal, "sow.signed_off", role=role, by="tom")

    with pytest.raises(Refused, match="Tom has signed off in every other role"):
        tell(deal, "sow.signed_off", role="bd_lead", by="Tom")

    tell(deal, "sow.signed_off", role="bd_lead", by="tea")
    gate = gate_of(deal, "negotiation")
    assert next(one.status for one in gate.conditions if one.code == "sow.signed_off") == "met"
