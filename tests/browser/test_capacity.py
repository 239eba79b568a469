"""The capacity map and an answer under a person's hands, and what a screen reader finds."""

from types import SimpleNamespace

import pytest

from tests.capacity.line import ask, make_sold, make_team
from tests.factories import NOON
from throughline.capacity.models import CapacityAnswer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: NOON))


@pytest.fixture
def deal(live_server):
    """Return a deal that fits alone, beside one that wants the same weeks."""
    make_team(("Ada", "infrastructure_engineer"), ("Bo", "app_engineer", "tech_lead"))
    rival = make_sold("Harbour", 30, stage="proposal")
    ask(rival)
    return make_sold("Tidewater", 30, stage="proposal")


def test_ps_walks_from_today_to_a_confirmed_answer(ps_page, deal):
    ps_page.goto("/")
    ps_page.get_by_role("link", name="Tidewater", exact=True).first.click()
    ps_page.wait_for_url(f"**/deals/{deal.pk}/capacity/")
    sentence = ps_page.locator(".answer-sentence").inner_text()
    ps_page.get_by_role("button", name="Confirm the answer").click()
    ps_page.wait_for_selector("text=has answered for PS")

    assert sentence.startswith("Yes – Infrastructure Engineer is the limit (75 % in weeks")
    assert sentence.endswith("if Harbour also closes, from 16 March.")
    assert ps_page.locator("text=It leaves no room for Harbour").count() == 1
    assert CapacityAnswer.objects.get().how == "confirmed"


def test_map_is_drawn_and_a_deal_is_toggled_without_a_script(ps_page, deal):
    ps_page.goto(f"/capacity/?deal={deal.pk}")
    picture = ps_page.locator(".map-picture img.for-light")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 800
    before = ps_page.locator(".map-table td.this").first.inner_text()
    ps_page.get_by_label("Harbour (asks)").check()
    ps_page.get_by_role("button", name="Show", exact=True).click()
    ps_page.wait_for_url("**deals=deal**")

    after = ps_page.locator(".map-table td.this").first.inner_text()
    assert (before.split()[0], after.split()[0]) == ("75", "150")


def test_map_on_a_phone_is_its_table_and_no_picture(ps_page, deal):
    ps_page.set_viewport_size({"width": 360, "height": 740})
    ps_page.goto("/capacity/")

    assert ps_page.locator(".map-table:visible").count() == 1
    assert ps_page.locator(".map-picture:visible").count() == 0


def test_a_deal_is_taken_in_at_once_where_scripts_run(ps_page, deal):
    ps_page.goto(f"/capacity/?deal={deal.pk}")
    ps_page.get_by_label("Harbour (asks)").check()
    ps_page.wait_for_url("**deals=deal**")

    ps_page.locator(".map-table td.this:has-text('150 %')").first.wait_for()
    assert ps_page.get_by_label("Harbour (asks)").is_checked()
