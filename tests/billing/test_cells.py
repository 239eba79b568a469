"""Whose a cost is, and what the columns show of it."""

from datetime import date
from decimal import Decimal

import pytest

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book, count_mau
from tests.billing.line import agree_payer, make_served
from tests.factories import NOON, make_cluster, make_deal, make_engagement
from throughline.billing.queries import cells, costs_of_engagement
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import Engagement
from throughline.infrastructure.words import Payer
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def cell_of(engagement, cluster, month, playbook):
    return cells([month], playbook=playbook).get((engagement.pk, cluster.pk, month))


def short(cell):
    shown = [None if one is None else str(one) for one in (cell.cost, cell.fee, cell.invoiced)]
    return (*shown, cell.users, cell.standing.value)


def test_cell_has_cost_users_and_fee_of_the_month(playbook):
    engagement, cluster = make_served()
    book({ACCOUNT: "100.005"})
    count_mau({"maple": 280})

    assert short(cell_of(engagement, cluster, APRIL, playbook)) == (
        "100.01", "1000.00", None, 280, "billable",
    )  # fmt: skip


def test_what_nobody_told_is_blank_and_zero_is_a_number(playbook):
    engagement, cluster = make_served()
    book({ACCOUNT: "0"}, month=MAY)
    count_mau({"maple": 0}, month=MAY)
    count_mau({"maple": None}, month=JUNE)

    assert short(cell_of(engagement, cluster, APRIL, playbook)) == (
        None,
        None,
        None,
        None,
        "billable",
    )
    assert short(cell_of(engagement, cluster, MAY, playbook)) == (
        "0.00",
        "0.00",
        None,
        0,
        "billable",
    )
    assert short(cell_of(engagement, cluster, JUNE, playbook)) == (
        None,
        None,
        None,
        None,
        "billable",
    )


@pytest.mark.parametrize(
    ("said", "agreed", "standing"),
    [
        ("us", None, "billable"),
        ("community", None, "community"),
        ("unknown", None, "payer_unknown"),
        ("community", Payer.US, "billable"),
        ("us", Payer.COMMUNITY, "community"),
    ],
)
def test_agreement_says_who_pays_before_the_file_does(said, agreed, standing, playbook):
    engagement, cluster = make_served(paid_by=said)
    if agreed:
        agree_payer(engagement, cluster, agreed)
    book({ACCOUNT: "5"})

    assert cell_of(engagement, cluster, APRIL, playbook).standing == standing


def test_payer_changes_with_the_month(playbook):
    engagement, cluster = make_served(paid_by="unknown")
    agree_payer(engagement, cluster, Payer.US)
    agreement = engagement.deal.agreements.get()
    agreement.payers.update(to_on=MAY)
    agreement.payers.create(cluster=cluster, payer=Payer.COMMUNITY, from_on=MAY)

    found = cells([APRIL, MAY], playbook=playbook)

    assert [found[engagement.pk, cluster.pk, month].standing for month in (APRIL, MAY)] == [
        "billable", "community",
    ]  # fmt: skip


def test_cost_before_the_term_and_after_it_is_nobodys(playbook):
    engagement, cluster = make_served()
    book({ACCOUNT: "5"}, month=MARCH)
    book({ACCOUNT: "5"}, month=date(2027, 4, 1))

    assert cell_of(engagement, cluster, MARCH, playbook).standing == "not_begun"
    assert cell_of(engagement, cluster, date(2027, 4, 1), playbook).standing == "lapsed"


def test_deal_without_an_executed_agreement_is_billed_nothing(playbook):
    engagement = Engagement.objects.create(
        deal=make_deal(hubspot_id="5", start_on=APRIL, end_on=date(2027, 3, 31)), origin="imported",
        opened_at=NOON, opened_by="test",
    )  # fmt: skip
    cluster = make_cluster("maple", deal_id="5")
    engagement.on_clusters.create(cluster=cluster, since=NOON)
    book({ACCOUNT: "5"})

    assert cell_of(engagement, cluster, APRIL, playbook).standing == "no_agreement"


def test_renewal_takes_over_from_its_first_month_and_the_old_months_stay(playbook):
    old, _cluster = make_served()
    new = make_engagement(name="Renewal", hubspot_id="77")
    new.deal.agreements.update(effective_on=date(2027, 4, 1), end_on=date(2028, 3, 31))
    Engagement.objects.filter(pk=old.pk).update(successor=new.deal)
    old.on_clusters.update(engagement=new)  # the cluster's file names the new deal
    book({ACCOUNT: "5"}, month=APRIL)
    book({ACCOUNT: "7"}, month=date(2027, 4, 1))

    found = cells([APRIL, date(2027, 4, 1)], playbook=playbook)

    assert {key[0]: (cell.cost, cell.standing) for key, cell in found.items()} == {
        old.pk: (Decimal("5.00"), "billable"), new.pk: (Decimal("7.00"), "billable"),
    }  # fmt: skip


def test_change_of_more_than_a_fifth_is_flagged(playbook):
    engagement, cluster = make_served()
    for month, cost in ((APRIL, "100"), (MAY, "120"), (JUNE, "95.90")):
        book({ACCOUNT: cost}, month=month)

    found = cells([APRIL, MAY, JUNE], playbook=playbook)

    changes = [found[engagement.pk, cluster.pk, one].change_pct for one in (APRIL, MAY, JUNE)]
    assert changes == [None, None, -20]
    book({ACCOUNT: "120.02"}, month=MAY)
    assert cell_of(engagement, cluster, MAY, playbook).change_pct == 20


def test_engagement_with_two_clusters_is_summed_for_the_renewal(playbook):
    engagement, _cluster = make_served(hubspot_id="77")
    make_cluster("birch", account="2", deal_id="77")
    link_clusters(by="test", at=NOON)
    book({ACCOUNT: "5", "2": "6"})
    count_mau({"maple": 10, "birch": None})

    months = costs_of_engagement(engagement.pk, [APRIL, MAY], playbook=playbook)

    assert [(one.cost, one.users, one.fee, one.invoiced) for one in months] == [
        (Decimal("11.00"), 10, Decimal("100.00"), None), (None, None, None, None),
    ]  # fmt: skip


def test_price_that_names_no_fee_for_use_asks_none(playbook):
    engagement, cluster = make_served()
    agreement = engagement.deal.agreements.get()
    agreement.lines.create(
        position=1, description="Membership", account="membership", gl_code="4221", amount="100"
    )
    count_mau({"maple": 280})

    assert cell_of(engagement, cluster, APRIL, playbook).fee == 0


@pytest.mark.both_databases
def test_cells_of_many_engagements_take_as_many_queries_as_of_one(
    playbook, django_assert_num_queries
):
    make_served("maple", account="1")
    book({"1": "5"})
    with django_assert_num_queries(18):
        cells([APRIL], playbook=playbook)
    make_served("birch", account="2")
    make_served("cedar", account="3")
    book({"1": "5", "2": "6", "3": "7"}, month=MAY)
    count_mau({"birch": 7, "cedar": 8}, month=MAY)

    with django_assert_num_queries(18):
        found = cells([APRIL, MAY, JUNE], playbook=playbook)

    assert len(found) == 3 * Deal.objects.count()
