"""The first steps under somebody's hands, with scripts and without, and Today and Help beside them."""

import pytest

from tests.browser.test_delivery import TAGS
from tests.browser.test_pipeline import shoot
from throughline.cli.commands.serving import _fresh_token
from throughline.playbook.current import current
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEALS = b"id,dealname,amount,dealstage\n101,Coral Lab,48000,Proposal\n102,Atoll,soon,Lead\n"


@pytest.fixture
def visit(chromium, live_server, settings, tmp_path):
    """Return what opens a page of a fresh installation as the holder of the printed address."""
    settings.HOME = tmp_path
    contexts = []

    def opened(**ways):
        context = chromium.new_context(base_url=live_server.url, **ways)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"/?token={_fresh_token()}", timeout=30_000)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_first_person_goes_from_the_printed_address_to_the_first_deals(scripts, visit):
    page = visit(java_script_enabled=scripts)
    page.get_by_role("link", name="Begin: the organisation").click()
    page.get_by_label("Name").fill("Reef Hubs")
    page.get_by_label("Time zone").select_option("Pacific/Auckland")
    page.get_by_role("button", name="This is us").click()
    page.get_by_text("This is Reef Hubs now.").wait_for()

    page.get_by_label("Name to sign in with").fill("ada")
    page.get_by_label("Address", exact=True).fill("ada@reef.example")
    page.get_by_label("BD", exact=True).check()
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("ada@reef.example is invited").wait_for()
    page.get_by_role("button", name="Leave it for later").click()

    page.get_by_role("button", name="These rules are ours").click()
    page.get_by_label("Export of deals").set_input_files(
        {"name": "deals.csv", "mimeType": "text/csv", "buffer": DEALS}
    )
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_text("line 3").wait_for()
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("1 deals created").wait_for()

    assert [deal.name for deal in Deal.objects.all()] == ["Coral Lab"]
    assert current().organisation.zone == "Pacific/Auckland"
    page.get_by_role("link", name="To Today").click()
    assert page.get_by_role("heading", name="The organisation's week").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_first_steps_today_and_help_have_nothing_that_axe_finds(scheme, visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit(color_scheme=scheme)
    found = {}
    for address in (
        "/start/", "/start/organisation/", "/start/people/", "/start/playbook/", "/start/import/",
        "/", "/week/gates/", "/help/", "/help/words/", "/help/how-to/import-your-deals/",
    ):  # fmt: skip
        page.goto(address, wait_until="networkidle")
        results = axe.Axe().run(page, options={"runOnly": TAGS})
        found[address] = [one["id"] for one in results.response["violations"]]
        shoot(page, f"beginning{address.replace('/', '-')}{scheme}")

    assert {address: ids for address, ids in found.items() if ids} == {}
