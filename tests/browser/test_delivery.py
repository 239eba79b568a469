"""Engagements under a person's hands, and what a screen reader finds."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import NOON, PS, make_cluster, make_deal, make_deliverable, make_engagement
from throughline.delivery.actions.deliverables import add_evidence
from throughline.delivery.actions.engagements import open_imported, report_health
from throughline.delivery.actions.meetings import decide, open_meeting
from throughline.delivery.actions.months import check_service
from throughline.delivery.actions.structure import put_deliverable, put_service
from throughline.delivery.actions.working import own_deliverable
from throughline.delivery.models import Deliverable, Meeting
from throughline.delivery.words import EvidenceKind, EvidenceState, Health
from throughline.handoff.models import Outcome
from throughline.playbook.loader import shipped

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: NOON))


@pytest.fixture
def engagement(live_server):
    """Return an engagement with something in each of its panels."""
    found = make_engagement(name="Tidewater hub", hubspot_id="900100")
    found.deal.start_on, found.deal.end_on = date(2025, 10, 1), date(2026, 9, 30)
    found.deal.save(update_fields=["start_on", "end_on"])
    make_cluster("tidewater", deal_id="900100", hubs={"prod": ("Production", "hub.example.org")})
    first = make_deliverable(found)
    put_deliverable(
        found.number, "new-hub", "phase-2", by=PS, at=NOON,
        wanted={
            "title": "People log in", "due_on": NOON.date() - timedelta(days=9),
            "definition_of_done": ["The login works.", "A representative has logged in."],
            "wanted_evidence": ["issue.closed"], "low_h": "8", "high_h": "13",
            "promise": "statement of work: People log in",
        },
    )  # fmt: skip
    second = Deliverable.objects.get(code="phase-2")
    Outcome.objects.create(
        key=f"github.issue:{found.number}:new-hub:phase-2", engagement=found, system="github",
        summary="Issue", wanted={}, seen={}, state="converged", receipt_at=NOON,
        receipt={"id": 1, "number": 17, "address": "https://github.example.org/o/r/issues/17"},
    )  # fmt: skip
    add_evidence(
        second, EvidenceKind.ISSUE_CLOSED, text="o/r#17 is open, with pia.",
        link="https://github.example.org/o/r/issues/17", state=EvidenceState.ABSENT, by="worker",
        at=NOON,
    )  # fmt: skip
    put_service(found.number, "support", title="Support", rhythm="monthly", by=PS, at=NOON)
    service = found.services.get(code="support")
    told = {"on": NOON.date(), "by": PS, "at": NOON}
    check_service(service.pk, date(2025, 12, 1), is_given=True, note="", **told)
    check_service(service.pk, date(2026, 1, 1), is_given=False, note="Nobody was there.", **told)
    report_health(
        found.number, Health.AT_RISK, why="No account yet.", by=PS, at=NOON - timedelta(days=31)
    )
    make_deal(name="Quiet reef", stage="closed_won", end_on=date(2026, 12, 31))
    open_imported(playbook=shipped(), by="t", at=NOON - timedelta(days=60))
    meeting = open_meeting(on=NOON.date(), by="bo", at=NOON)
    decide(
        meeting.pk, "Ask for the account again.", number=found.number, owner="pia",
        due_on=NOON.date() + timedelta(days=7), by="bo", at=NOON,
    )  # fmt: skip
    own_deliverable(first.pk, "pia", by=PS, at=NOON)
    return SimpleNamespace(number=found.number, first=first, second=second)


def test_ps_owns_ticks_counts_and_says_done_on_one_page(ps_page, engagement):
    place = f"#deliverable-{engagement.second.pk}"
    ps_page.goto(f"/engagements/{engagement.number}/")

    def unfold():
        ps_page.locator(f"{place} > details > summary").click()

    unfold()
    ps_page.locator(place).get_by_role("button", name="I see to it").click()
    ps_page.wait_for_selector("text=pia sees to")
    unfold()
    ps_page.locator(place).get_by_role("button", name="Tick").first.click()
    ps_page.wait_for_selector("text=Ticked, with your name.")
    unfold()
    ps_page.locator(place).get_by_role("button", name="It is done").click()
    ps_page.wait_for_selector("text=is done; BD verifies it.")

    engagement.second.refresh_from_db()
    said = engagement.second
    assert (said.owner, said.state, said.ticks.count()) == ("pia", "done", 2)


def test_review_is_decided_and_closed_and_its_minutes_stand(ps_page, engagement):
    ps_page.goto("/engagement-reviews/")
    line = ps_page.locator(f"#engagement-{engagement.number}")
    line.get_by_text("Decide: Tidewater hub").click()
    line.get_by_label("Decided", exact=True).fill("Move the go-live by a week.")
    line.get_by_role("button", name="Write it down").click()
    ps_page.wait_for_selector("text=Decided, and written down.")
    ps_page.get_by_role("button", name="Close it").click()
    ps_page.wait_for_selector("text=they stay as they were then")

    minutes = Meeting.objects.get().minutes
    assert ps_page.locator(".minutes").inner_text().strip() == minutes.strip()
    assert "  - Decided: Move the go-live by a week.\n" in minutes
