"""Searching and the keys of pages under a person's hands."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from tests.browser.conftest import signed_in
from tests.factories import BD, make_deal
from throughline.communities.actions import Person, assign_role
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


def at_focus(page, what):
    return page.evaluate(f"document.activeElement.{what}")


def shoot(page, name):
    """Keep a picture where somebody asks for pictures."""
    if folder := os.environ.get("THROUGHLINE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def deal(live_server):
    found = make_deal(name="Tidewater hub", hubspot_id="900100")
    assign_role(
        Person("Tide Waters", email="tide@example.org"), role="champion", subject=found.subject,
        from_on=timezone.now().date(), playbook=shipped(), by=BD, at=timezone.now(),
    )  # fmt: skip
    make_deal(name="Harbour hub")
    return found


def type_into_search(page, words):
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.wait_for_selector("#search-list")


def test_slash_searches_arrows_choose_and_enter_opens(page, deal):
    page.goto("/pipeline/")

    type_into_search(page, "tide")
    field = page.locator("[data-search]")
    assert (field.get_attribute("role"), field.get_attribute("aria-expanded")) == (
        "combobox", "true",
    )  # fmt: skip
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert "Tide Waters" in chosen.inner_text()
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert page.locator("#search-said").inner_text() == "2 found. Arrows choose, Enter opens."
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{deal.pk}/")


def test_escape_closes_the_list_and_then_leaves_the_field(page, deal):
    page.goto("/pipeline/")
    type_into_search(page, "tide")

    page.keyboard.press("Escape")
    assert page.locator("#search-hits").is_hidden()
    assert at_focus(page, "id") == "search"
    assert page.locator("[data-search]").get_attribute("aria-expanded") == "false"
    page.keyboard.press("Escape")
    assert at_focus(page, "tagName") == "BODY"


def test_enter_without_a_choice_opens_the_page_of_results_and_j_walks_it(page, deal):
    page.goto("/")
    type_into_search(page, "hub")

    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=hub")
    page.keyboard.press("j")  # HubSpot is a page that goes by the word
    page.keyboard.press("j")
    assert at_focus(page, "textContent") == "Harbour hub"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{deal.pk}/")


def test_g_and_a_letter_go_to_a_page_and_a_letter_in_a_field_is_a_letter(page, deal):
    page.goto("/pipeline/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/communities/")

    page.focus("#id_q")
    page.keyboard.type("gpj?/")
    assert page.input_value("#id_q") == "gpj?/"
    assert page.url.endswith("/communities/")
    assert page.locator("#help[open]").count() == 0


def test_help_says_where_letters_are_turned_off_and_off_they_do_nothing(page, deal):
    page.goto("/pipeline/")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    shoot(page, "help")
    page.click("#help a:has-text('Turn them off')")
    page.wait_for_url("**/keys/")
    page.click("text=Turn single letters off")
    page.wait_for_selector("text=Single-letter keys are off for you.")

    assert User.objects.get(username="bo").single_keys is False
    for key in "/?jgp":
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    assert (at_focus(page, "tagName"), page.locator("#help[open]").count()) == ("BODY", 0)
    assert page.url.endswith("/keys/")
    page.click("[data-help]")  # the button still helps
    assert page.locator("#help[open]").count() == 1


def test_without_javascript_the_form_searches_and_keys_have_a_page(chromium, live_server, deal):
    with signed_in(chromium, live_server, "nina", RoleName.BD) as known:
        state = known.context.storage_state()
        context = chromium.new_context(
            base_url=live_server.url, java_script_enabled=False, storage_state=state
        )
        page = context.new_page()
        page.goto("/pipeline/")
        page.fill("#search", "tidewater")
        page.press("#search", "Enter")
        page.wait_for_url("**/search/?q=tidewater")
        assert page.locator("main .found a").first.inner_text() == "Tidewater hub"
        assert page.locator("#search").get_attribute("role") is None
        page.goto("/keys/")
        assert page.locator("main dd", has_text="search everything").count() == 1
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/search/?q=tide", "/search/?q=zzzz", "/search/", "/keys/"])
def test_page_has_nothing_that_axe_finds(path, scheme, page, deal):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(path)
    shoot(page, f"{path.strip('/').replace('/', '-').replace('?', '-')}-{scheme}")

    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_list_has_nothing_that_axe_finds(scheme, page, deal):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/communities/")
    type_into_search(page, "tide")
    page.keyboard.press("ArrowDown")
    shoot(page, f"search-list-{scheme}")

    assert violations(page) == []


def violations(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, options=AXE)
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found.response["violations"]
    ]


@pytest.mark.parametrize("path", ["/search/?q=tide", "/keys/"])
def test_page_fits_a_phone(path, page, deal):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_list_fits_a_phone(page, deal):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/communities/")
    page.click("#search")
    page.keyboard.type("tide")
    page.wait_for_selector("#search-list")
    shoot(page, "phone-list")

    box = page.locator("#search-hits").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
