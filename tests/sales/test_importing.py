"""Deals from HubSpot's export, read again and again: what moves, and what people here keep."""

import csv
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BD, NOON, make_deal, make_ready, move, tell
from throughline.delivery.models import Engagement
from throughline.intake.actions import import_deals
from throughline.journal.models import Entry
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.models import Deal, GateException

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)


@pytest.fixture
def take_in(tmp_path, playbook):
    """Write rows into a file, all with the columns of the first, and take the file in."""

    def _take_in(*rows, at=NOON):
        path = tmp_path / "deals.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return import_deals(path, playbook=playbook, by="HubSpot export", at=at)

    return _take_in


def row(hubspot_id="77", **cells):
    return {
        "id": hubspot_id, "dealname": f"Deal {hubspot_id}", "dealstage": "Lead",
        "amount": "17500.00", "revenue_type": "", "owner": "ada",
        "target_start_date": "2026-04-01", "target_end_date": "2027-03-31",
    } | cells  # fmt: skip


def counts(taken):
    return taken.created, taken.updated, taken.unchanged


def warnings(taken):
    return [(one.code, one.deal) for one in taken.warnings]


def test_new_deals_are_created_with_what_the_file_says(take_in):
    taken = take_in(row("77"), row("78", dealstage="Contract-Admin", amount=""))

    assert (counts(taken), taken.rejected, taken.warnings) == ((2, 0, 0), (), ())
    first, second = Deal.objects.order_by("pk")
    assert (first.hubspot_id, first.name, first.stage, first.owner) == (
        "77", "Deal 77", "lead", "ada",
    )  # fmt: skip
    assert (first.amount, first.currency, first.stage_since) == (Decimal(17500), "USD", NOON)
    assert (first.start_on, first.end_on) == (date(2026, 4, 1), date(2027, 3, 31))
    assert (second.stage, second.amount) == ("contract_admin", None)
    assert [entry.act for entry in Entry.objects.about(first)] == ["sales.deal.taken_in"]


def test_same_file_again_is_unchanged_and_writes_nothing(take_in):
    take_in(row("77"), row("78"))
    before = list(Deal.objects.values()), Entry.objects.count()

    assert counts(take_in(row("77"), row("78"), at=LATER)) == (0, 0, 2)
    assert (list(Deal.objects.values()), Entry.objects.count()) == before


def test_created_updated_and_unchanged_are_counted_apart(take_in):
    take_in(row("77"), row("78"))

    assert counts(take_in(row("77"), row("78", dealname="Renamed"), row("79"))) == (1, 1, 1)


def test_rejected_row_comes_with_its_line_and_the_others_go_in(take_in):
    taken = take_in(row("77"), row("78", amount="much"), row("79"))

    assert counts(taken) == (2, 0, 0)
    assert taken.rejected == (
        (3, "amount: 'much' is not an amount. Write digits with a point, such as 17500.00."),
    )


@pytest.mark.parametrize("spelling", ["17500.0", "17500", "17500.000", " 17500.00 ", "1.75e4"])
def test_amount_in_another_spelling_is_unchanged(take_in, spelling):
    take_in(row(amount="17500.00"))

    assert counts(take_in(row(amount=spelling))) == (0, 0, 1)


def test_local_edits_survive_the_same_file(take_in):
    take_in(row())
    deal = tell(Deal.objects.get(), "deal.owner", owner="bea")
    tell(deal, "dates.agreed", start_on="2026-05-01", end_on="2027-04-30")

    assert counts(take_in(row())) == (0, 0, 1)

    deal.refresh_from_db()
    assert (deal.owner, deal.start_on, deal.end_on) == (
        "bea", date(2026, 5, 1), date(2027, 4, 30),
    )  # fmt: skip


def test_change_elsewhere_wins_for_its_field_only(take_in):
    take_in(row())
    tell(Deal.objects.get(), "deal.owner", owner="bea")

    assert counts(take_in(row(amount="20000"), at=LATER)) == (0, 1, 0)

    deal = Deal.objects.get()
    assert (deal.amount, deal.owner, deal.stage_since) == (Decimal(20000), "bea", NOON)
    entry = Entry.objects.about(deal).order_by("-pk").first()
    assert (entry.act, entry.by, entry.at) == ("sales.deal.changed_elsewhere", "HubSpot export",
                                               LATER)  # fmt: skip
    assert entry.facts == {"before": {"amount": "17500.00"}, "after": {"amount": "20000"}}


