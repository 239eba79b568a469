"""The walk of a handoff under a person's hands, and what a screen reader finds on the way."""

import pytest

from tests.browser.test_pipeline import shoot
from tests.handoff.world import make_whole, verify
from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.handoff.models import Outcome

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def engagement(live_server):
    return make_whole()


def press(page, name):
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def drift_away(engagement):
    """Let three things be changed past the handoff, and look."""
    Deliverable.objects.filter(code="phase-1").update(title="Theirs")
    Deliverable.objects.filter(code="phase-2").update(title="Theirs, too")
    Project.objects.filter(code="renewal").update(title="Going on")
    verify(engagement)


def test_ps_plans_approves_applies_and_looks_again(ps_page, engagement):
    ps_page.goto(f"/handoff/{engagement.number}/")
    press(ps_page, "Keep it for approval")
    press(ps_page, "Approve it")
    shoot(ps_page, "handoff-approved")
    press(ps_page, "Apply exactly this")
    assert ps_page.get_by_text("made true").count() >= 1
    press(ps_page, "Look again now")
    shoot(ps_page, "handoff-applied")

    assert ps_page.locator("text=No changes.").count() == 1
    assert Outcome.objects.filter(state="converged").count() > 10


def test_ps_returns_a_line_in_the_open_page(ps_page, engagement):
    ps_page.goto(f"/handoff/{engagement.number}/")
    ps_page.locator("summary", has_text="Return").first.click()
    ps_page.locator("[name=line]").select_option("ledger:deal.tier")
    ps_page.locator("[name=why]").first.fill("It is Essential.")
    press(ps_page, "Return")
    shoot(ps_page, "handoff-returned")

    assert ps_page.locator("text=It is Essential.").count() >= 1
    assert Engagement.objects.get().accepted_by == ""


def test_drift_is_adopted_restored_and_ignored(ps_page, engagement):
    ps_page.goto(f"/handoff/{engagement.number}/")
    press(ps_page, "Apply")
    drift_away(engagement)
    ps_page.goto(f"/handoff/{engagement.number}/drift/")
    shoot(ps_page, "drift")
    before = Outcome.objects.filter(state="drifted").count()
    press(ps_page, "Restore")

    assert (before, Outcome.objects.filter(state="drifted").count()) == (3, 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desk", "phone"])
def test_pages_of_a_handoff_have_nothing_that_axe_finds(scheme, width, ps_page, engagement):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    ps_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if width == "phone":
        ps_page.set_viewport_size(PHONE)
    ps_page.goto(f"/handoff/{engagement.number}/")
    found = [audit(axe, ps_page, f"handoff-plan-{scheme}-{width}")]
    press(ps_page, "Apply")
    found.append(audit(axe, ps_page, f"handoff-receipts-{scheme}-{width}"))
    drift_away(engagement)
    for path in (
        f"/handoff/{engagement.number}/",
        f"/handoff/{engagement.number}/drift/",
        "/drift/",
    ):
        ps_page.goto(path)
        found.append(audit(axe, ps_page, f"{path.strip('/').replace('/', '-')}-{scheme}-{width}"))

    assert found == [([], True)] * 5


def audit(axe, page, name):
    """Return what axe finds, and whether the page is no wider than its window."""
    shoot(page, name)
    found = axe.Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found], fits
