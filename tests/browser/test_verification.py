"""From "done" to "verified" under people's hands: BD asks, a champion answers, BD verifies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.test_delivery import TAGS
from tests.browser.test_pipeline import shoot
from tests.factories import PS, make_cluster, make_deliverable, make_engagement
from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.delivery.actions.champions import token_of
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import ChampionQuestion, Deliverable
from throughline.infrastructure.models import Hub

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def done(live_server):
    """Return a deliverable that waits for a verdict, on a hub that people use."""
    engagement = make_engagement(name="Tidewater hub", hubspot_id="900100")
    make_cluster("tidewater", deal_id="900100", hubs={"prod": ("Production", "hub.example.org")})
    now = timezone.now()
    link_clusters(by=PS, at=now)
    first = engagement.deal.order.at.date()
    users = frozenset((first + timedelta(days=day), name) for day in (9, 28) for name in "abcdef")
    told = Activity(Hub.objects.get(), "activity.csv", first, first + timedelta(days=30), users)
    keep_activity(told, staff=(), by=PS, at=now)
    one = make_deliverable(engagement)
    Deliverable.objects.filter(pk=one.pk).update(
        wanted_evidence=["users.active", "hub.answers"], definition_of_done=["The login works."]
    )
    return mark_done(one.pk, evidence="It answers.", link="", by="pete", at=now)


def champion_address():
    return f"/s/champion/{token_of(ChampionQuestion.objects.get())}/"


def ask(page):
    page.goto("/verification/")
    page.get_by_text("Ask champion").click()
    page.get_by_label("What do you want to know?").fill("Does the login work?")
    page.get_by_role("button", name="Put the letter into the outbox").click()
    page.get_by_text("has not answered").wait_for()


def test_a_promise_goes_from_done_over_a_champions_yes_to_verified(
    page, chromium, live_server, done
):
    page.goto("/verification/")
    page.get_by_role("button", name="Look now").click()
    page.get_by_text("6 separate people who are not staff").wait_for()
    ask(page)

    outside = chromium.new_context(base_url=live_server.url).new_page()
    outside.goto(champion_address())
    outside.get_by_label("Yes, this is what we needed").check()
    outside.get_by_role("button", name="Send the answer").click()
    outside.get_by_text("Thank you: it is written down.").wait_for()
    outside.context.close()
    page.goto("/verification/")
    page.get_by_text("This is what we needed.").wait_for()
    page.get_by_role("button", name="Verified").click()
    page.get_by_text("Nothing waits for a verdict").wait_for()

    assert Deliverable.objects.get().state == "verified"


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_verification_have_nothing_that_axe_finds(scheme, width, page, done):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    ask(page)
    engagement = done.project.engagement_id
    found, wide = {}, {}
    for path in ("/verification/", champion_address(), f"/engagements/{engagement}/value/"):
        page.goto(path)
        shoot(page, f"verification-{path.split('/')[1]}-{scheme}-{width}")
        result = axe.Axe().run(page, options={"runOnly": TAGS})
        found[path] = [one["id"] for one in result.response["violations"]]
        wide[path] = page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert set(map(tuple, found.values())) == {()}
    assert set(wide.values()) == {False}
