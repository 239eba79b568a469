"""From work to a certificate under people's hands: PS delivers, a champion answers, BD verifies."""

import pytest

from tests.browser.conftest import both_ways
from tests.factories import make_deliverable, make_engagement
from throughline.delivery.actions.champions import token_of
from throughline.delivery.models import ChampionQuestion, Deliverable, Evidence
from throughline.delivery.queries import find_engagement, is_verified

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PNG = {"name": "login.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}


@pytest.fixture
def promised(live_server):
    """Return the one deliverable of an engagement."""
    one = make_deliverable(make_engagement(name="Tidewater hub", hubspot_id="900100"))
    Deliverable.objects.filter(pk=one.pk).update(definition_of_done=["The login works."])
    return one


def unfold_one(page, one):
    page.locator(f"#deliverable-{one.pk} > details.do > summary").first.click()


def own_and_prove(page, one, seen):
    """Have PS say by name that they see to it, and bring a file that shows it."""
    place = page.locator(f"#deliverable-{one.pk}")
    page.goto(f"/engagements/{one.project.engagement_id}/")
    unfold_one(page, one)
    place.get_by_role("button", name="I see to it").click()
    page.wait_for_selector("text=pia sees to")
    unfold_one(page, one)
    place.get_by_text("Bring something that shows it").click()
    page.locator(f"#id_proof_{one.pk}_evidence").fill("The login page.")
    page.locator(f"#id_proof_{one.pk}_file").set_input_files(PNG)
    seen.at(page, "delivery-evidence")
    place.get_by_role("button", name="Keep it as evidence").click()
    page.wait_for_selector("text=is kept, with your name.")


def say_done(page, one):
    page.goto(f"/engagements/{one.project.engagement_id}/")
    unfold_one(page, one)
    page.locator(f"#id_{one.pk}_evidence").fill("It works.")
    page.locator(f"#deliverable-{one.pk}").get_by_role("button", name="It is done").click()
    page.wait_for_selector("text=is done; BD verifies it.")


def send_back(page, one, seen):
    """Have BD say what is missing."""
    page.goto("/verification/")
    line = page.locator(f"#deliverable-{one.pk}")
    line.locator("summary", has_text="Not yet, because").click()
    page.locator(f"#return_{one.pk}_why").fill("Nobody can sign in.")
    seen.at(page, "delivery-verification")
    line.get_by_role("button", name="Send it back to PS").click()
    page.wait_for_selector("text=went back to PS.")


def ask_the_champion(page, outside, seen):
    """Have BD ask, and the champion say yes by the link in the letter."""
    page.goto("/verification/")
    page.get_by_text("Ask champion").click()
    page.get_by_label("What do you want to know?").fill("Does the login work?")
    page.get_by_role("button", name="Put the letter into the outbox").click()
    page.get_by_text("has not answered").wait_for()
    outside.goto(f"/s/champion/{token_of(ChampionQuestion.objects.get())}/")
    seen.at(outside, "delivery-champion")
    outside.get_by_label("Yes, this is what we needed").check()
    outside.get_by_role("button", name="Send the answer").click()
    outside.get_by_text("Thank you: it is written down.").wait_for()
    seen.at(outside, "delivery-champion-thanked")


@both_ways
def test_a_promise_is_proved_returned_confirmed_verified_and_certified(
    page, ps_page, outside, seen, promised
):
    number = promised.project.engagement_id
    own_and_prove(ps_page, promised, seen)
    say_done(ps_page, promised)
    send_back(page, promised, seen)
    ps_page.goto("/my-deliverables/")
    assert ps_page.locator("#returned").get_by_text("Nobody can sign in.").count() == 1
    seen.at(ps_page, "delivery-returned")
    say_done(ps_page, promised)
    ask_the_champion(page, outside, seen)
    page.goto("/verification/")
    page.get_by_text("This is what we needed.").wait_for()
    page.get_by_role("button", name="Verified").click()
    page.get_by_text("Nothing waits for a verdict").wait_for()
    seen.at(page, "delivery-nothing-waits")
    page.goto(f"/engagements/{number}/")
    seen.at(page, "delivery-verified")
    with page.expect_download() as certificate:
        page.get_by_text("Certificate (PDF)").click()

    assert certificate.value.suggested_filename == f"acceptance-{number}.pdf"
    assert is_verified(find_engagement(str(number)))
    assert Evidence.objects.get(document__isnull=False).document.name == "login.png"
    assert seen.problems == []
