"""The end of an engagement under people's hands: a pretended day, a token, the end, the data."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.conftest import both_ways
from tests.renewals.endings import make_running
from tests.renewals.world import make_representative
from throughline.playbook.loader import shipped
from throughline.renewals.actions_data import data_token
from throughline.renewals.jobs import run_ladders
from throughline.renewals.models import Course, DataQuestion, LapseToken

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


@pytest.fixture
def told(live_server):
    """Return an engagement that ends in 59 days, of which partnerships are told."""
    now = timezone.now()
    end_on = now.date() + timedelta(days=59)
    engagement = make_running(end_on.isoformat(), start_on="2020-01-01", name="Tidewater hub")
    run_ladders(at=now, playbook=shipped(), by="worker")
    return engagement


def decide_the_end(page, engagement):
    page.goto(f"/renewals/{engagement.number}/")
    page.get_by_text("End: it is not renewed").click()
    page.get_by_label("Why").last.fill("No money.")
    page.get_by_role("button", name="It ends").click()
    page.get_by_text("The check list by which it is taken down").wait_for()


@both_ways
def test_a_lapsed_hub_is_allowed_then_ended_and_its_data_settled_by_the_community(
    page, outside, seen, lapsed
):
    page.goto("/renewals/?view=lapsed")
    page.get_by_role("link", name="Tidewater hub").first.click()
    page.get_by_text("Lapsed, still running, 10 days.").wait_for()
    seen.at(page, "renewal-lapsed")
    page.get_by_role("link", name="Allow or decide").click()
    page.get_by_text("Let it run for 14 days").click()
    page.get_by_label("Why").first.fill("They are about to sign.")
    seen.at(page, "renewal-running")
    page.get_by_role("button", name="Allow it").click()
    page.get_by_text("The agreement stays over.").wait_for()
    decide_the_end(page, lapsed)
    page.get_by_text("The check list by which it is taken down").click()
    page.get_by_text("Ask the community by mail").click()
    page.get_by_role("button", name="Put the letter into the outbox").click()
    page.get_by_text("silence is no yes").wait_for()
    seen.at(page, "renewal-offboarding")
    outside.goto(f"/s/data/{data_token(DataQuestion.objects.get())}/")
    seen.at(outside, "renewal-data-question")
    outside.get_by_label("Yes: everybody has saved").check()
    outside.get_by_role("button", name="Send the answer").click()
    outside.get_by_text("Thank you: it is written down.").wait_for()
    page.reload()
    page.get_by_text("Rae Rep: Our data are safe").wait_for()

    assert LapseToken.objects.get().by == "bo"
    assert seen.problems == []


@both_ways
def test_a_notice_leads_to_the_pack_and_to_the_deal_that_renews(page, seen, told):
    page.goto("/outbox/")
    page.get_by_role("link", name="Agreement expiring in 59 days").first.click()
    seen.at(page, "renewal-notice")
    page.get_by_role("link", name="Engagement").last.click()
    page.goto(f"/renewals/{told.number}/")
    with page.expect_download() as pack:
        page.get_by_role("link", name="Pack (PDF)").click()
    page.get_by_text("Renew: a deal and an engagement of its own").click()
    page.get_by_label("Why").first.fill("They teach again.")
    seen.at(page, "renewal-decide")
    page.get_by_role("button", name="Renew it").click()
    page.get_by_text("Patch for cluster files").wait_for()
    seen.at(page, "renewal-renewed")

    assert pack.value.suggested_filename.endswith(".pdf")
    assert Course.objects.get().by == "bo"
    assert seen.problems == []


def test_a_pretended_day_is_chosen_with_the_keyboard_and_left_again(page, lapsed):
    page.goto("/renewals/?view=lapsed")
    page.get_by_label("Pretend today is").fill("2040-01-01")
    page.get_by_label("Pretend today is").press("Enter")
    page.get_by_text("Pretended: this page is as if today were 1 Jan 2040.").wait_for()
    page.get_by_role("link", name="Back to today").click()

    page.get_by_text("What ends when, who is told").wait_for()
    assert page.get_by_text("Pretended: this page").count() == 0


def test_a_slider_says_which_day_it_means_and_is_asked_for_with_the_button(page, lapsed):
    page.goto("/renewals/?view=lapsed")
    slider, day = page.get_by_label("or slide ahead"), page.get_by_label("Pretend today is")
    slider.focus()
    slider.press("End")
    chosen = day.input_value()

    assert page.url.endswith("/renewals/?view=lapsed")  # a key alone loads no page
    assert chosen == (timezone.now().date() + timedelta(days=550)).isoformat()
    assert slider.get_attribute("aria-valuetext").endswith(chosen[:4])
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("Pretended: this page is as if today were").wait_for()
    assert page.get_by_label("or slide ahead").input_value() == "550"
