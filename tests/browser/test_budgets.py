"""Budgets and alerts under people's hands: from an account to its ticket, and to a decision."""

from datetime import UTC, datetime

import pytest

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book
from tests.browser.conftest import both_ways
from tests.factories import NOON, make_engagement
from tests.handoff.world import with_cluster
from tests.intake.alerts.texts import MAIL
from throughline.budgets.models import Alert
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.playbook.loader import shipped
from throughline.sales.models import Agreement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alert(live_server):
    """Return an alert of an account that we pay for and nothing watches, with a pot that burns."""
    engagement = make_engagement(name="EarthScope 2026")
    with_cluster(engagement)
    Agreement.objects.filter(deal=engagement.deal).update(ceiling="1000.00", is_prepaid=True)
    for month in (APRIL, MAY, JUNE):
        book({ACCOUNT: "150.00"}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))
    take_text(MAIL, by="ada", at=NOON)
    take_text("A word that nobody can read", by="ada", at=NOON)
    return read_alerts(playbook=shipped(), at=NOON).heard[0].alert


@both_ways
def test_an_alert_is_found_from_its_account_and_decided_about_by_name(page, seen, alert):
    page.goto("/budgets/")
    page.get_by_text("We pay, and nobody is told.").wait_for()
    seen.at(page, "budgets")
    page.get_by_role("link", name="1 alert", exact=True).click()
    page.locator(f'main a[href="/budgets/alerts/{alert.pk}/"]').first.click()
    seen.at(page, "budgets-alert")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("Acknowledged.").first.wait_for()
    page.get_by_label("What made the costs?").fill("A workshop of 200 people.")
    page.get_by_role("button", name="Save the cause").click()
    page.get_by_text("The cause is written down.").wait_for()
    page.get_by_label("What is done?").select_option("expected")
    page.get_by_label("Why?", exact=True).fill("It was planned.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Decided: ").first.wait_for()
    seen.at(page, "budgets-decided")

    alert.refresh_from_db()
    assert (alert.state, alert.decision, alert.decided_by, alert.owner) == (
        "decided", "expected", "bo", "bo",
    )  # fmt: skip
    assert Alert.objects.count() == 1
    assert seen.problems == []