def test_change_elsewhere_of_an_edited_field_wins(take_in):
    take_in(row())
    tell(Deal.objects.get(), "deal.owner", owner="bea")

    take_in(row(owner="cid"))

    assert Deal.objects.get().owner == "cid"


def test_cell_emptied_elsewhere_empties_the_field(take_in):
    take_in(row())

    take_in(row(amount=""))

    assert Deal.objects.get().amount is None


def test_column_that_is_absent_erases_nothing(take_in):
    take_in(row(colour="red"))
    before = Deal.objects.values().get()

    taken = take_in({"id": "77", "dealname": "Deal 77", "dealstage": "Lead"})

    assert counts(taken) == (0, 0, 1)
    assert Deal.objects.values().get() == before


def test_column_that_comes_back_unchanged_is_no_change(take_in):
    take_in(row(colour="red"))
    take_in({"id": "77", "dealname": "Renamed", "dealstage": "Lead"})

    assert counts(take_in(row(colour="red", dealname="Renamed"))) == (0, 0, 1)
    deal = Deal.objects.get()
    assert (deal.name, deal.amount, deal.extra) == ("Renamed", Decimal(17500), {"colour": "red"})


def test_unknown_column_is_kept_and_told_and_may_change_and_empty(take_in):
    taken = take_in(row(colour="red"))
    assert warnings(taken) == [("column_unknown", None)]
    assert Deal.objects.get().extra == {"colour": "red"}

    assert counts(take_in(row(colour="blue"))) == (0, 1, 0)
    assert Deal.objects.get().extra == {"colour": "blue"}
    assert counts(take_in(row(colour=""))) == (0, 1, 0)
    assert Deal.objects.get().extra == {}
    assert counts(take_in(row(colour=""))) == (0, 0, 1)


def test_stage_nobody_mapped_is_a_deal_with_a_warning_each_time(take_in):
    taken = take_in(row(dealstage="Awaiting Godot"))

    assert warnings(taken) == [("stage_unmapped", "77")]
    deal = Deal.objects.get()
    assert (deal.stage, deal.stage_elsewhere) == ("", "Awaiting Godot")
    assert warnings(take_in(row(dealstage="Awaiting Godot"))) == [("stage_unmapped", "77")]
    assert Engagement.objects.count() == 0


def test_move_past_a_closed_gate_is_an_exception_once(take_in):
    take_in(row(owner=""))

    taken = take_in(row(owner="", dealstage="Proposal"), at=LATER)

    assert warnings(taken) == [("gate_bypassed", "77")]
    found = GateException.objects.get()
    assert (found.from_stage, found.to_stage, found.state) == ("lead", "proposal", "open")
    assert found.conditions == [
        "deal.owner", "community.named", "community.id", "cloud.preference",
    ]  # fmt: skip
    assert (found.found_at, found.found_by) == (LATER, "HubSpot export")
    assert (Deal.objects.get().stage, Deal.objects.get().stage_since) == ("proposal", LATER)
    assert Entry.objects.filter(act="sales.gate.bypassed").count() == 1

    assert take_in(row(owner="", dealstage="Proposal")).warnings == ()
    assert GateException.objects.count() == 1


def test_move_through_an_open_gate_is_no_exception(take_in):
    take_in(row())
    make_ready(Deal.objects.get(), "qualified")

    assert take_in(row(dealstage="Qualified")).warnings == ()
    assert GateException.objects.count() == 0


def test_move_is_judged_by_what_the_same_row_brings(take_in):
    take_in(row(owner=""))
    tell(Deal.objects.get(), "community.named", short_name="EarthScope")

    assert take_in(row(owner="ada", dealstage="Qualified")).warnings == ()


def test_move_back_elsewhere_is_no_exception(take_in):
    take_in(row(dealstage="Negotiation"))

    assert take_in(row(dealstage="Lead")).warnings == ()
    assert Deal.objects.get().stage == "lead"


