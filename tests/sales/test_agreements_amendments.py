"""Amendments: extension, amendment and renewal are three things, and earlier terms stay readable."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import BD, NOON, SIGNATORIES, TERM, make_cluster, make_engagement, tell
from tests.sales.agreements_world import (
    CSS,
    LINES,
    TODAY,
    UNIVERSITY,
    acts,
    amend,
    executed,
    how,
    make_agreed,
    make_executed,
    make_ordered_by_po,
    move,
    sign_all,
    terms,
)
from throughline.delivery.queries import engagements
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.renewals.queries import renewals
from throughline.sales.actions.agreements import withdraw_amendment
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.actions.payers import set_payer
from throughline.sales.actions.signing import accept_order
from throughline.sales.models import Agreement, AgreementPayer, Deal, Signatory, SponsorWork
from throughline.sales.terms import terms_on
from throughline.sales.words import SigningState

pytestmark = pytest.mark.django_db
END, LATER = date(2027, 3, 31), date(2027, 9, 30)


def end_of(deal):
    deal.refresh_from_db()
    return deal.end_on


def extend(deal, **more):
    return amend(deal, kind="extension", end_on=LATER.isoformat(), **more)


def test_extension_moves_the_end_once_every_party_has_signed_it():
    deal = make_executed()

    extend(deal)
    assert end_of(deal) == END
    move(deal, CSS, SigningState.SIGNED)
    assert end_of(deal) == END
    move(deal, UNIVERSITY, SigningState.SIGNED)

    assert (end_of(deal), deal.contract_end_on) == (LATER, END)
    assert acts(deal)[-2:] == ["sales.agreement.executed", "sales.sponsor.answered"]


def test_extension_moves_the_renewal_ladder():
    engagement = make_engagement()
    due = {one.step: one.due_on for one in ladder(engagement)}

    extend(engagement.deal)
    assert {one.step: one.due_on for one in ladder(engagement)} == due
    sign_all(engagement.deal)

    after = {one.step: one.due_on for one in ladder(engagement)}
    assert (due["60"], after["60"]) == (END - timedelta(days=60), LATER - timedelta(days=60))


def ladder(engagement):
    found = renewals(engagements().filter(pk=engagement.pk), on=TODAY, playbook=shipped())
    return found[0].notices


def test_agreed_dates_and_imports_do_not_take_an_extension_back():
    deal = make_executed(hubspot_id="900100")
    extend(deal)
    sign_all(deal)

    tell(deal, "dates.agreed", **TERM)
    assert end_of(deal) == LATER
    fields = {"name": "Renamed", "contract_end_on": END}
    source = {"name": "Renamed", "contract_end_on": "2027-03-31"}
    elsewhere = DealElsewhere("900100", "Contract Admin", fields, source, {})
    take_deals([elsewhere], playbook=shipped(), by="HubSpot", at=NOON)

    assert (end_of(deal), deal.name) == (LATER, "Renamed")


def test_extension_that_is_not_executed_moves_the_end_by_no_other_way():
    deal = make_executed()
    extend(deal)

    tell(deal, "dates.agreed", **TERM)

    assert end_of(deal) == END


def test_terms_as_of_a_day_are_those_that_held_then():
    deal = make_executed()
    terms(deal, lines=LINES, renewal_terms="By letter.")
    amend(deal, effective_on="2026-10-01", tier="essential", scope="One hub less.",
          lines=[{"description": "Essential", "amount": "6000.00"}])  # fmt: skip
    sign_all(deal)

    before, after = terms_on(deal, date(2026, 9, 30)), terms_on(deal, date(2026, 10, 1))
    assert (before.tier, before.price, before.values["renewal_terms"]) == (
        "premier", Decimal(17500), "By letter.",
    )  # fmt: skip
    assert (after.tier, after.price, after.values["renewal_terms"]) == (
        "essential", Decimal(6000), "By letter.",
    )  # fmt: skip
    assert after.said_in["lines"].title == "Amendment 1"
    assert Deal.objects.get().tier == "essential"


def test_amendment_that_is_not_executed_counts_on_no_day():
    deal = make_executed()
    amend(deal, tier="essential", effective_on="2026-04-01")

    assert terms_on(deal, date(2026, 12, 1)).tier == "premier"
    assert terms_on(deal, date(2026, 12, 1)).pending.title == "Amendment 1"


def test_amendment_without_effective_day_counts_from_its_execution_on():
    deal = make_executed()
    amend(deal, days=10, tier="essential")
    sign_all(deal, days=12)

    signed_on = TODAY + timedelta(days=12)
    assert terms_on(deal, signed_on - timedelta(days=1)).tier == "premier"
    assert terms_on(deal, signed_on).tier == "essential"


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(days=st.lists(st.integers(0, 360), min_size=1, max_size=4, unique=True))
def test_each_day_reads_the_newest_amendment_that_counts_then(django_db_blocker, days):
    from django.db import transaction

    start = date(2026, 4, 1)
    with transaction.atomic():
        deal = make_executed()
        for number, offset in enumerate(sorted(days)):
            amend(deal, effective_on=(start + timedelta(days=offset)).isoformat(),
                  renewal_terms=f"terms {number}")  # fmt: skip
            sign_all(deal)
        read = {
            day: terms_on(deal, start + timedelta(days=day)).values["renewal_terms"]
            for day in (0, 90, 180, 270, 360)
        }
        transaction.set_rollback(True)

    wanted = {
        day: f"terms {max(number for number, at in enumerate(sorted(days)) if at <= day)}"
        if min(days) <= day
        else ""
        for day in read
    }
    assert read == wanted


def test_parties_of_an_amendment_are_those_of_the_agreement():
    deal = make_executed()
    made = amend(deal, scope="A second hub.")

    rows = made.signatories.order_by("position").values_list("party", "name", "state")
    assert list(rows) == [(one["party"], one["name"], "to_send") for one in SIGNATORIES]
    assert executed(deal)


def test_amendment_asks_the_sponsor_for_signatures_again():
    deal = make_executed()
    work = SponsorWork.objects.get(deal=deal, kind="signatures")
    assert work.done_at == NOON

    extend(deal)
    work.refresh_from_db()
    assert (work.done_at, work.question) == (None, "Extension: Extension 1")
    sign_all(deal)

    work.refresh_from_db()
    assert work.done_at == NOON


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kind": "renewal", "end_on": "2028-03-31"},
         "A renewal is no amendment: it is a deal and an engagement of its own."),
        ({"kind": "codicil", "scope": "x"}, "There is no 'codicil' of an agreement."),
        ({"kind": "extension"}, "An extension names the new last day."),
        ({"kind": "extension", "end_on": "2027-03-31"},
         "2027-03-31 is no extension: the agreement holds until 2027-03-31."),
        ({"kind": "extension", "end_on": "2027-09-30", "tier": "essential"},
         "An extension changes the end only, not tier."),
        ({"kind": "extension", "end_on": "2027-09-30", "lines": LINES},
         "An extension changes the end only, not lines."),
        ({}, "Nothing would change."),
        ({"title": "Only a title"}, "Nothing would change."),
        ({"tier": "gold"}, "There is no tier 'gold'."),
        ({"scope": "x", "effective_on": "2026-03-31"},
         "2026-03-31 is before the agreement begins, on 2026-04-01."),
        ({"scope": "x", "effective_on": "2027-04-01"},
         "2027-04-01 is after the agreement ends, on 2027-03-31."),
        ({"end_on": "2026-03-01"}, "The end 2026-03-01 is before the start 2026-04-01."),
        ({"scope": "x", "effective_on": "2026-08-01", "end_on": "2026-07-31"},
         "The end 2026-07-31 is before the start 2026-08-01."),
        ({"scope": "x", "lines": [{"description": "x", "account": "gold"}]},
         "Line 1: there is no price account 'gold'."),
        ({"scope": "x", "expires_on": "2027-01-01"},
         ("Service Agreement Agreement is no purchase order, so it is not issued and does not"
         " expire.")),
    ],
)  # fmt: skip
def test_amendment_that_is_none_is_refused_and_leaves_nothing(value, message):
    deal = make_executed()
    count = len(acts(deal))

    with pytest.raises(Refused) as refused:
        amend(deal, **value)

    said = refused.value.message.replace(
        "Service Agreement Amendment 1", "Service Agreement Agreement"
    )
    assert (said, bool(refused.value.remedy)) == (message, True)
    assert (Agreement.objects.count(), len(acts(deal))) == (1, count)


def test_agreement_that_is_not_executed_is_changed_not_amended():
    with pytest.raises(Refused) as refused:
        amend(make_agreed(), scope="x")

    assert refused.value.message == (
        "Service Agreement Agreement is not executed, so it can still be changed itself."
    )


def test_second_amendment_waits_for_the_first():
    deal = make_executed()
    amend(deal, scope="A second hub.")

    with pytest.raises(Refused) as refused:
        amend(deal, scope="A third hub.")
    assert refused.value.message == "Amendment 1 is not executed yet."
    sign_all(deal)
    amend(deal, scope="A third hub.")

    assert Agreement.objects.count() == 3


def test_deal_that_was_lost_is_not_amended():
    deal = make_executed()
    tell(deal, "lost.reason", reason="No money.")
    Deal.objects.update(stage="closed_lost")

    with pytest.raises(Refused):
        amend(deal, scope="x")


def test_amendment_that_was_withdrawn_leaves_the_agreement_as_it_was():
    deal = make_executed()
    extend(deal)

    with pytest.raises(Refused):
        withdraw_amendment(deal.pk, why=" ", **how())
    withdraw_amendment(deal.pk, why="They renew instead.", **how())

    assert (Agreement.objects.count(), end_of(deal)) == (1, END)
    assert Signatory.objects.count() == len(SIGNATORIES)
    assert SponsorWork.objects.get(kind="signatures").receipt == "The amendment was withdrawn."
    with pytest.raises(Refused):
        withdraw_amendment(deal.pk, why="x", **how())


def test_agreement_itself_cannot_be_withdrawn():
    with pytest.raises(Refused) as refused:
        withdraw_amendment(make_agreed().pk, why="x", **how())

    assert refused.value.message == "Service Agreement Agreement is no amendment."


def test_amendment_may_shorten_the_term():
    deal = make_executed()
    amend(deal, end_on="2026-12-31", scope="The project ends early.")
    sign_all(deal)

    assert end_of(deal) == date(2026, 12, 31)


def test_change_of_payer_waits_in_the_amendment_until_it_is_executed():
    deal = make_executed(hubspot_id="900100")
    make_cluster("earth", deal_id="900100")
    pay(deal, Payer.US, "2026-04-01")
    amend(deal, scope="They pay from July on.")

    pay(deal, Payer.COMMUNITY, "2026-07-01")
    assert AgreementPayer.objects.values_list("payer", "to_on").get() == ("us", None)
    sign_all(deal)

    rows = AgreementPayer.objects.order_by("from_on").values_list("payer", "from_on", "to_on")
    assert list(rows) == [
        ("us", date(2026, 4, 1), date(2026, 7, 1)), ("community", date(2026, 7, 1), None),
    ]  # fmt: skip
    assert terms_on(deal, date(2026, 6, 30)).payers[0].payer == "us"


def pay(deal, payer, from_on):
    set_payer(deal.pk, "earth", payer, from_on=date.fromisoformat(from_on), **how())


def test_amended_purchase_order_is_accepted_and_keeps_its_number():
    deal = make_ordered_by_po()
    accept_order(deal.pk, reference="", accepted_on=TODAY, **how())
    terms(deal, expires_on="2027-01-31")

    amend(deal, kind="extension", end_on=LATER.isoformat(), expires_on=LATER.isoformat())
    assert (end_of(deal), terms_on(deal, LATER).values["expires_on"]) == (END, date(2027, 1, 31))
    accept_order(deal.pk, reference="", accepted_on=TODAY, **how(BD))

    assert (end_of(deal), terms_on(deal, LATER).values["expires_on"]) == (LATER, LATER)
    assert terms_on(deal, LATER).values["reference"] == "PO-1"
