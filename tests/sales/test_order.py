"""Placing the order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import BD, LEAD, NOON, TODAY, make_deal, make_deal_at, move, sign
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.sales.actions.order import place_order
from throughline.sales.actions.waive import allow_early_start
from throughline.sales.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(playbook):
    def _order(deal, *, at=NOON, by=BD):
        return place_order(deal.pk, playbook=playbook, by=by, at=at)

    return _order


@pytest.mark.parametrize("stage", ["lead", "qualified", "proposal", "negotiation"])
def test_order_before_contract_admin_is_refused(order, stage):
    deal = make_deal(stage=stage)

    with pytest.raises(Refused) as refused:
        order(deal)

    assert str(refused.value) == (
        f"A deal ({deal.pk}) is not at Contract Admin or Closed Won."
        " Move it there first: `throughline deal gate` says what is missing."
    )
    assert (Order.objects.count(), Entry.objects.count()) == (0, 0)


def test_order_without_an_executed_agreement_is_refused(order):
    deal = make_deal_at("contract_admin")

    with pytest.raises(Refused) as refused:
        order(deal)

    assert refused.value.message == f"The agreement of A deal ({deal.pk}) is not executed."
    assert refused.value.remedy == (
        "Have every party sign it, or have a Lead allow an early start with a reason,"
        " a money limit and a last day."
    )


def test_order_of_a_signed_deal_is_placed_and_written_down(order):
    deal = sign(make_deal_at("contract_admin"))

    placed = order(deal)

    assert (placed.deal_id, placed.by, placed.at, placed.early_start) == (deal.pk, BD, NOON, None)
    entry = Entry.objects.get(act="sales.order.placed")
    assert (entry.by, entry.at, entry.facts) == (BD, NOON, {"early_start": False})


def test_order_placed_twice_stays_the_first(order):
    deal = sign(make_deal_at("contract_admin"))
    first = order(deal)

    again = order(deal, by="bea", at=NOON + timedelta(days=1))

    assert (again.pk, again.by, again.at) == (first.pk, BD, NOON)
    assert Entry.objects.filter(act="sales.order.placed").count() == 1


def test_order_stays_when_the_deal_moves_back(order):
    deal = sign(make_deal_at("contract_admin"))
    first = order(deal)
    move(deal, "proposal")

    assert order(deal) == first


def test_early_start_counts_on_its_last_day_and_not_on_the_next(order, playbook):
    late, in_time = make_deal_at("contract_admin"), make_deal_at("contract_admin")
    for deal in (late, in_time):
        allow_early_start(
            deal.pk, reason="Workshop.", money_limit=Decimal(5000), until=TODAY, playbook=playbook,
            by=LEAD, at=NOON,
        )  # fmt: skip
    last_instant = NOON.replace(hour=23, minute=59, second=59)

    with pytest.raises(Refused, match="is not executed"):
        order(late, at=last_instant + timedelta(seconds=1))
    assert order(in_time, at=last_instant).early_start.until_on == TODAY


def test_early_start_below_the_deals_amount_is_said_and_does_not_block(order, playbook):
    deal = make_deal_at("contract_admin", amount=Decimal("17500.00"))
    allow_early_start(
        deal.pk, reason="Workshop.", money_limit=Decimal(5000), until=TODAY, playbook=playbook,
        by=LEAD, at=NOON,
    )  # fmt: skip

    order(deal)

    entry = Entry.objects.get(act="sales.early_start.limited")
    assert (entry.by, entry.facts) == (LEAD, {"limit": "5000.00"})


@pytest.mark.both_databases
def test_order_placed_by_several_at_once_is_one_order(at_once, order):
    deal = sign(make_deal_at("contract_admin"))

    placed = at_once(*[lambda: order(deal)] * 4)

    assert {one.pk for one in placed} == {Order.objects.get().pk}
    assert Entry.objects.filter(act="sales.order.placed").count() == 1
