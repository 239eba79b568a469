"""Moves past an open gate, deletions elsewhere, re-opened deals, early starts that ran out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    BD,
    LEAD,
    NOON,
    PS,
    TODAY,
    gate_of,
    make_deal,
    make_deal_at,
    make_person,
    make_ready,
    move,
    sign,
    tell,
)
from throughline.delivery.actions.engagements import open_engagement
from throughline.handoff.passes import apply_handoff
from throughline.handoff.plans import plan_handoff
from throughline.handoff.wanted import Doing
from throughline.intake.jobs import run_instant
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.actions.advance import StageRefused
from throughline.sales.actions.exceptions import explain_exceptions, revert_move
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.actions.order import place_order
from throughline.sales.actions.tombstone import bury_deal, restore_deal
from throughline.sales.actions.waive import (
    allow_early_start,
    renew_waiver,
    waive_condition,
    withdraw_waiver,
)
from throughline.sales.models import Deal, GateException, Order, Waiver
from throughline.sales.setaside import past_waivers, standing_waivers
from throughline.sales.waiting import early_starts_that_ran_out

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=10)


def import_at(stage, playbook):
    cells = {"name": "A deal"}
    elsewhere = DealElsewhere("77", stage, cells, cells | {"stage_name": stage}, {})
    take_deals([elsewhere], playbook=playbook, by="HubSpot", at=NOON)
    return Deal.objects.get(hubspot_id="77")


@pytest.fixture
def bypassed(playbook):
    """Return a deal that was moved elsewhere from Proposal to Contract Admin."""
    import_at("Proposal", playbook)
    return import_at("Contract Admin", playbook)


@pytest.fixture
def early(playbook):
    """Return the engagement of a deal ordered under an early start that ends after a day."""
    deal = make_deal_at("contract_admin", name="Reef hub")
    allow_early_start(deal.pk, reason="A workshop.", money_limit=Decimal(500), until=TODAY,
                      playbook=playbook, by=LEAD, at=NOON)  # fmt: skip
    return open_engagement(deal.pk, playbook=playbook, by=BD, at=NOON)[0]


def explain(deal, *, by=BD):
    return explain_exceptions(deal.pk, explanation="A grant.", by=by, at=NOON)


def test_reverted_move_returns_the_deal_without_a_gate_and_the_journal_says_so(bypassed, playbook):
    deal = revert_move(bypassed.pk, playbook=playbook, by=BD, at=NOON)

    assert deal.stage == "proposal"
    assert GateException.objects.get().state == "reverted"
    last = [(one.act, one.by) for one in Entry.objects.about(deal).order_by("pk")][-2:]
    assert last == [("sales.deal.moved_back", BD), ("sales.exception.reverted", BD)]
    assert import_at("Contract Admin", playbook).stage == "proposal"  # nothing changed there


def test_move_that_was_settled_cannot_be_reverted(bypassed, playbook):
    explain(bypassed)

    with pytest.raises(Refused, match="No exception of"):
        revert_move(bypassed.pk, playbook=playbook, by=BD, at=NOON)


@pytest.mark.parametrize("step", ["explain", "revert"])
def test_person_of_ps_settles_no_exception(bypassed, playbook, step):
    make_person(PS, RoleName.PS)

    steps = {
        "explain": lambda: explain(bypassed, by=PS),
        "revert": lambda: revert_move(bypassed.pk, playbook=playbook, by=PS, at=NOON),
    }

    with pytest.raises(NotEntitled):
        steps[step]()

    assert GateException.objects.get().state == "open"


def test_explained_exception_opens_no_later_gate(bypassed):
    explain(bypassed)

    with pytest.raises(StageRefused) as refused:
        move(bypassed, "closed_won")
    assert [one.code for one in refused.value.gate.in_the_way] == [
        "agreement.executed", "delivery.requested",
    ]  # fmt: skip


def test_deleted_deal_goes_nowhere_until_it_is_restored(playbook):
    deal = make_ready(make_deal(), "qualified")
    bury_deal(deal.pk, by="HubSpot", at=NOON)

    with pytest.raises(StageRefused) as refused:
        move(deal, "qualified")
    assert [(one.code, one.message) for one in refused.value.gate.in_the_way] == [
        ("deal.present", "The deal was deleted: HubSpot found it gone on 2026-03-02.")
    ]
    with pytest.raises(Refused, match="was deleted"):
        place_order(deal.pk, playbook=playbook, by=BD, at=NOON)
    restore_deal(deal.pk, by=BD, at=NOON)
    assert move(deal, "qualified").stage == "qualified"
    with pytest.raises(Refused, match="was not deleted"):
        restore_deal(deal.pk, by=BD, at=NOON)


def test_won_deal_taken_back_is_reopened_until_it_is_won_or_lost_and_is_ordered_once(playbook):
    deal = make_deal_at("closed_won")
    engagement = open_engagement(deal.pk, playbook=playbook, by=BD, at=NOON)[0]
    apply_handoff(engagement, playbook=playbook, holder="t", doing=Doing("t", NOON))

    assert move(deal, "negotiation", at=LATER).reopened_at == LATER
    again, is_new = open_engagement(deal.pk, playbook=playbook, by=BD, at=LATER)

    assert (again, is_new, Order.objects.count()) == (engagement, False, 1)
    assert plan_handoff(engagement, playbook=playbook, at=NOON).changes == ()
    tell(deal, "lost.reason", reason="They left.")
    assert move(deal, "closed_lost").reopened_at is None


def test_deal_that_was_never_won_is_not_reopened():
    assert move(make_deal_at("proposal"), "lead").reopened_at is None


def test_early_start_that_ran_out_is_an_alert_and_stops_what_others_would_see(early, playbook):
    tomorrow = NOON + timedelta(days=1)
    assert list(early_starts_that_ran_out(on=TODAY)) == []
    assert [one.deal_id for one in early_starts_that_ran_out(on=tomorrow.date())] == [early.number]

    rows = apply_handoff(early, playbook=playbook, holder="t", doing=Doing("t", tomorrow))

    waiting = {row.system for row in rows if row.state == "waiting"}
    assert "workbook" in waiting or "mail" in waiting
    assert {row.state for row in rows if row.system == "delivery"} == {"converged"}
    said = [row.remedy for row in rows if row.system in {"mail", "workbook"}]
    assert {text.startswith("The early start ended on 2026-03-02") for text in said} == {True}
    alerts = run_instant(at=tomorrow, playbook=playbook, by="w", holder="t").alerts
    assert "early_start_over" in {one.code for one in alerts}


@pytest.mark.parametrize("way", ["signed", "new leave"])
def test_early_start_is_settled_by_signature_or_new_leave(early, playbook, way):
    if way == "signed":
        sign(early.deal)
    else:
        allow_early_start(early.number, reason="The dean is ill.", money_limit=Decimal(500),
                          until=LATER.date(), playbook=playbook, by=LEAD, at=LATER)  # fmt: skip

    assert list(early_starts_that_ran_out(on=LATER.date())) == []
    wanted = plan_handoff(early, playbook=playbook, at=LATER)
    assert not any("early start ended" in one.remedy for one in wanted.waiting)


@pytest.fixture
def waiver(playbook):
    deal = make_deal(owner=BD)
    return waive_condition(deal.pk, "community.named", reason="Away.", until=TODAY,
                           playbook=playbook, by=LEAD, at=NOON)  # fmt: skip


def status(waiver, at=NOON):
    gate = gate_of(waiver.deal, "qualified", at=at)
    return next(one.status.value for one in gate.conditions if one.code == waiver.code)


def test_withdrawn_waiver_counts_no_more(waiver, playbook):
    assert (status(waiver), list(standing_waivers(on=TODAY))) == ("waived", [waiver])

    withdraw_waiver(waiver.pk, playbook=playbook, by=LEAD, at=NOON)

    assert (status(waiver), list(past_waivers(on=TODAY))) == ("unmet", [waiver])
    with pytest.raises(Refused, match="This waiver is over"):
        withdraw_waiver(waiver.pk, playbook=playbook, by=LEAD, at=NOON)
    with pytest.raises(Refused, match="lea has withdrawn"):
        renew_waiver(waiver.pk, reason="", until=LATER.date(), playbook=playbook, by=LEAD, at=NOON)


def test_renewed_waiver_counts_longer_for_the_same_reason(waiver, playbook):
    made = renew_waiver(waiver.pk, reason=" ", until=LATER.date(), playbook=playbook, by=LEAD,
                        at=NOON)  # fmt: skip

    assert (made.reason, status(waiver, at=LATER)) == ("Away.", "waived")
    with pytest.raises(Refused, match="It counts until 2026-03-02 already"):
        renew_waiver(waiver.pk, reason="", until=TODAY, playbook=playbook, by=LEAD, at=NOON)
    with pytest.raises(NotEntitled):  # the owner does not renew what a second person gave
        renew_waiver(waiver.pk, reason="", until=LATER.date(), playbook=playbook, by=BD, at=NOON)
    assert Waiver.objects.count() == 2


def test_person_who_asked_ps_does_not_waive_the_review(playbook):
    make_person("max", RoleName.BD, RoleName.PS)
    deal = tell(make_deal(), "ps.reviewed", question="Can we?", by="max")

    with pytest.raises(NotEntitled, match="A waiver of a review needs two persons"):
        waive_condition(deal.pk, "ps.reviewed", reason="I know.", until=TODAY, playbook=playbook,
                        by="max", at=NOON)  # fmt: skip
