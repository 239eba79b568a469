"""From the order to a verified engagement under people's hands: BD orders, PS delivers, BD verifies."""

from types import SimpleNamespace

import pytest

from tests.browser.test_delivery import TAGS
from tests.browser.test_handoff import press
from tests.browser.test_pipeline import shoot
from tests.factories import make_deal_at, sign
from tests.handoff.world import with_statement
from throughline.delivery.models import Deliverable, Evidence
from throughline.delivery.queries import find_engagement, is_verified
from throughline.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PNG = {"name": "login.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}


@pytest.fixture
def deal(live_server):
    """A deal of a project with a statement of work, whose agreement everybody has signed."""
    made = sign(make_deal_at("contract_admin", name="Tidewater tool"))
    with_statement(SimpleNamespace(deal=made))
    Deal.objects.filter(pk=made.pk).update(tier="", revenue_type="project")
    return made


def unfold(page, place):
    page.locator(f"{place} > details.do > summary").first.click()


def take(page, number, one):
    """Have PS say by name that they see to it."""
    place = f"#deliverable-{one.pk}"
    page.goto(f"/engagements/{number}/")
    unfold(page, place)
    page.locator(place).get_by_role("button", name="I see to it").click()
    page.wait_for_selector("text=pia sees to")


def deliver(page, number, one, *, with_file):
    """Have PS bring a file, count hours and say that it is done."""
    place = f"#deliverable-{one.pk}"
    page.goto(f"/engagements/{number}/")
    if with_file:
        unfold(page, place)
        page.locator(place).get_by_text("Bring something that shows it").click()
        page.locator(f"#id_proof_{one.pk}_evidence").fill("The login page.")
        page.locator(f"#id_proof_{one.pk}_file").set_input_files(PNG)
        page.locator(place).get_by_role("button", name="Keep it as evidence").click()
        page.wait_for_selector("text=is kept, with your name.")
    unfold(page, place)
    page.locator(place).get_by_text("Count hours").click()
    page.locator(f"#id_{one.pk}_hours").fill("1.5")
    page.locator(place).get_by_role("button", name="Count them").click()
    page.wait_for_selector("text=1.5 h are counted.")
    unfold(page, place)
    page.locator(f"#id_{one.pk}_evidence").fill("It works.")
    page.locator(place).get_by_role("button", name="It is done").click()
    page.wait_for_selector("text=is done; BD verifies it.")


def verify(page, one):
    page.goto("/verification/")
    line = page.locator(f"#deliverable-{one.pk}")
    line.get_by_role("button", name="Verified").first.click()
    page.wait_for_selector(f"text=“{one.title}” is verified.")


def test_an_order_becomes_a_verified_engagement_on_the_pages(page, ps_page, deal):
    page.goto(f"/deals/{deal.pk}/")
    press(page, "Place the order")
    ps_page.goto(f"/handoff/{deal.pk}/")
    ps_page.locator("button.primary", has_text="Apply").first.click()
    ps_page.wait_for_load_state()
    ps_page.goto(f"/engagements/{deal.pk}/")
    press(ps_page, "Accept it by name")
    every = list(Deliverable.objects.order_by("due_on", "pk"))
    assert [one.title for one in every if one.project.code == "statement-of-work"] == [
        "Build the tool", "Hand it over",
    ]  # fmt: skip

    for place, one in enumerate(every):
        take(ps_page, deal.pk, one)
        deliver(ps_page, deal.pk, one, with_file=place == 0)
    first, *others = every
    page.goto("/verification/")
    shoot(page, "walk-verification")
    line = page.locator(f"#deliverable-{first.pk}")
    line.locator("summary", has_text="Not yet, because").click()
    page.locator(f"#return_{first.pk}_why").fill("Nobody can sign in.")
    line.get_by_role("button", name="Send it back to PS").click()
    page.wait_for_selector("text=went back to PS.")
    ps_page.goto("/my-deliverables/")
    assert ps_page.locator("#returned").get_by_text("Nobody can sign in.").count() == 1
    deliver(ps_page, deal.pk, first, with_file=False)
    for one in (first, *others):
        verify(page, one)

    page.goto(f"/engagements/{deal.pk}/")
    shoot(page, "walk-verified")
    assert is_verified(find_engagement(str(deal.pk)))
    assert Evidence.objects.get(document__isnull=False).document.name == "login.png"
    with page.expect_download() as certificate:
        page.get_by_text("Certificate (PDF)").click()
    assert certificate.value.suggested_filename == f"acceptance-{deal.pk}.pdf"


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_scope_and_first_value_have_nothing_that_axe_finds(
    scheme, width, page, ps_page, deal
):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.goto(f"/deals/{deal.pk}/")
    press(page, "Place the order")
    ps_page.goto(f"/handoff/{deal.pk}/")
    ps_page.locator("button.primary", has_text="Apply").first.click()
    ps_page.wait_for_load_state()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    found, wide = {}, {}
    for path in (f"/engagements/{deal.pk}/scope/", "/engagements/first-value/"):
        page.goto(path)
        for one in page.locator("details.do").all():
            one.evaluate("details => details.open = true")
        shoot(page, f"{path.strip('/').split('/')[-1]}-{scheme}-{width}")
        result = axe.Axe().run(page, options={"runOnly": TAGS})
        found[path] = [
            (one["id"], one["nodes"][0]["html"][:160]) for one in result.response["violations"]
        ]
        wide[path] = page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert set(map(tuple, found.values())) == {()}
    assert set(wide.values()) == {False}
