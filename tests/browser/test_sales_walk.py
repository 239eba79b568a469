"""From a lead to Closed Won under people's hands: gates on the deal's page, PS asked on the way."""

from types import SimpleNamespace

import pytest

from tests.browser.conftest import both_ways
from tests.capacity.line import make_team
from tests.factories import NOON, make_deal, make_ready
from throughline.sales.models import Deal, Review

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY_HAND = ("community.named", "ps.reviewed", "capacity.answered", "verbal.closed", "service.tier")


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: NOON))


@pytest.fixture
def lead(live_server):
    make_team(("Ada", "infrastructure_engineer"))
    return make_deal(name="Tidewater hub", amount="17531.00", owner="bo")


def tell(page, code, **values):
    """Fill in the form of a condition on the deal's page, and wait until it is settled."""
    form = page.locator(f'#gate form[action*="/record/{code}/"]')
    if not form.is_visible():
        form.locator("xpath=ancestor::details[1]/summary").click()
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button").first.click()
    form.wait_for(state="detached")


def move_on(page, stage, *, then):
    """Move the deal to a stage whose gate is open; the gate after it is shown."""
    page.locator("#gate").get_by_role("button", name=f"Move to {stage}", exact=True).click()
    page.get_by_role("heading", name=then, exact=True).wait_for()


def answer_for_ps(ps_page, deal, seen):
    """Have PS answer the question and say, as computed, that it can be delivered."""
    ps_page.goto(f"/reviews/{Review.objects.get().pk}/")
    seen.at(ps_page, "sales-review")
    ps_page.locator("form[action$='/answer/'] [name=answer]").fill("Two hubs will do.")
    ps_page.get_by_role("button", name="Answer for PS").click()
    ps_page.get_by_text("Two hubs will do.").first.wait_for()
    ps_page.goto(f"/deals/{deal.pk}/capacity/")
    seen.at(ps_page, "sales-capacity")
    ps_page.get_by_role("button", name="Confirm the answer").click()
    ps_page.get_by_text("has answered for PS").wait_for()


@both_ways
def test_a_lead_comes_to_closed_won_through_every_gate(page, ps_page, seen, lead):
    page.goto("/pipeline/")
    seen.at(page, "sales-board")
    page.get_by_role("link", name="Tidewater hub").first.click()
    tell(page, "community.named", short_name="Tidewater")
    move_on(page, "Qualified", then="To enter Proposal")
    seen.at(page, "sales-closed-gate")
    make_ready(lead, "contract_admin", without=BY_HAND)  # by other pages, and by other people
    page.reload()
    move_on(page, "Proposal", then="To enter Negotiation")
    tell(page, "ps.reviewed", question="Two hubs?")
    seen.at(page, "sales-asked")
    answer_for_ps(ps_page, lead, seen)
    page.reload()
    move_on(page, "Negotiation", then="To enter Contract Admin")
    tell(page, "verbal.closed", said_by="Bo Buyer", said_on="2026-03-01", version="v2")
    tell(page, "service.tier", tier="premier")
    move_on(page, "Contract Admin", then="To enter Closed Won")
    tell(page, "agreement.executed", signed_1="2026-03-02", signed_2="2026-03-02")
    seen.at(page, "sales-signed")
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("button", name="Place the order").wait_for(state="detached")
    page.goto(f"/deals/{lead.pk}/moves/")
    seen.at(page, "sales-moves")
    page.get_by_role("button", name="Move to Closed Won", exact=True).click()
    page.goto("/pipeline/")
    assert page.locator('.column[data-key="closed_won"] .card').count() == 1
    seen.at(page, "sales-won")

    assert Deal.objects.get().stage == "closed_won"
    assert seen.problems == []
