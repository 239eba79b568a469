"""The process under people's hands: from a number to the deals that it counts, and back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.capacity.line import make_team
from tests.factories import BD, make_engagement, make_ready, move
from throughline.playbook.loader import shipped
from throughline.sales.actions.create import create_deal
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(live_server):
    """Return a deal that went on after nine days, beside an engagement and a team."""
    make_engagement(name="EarthScope 2026")
    make_team(("Ada", "app_engineer", "infrastructure_engineer"))
    begun = datetime.now(UTC) - timedelta(days=20)
    deal = create_deal("Tidewater", owner=BD, amount=9000, playbook=shipped(), by=BD, at=begun)
    Deal.objects.filter(pk=deal.pk).update(close_on=begun.date() + timedelta(days=40))
    return move(make_ready(deal, "qualified"), "qualified", at=begun + timedelta(days=9))


def test_a_number_opens_the_deals_that_it_counts_and_its_chip_leads_out(page, house):
    page.goto("/process/flow/", timeout=30_000)
    page.get_by_role("row", name="Qualified").get_by_role(
        "link", name="1", exact=True
    ).first.click()
    page.get_by_role("heading", name="Pipeline").wait_for()
    assert page.locator("tbody[data-list] tr").count() == 1
    page.get_by_role("link", name="entered Qualified from").click()
    page.wait_for_url("**/pipeline/?view=table")
    assert page.locator("tbody[data-list] tr").count() == 2
