"""A billing month under people's hands: a bill comes in, one person reviews, another sends."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.billing.line import make_served
from tests.browser.conftest import both_ways, signed_in
from throughline.billing.models import BillingMonth, Invoice
from throughline.people.words import RoleName

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BILL = b"""\
"Linked account","012345678901","Total costs($)"
"Linked account name","EarthScope($)","Total costs($)"
"Linked account total","100.005","100.005"
"2026-04-01","100.005","100.005"
"""
LATER = datetime(2026, 7, 2, 12, tzinfo=UTC)
MONTH = "/billing/month/?month=2026-04"


@pytest.fixture(autouse=True)
def july(monkeypatch):
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: LATER))


@pytest.fixture
def served(live_server):
    return make_served()


@pytest.fixture
def sponsor_page(chromium, live_server, way):
    with signed_in(chromium, live_server, "sol", RoleName.SPONSOR, way) as opened:
        yield opened


def bring(page, what, name, content):
    """Import a file on the sheet's page."""
    page.goto("/billing/")
    page.locator("summary", has_text="Import a bill, or active users").click()
    form = page.locator('form[action="/billing/import/"]')
    form.locator("[name=what]").select_option(what)
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    form.locator("[name=file]").set_input_files(file)
    form.get_by_role("button", name="Take the file in").click()
    page.locator(".messages .notice").first.wait_for()


@both_ways
def test_a_bill_is_imported_reviewed_by_one_and_sent_by_another(page, sponsor_page, seen, served):
    bring(page, "aws", "april.csv", BILL)
    seen.at(page, "billing-imported")
    bring(page, "mau", "mau.csv", b"cluster,date,unique_users\nmaple,2026-04-30,280\n")
    page.goto(MONTH)
    seen.at(page, "billing-open")
    page.get_by_role("button", name="It is reviewed").click()
    page.get_by_text("is reviewed now").wait_for()
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#main [role=alert]").first.wait_for()
    seen.at(page, "billing-not-by-the-same-person")
    sponsor_page.goto(MONTH)
    seen.at(sponsor_page, "billing-reviewed")
    sponsor_page.get_by_role("button", name="Send", exact=True).click()
    sponsor_page.get_by_text("is sent now").wait_for()
    seen.at(sponsor_page, "billing-sent")
    with sponsor_page.expect_download() as charges:
        sponsor_page.get_by_role("link", name="CSV for the Sponsor").click()

    month = BillingMonth.objects.get(month="2026-04-01")
    assert (month.state, month.reviewed_by, month.sent_by) == ("sent", "bo", "sol")
    assert Invoice.objects.count() == 1
    assert re.search(r"2026-04.*\.csv$", charges.value.suggested_filename)
    assert seen.problems == []
