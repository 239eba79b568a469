"""Moving deals: what a gate lists, what a move writes down, and what a refusal leaves alone."""

import pytest

from tests.factories import (
    BD,
    NOON,
    SIGNED,
    gate_of,
    make_deal,
    make_deal_at,
    make_ready,
    move,
    sign,
    tell,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.sales.actions.advance import StageRefused, advance_deal
from throughline.sales.actions.order import place_order
from throughline.sales.gates.gate import NoNextStage
from throughline.sales.models import Deal, SponsorWork

pytestmark = pytest.mark.django_db


def in_the_way(refused):
    return [one.code for one in refused.value.gate.in_the_way]


def state_of_everything():
    return Deal.objects.values().get(), SponsorWork.objects.count(), Entry.objects.count()


def test_gate_lists_all_that_is_in_the_way_not_the_first():
    assert [one.code for one in gate_of(make_deal(), "qualified").in_the_way] == [
        "deal.owner", "community.named",
    ]  # fmt: skip


def test_gate_of_several_stages_meets_every_gate_between(playbook):
    gate = gate_of(make_deal(), "negotiation")

    assert [(one.stage, one.code) for one in gate.conditions] == [
        ("qualified", "deal.owner"),
        ("qualified", "community.named"),
        ("proposal", "community.id"),
        ("proposal", "cloud.preference"),
        ("negotiation", "ps.reviewed"),
        ("negotiation", "capacity.answered"),
        ("negotiation", "sow.signed_off"),
    ]
    assert (gate.from_stage, gate.to_stage) == ("lead", "negotiation")
    assert gate.playbook_sha256 == playbook.sha256


def test_deal_nobody_mapped_meets_every_gate_from_the_start():
    deal = make_deal(stage="")

    assert [one.stage for one in gate_of(deal, "proposal").conditions] == [
        "qualified", "qualified", "proposal", "proposal",
    ]  # fmt: skip


def test_advance_writes_who_when_before_after_and_which_playbook(playbook):
    deal = make_ready(make_deal(), "qualified")

    moved = move(deal, "qualified", by="bea")

    assert (moved.stage, moved.stage_since) == ("qualified", NOON)
    entry = Entry.objects.about(deal).order_by("-pk").first()
    assert (entry.act, entry.by, entry.at) == ("sales.deal.advanced", "bea", NOON)
    assert entry.facts == {
        "before": "lead",
        "after": "qualified",
        "waived": [],
        "playbook": playbook.sha256,
    }


def test_advance_refused_lists_all_with_remedies_and_writes_nothing():
    deal = make_deal()
    before = state_of_everything()

    with pytest.raises(StageRefused) as refused:
        move(deal, "proposal")

    assert in_the_way(refused) == [
        "deal.owner", "community.named", "community.id", "cloud.preference",
    ]  # fmt: skip
    assert refused.value.message == f"A deal ({deal.pk}) is not ready for Proposal."
    assert refused.value.remedy == (
        "deal.owner: Write down who of BD owns it."
        " community.named: Give the community's short name."
        " community.id: Name the community first."
        " cloud.preference: Name the community first."
    )
    assert state_of_everything() == before


def test_advance_over_several_stages_at_once_works_when_all_is_met():
    assert move(make_ready(make_deal(), "negotiation"), "Negotiation").stage == "negotiation"


def test_advance_without_a_stage_takes_the_next():
    assert move(make_ready(make_deal(), "qualified"), "").stage == "qualified"


def test_advance_from_the_last_stage_without_naming_one_is_refused():
    with pytest.raises(NoNextStage):
        move(make_deal_at("closed_won"), "")


def test_advance_to_an_unknown_stage_names_those_that_exist():
    with pytest.raises(Refused) as refused:
        move(make_deal(), "Somewhere")

    assert (refused.value.message, refused.value.remedy) == (
        "There is no stage 'Somewhere'.",
        (
            "Use one of Lead, Qualified, Proposal, Negotiation, Contract Admin, Closed Won,"
            " Closed Lost."
        ),
    )


def test_advance_to_the_same_stage_is_refused():
    deal = make_deal()

    with pytest.raises(Refused, match="is in Lead already"):
        move(deal, "lead")


def test_advance_of_no_deal_is_told_as_such(playbook):
    with pytest.raises(Deal.DoesNotExist):
        advance_deal(404, to="lead", playbook=playbook, by=BD, at=NOON)


def test_moving_back_needs_no_gate_and_is_written_down():
    deal = make_deal_at("negotiation")

    assert move(deal, "lead").stage == "lead"

    entry = Entry.objects.about(deal).order_by("-pk").first()
    assert entry.act == "sales.deal.moved_back"
    assert (entry.facts["before"], entry.facts["after"]) == ("negotiation", "lead")


def test_lost_deal_is_entered_from_anywhere_by_its_reason_alone():
    deal = make_deal()
    with pytest.raises(StageRefused) as refused:
        move(deal, "closed_lost")
    assert in_the_way(refused) == ["lost.reason"]

    assert move(tell(deal, "lost.reason", reason="No money."), "closed_lost").stage == "closed_lost"


def test_lost_deal_opened_again_meets_every_gate_from_the_start():
    deal = move(tell(make_deal(), "lost.reason", reason="No money."), "closed_lost")

    with pytest.raises(StageRefused) as refused:
        move(deal, "qualified")

    assert in_the_way(refused) == ["deal.owner", "community.named"]


def test_won_deal_opened_again_goes_back_and_comes_forward_with_what_still_holds():
    deal = make_deal_at("closed_won")

    deal = move(deal, "contract_admin")
    assert deal.stage == "contract_admin"
    assert move(deal, "closed_won").stage == "closed_won"


def test_contract_admin_asks_the_sponsor_for_two_things_once():
    deal = make_deal_at("contract_admin")
    asked = [
        ("invoicing", "ada", NOON, None),
        ("signatures", "ada", NOON, None),
    ]
    rows = SponsorWork.objects.order_by("kind").values_list("kind", "asked_by", "asked_at",
                                                            "done_at")  # fmt: skip
    assert list(rows) == asked

    move(deal, "negotiation")
    move(deal, "contract_admin")

    assert list(rows.all()) == asked
    assert Entry.objects.filter(act="sales.sponsor.asked").count() == 2


def test_stages_before_contract_admin_ask_the_sponsor_nothing():
    make_deal_at("negotiation")

    assert SponsorWork.objects.count() == 0


def test_closed_won_needs_execution_and_order_but_no_advice(playbook):
    deal = make_deal_at("contract_admin")
    with pytest.raises(StageRefused) as refused:
        move(deal, "closed_won")
    assert in_the_way(refused) == ["agreement.executed", "delivery.requested"]

    sign(deal)
    place_order(deal.pk, playbook=playbook, by=BD, at=NOON)

    statuses = {
        one.code: (one.required, one.status) for one in gate_of(deal, "closed_won").conditions
    }
    assert statuses["invoicing.prepared"] == (False, "unmet")
    assert move(deal, "closed_won").stage == "closed_won"


def test_closed_won_with_one_of_two_signatures_is_refused():
    deal = make_deal_at("contract_admin")
    tell(deal, "agreement.executed", signed=SIGNED["signed"][1:])

    with pytest.raises(StageRefused) as refused:
        move(deal, "closed_won")

    assert in_the_way(refused) == ["agreement.executed", "delivery.requested"]


@pytest.mark.both_databases
def test_two_people_advance_one_deal_at_once_and_only_one_moves_it(at_once):
    deal = make_ready(make_deal(), "qualified")

    results = at_once(
        lambda: move(deal, "qualified", by="ada"), lambda: move(deal, "qualified", by="bea")
    )

    assert sorted(type(one).__name__ for one in results) == ["Deal", "Refused"]
    assert Entry.objects.filter(act="sales.deal.advanced").count() == 1


@pytest.mark.both_databases
def test_contract_admin_entered_twice_at_once_asks_the_sponsor_once(at_once):
    deal = make_ready(make_deal(), "contract_admin")

    at_once(*[lambda: move(deal, "contract_admin")] * 3)

    assert sorted(SponsorWork.objects.values_list("kind", flat=True)) == [
        "invoicing", "signatures",
    ]  # fmt: skip


def test_gate_of_a_full_deal_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    deal = make_ready(make_deal(), "contract_admin")

    with django_assert_max_num_queries(15):
        gate_of(deal, "closed_won")
