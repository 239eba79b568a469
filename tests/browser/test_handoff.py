"""The walk of a handoff under a person's hands: ordered, planned, approved, applied, accepted."""

from types import SimpleNamespace

import pytest

from tests.browser.conftest import both_ways
from tests.browser.seeing import look_at
from tests.factories import make_deal_at, sign
from tests.handoff.world import make_whole, verify, with_statement
from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.handoff.models import Outcome

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def engagement(live_server):
    return make_whole()


@pytest.fixture
def signed(live_server):
    """Return a signed deal with everything that a handoff is made of, but the order."""
    deal = sign(make_deal_at("contract_admin", name="EarthScope hub", hubspot_id="900100"))
    with_statement(SimpleNamespace(deal=deal))
    return deal


def press(page, name):
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def drift_away(engagement):
    """Let three things be changed past the handoff, and look."""
    Deliverable.objects.filter(code="phase-1").update(title="Theirs")
    Deliverable.objects.filter(code="phase-2").update(title="Theirs, too")
    Project.objects.filter(code="renewal").update(title="Going on")
    verify(engagement)


@both_ways
def test_an_order_is_planned_approved_applied_settled_and_accepted(page, ps_page, seen, signed):
    page.goto(f"/deals/{signed.pk}/")
    press(page, "Place the order")
    seen.at(page, "handoff-ordered")
    ps_page.goto(f"/handoff/{signed.pk}/")
    seen.at(ps_page, "handoff-plan")
    press(ps_page, "Keep it for approval")
    press(ps_page, "Approve it")
    seen.at(ps_page, "handoff-approved")
    press(ps_page, "Apply exactly this")
    assert ps_page.get_by_text("made true").count() >= 1
    press(ps_page, "Look again now")
    seen.at(ps_page, "handoff-settled")
    assert ps_page.locator("text=No changes.").count() == 1
    ps_page.goto(f"/engagements/{signed.pk}/")
    press(ps_page, "Accept it by name")
    seen.at(ps_page, "handoff-accepted")

    assert Outcome.objects.filter(state="converged").count() > 10
    assert Engagement.objects.get().accepted_by == "pia"
    assert seen.problems == []


def test_ps_returns_a_line_in_the_open_page(ps_page, engagement):
    ps_page.goto(f"/handoff/{engagement.number}/")
    ps_page.locator("summary", has_text="Return").first.click()
    ps_page.locator("[name=line]").select_option("ledger:deal.tier")
    ps_page.locator("[name=why]").first.fill("It is Essential.")
    press(ps_page, "Return")

    assert ps_page.locator("text=It is Essential.").count() >= 1
    assert Engagement.objects.get().accepted_by == ""


def test_drift_is_adopted_restored_and_ignored(ps_page, engagement):
    ps_page.goto(f"/handoff/{engagement.number}/")
    press(ps_page, "Apply")
    drift_away(engagement)
    ps_page.goto(f"/handoff/{engagement.number}/drift/")
    problems = look_at(ps_page, "drift")
    ps_page.goto(f"/handoff/{engagement.number}/")
    problems += look_at(ps_page, "handoff-drifted")
    ps_page.goto("/drift/")
    problems += look_at(ps_page, "drift-everywhere")
    ps_page.goto(f"/handoff/{engagement.number}/drift/")
    before = Outcome.objects.filter(state="drifted").count()
    press(ps_page, "Restore")

    assert (before, Outcome.objects.filter(state="drifted").count()) == (3, 2)
    assert problems == []
