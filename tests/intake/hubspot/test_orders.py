"""Orders on HubSpot's deals: BD's request for delivery, decided by the order action alone."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_deal_at, sign
from tests.intake.hubspot.conftest import STAGES
from throughline.delivery.models import Engagement
from throughline.intake.hubspot.actions.orders import place_again, waiting_orders
from throughline.intake.hubspot.actions.reading import read_all, read_changes
from throughline.intake.models import HubSpotOrder
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal, Order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
DEALS, ORDERS = "0-3", "0-123"


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def deal(account):
    """A deal at Contract Admin, there and here; its agreement is not executed."""
    ours = make_deal_at("contract_admin")
    made = account.create(DEALS, {"dealname": ours.name, "dealstage": STAGES["Contract Admin"]})
    Deal.objects.filter(pk=ours.pk).update(hubspot_id=made.id)
    return made


@pytest.fixture
def order(account, deal):
    def place():
        made = account.create(ORDERS, {"hs_order_name": "Please begin"})
        account.associate(made, deal, [("HUBSPOT_DEFINED", 512)])
        return made

    return place


def ours(deal):
    return Deal.objects.get(hubspot_id=deal.id)


def test_an_order_on_an_executed_agreement_opens_the_engagement(source, deal, order):
    sign(ours(deal))
    order()

    read = read_all(source, at=NOON)

    assert [one.code for one in read.warnings if one.code == "order_refused"] == []
    assert (Order.objects.get().by, Engagement.objects.get().deal) == ("HubSpot", ours(deal))
    assert HubSpotOrder.objects.get().taken_at == NOON


def test_an_order_that_is_refused_waits_with_its_remedy_and_is_placed_once_it_may(
    source, deal, order
):
    order()
    read = read_all(source, at=NOON)
    (warned,) = [one for one in read.warnings if one.code == "order_refused"]
    assert "Have every party sign it" in warned.message
    assert (Order.objects.count(), len(waiting_orders())) == (0, 1)
    assert "is not executed" in waiting_orders()[0][0].refusal

    sign(ours(deal))
    read_changes(source, at=NOON + timedelta(hours=1))

    assert (Order.objects.count(), Engagement.objects.count(), waiting_orders()) == (1, 1, [])


def test_reading_an_order_again_and_again_and_several_of_one_deal_are_one_order(
    source, deal, order
):
    sign(ours(deal))
    order()
    order()
    for hour in range(3):
        read_all(source, at=NOON + timedelta(hours=hour))

    assert (Order.objects.count(), Engagement.objects.count()) == (1, 1)
    assert HubSpotOrder.objects.filter(taken_at=NOON).count() == 2


def test_an_order_on_a_deal_that_did_not_change_is_found_without_a_full_reading(
    source, deal, order, clock
):
    sign(ours(deal))
    read_all(source, at=clock.at)
    clock.move(hours=1)
    order()
    clock.move(minutes=1)

    read_changes(source, at=clock.at)

    assert Order.objects.count() == 1


def test_an_order_that_is_taken_off_its_deal_before_it_was_taken_waits_no_longer(
    source, account, deal, order
):
    made = order()
    read_all(source, at=NOON)
    account.part(made, account.find(DEALS, deal.id))

    read_all(source, at=NOON + timedelta(hours=1))
    sign(ours(deal))
    read_all(source, at=NOON + timedelta(hours=2))

    assert (waiting_orders(), Order.objects.count()) == ([], 0)


def test_a_person_may_place_it_again_and_hears_why_not(source, deal, order):
    order()
    read_all(source, at=NOON)
    row = HubSpotOrder.objects.get()

    with pytest.raises(Refused, match="is not executed"):
        place_again(row.pk, playbook=source.playbook, by="bea", at=NOON)
    assert Order.objects.count() == 0

    sign(ours(deal))
    place_again(row.pk, playbook=source.playbook, by="bea", at=NOON)
    assert Order.objects.get().by == "bea"
