"""Whatever people do in whatever order: nobody wins a deal without execution and order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.factories import BD, FACTS, LEAD, NOON, PS, SIGNATORIES, SIGNED, TODAY, make_ready, move
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.actions.order import place_order
from throughline.sales.actions.record import record_fact
from throughline.sales.actions.waive import allow_early_start, waive_condition
from throughline.sales.models import Deal, Order
from throughline.sales.queries import facts_of, is_executed

PLAYBOOK = shipped()
STAGES = [stage.code for stage in PLAYBOOK.stages]
CODES = [item.code for stage in PLAYBOOK.stages for item in stage.conditions]
WISHES = [*STAGES, "", *["contract_admin", "closed_won"] * 4]  # "" is the next
PEOPLE = [BD, PS, LEAD]
VALUES = [
    *[(code, value) for code, (value, _by) in FACTS.items()],
    *[
        ("agreement.executed", {"signed": [{"party": one["party"], "signed_on": "2026-03-02"}]})
        for one in SIGNATORIES
    ],
    ("agreement.executed", {"reference": "4711", "accepted_on": "2026-03-02"}),
    ("agreement.artefact", {"kind": "purchase_order", "title": "PO"}),
    ("agreement.artefact", {"title": "Other", "signatories": SIGNATORIES}),
    ("lost.reason", {"reason": "No money."}),
    ("ps.reviewed", {"question": "Two hubs?"}),
    ("capacity.answered", {"answer": "no"}),
]


def import_at(stage_name, *, at):
    cells = {"name": "A deal"}
    elsewhere = DealElsewhere("77", stage_name, cells, cells | {"stage_name": stage_name}, {})
    return take_deals([elsewhere], playbook=PLAYBOOK, by="HubSpot", at=at)


class AnyOrder(RuleBasedStateMachine):
    """One deal, and people who do whatever they are able to."""

    won: list[Deal] = []  # over all examples: a machine that never wins a deal shows nothing

    def __init__(self):
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.at = NOON
        self.deal_id = Deal.objects.get().pk

    def teardown(self):
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    def attempt(self, action, *arguments, **wanted):
        """Do it; a refusal is an answer. It leaves nothing behind."""
        before = Entry.objects.count()
        try:
            return action(*arguments, playbook=PLAYBOOK, at=self.at, **wanted)
        except Refused:
            assert Entry.objects.count() == before
            return None

    @rule(to=st.sampled_from(WISHES), by=st.sampled_from(PEOPLE))
    def advance(self, to, by):
        moved = self.attempt(advance_deal, self.deal_id, to=to, by=by)
        if moved is not None and moved.stage == "closed_won":
            agreement = facts_of(moved, on=TODAY).agreement
            assert (is_executed(agreement), Order.objects.count()) == (True, 1)
            self.won.append(moved)

    @rule(fact=st.sampled_from(VALUES), by=st.sampled_from(PEOPLE))
    def record(self, fact, by):
        code, value = fact
        self.attempt(record_fact, self.deal_id, code, value, by=by)

    @rule(
        signs=st.booleans(), early=st.booleans(), orders=st.booleans(), by=st.sampled_from(PEOPLE)
    )
    def close(self, signs, early, orders, by):
        """Try the last steps in a row, some of them left out."""
        if signs:
            self.attempt(record_fact, self.deal_id, "agreement.executed", SIGNED, by=by)
        if early:
            self.allow_early_start(1, LEAD)
        if orders:
            self.order(by)
        self.advance("closed_won", by)

    @rule(code=st.sampled_from(CODES), by=st.sampled_from(PEOPLE), days=st.integers(-1, 3))
    def waive(self, code, by, days):
        until = self.at.date() + timedelta(days=days)
        self.attempt(waive_condition, self.deal_id, code, reason="Why not.", until=until, by=by)

    @rule(days=st.integers(-1, 3), by=st.sampled_from(PEOPLE))
    def allow_early_start(self, days, by):
        until = self.at.date() + timedelta(days=days)
        self.attempt(
            allow_early_start, self.deal_id, reason="A workshop.", money_limit=Decimal(5000),
            until=until, by=by,
        )  # fmt: skip

    @rule(by=st.sampled_from(PEOPLE))
    def order(self, by):
        self.attempt(place_order, self.deal_id, by=by)

    @rule(stage=st.sampled_from([*STAGES, "Nobody's stage", *["Contract Admin"] * 4]))
    def move_elsewhere(self, stage):
        import_at(stage, at=self.at)

    @rule(days=st.integers(1, 2))
    def wait(self, days):
        self.at += timedelta(days=days)

    @invariant()
    def journal_tells_the_stage(self):
        deal = Deal.objects.get()
        told = ""
        for entry in Entry.objects.about(deal).order_by("pk"):
            match entry.act:
                case "sales.deal.taken_in":
                    told = entry.facts["stage"]
                case "sales.deal.advanced" | "sales.deal.moved_back":
                    assert entry.facts["before"] == told
                    told = entry.facts["after"]
                case "sales.deal.changed_elsewhere":
                    assert entry.facts["before"].get("stage", told) == told
                    told = entry.facts["after"].get("stage", told)
        assert deal.stage == told

    @invariant()
    def order_has_its_ground(self):
        for order in Order.objects.all():
            agreement = facts_of(order.deal, on=TODAY).agreement
            assert order.early_start is not None or is_executed(agreement)


STEADY = settings(
    max_examples=24, stateful_step_count=25, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def begin(start):
    """Bring the one deal to where the examples begin, by what people do."""
    import_at("Lead", at=NOON)
    deal = make_ready(Deal.objects.get(), start)
    if start != "lead":
        move(deal, "contract_admin")
    AnyOrder.won.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["lead", "contract_admin"])
def test_nobody_wins_a_deal_without_execution_and_order_and_the_journal_tells_every_stage(start):
    begin(start)

    run_state_machine_as_test(AnyOrder, settings=STEADY)

    assert start == "lead" or len(AnyOrder.won) > 2
