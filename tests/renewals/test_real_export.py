"""The organisation's own engagements, with every day of their ladders worked out by hand.

The arithmetic, on a paper calendar: 30 June - 30 is 31 May, - 60 is 1 May; - 122 is 28 February, and
- 180 is 1 January. 1 June 2026 - 60: one day back is 31 May, 32 are 30 April, 60 are 2 April. And so on.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.factories import NOON
from tests.renewals.world import make_ending, make_representative, run
from throughline.delivery.models import Engagement
from throughline.intake.actions import import_deals
from throughline.playbook.loader import shipped
from throughline.renewals.queries import standings

EXPORT = (
    Path(__file__).resolve().parents[3] / "shared" / "real" / "deals" / "hubspot-deals-export.csv"
)
pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    pytest.mark.skipif(not EXPORT.exists(), reason="the real files are not beside the repository"),
]
BY_HAND = {
    "University of Toronto RFP 2025": {
        "180": "2027-04-03", "60": "2027-08-01", "14": "2027-09-16", "2": "2027-09-28",
    },
    "EarthScope Usage Quotas Project 2025": {  # its 180th day, 3 December 2025, is before its start
        "60": "2026-04-02", "14": "2026-05-18", "2": "2026-05-30",
    },
    "AWI CIROH 2025-2026 Extension": {
        "180": "2026-01-01", "60": "2026-05-01", "14": "2026-06-16", "2": "2026-06-28",
    },
    "BIDS 2025": {
        "180": "2026-02-01", "60": "2026-06-01", "14": "2026-07-17", "2": "2026-07-29",
    },
    # 15 August to 30 September 2025 are 46 days apart: one notice, 23 days on.
    "Delegate CellMap Management 2025": {
        "half-term": "2025-09-07", "14": "2025-09-16", "2": "2025-09-28",
    },
}  # fmt: skip


@pytest.fixture
def engagements():
    """All engagements of the export; it is settled that they end, and somebody can be told."""
    import_deals(EXPORT, playbook=shipped(), by="ada", at=NOON)
    found = list(Engagement.objects.select_related("deal"))
    for one in found:
        make_ending(one)
        make_representative(one, f"rep{one.number}@example.org")
    return found


def test_ladders_fall_on_the_days_worked_out_by_hand(engagements):
    found = {
        one.deal.name: {
            rung.step: rung.due_on.isoformat()
            for rung in one.ladder(shipped())
            if not rung.is_dropped
        }
        for one in standings(Engagement.objects.all(), on=date(2026, 1, 1))
    }

    assert found == BY_HAND


def test_each_mail_goes_out_on_its_day_and_not_on_the_day_before(engagements):
    names = {one.number: one.deal.name for one in engagements}
    days = sorted(
        date.fromisoformat(day)
        for ladder in BY_HAND.values()
        for step, day in ladder.items()
        if step != "180"
    )
    sent = []
    for day in sorted({*days, *(one - timedelta(days=1) for one in days)}):
        sent += [(names[one.engagement], one.step, day.isoformat()) for one in run(day).queued]

    assert sorted(sent) == sorted(
        (name, step, day)
        for name, ladder in BY_HAND.items()
        for step, day in ladder.items()
        if step != "180"
    )
