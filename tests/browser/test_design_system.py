"""What holds of the design system in a browser: print, motion, focus, contrast, targets, no jumps."""

import pytest

from tests.browser.seeing import shoot
from tests.factories import make_deal, make_deal_at
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOWN = "one => getComputedStyle(one).display !== 'none' && one.getClientRects().length > 0"
SMALL_TARGETS = """() => [...document.querySelectorAll(
    "main button, .top button, .nav a, main summary, main select, main a.button")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < 23.9 || box.width < 23.9))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""
LIGHTNESS = """() => getComputedStyle(document.body).backgroundColor
  + " " + getComputedStyle(document.querySelector("h1")).color"""


@pytest.fixture
def deal(live_server):
    return make_deal_at("closed_won", name="Tidewater hub", amount="17531.00")


def shown(page, selector):
    return page.locator(selector).evaluate_all(f"found => found.some({SHOWN})")


def focused(page, what):
    return page.evaluate(f"document.activeElement.{what}")


def test_printed_page_is_light_has_no_navigation_and_shows_its_tables_whole(page, deal):
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 720, "height": 1000})
    page.goto("/design/")
    shoot(page, "print-design")

    assert page.evaluate(LIGHTNESS) == "rgb(255, 255, 255) rgb(29, 29, 26)"
    assert [one for one in (".top", ".nav", ".skip", "main .button") if shown(page, one)] == []
    assert set(
        page.locator(".table-wrap").evaluate_all(
            "found => found.map((one) => getComputedStyle(one).overflowX)"
        )
    ) == {"visible"}
    assert len(page.pdf()) > 10_000


def test_reduced_motion_leaves_no_transition(page, deal):
    page.emulate_media(reduced_motion="reduce")
    page.goto("/design/")
    durations = (
        "found => [...new Set(found.map((one) => getComputedStyle(one).transitionDuration))]"
    )

    assert page.locator("main *").evaluate_all(durations) == ["0s"]


def test_first_tab_offers_to_skip_to_the_content_and_shows_where_one_is(page, deal):
    page.goto("/pipeline/")
    page.keyboard.press("Tab")
    skip = focused(page, "textContent"), focused(page, "getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    within = page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert (skip, within, outline) == (("Skip to the content", True), True, "solid")


def test_forced_colours_keep_what_colour_alone_would_show(page, deal):
    page.emulate_media(forced_colors="active")
    page.goto("/design/")
    shoot(page, "forced-colours-design")
    edges = "found => found.map((one) => getComputedStyle(one).borderTopStyle)"

    assert set(page.locator(".pill").evaluate_all(edges)) == {"solid"}
    page.goto("/pipeline/")
    assert set(page.locator(".nav a[aria-current]").evaluate_all(edges)) == {"solid"}


@pytest.mark.parametrize("path", ["/design/", "/pipeline/", "/deals/{}/", "/engagements/{}/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_targets_are_at_least_24_pixels_each_way(path, width, page, deal):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.format(deal.pk))

    assert page.evaluate(SMALL_TARGETS) == []


def test_a_refused_step_swaps_its_panel_keeps_the_focus_and_moves_nothing_above(page, live_server):
    deal = make_deal(name="Tidewater hub")
    page.goto(f"/deals/{deal.pk}/")
    before = page.locator("#gate").bounding_box()
    page.locator("#gate form.move button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Not ready for Qualified")
    after = page.locator("#gate").bounding_box()

    assert (before["x"], before["y"], before["width"]) == (after["x"], after["y"], after["width"])
    assert page.evaluate("document.activeElement.closest('#gate') !== null")
    assert page.evaluate("scrollY") == 0
    assert Deal.objects.get().stage == "lead"


def test_menu_of_a_phone_shows_where_one_is(page, deal):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/renewals/")
    box = page.locator(".nav [aria-current]").bounding_box()

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
