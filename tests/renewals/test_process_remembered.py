"""What pages remember of the process is found out again when something is done about deals."""

from datetime import date

import pytest

from tests.factories import BD, NOON, make_deal, make_ready, move, tell
from throughline.renewals.process import map_as_known
from throughline.sales.actions.tombstone import bury_deal
from throughline.sales.flow import Period
from throughline.sales.pipeline import filter_choices
from throughline.sales.revenue import Sure, revenue_as_known

DAY = date(2026, 6, 1)
PERIOD = Period(DAY, DAY, DAY, "UTC")


pytestmark = pytest.mark.usefixtures("remembers")


def test_map_follows_a_deal_that_is_moved(playbook):
    deal = make_deal(owner="ada")

    def in_stage(code):
        found = map_as_known(PERIOD, on=DAY, playbook=playbook)
        return next(one.count for one in found.stages if one.code == code)

    assert [in_stage("lead"), in_stage("qualified")] == [1, 0]
    move(make_ready(deal, "qualified"), "qualified")
    assert [in_stage("lead"), in_stage("qualified")] == [0, 1]


def test_money_of_months_follows_a_deal_that_is_deleted(playbook):
    term = {"start_on": DAY, "end_on": date(2026, 6, 30)}
    deal = make_deal(stage="closed_won", amount=1200, **term)
    assert revenue_as_known(DAY, playbook=playbook)[0].total(Sure.COMMITTED) == 1200
    bury_deal(deal.pk, by=BD, at=NOON)
    assert revenue_as_known(DAY, playbook=playbook)[0].total(Sure.COMMITTED) == 0


def test_choices_follow_a_new_owner():
    deal = make_deal(owner="ada")
    assert filter_choices() == (["ada"], [])
    tell(deal, "deal.owner", owner="ben")
    assert filter_choices() == (["ben"], [])
