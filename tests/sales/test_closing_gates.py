"""The conditions from Contract Admin on."""

from datetime import date

import pytest

from tests.factories import (
    NOON,
    PEOPLE,
    SIGNED,
    gate_of,
    make_deal,
    make_deal_at,
    make_ready,
    make_statement,
    sign,
    tell,
)
from throughline.sales.actions.order import place_order

pytestmark = pytest.mark.django_db

AGREE = "Agree on start, end and a due date for each deliverable."
COLLECT = "The Sponsor collects the signatures."


def found(deal, code):
    to = "closed_lost" if code == "lost.reason" else "closed_won"
    one = next(one for one in gate_of(deal, to).conditions if one.code == code)
    return one.status, one.message, one.remedy


@pytest.fixture
def ready():
    """A deal for which all is true up to Contract Admin."""
    return make_ready(make_deal(), "contract_admin")


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        ("verbal.closed", "Nobody has said yes yet.",
         "Write down who said yes, when, and to which version."),
        ("service.tier", "No service tier is chosen.",
         "Choose one of Essential, Advanced, Premier, or say why none."),
        ("dates.agreed", "No start date is agreed. No end date is agreed.", AGREE),
        ("agreement.artefact", "No document governs the deal.",
         "Name the Service Agreement or the Purchase Order."),
        ("community.record", "There is no community record.", "Name the community first."),
        ("community.people",
         "Nobody is Buyer, Community Champion / PI, Community Representative, Technical Contact.",
         "Name a person with an address for each."),
        ("agreement.executed", "There is no agreement.",
         "Name the document that governs the deal first."),
        ("delivery.requested", "BD has not requested delivery.",
         "Place the order: `throughline order`."),
        ("signatures.requested", "The Sponsor was not asked for signatures.", "Ask the Sponsor."),
        ("invoicing.prepared", "The Sponsor has not prepared invoicing.",
         "The Sponsor records SAGE's number."),
        ("lost.reason", "No reason is given.", "Write down why it was lost."),
    ],
)  # fmt: skip
def test_condition_of_a_bare_deal_is_unmet(code, message, remedy):
    assert found(make_deal(), code) == ("unmet", message, remedy)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("verbal.closed", "Bo Buyer said yes to v2 on 2026-03-01."),
        ("service.tier", "Premier."),
        ("dates.agreed", "From 2026-04-01 to 2027-03-31."),
        ("agreement.artefact", "Service Agreement: Agreement."),
        ("community.record", "The record is complete."),
        ("community.people", "Every required role has somebody."),
        ("community.context", "All context questions were asked."),
        ("legal.involved", "Nobody has flagged a need for legal advice."),
    ],
)
def test_condition_of_a_prepared_deal_is_met(ready, code, message):
    assert found(ready, code) == ("met", message, "")


def test_verbal_yes_to_a_later_version_counts(ready):
    deal = tell(ready, "verbal.closed", said_by="Bo", said_on="2026-03-02", version="v3")

    assert found(deal, "verbal.closed") == ("met", "Bo said yes to v3 on 2026-03-02.", "")


def test_tier_none_for_a_reason_is_met():
    deal = tell(make_deal(), "service.tier", none_because="it is a workshop")

    assert found(deal, "service.tier") == ("met", "No tier, because it is a workshop.", "")


def test_dates_that_contradict_the_agreement_are_unmet(ready):
    deal = tell(
        ready, "agreement.artefact", title="Agreement", effective_on="2026-05-01",
        end_on="2027-04-30",
    )  # fmt: skip

    assert found(deal, "dates.agreed") == (
        "unmet",
        (
            "The start is 2026-04-01 for the deal and 2026-05-01 in the agreement."
            " The end is 2027-03-31 for the deal and 2027-04-30 in the agreement."
        ),
        AGREE,
    )


def test_deliverable_without_a_due_date_or_outside_the_term_is_named(ready):
    make_statement(ready, "Hub", "Docs", "Training")
    deal = tell(
        ready, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31",
        deliverables={"Docs": "2026-03-31", "Training": "2027-04-01"},
    )  # fmt: skip

    assert found(deal, "dates.agreed") == (
        "unmet",
        (
            "“Hub” has no due date. “Docs” is due on 2026-03-31, before the start."
            " “Training” is due on 2027-04-01, after the end."
        ),
        AGREE,
    )


def test_deliverables_due_on_the_first_and_the_last_day_are_within_the_term(ready):
    make_statement(ready, "Hub", "Docs")
    deal = tell(
        ready, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31",
        deliverables={"Hub": "2026-04-01", "Docs": "2027-03-31"},
    )  # fmt: skip

    assert found(deal, "dates.agreed")[0] == "met"


def test_community_record_names_what_is_still_empty():
    deal = make_ready(make_deal(), "contract_admin", without=("community.record",))

    assert found(deal, "community.record") == (
        "unmet", "The record lacks long_name, website.", "Fill these in.",
    )  # fmt: skip


def test_community_record_with_a_cloud_unknown_for_a_reason_is_complete(ready):
    deal = tell(ready, "cloud.preference", unknown_because="their IT decides")

    assert found(deal, "community.record")[0] == "met"


def test_people_missing_one_required_role_names_it():
    deal = make_ready(make_deal(), "contract_admin", without=("community.people",))
    deal = tell(deal, "community.people", people=PEOPLE[:3])

    assert found(deal, "community.people")[:2] == ("unmet", "Nobody is Technical Contact.")


