"""The end of an engagement under people's hands: a pretended day, a token, the end, the data."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.test_delivery import TAGS
from tests.browser.test_pipeline import shoot
from tests.renewals.endings import make_running
from tests.renewals.world import make_representative
from throughline.renewals.actions_data import data_token
from throughline.renewals.models import DataQuestion, LapseToken

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lapsed(live_server):
    """Return an engagement that ended ten days ago, with a hub that runs."""
    end_on = timezone.now().date() - timedelta(days=10)
    engagement = make_running(
        end_on.isoformat(), start_on="2020-01-01", name="Tidewater hub", hubspot_id="700"
    )
    make_representative(engagement, "rae@example.org")
    return engagement


def decide_the_end(page, engagement):
    # The first page of a server that has just begun loads its libraries.
    page.goto(f"/renewals/{engagement.number}/", timeout=30_000)
    page.get_by_text("End: it is not renewed").click()
    page.get_by_label("Why").last.fill("No money.")
    page.get_by_role("button", name="It ends").click()
    page.get_by_text("The check list by which it is taken down").wait_for()


def test_a_lapsed_hub_is_allowed_then_ended_and_its_data_settled_by_the_community(
    page, chromium, live_server, lapsed
):
    page.goto("/renewals/?view=lapsed")
    page.get_by_role("link", name="Tidewater hub").first.click()
    page.get_by_text("Lapsed, still running, 10 days.").wait_for()
    page.get_by_role("link", name="Allow or decide").click()
    page.get_by_text("Let it run for 14 days").click()
    page.get_by_label("Why").first.fill("They are about to sign.")
    page.get_by_role("button", name="Allow it").click()
    page.get_by_text("The agreement stays over.").wait_for()
    decide_the_end(page, lapsed)
    page.get_by_text("The check list by which it is taken down").click()
    page.get_by_text("Ask the community by mail").click()
    page.get_by_role("button", name="Put the letter into the outbox").click()
    page.get_by_text("silence is no yes").wait_for()

    outside = chromium.new_context(base_url=live_server.url).new_page()
    outside.goto(f"/s/data/{data_token(DataQuestion.objects.get())}/")
    outside.get_by_label("Yes: everybody has saved").check()
    outside.get_by_role("button", name="Send the answer").click()
    outside.get_by_text("Thank you: it is written down.").wait_for()
    outside.context.close()
    page.reload()
    page.get_by_text("Rae Rep: Our data are safe").wait_for()

    assert LapseToken.objects.get().by == "bo"


def test_a_pretended_day_is_chosen_with_the_keyboard_and_left_again(page, lapsed):
    page.goto("/renewals/?view=lapsed")
    page.get_by_label("Pretend today is").fill("2040-01-01")
    page.get_by_label("Pretend today is").press("Enter")
    page.get_by_text("Pretended: this page is as if today were 1 Jan 2040.").wait_for()
    page.get_by_role("link", name="Back to today").click()

    page.get_by_text("What ends when, who is told").wait_for()
    assert page.get_by_text("Pretended: this page").count() == 0


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_renewals_have_nothing_that_axe_finds(scheme, width, page, lapsed):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    decide_the_end(page, lapsed)
    number = lapsed.number

    found = {}
    for name, address in (
        ("renewals", "/renewals/?view=all&pretend=2040-01-01"),
        ("renewal", f"/renewals/{number}/"),
        ("running", "/renewals/running/"),
        ("offboarding", f"/offboarding/{number}/"),
        ("calendars", "/renewals/calendars/"),
    ):
        page.goto(address)
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
