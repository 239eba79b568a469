"""The capacity map and an answer under a person's hands, and what a screen reader finds."""

from types import SimpleNamespace

import pytest

from tests.browser.test_pipeline import shoot
from tests.capacity.line import ask, make_sold, make_team
from tests.factories import NOON
from throughline.capacity.models import CapacityAnswer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


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
    shoot(ps_page, "answer")
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
    shoot(ps_page, "map")

    after = ps_page.locator(".map-table td.this").first.inner_text()
    assert (before.split()[0], after.split()[0]) == ("75", "150")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/capacity/?deal={}&people=infrastructure_engineer&deals=deal:1&chosen=on",
     "/capacity/?find=1&role=app_engineer&fte=0.5&from_on=2026-03-02&to_on=2026-05-31",
     "/deals/{}/capacity/", "/capacity/team/", "/capacity/team/new/"],
)  # fmt: skip
def test_page_of_capacity_has_nothing_that_axe_finds(path, scheme, ps_page, deal):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    ps_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    ps_page.goto(path.format(deal.pk))
    shoot(ps_page, f"{path.strip('/').replace('/', '-').replace('?', '-')[:30]}-{scheme}")

    found = axe.Axe().run(ps_page, options={"runOnly": TAGS})

    assert [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found.response["violations"]
    ] == []


@pytest.mark.parametrize("path", ["/capacity/", "/deals/{}/capacity/", "/capacity/team/"])
def test_page_of_capacity_fits_a_phone_with_the_table_in_the_place_of_the_picture(
    path, ps_page, deal
):
    ps_page.set_viewport_size({"width": 360, "height": 740})
    ps_page.goto(path.format(deal.pk))

    assert ps_page.evaluate("document.documentElement.scrollWidth") <= 360
    assert ps_page.locator(".map-picture:visible").count() == 0