def test_context_question_not_asked_is_named(playbook):
    deal = make_ready(make_deal(), "contract_admin", without=("community.context",))
    asked = [{"question": code, "text": "Much."} for code in ("goals", "community", "aims")]
    deal = tell(deal, "community.context", answers=asked)

    assert found(deal, "community.context") == (
        "unmet",
        f"1 of 4 context questions were not asked: {playbook.question('data').text}",
        "Write down the answers, or that they were asked and not answered.",
    )


def test_legal_flagged_is_unmet_until_the_answer_comes(ready):
    deal = tell(ready, "legal.involved", needed_because="they want our indemnity")
    assert found(deal, "legal.involved") == (
        "unmet",
        "Legal is needed (they want our indemnity) and has not answered.",
        "The Sponsor answers the question on its desk.",
    )

    deal = tell(deal, "legal.involved", answer="No indemnity.", by="sol")

    assert found(deal, "legal.involved") == ("met", "sol answered: No indemnity.", "")


def test_legal_flagged_anew_after_an_answer_is_unmet_again(ready):
    tell(ready, "legal.involved", needed_because="they want our indemnity")
    tell(ready, "legal.involved", answer="No indemnity.", by="sol")

    deal = tell(ready, "legal.involved", needed_because="and now a penalty")

    assert found(deal, "legal.involved")[:2] == (
        "unmet", "Legal is needed (and now a penalty) and has not answered.",
    )  # fmt: skip


def test_agreement_signed_by_one_of_two_is_not_executed(ready):
    deal = tell(ready, "agreement.executed", signed=SIGNED["signed"][:1])

    assert found(deal, "agreement.executed") == (
        "unmet", "Not signed yet: Uma Dean for University (to send).", COLLECT,
    )  # fmt: skip


def test_agreement_signed_by_all_is_executed(ready):
    assert found(sign(ready), "agreement.executed") == ("met", "Agreement is executed.", "")


@pytest.mark.parametrize("signatories", [[], [{"party": "CS&S", "name": "Sol"}]])
def test_agreement_between_fewer_than_two_parties_is_not_executed(signatories):
    deal = tell(make_deal(), "agreement.artefact", title="Agreement", signatories=signatories)
    if signatories:
        tell(deal, "agreement.executed", signed=SIGNED["signed"][:1])

    assert found(deal, "agreement.executed") == (
        "unmet", "The agreement does not name two parties.", "Record who signs for each party.",
    )  # fmt: skip


def test_purchase_order_is_executed_by_number_and_acceptance():
    deal = tell(make_deal(), "agreement.artefact", kind="purchase_order", title="PO")
    assert found(deal, "agreement.executed") == (
        "unmet",
        "The purchase order is not issued and accepted.",
        "Record its number and the day on which it was accepted.",
    )

    deal = tell(deal, "agreement.executed", reference="4711", accepted_on="2026-03-02")

    assert found(deal, "agreement.executed") == ("met", "PO is executed.", "")


def test_order_placed_meets_delivery_requested(playbook):
    deal = sign(make_deal_at("contract_admin"))
    place_order(deal.pk, playbook=playbook, by="ada", at=NOON)

    assert found(deal, "delivery.requested") == ("met", "ada placed the order.", "")


def test_sponsor_asked_at_contract_admin_meets_signatures_but_not_invoicing():
    deal = make_deal_at("contract_admin")

    assert found(deal, "signatures.requested") == ("met", "Asked on 2026-03-02.", "")
    assert found(deal, "invoicing.prepared")[0] == "unmet"


def test_invoicing_prepared_is_met_with_its_receipt():
    deal = tell(make_deal(), "invoicing.prepared", receipt="C-100", by="sol")

    assert found(deal, "invoicing.prepared") == ("met", "sol prepared it: C-100", "")


def test_loss_with_a_reason_is_met():
    deal = tell(make_deal(), "lost.reason", reason="No budget.")

    assert found(deal, "lost.reason") == ("met", "No budget.", "")


def _message(deal, code):
    return next(
        (one.status.value, one.message)
        for one in gate_of(deal, "contract_admin").conditions
        if one.code == code
    )


def test_tier_that_the_playbook_does_not_know_is_unmet():
    deal = make_deal(tier="platinum")

    assert _message(deal, "service.tier") == ("unmet", "The playbook knows no tier “platinum”.")


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"amount": "100000", "currency": "USD"}, ""),
        ({"amount": "100001", "currency": "USD"},
         " Consider it: the amount is above the playbook's limit."),
        ({"currency": "EUR"}, " Consider it: the buyer pays in EUR, so it may be abroad."),
    ],
)  # fmt: skip
def test_legal_advice_is_suggested_by_the_playbooks_rule(fields, hint):
    deal = make_deal(**fields)
    deal.refresh_from_db()

    assert _message(deal, "legal.involved") == (
        "met", f"Nobody has flagged a need for legal advice.{hint}",
    )  # fmt: skip


def test_purchase_order_suggests_legal_advice():
    deal = tell(make_deal(), "agreement.artefact", kind="purchase_order", title="PO")

    assert _message(deal, "legal.involved")[1].endswith(
        "Consider it: a purchase order brings the buyer's terms."
    )


def test_target_dates_that_differ_are_noted_and_in_nobodys_way():
    deal = make_deal(target_start_on=date(2025, 9, 1), target_end_on=date(2027, 3, 31))
    deal = tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31")

    assert _message(deal, "dates.agreed") == (
        "met", "From 2026-04-01 to 2027-03-31. Note: the target start was 2025-09-01.",
    )  # fmt: skip
