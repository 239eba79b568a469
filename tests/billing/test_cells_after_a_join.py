"""Two engagements became one in May: no month is counted twice, and none is lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.billing.bills import APRIL, JUNE, MAY, book, count_mau
from tests.billing.line import agree_payer, make_served
from tests.factories import BD, make_engagement
from throughline.billing.queries import cells, costs_of_engagement
from throughline.handoff.outcomes.billing import billing_of
from throughline.infrastructure.words import Payer
from throughline.intake.hubspot.actions.merges import Decision, settle_merge
from throughline.intake.models import HowSettled, HubSpotMerge
from throughline.sales.queries import facts_of

pytestmark = pytest.mark.django_db
MONTHS = (APRIL, MAY, JUNE)
IN_MAY = datetime(2026, 5, 12, tzinfo=UTC)
BILLS = {"1": "10", "2": "7"}


@pytest.fixture
def pair():
    """The engagement that goes on with "maple", and the one that is joined with "birch"."""
    return make_served("maple", account="1"), make_served("birch", account="2")


def settle(pair, playbook, how="join"):
    (whole, _maple), (joined, _birch) = pair
    HubSpotMerge.objects.create(survivor_id="9", deals=[whole.pk, joined.pk], found_at=IN_MAY)
    decision = Decision(HowSettled(how), whole.pk, "One hub for both.")
    settle_merge("9", decision, playbook=playbook, by=BD, at=IN_MAY)


def whose(cluster, playbook):
    """Return by month whose a cluster's cost and fee are."""
    return {
        month: [(number, cell.cost, cell.fee, cell.standing.value)]
        for (number, pk, month), cell in cells(MONTHS, playbook=playbook).items()
        if pk == cluster.pk and cell.cost is not None
    }


@pytest.mark.parametrize("how", ["join", "keep"])
def test_months_before_the_join_stay_and_later_ones_are_of_what_goes_on(pair, playbook, how):
    (whole, maple), (joined, birch) = pair
    for month in MONTHS:
        book(BILLS, month=month)
        count_mau({"maple": 10, "birch": 10}, month=month)
    before = whose(birch, playbook)

    settle(pair, playbook, how)

    seven, fee = Decimal("7.00"), Decimal("100.00")
    assert before == {month: [(joined.pk, seven, fee, "billable")] for month in MONTHS}
    assert whose(birch, playbook) == {
        APRIL: [(joined.pk, seven, fee, "billable")],
        MAY: [(whole.pk, seven, fee, "billable")],
        JUNE: [(whole.pk, seven, fee, "billable")],
    }
    assert whose(maple, playbook) == {
        month: [(whole.pk, Decimal("10.00"), fee, "billable")] for month in MONTHS
    }
    found = cells(MONTHS, playbook=playbook)
    assert {key[0] for key in found if key[1:] == (birch.pk, APRIL)} == {joined.pk}
    assert {key[0] for key in found if key[1:] == (birch.pk, JUNE)} == {whole.pk}
    totals = [
        [one.cost for one in costs_of_engagement(number.pk, MONTHS, playbook=playbook)]
        for number in (whole, joined)
    ]
    assert totals == [[Decimal(10), Decimal(17), Decimal(17)], [Decimal(7), None, None]]


def test_who_pays_as_the_joined_agreement_says_still_holds(pair, playbook):
    (whole, _maple), (joined, birch) = pair
    agree_payer(joined, birch, Payer.COMMUNITY)
    book(BILLS, month=JUNE)

    settle(pair, playbook)

    cell = cells([JUNE], playbook=playbook)[whole.pk, birch.pk, JUNE]
    assert (cell.payer, cell.standing) == ("community", "community")
    facts = facts_of(whole.deal, on=JUNE)
    groups = billing_of(whole, facts, playbook, system="workbook").groups
    assert [(one.cluster, one.columns[0]) for one in groups] == [
        ("birch", "community pays"), ("maple", "cloud cost"),
    ]  # fmt: skip


def test_cluster_that_both_agreements_name_is_not_split_until_they_are_joined(pair, playbook):
    (whole, maple), (joined, _birch) = pair
    agree_payer(joined, maple, Payer.US)
    for month in (APRIL, JUNE):
        book(BILLS, month=month)
    before = whose(maple, playbook)

    settle(pair, playbook)

    assert before == {}
    assert whose(maple, playbook) == {JUNE: [(whole.pk, Decimal("10.00"), None, "billable")]}


def test_one_that_renewed_another_and_was_joined_by_a_third_keeps_the_months_of_each(
    pair, playbook
):
    (whole, maple), (joined, birch) = pair
    first = make_engagement(name="First", hubspot_id="77")
    first.deal.agreements.update(effective_on=date(2025, 4, 1), end_on=date(2026, 4, 30))
    whole.deal.agreements.update(effective_on=MAY)
    first.successor = whole.deal
    first.save(update_fields=["successor"])
    book(BILLS)

    settle(pair, playbook)

    costs = {key[:2]: cell.cost for key, cell in cells([APRIL], playbook=playbook).items()}
    assert costs == {
        (first.pk, maple.pk): Decimal("10.00"), (joined.pk, birch.pk): Decimal("7.00"),
    }  # fmt: skip
