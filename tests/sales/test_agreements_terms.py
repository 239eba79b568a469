"""Terms: what is written down, what is signed and stays, and what does not add up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BD, NOON, make_cluster, tell
from tests.sales.agreements_world import (
    CSS,
    LINES,
    PAYMENTS,
    TODAY,
    acts,
    how,
    last_facts,
    make_agreed,
    make_executed,
    make_ordered_by_po,
    move,
    terms,
)
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.actions.agreements import TermsConflict
from throughline.sales.actions.payers import set_payer
from throughline.sales.agreement_notes import notes_on
from throughline.sales.models import Agreement, AgreementPayer, Payment, PriceLine
from throughline.sales.terms import terms_on
from throughline.sales.words import SigningState

pytestmark = pytest.mark.django_db


def noted(deal, on=TODAY):
    deal.refresh_from_db()
    return {one.code: one.message for one in notes_on(deal, terms_on(deal, on))}


def test_price_lines_get_their_account_by_the_tier_or_by_name():
    deal = make_agreed(tier="premier")

    terms(deal, lines=LINES)

    rows = PriceLine.objects.order_by("position").values_list("account", "gl_code", "amount")
    assert list(rows) == [
        ("membership", "4221", Decimal(12000)), ("cloud", "4222", None),
        ("service", "4224", Decimal(5500)),
    ]  # fmt: skip


def test_price_of_a_deal_without_tier_is_a_service():
    terms(make_agreed(), lines=[{"description": "A workshop", "amount": 1}])

    assert PriceLine.objects.get().gl_code == "4224"


def test_usage_fee_has_its_own_account():
    terms(make_agreed(), lines=[{"description": "Users", "account": "usage"}])

    assert PriceLine.objects.get().gl_code == "4223"


def test_terms_that_are_not_named_stay_and_null_takes_one_out():
    deal = make_agreed()
    terms(deal, lines=LINES, ceiling="900.00", renewal_terms="By letter.")

    terms(deal, ceiling=None)

    agreement = Agreement.objects.get()
    assert (agreement.ceiling, agreement.renewal_terms, PriceLine.objects.count()) == (
        None, "By letter.", 3,
    )  # fmt: skip


def test_terms_written_down_again_unchanged_are_no_news():
    deal = make_agreed()
    terms(deal, lines=LINES, payments=PAYMENTS, is_prepaid=False)
    count = len(acts(deal))

    terms(deal, lines=LINES, payments=PAYMENTS, is_prepaid=False)

    assert (len(acts(deal)), Agreement.objects.get().version) == (count, 2)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"lines": [{"description": "x", "account": "gold"}]},
         "Line 1: there is no price account 'gold'."),
        ({"lines": [{"description": "x", "amount": -1}]},
         "terms: lines.0.amount: Input should be greater than or equal to 0."),
        ({"lines": [{"description": "x", "amount": "1.001"}]},
         "terms: lines.0.amount: Decimal input should have no more than 2 decimal places."),
        ({"lines": [{"description": "x", "amount": "NaN"}]},
         "terms: lines.0.amount: Input should be a finite number."),
        ({"lines": [{"description": "a\0b"}]},
         "terms: lines.0.description: Value error, a text cannot hold a NUL character."),
        ({"payments": [{"occasion": "x", "amount": 0}]},
         "terms: payments.0.amount: Input should be greater than 0."),
        ({"payments": [{"occasion": "x", "amount": 1, "due_on": "0206-01-01"}]},
         "terms: payments.0.due_on: Value error, 0206-01-01 is not a day between 1900 and 2199."),
        ({"ceiling": 0}, "terms: ceiling: Input should be greater than 0."),
        ({"price": 5}, "terms: price: Extra inputs are not permitted."),
        ({"renewal_terms": "x" * 4001},
         "terms: renewal_terms: String should have at most 4000 characters."),
        ({"effective_on": "2026-05-01", "end_on": "2026-04-01"},
         "The end 2026-04-01 is before the start 2026-05-01."),
        ({"expires_on": "2026-05-01"},
         ("Service Agreement Agreement is no purchase order, so it is not issued and does not"
         " expire.")),
    ],
)  # fmt: skip
def test_term_that_cannot_be_is_refused_and_nothing_is_written_down(value, message):
    deal = make_agreed()
    count = len(acts(deal))

    with pytest.raises(Refused) as refused:
        terms(deal, **value)

    assert (refused.value.message, bool(refused.value.remedy)) == (message, True)
    assert (PriceLine.objects.count(), Payment.objects.count(), len(acts(deal))) == (0, 0, count)


def test_terms_without_agreement_are_refused():
    deal = make_agreed()
    Agreement.objects.all().delete()

    with pytest.raises(Refused) as refused:
        terms(deal, ceiling=1)

    assert refused.value.message == "There is no agreement."


def test_order_that_expires_before_it_was_issued_is_refused():
    with pytest.raises(Refused) as refused:
        terms(make_ordered_by_po(), issued_on="2026-05-01", expires_on="2026-04-30")

    assert refused.value.message == (
        "The order expires on 2026-04-30, before it was issued on 2026-05-01."
    )


def test_term_that_one_party_has_signed_no_longer_changes():
    deal = make_agreed()
    terms(deal, lines=LINES)
    move(deal, CSS, SigningState.SIGNED)

    with pytest.raises(Refused) as refused:
        terms(deal, lines=LINES[:1])

    assert refused.value.message == "CS&S has signed with this lines."
    assert PriceLine.objects.count() == 3


def test_executed_terms_can_be_filled_in_and_not_changed():
    deal = make_executed()

    terms(deal, renewal_terms="By letter.", lines=LINES)
    with pytest.raises(Refused) as refused:
        terms(deal, renewal_terms="By mail.", payments=PAYMENTS)

    assert refused.value.message == (
        "Service Agreement Agreement is executed, and its renewal terms no longer changes."
    )
    assert (PriceLine.objects.count(), Payment.objects.count()) == (3, 0)


def test_tax_status_is_the_customers_and_may_change_at_any_time():
    deal = make_executed()
    terms(deal, tax_status="unknown")

    terms(deal, tax_status="exempt, certificate 77")

    assert Agreement.objects.get().tax_status == "exempt, certificate 77"


def test_end_filled_in_after_execution_becomes_the_deals_end():
    deal = make_executed()
    assert deal.end_on == date(2027, 3, 31)

    terms(deal, end_on="2027-01-31")

    deal.refresh_from_db()
    assert (deal.end_on, deal.contract_end_on) == (date(2027, 1, 31), date(2027, 3, 31))


def test_edit_that_began_with_older_terms_is_refused_and_says_who_changed_what():
    deal = make_agreed()
    seen = Agreement.objects.get().stamp
    terms(deal, by="bea", seen=seen, ceiling="900.00", renewal_terms="By letter.")

    with pytest.raises(TermsConflict) as conflict:
        terms(deal, seen=seen, ceiling="800.00")

    assert conflict.value.message == (
        "The terms have changed since you began: bea changed ceiling, renewal terms."
    )
    assert Agreement.objects.get().ceiling == Decimal(900)


@pytest.mark.parametrize("seen", ["1", "x.y", "99.1", "0.0"])
def test_edit_of_a_version_that_never_was_is_a_conflict(seen):
    with pytest.raises(TermsConflict):
        terms(make_agreed(), seen=seen, ceiling=1)


def test_sums_that_differ_are_said_and_stop_nobody():
    deal = make_agreed()
    terms(deal, lines=LINES[:1], payments=PAYMENTS)

    found = noted(deal)

    assert found["lines_differ"] == (
        "The price lines come to 12000.00, and the deal's amount is 17500.00 USD."
    )
    assert found["schedule_differs"] == (
        "The payments come to 17500.00, and the price lines to 12000.00 USD."
    )


def test_sums_that_agree_are_not_spoken_of():
    deal = make_agreed()
    terms(deal, lines=LINES, payments=PAYMENTS, renewal_terms="By letter.",
          effective_on="2026-04-01", end_on="2027-03-31")  # fmt: skip

    assert noted(deal) == {}


@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_sum_of_the_lines_is_exact_to_the_cent(amounts):
    lines = [PriceLine(amount=Decimal(one) / 100) for one in amounts]
    agreement = Agreement(kind="service_agreement")
    found = terms_from_rows(agreement, lines)

    assert found.price * 100 == sum(amounts)


def terms_from_rows(agreement, lines):
    from throughline.sales.terms import FIELDS, Terms

    return Terms(
        on=TODAY, chain=(agreement,), counted=(agreement,), is_binding=False, start_on=None,
        tier="", lines=tuple(lines), payments=(), payers=(), values=dict.fromkeys(FIELDS),
        said_in={},
    )  # fmt: skip


def test_order_that_expires_before_the_work_ends_is_a_finding():
    deal = make_ordered_by_po()
    terms(deal, expires_on="2026-12-31", ceiling="9000.00",
          payments=[{"occasion": "last", "due_on": "2027-01-15", "amount": 1}])  # fmt: skip

    found = noted(deal)

    assert found["order_expires_early"] == (
        "The purchase order expires on 2026-12-31, 90 days before the work ends on 2027-03-31."
    )
    assert found["payment_after_expiry"] == (
        "The payment “last” is due on 2027-01-15, after the order expires."
    )
    assert found["order_below_deal"] == (
        "The purchase order is limited to 9000.00, and the deal is 17500.00 USD."
    )


def test_order_that_lasts_to_the_end_is_no_finding_until_it_is_over():
    deal = make_ordered_by_po()
    terms(deal, expires_on="2027-03-31")

    assert "order_expires_early" not in noted(deal)
    assert "order_expired" not in noted(deal, date(2027, 3, 31))
    assert noted(deal, date(2027, 4, 1))["order_expired"] == (
        "The purchase order expired on 2027-03-31."
    )


def test_deliverable_due_after_the_end_is_a_finding():
    deal = make_executed()
    deal.deliverable_dates = {"A hub": "2027-05-01", "Docs": "2027-03-31"}
    deal.save()

    assert noted(deal)["due_after_end"] == (
        "“A hub” is due on 2027-05-01, after the end on 2027-03-31."
    )


def test_who_pays_is_kept_by_cluster_and_period():
    deal = make_agreed()
    for name in ("earth", "ocean"):
        make_cluster(name, deal_id="900100")

    pay(deal, "earth", Payer.US, "2026-04-01")
    pay(deal, "ocean", Payer.COMMUNITY, "2026-04-01")
    pay(deal, "earth", Payer.COMMUNITY, "2026-07-01")

    assert payers(deal, "2026-06-30") == {"earth": "us", "ocean": "community"}
    assert payers(deal, "2026-07-01") == {"earth": "community", "ocean": "community"}
    assert len(terms_on(deal, date(2026, 7, 1)).payers) == 2
    assert payers(deal, "2026-03-31") == {}


def pay(deal, cluster, payer, from_on):
    return set_payer(deal.pk, cluster, payer, from_on=date.fromisoformat(from_on), **how())


def payers(deal, on):
    found = terms_on(deal, date.fromisoformat(on)).payers
    return {one.cluster.name: one.payer for one in found}


def test_payer_written_down_anew_replaces_what_was_to_come():
    deal = make_agreed()
    make_cluster("earth", deal_id="900100")
    pay(deal, "earth", Payer.US, "2026-04-01")
    pay(deal, "earth", Payer.COMMUNITY, "2026-07-01")

    pay(deal, "earth", Payer.US, "2026-04-01")

    rows = AgreementPayer.objects.values_list("payer", "from_on", "to_on")
    assert list(rows) == [("us", date(2026, 4, 1), None)]


def test_cluster_that_nobody_pays_for_is_a_finding_until_somebody_does():
    deal = make_agreed()
    make_cluster("earth", deal_id="900100")
    assert noted(deal)["payer_missing"] == "Nobody has said who pays for the cloud of earth."

    pay(deal, "earth", Payer.US, "2026-04-01")

    assert "payer_missing" not in noted(deal)


def test_payer_of_an_executed_agreement_changes_by_amendment_only():
    deal = make_executed(hubspot_id="900100")
    make_cluster("earth", deal_id="900100")
    pay(deal, "earth", Payer.US, "2026-04-01")

    with pytest.raises(Refused) as refused:
        pay(deal, "earth", Payer.COMMUNITY, "2026-07-01")

    assert refused.value.message == (
        "Who pays earth is a term of Service Agreement Agreement, which is executed."
    )


@pytest.mark.parametrize(
    ("cluster", "payer", "message"),
    [
        ("mars", Payer.US, "There is no cluster 'mars'."),
        ("earth", Payer.UNKNOWN, "“Unknown” is no payer."),
    ],
)
def test_payer_that_cannot_be_is_refused(cluster, payer, message):
    deal = make_agreed()
    make_cluster("earth", deal_id="900100")

    with pytest.raises(Refused) as refused:
        pay(deal, cluster, payer, "2026-04-01")

    assert (refused.value.message, AgreementPayer.objects.count()) == (message, 0)


def test_terms_are_read_by_as_many_queries_for_three_documents_as_for_one(
    django_assert_num_queries,
):
    from tests.sales.agreements_world import amend, sign_all

    deal = make_executed()
    terms(deal, lines=LINES, payments=PAYMENTS)
    with django_assert_num_queries(6):
        terms_on(deal, TODAY)
    for scope in ("One hub more.", "Two hubs more."):
        amend(deal, scope=scope, lines=LINES)
        sign_all(deal)
    with django_assert_num_queries(6):
        assert len(terms_on(deal, TODAY).counted) == 3


def test_what_changed_is_in_the_journal_with_its_author():
    deal = make_agreed()

    terms(deal, ceiling="900.00")

    assert last_facts(deal) | {"version": 2} == last_facts(deal)
    assert last_facts(deal)["changed"] == ["ceiling"]
    assert (last_facts(deal)["ceiling"], acts(deal)[-1]) == ("900.00", "sales.agreement.terms_set")


def test_every_account_of_the_playbook_has_a_number():
    accounts = {one.code: (one.gl_code, one.is_passed_through) for one in shipped().price_accounts}

    assert accounts == {
        "membership": ("4221", False), "cloud": ("4222", True), "usage": ("4223", False),
        "service": ("4224", False),
    }  # fmt: skip


def test_fact_of_execution_and_terms_meet_in_one_agreement():
    deal = make_agreed()
    terms(deal, lines=LINES)
    tell(deal, "agreement.executed", by=BD, at=NOON,
         signed=[{"party": one, "signed_on": "2026-03-01"} for one in ("CS&S", "University")])  # fmt: skip

    assert terms_on(deal, TODAY).is_binding
