"""The first steps under somebody's hands, with scripts and without, and Today and Help beside them."""

import pytest

from tests.browser.conftest import both_ways
from throughline.cli.commands.serving import _fresh_token
from throughline.playbook.current import current
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEALS = b"id,dealname,amount,dealstage\n101,Coral Lab,48000,Proposal\n102,Atoll,soon,Lead\n"


@both_ways
def test_first_person_goes_from_the_printed_address_to_the_first_deals(
    outside, seen, settings, tmp_path
):
    settings.HOME = tmp_path
    page = outside
    page.goto(f"/?token={_fresh_token()}")
    seen.at(page, "start")
    page.get_by_role("link", name="Begin: the organisation").click()
    seen.at(page, "start-organisation")
    page.get_by_label("Name").fill("Reef Hubs")
    page.get_by_label("Time zone").select_option("Pacific/Auckland")
    page.get_by_role("button", name="This is us").click()
    page.get_by_text("This is Reef Hubs now.").wait_for()

    page.get_by_label("Name to sign in with").fill("ada")
    page.get_by_label("Address", exact=True).fill("ada@reef.example")
    page.get_by_label("BD", exact=True).check()
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("ada@reef.example is invited").wait_for()
    seen.at(page, "start-people")
    page.get_by_role("button", name="Leave it for later").click()

    seen.at(page, "start-playbook")
    page.get_by_role("button", name="These rules are ours").click()
    page.get_by_label("Export of deals").set_input_files(
        {"name": "deals.csv", "mimeType": "text/csv", "buffer": DEALS}
    )
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_text("line 3").wait_for()
    seen.at(page, "start-import")
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("Taken in: 1 created").wait_for()

    assert [deal.name for deal in Deal.objects.all()] == ["Coral Lab"]
    assert current().organisation.zone == "Pacific/Auckland"
    walk_on_to_today(page, seen)
    assert seen.problems == []


def walk_on_to_today(page, seen):
    """Go from the steps to the week, into one of its numbers, and on to its help."""
    page.get_by_role("link", name="To Today").click()
    page.get_by_role("heading", name="The organisation's week").wait_for()
    seen.at(page, "today-after-the-first-steps")
    page.get_by_role("link", name="Closed gates: 1").click()
    seen.at(page, "week-gates")
    page.get_by_role("link", name="Help: Begin the day").click()
    seen.at(page, "help-begin-the-day")
