"""Budgets and alerts under people's hands: from an account to its ticket, and to a decision."""

from datetime import UTC, datetime

import pytest

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book
from tests.browser.test_delivery import TAGS
from tests.browser.test_pipeline import shoot
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


def test_an_alert_is_found_from_its_account_and_decided_about_by_name(page, alert):
    # The first page of a server that has just begun loads its libraries.
    page.goto("/budgets/", timeout=30_000)
    page.get_by_text("We pay, and nobody is told.").wait_for()
    page.get_by_role("link", name="1 alert", exact=True).click()
    page.locator(f'main a[href="/budgets/alerts/{alert.pk}/"]').first.click()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("Acknowledged.").first.wait_for()
    page.get_by_label("What made the costs?").fill("A workshop of 200 people.")
    page.get_by_role("button", name="Save the cause").click()
    page.get_by_text("The cause is written down.").wait_for()
    page.get_by_label("What is done?").select_option("expected")
    page.get_by_label("Why?", exact=True).fill("It was planned.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Decided: ").first.wait_for()

    alert.refresh_from_db()
    assert (alert.state, alert.decision, alert.decided_by, alert.owner) == (
        "decided", "expected", "bo", "bo",
    )  # fmt: skip
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1400)])
def test_pages_of_budgets_have_nothing_that_axe_finds(scheme, width, page, alert):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    found = {}
    for name, address in (
        ("budgets", "/budgets/"),
        ("budget", f"/budgets/{alert.engagement.number}/"),
        ("alerts", "/budgets/alerts/"),
        ("alert", f"/budgets/alerts/{alert.pk}/"),
    ):
        page.goto(address, timeout=30_000)
        for summary in page.locator("main summary").all():
            summary.click()
        results = axe.Axe().run(page, options={"runOnly": TAGS})
        found[name] = [
            f"{one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in results.response["violations"]
        ]
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[name] += ["wider than the window"] if too_wide else []
        shoot(page, f"{name}-{scheme}-{width}")

    assert {name: problems for name, problems in found.items() if problems} == {}
