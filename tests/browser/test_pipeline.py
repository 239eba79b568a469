"""The pipeline under a person's hands: keys, dragging, and what a screen reader finds."""

import pytest

from tests.factories import make_deal, make_ready
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_focus(page, what):
    return page.evaluate(f"document.activeElement.{what}")


@pytest.fixture
def deal(live_server):
    return make_deal(name="Tidewater hub", amount="17531.00")


def test_keys_walk_the_board_and_open_a_card(page, deal):
    make_deal(name="Harbour hub", stage="qualified")
    page.goto("/pipeline/")

    page.keyboard.press("j")
    first = at_focus(page, "textContent")
    page.keyboard.press("l")
    second = at_focus(page, "textContent")
    page.keyboard.press("h")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{deal.pk}/")

    assert (first, second) == ("Tidewater hub", "Harbour hub")


def test_key_m_lists_the_stages_with_what_is_missing_and_moves(page, deal):
    make_ready(deal, "qualified")
    page.goto("/pipeline/")

    page.keyboard.press("j")
    page.keyboard.press("m")
    page.wait_for_selector("#moves[open]")
    buttons = page.locator("#moves button[name=to]").all_inner_texts()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is in Qualified now")

    assert buttons[0] == "Move to Qualified"
    assert buttons[1].startswith("Move to Proposal – ")
    assert Deal.objects.get().stage == "qualified"


def test_card_dropped_on_a_closed_gate_opens_the_check_list_at_the_first_missing(page, deal):
    page.goto("/pipeline/")

    page.drag_and_drop(".card", '.column[data-key="qualified"] .column-head')
    page.wait_for_selector("text=Not ready for Qualified")

    assert at_focus(page, "closest('#gate li').id") == page.locator(
        "#gate .checklist > li"
    ).first.get_attribute("id")
    assert Deal.objects.get().stage == "lead"


def test_key_t_turns_the_board_into_a_table_and_back(page, deal):
    page.goto("/pipeline/?q=hub")

    page.keyboard.press("t")
    page.wait_for_url("**/pipeline/?q=hub&view=table")
    page.keyboard.press("t")
    page.wait_for_url("**/pipeline/?q=hub")


def test_help_lists_the_keys(page, deal):
    page.goto("/pipeline/")

    page.keyboard.press("?")

    assert page.locator("#help[open] dd", has_text="every stage and what it lacks").count() == 1
