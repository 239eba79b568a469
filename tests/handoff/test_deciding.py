"""A field that nobody has a place for is decided about on the page, for one deal and by name."""

from dataclasses import replace

import pytest

from tests.factories import LEAD, NOON, PS, make_engagement, make_person
from tests.handoff.world import fresh, plan
from throughline.handoff.actions.deciding import decide_field, rule_for
from throughline.handoff.models import FieldDecision
from throughline.handoff.plans import plan_handoff
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.playbook.parts import LedgerRule
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
FIELD = "deal.extra.gpu_type"


@pytest.fixture
def engagement(db):
    made = make_engagement()
    Deal.objects.filter(pk=made.pk).update(extra={"gpu_type": "A100"})
    return fresh(made)


def decide(engagement, field=FIELD, why="Nobody uses GPUs.", *, verdict="not_needed", by=PS):
    return decide_field(
        fresh(engagement), field, why, verdict=verdict, playbook=shipped(), by=by, at=NOON
    )


def line_of(engagement, playbook=None):
    found = plan_handoff(fresh(engagement), playbook=playbook or shipped(), at=NOON).ledger
    return next(line for line in found.lines if line.field == FIELD)


@pytest.mark.parametrize("verdict", ["not_needed", "linked"])
def test_a_missing_field_is_decided_for_this_deal_with_reason_and_name(engagement, verdict):
    assert plan(engagement).ledger.missing == (FIELD,)

    decide(engagement, verdict=verdict)

    line = line_of(engagement)
    assert (line.disposition, line.why, line.by) == (verdict, "Nobody uses GPUs.", PS)
    assert plan(engagement).ledger.missing == ()
    told = Entry.objects.get(act="handoff.field.decided")
    assert (told.by, told.facts["field"], "A100" in str(told.facts)) == (PS, FIELD, False)


def test_another_deal_is_not_decided_by_that(engagement):
    decide(engagement)
    other = make_engagement(name="Other", extra={"gpu_type": "H100"})

    assert plan(other).ledger.missing == (FIELD,)


def test_a_rule_of_the_playbook_goes_before_what_was_decided_for_one_deal(engagement):
    decide(engagement)
    rule = LedgerRule(FIELD, "linked", "PS reads it on the page.")

    line = line_of(engagement, replace(shipped(), ledger=(*shipped().ledger, rule)))

    assert (line.disposition, line.why, line.by) == ("linked", "PS reads it on the page.", "")


def test_a_field_is_decided_anew(engagement):
    decide(engagement)
    decide(engagement, why="PS asked.", verdict="linked")

    assert FieldDecision.objects.get().why == "PS asked."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"why": " "}, "Why?"),
        ({"verdict": "sent"}, "There is no 'sent'"),
        ({"field": "deal.extra.weather"}, "has no field"),
        ({"field": "deal.tier"}, "The playbook has a rule for deal"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(engagement, change, said):
    with pytest.raises(Refused, match=said):
        decide(engagement, **change)
    assert FieldDecision.objects.count() == 0


def test_a_lead_does_not_decide(engagement):
    make_person(LEAD, RoleName.LEAD)

    with pytest.raises(NotEntitled):
        decide(engagement, by=LEAD)


def test_the_rule_for_all_deals_is_a_line_of_the_playbook():
    assert rule_for(FIELD) == (
        '{ field = "deal.extra.gpu_type", disposition = "linked", why = "…" },'
    )