def test_stage_that_elsewhere_only_catches_up_with_is_no_move(take_in):
    take_in(row())
    deal = make_ready(Deal.objects.get(), "qualified")
    move(deal, "qualified", at=LATER)

    take_in(row(dealstage="Qualified"), at=LATER + timedelta(days=3))

    deal.refresh_from_db()
    assert (deal.stage, deal.stage_since, deal.stage_elsewhere) == ("qualified", LATER, "Qualified")
    assert GateException.objects.count() == 0


def test_lost_elsewhere_without_a_reason_is_an_exception(take_in):
    take_in(row())

    take_in(row(dealstage="Closed Lost"))

    assert GateException.objects.values_list("to_stage", "conditions").get() == (
        "closed_lost", ["lost.reason"],
    )  # fmt: skip


def test_won_deal_gets_its_engagement_with_all_that_it_goes_without(take_in):
    taken = take_in(
        row("77", dealstage="Closed Won", revenue_type="membership-general"),
        row("78", dealstage="Closed Won", revenue_type="membership-premier"),
        row("79"),
    )

    assert list(Engagement.objects.values_list("deal__hubspot_id", "origin").order_by("pk")) == [
        ("77", "imported"), ("78", "imported"),
    ]  # fmt: skip
    assert warnings(taken) == [
        ("agreement_missing", "77"), ("community_missing", "77"), ("tier_unknown", "77"),
        ("agreement_missing", "78"), ("community_missing", "78"),
    ]  # fmt: skip
    assert GateException.objects.count() == 0
    take_in(row("77", dealstage="Closed Won", revenue_type="membership-general"))
    assert Engagement.objects.count() == 2


def test_revenue_type_gives_the_tier_unless_a_person_has_chosen_one(take_in):
    take_in(row("77", revenue_type="membership-premier"), row("78"))
    chosen = tell(Deal.objects.get(hubspot_id="78"), "service.tier", tier="essential")

    take_in(row("77", revenue_type="membership-premier"),
            row("78", revenue_type="membership-premier"))  # fmt: skip

    chosen.refresh_from_db()
    assert (Deal.objects.get(hubspot_id="77").tier, chosen.tier) == ("premier", "essential")


def test_row_whose_dates_contradict_the_agreed_ones_is_rejected_and_changes_nothing(take_in):
    take_in(row(target_end_date=""))
    deal = tell(Deal.objects.get(), "deal.owner", owner=BD)
    Deal.objects.filter(pk=deal.pk).update(contract_start_on=date(2028, 1, 1))
    before = Deal.objects.values().get()

    taken = take_in(row(target_end_date="2027-03-31", dealstage="Qualified"))

    assert (counts(taken), [line for line, _why in taken.rejected]) == ((0, 0, 0), [2])
    assert (Deal.objects.values().get(), GateException.objects.count()) == (before, 0)


def test_deals_that_are_ours_alone_are_left_alone(take_in):
    ours = make_deal(name="Ours")

    take_in(row())

    ours.refresh_from_db()
    assert (ours.name, ours.hubspot_id) == ("Ours", None)


@pytest.mark.parametrize("change", [{}, {"amount": "20000"}, {"dealstage": "Proposal"}])
def test_import_takes_as_many_queries_for_twenty_deals_as_for_three(take_in, change):
    used = []
    for first, number in ((100, 3), (200, 20)):
        Deal.objects.filter(engagement=None).delete()
        ids = [str(first + place) for place in range(number)]
        take_in(*[row(one) for one in ids])
        with CaptureQueriesContext(connection) as queries:
            taken = take_in(*[row(one, **change) for one in ids])
        assert counts(taken) == ((0, 0, number) if not change else (0, number, 0))
        used.append(len(queries))

    assert used[0] == used[1]


@pytest.mark.both_databases
def test_deal_that_a_listing_names_twice_is_taken_once_as_it_was_named_last(playbook):
    def named(name):
        told = {"name": name}
        return DealElsewhere("77", "Lead", told, told | {"stage_name": "Lead"}, {})

    ways = {"playbook": playbook, "by": "HubSpot", "at": NOON}
    new = take_deals([named("A"), named("B")], **ways)
    changed = take_deals([named("C"), named("D")], **ways)

    assert (len(new.created), len(changed.updated)) == (1, 1)
    assert Deal.objects.get().name == "D"
