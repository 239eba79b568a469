"""Engagements, projects and deliverables in Airtable: what is wanted, made, and sent how often."""

import re
from datetime import timedelta
from math import ceil
from pathlib import Path

import pytest

from tests.factories import NOON, PEOPLE, PS, make_engagement
from tests.handoff.airtable_world import (
    KEY,
    LATER,
    TABLES,
    by_hand,
    doubled,
    elsewhere,
    in_airtable,
    record_of,
    records,
    states,
    writes,
)
from tests.handoff.world import SetClock, apply, fresh, plan, with_statement
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import report_health
from throughline.delivery.models import Deliverable
from throughline.delivery.words import Health
from throughline.handoff.connected import connected
from throughline.handoff.models import Closure
from throughline.handoff.outside.airtable import SETTLING, connect_airtable
from throughline.handoff.outside.airtable_columns import COLUMNS
from throughline.handoff.outside.airtable_wanted import RecordStands, wanted_of_airtable
from throughline.handoff.passes import apply_handoff
from throughline.handoff.wanted import Doing, diff
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def engagement():
    return make_engagement(name="EarthScope 2026")


def test_plan_names_each_record_and_writes_nothing(base, engagement):
    lines = [one for one in plan(engagement).changes if one.system == "airtable"]

    assert [one.outcome for one in lines[:3]] == [
        f"airtable.engagement:{engagement.number}",
        f"airtable.project:{engagement.number}:new-hub",
        f"airtable.deliverable:{engagement.number}:new-hub:phase-0",
    ]
    assert lines[0].summary == "Airtable engagement “EarthScope 2026”"
    assert "Tier: Premier" in lines[0].preview
    assert {one.audience for one in lines} == {"staff"}
    assert [base.table(name).rows() for name in TABLES] == [[], [], []]


def test_apply_makes_linked_records_with_receipts(base, engagement):
    with_statement(engagement)

    done = apply(engagement)

    number = engagement.number
    assert set(states(done).values()) == {"converged"}
    (made,) = records(base, "Engagements").values()
    engagement_table, engagement_record = record_of(base, f"airtable.engagement:{number}")
    page = f"https://throughline.example/engagements/{number}/"
    assert {name: value for name, value in made.items() if name != "Projects"} == {
        KEY: f"airtable.engagement:{number}", "Name": "EarthScope 2026", "Number": number,
        "Community": "EarthScope", "Tier": "Premier", "Start": "2026-04-01", "End": "2027-03-31",
        "Status": "On track", "Throughline page": page,
    }  # fmt: skip
    sow = records(base, "Projects")[f"airtable.project:{number}:statement-of-work"]
    assert sow["Engagement"] == [engagement_record.id]
    first = records(base, "Deliverables")[
        f"airtable.deliverable:{number}:statement-of-work:deliverable-1"
    ]
    _, sow_record = record_of(base, f"airtable.project:{number}:statement-of-work")
    assert first == {
        KEY: f"airtable.deliverable:{number}:statement-of-work:deliverable-1",
        "Name": "Build the tool", "Project": [sow_record.id], "State": "Planned",
        "Definition of done": "- It builds.\n- It is documented.",
        "Low hours": 4.5, "High hours": 9.0, "Throughline page": page,
    }  # fmt: skip
    receipt = in_airtable(done)[f"airtable.engagement:{number}"].receipt
    assert receipt == {
        "id": engagement_record.id,
        "address": f"https://airtable.com/{base.base}/{engagement_table.id}/{engagement_record.id}",
    }


def test_apply_again_reads_and_writes_nothing(base, engagement):
    apply(engagement)
    base.calls.clear()

    apply(engagement, at=LATER)

    assert writes(base) == 0
    assert base.calls.total() == 1 + len(TABLES)


@pytest.mark.parametrize("items", [2, 36, 107])
def test_calls_are_the_fewest_that_airtable_allows(base, engagement, items):
    with_statement(engagement, [(f"Item {place}", ["Done."], 1, 2) for place in range(items)])

    apply(engagement)
    counts = [len(base.table(name).records) for name in TABLES]
    assert counts == [1, 3, items + 5]
    assert writes(base) == sum(ceil(count / 10) for count in counts)
    assert base.calls.total() == 1 + len(TABLES) + writes(base)

    base.calls.clear()
    apply(engagement, at=LATER)
    assert base.calls.total() == 1 + sum(ceil(count / 100) for count in counts)


def test_one_changed_field_is_one_write_of_one_record_and_leaves_what_people_wrote(
    base, engagement
):
    apply(engagement)
    key = f"airtable.engagement:{engagement.number}"
    by_hand(base, key, Notes="Ask Rae about the workshop.")
    report_health(engagement.number, Health.AT_RISK, why="GPUs are late.", by=PS, at=NOON)
    base.calls.clear()

    apply(engagement, at=LATER)

    assert writes(base) == 1
    row = records(base, "Engagements")[key]
    assert (row["Status"], row["Notes"]) == ("At risk", "Ask Rae about the workshop.")


def test_state_of_a_deliverable_follows(base, engagement):
    apply(engagement)
    deliverable = Deliverable.objects.get(project__code="new-hub", code="phase-1")
    mark_done(deliverable.pk, evidence="It answers.", link="", by=PS, at=NOON)

    apply(engagement, at=LATER)

    row = records(base, "Deliverables")[f"airtable.deliverable:{engagement.number}:new-hub:phase-1"]
    assert row["State"] == "Done, to be verified"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (losing_the_answer(), "unknown"),
        (dropping(), "unknown"),
        (answering(502), "unknown"),
        (answering(200, {"records": "garbled"}), "unknown"),
        (answering(503), "wanted"),
        (too_many(), "wanted"),
    ],
)
@pytest.mark.parametrize("lag", [0, 3])
def test_failed_write_is_made_good_later_without_a_double(base, engagement, fault, state, lag):
    base.lag = lag
    base.fail_next_write(fault)

    first = apply(engagement)
    assert states(first)[f"airtable.engagement:{engagement.number}"] == state
    assert elsewhere(first) == {"converged"}

    at = LATER
    for _ in range(4):
        last = apply(engagement, at=at)
        at += timedelta(minutes=10)
    assert set(states(last).values()) == {"converged"}
    assert doubled(base) == {}


def test_lost_answer_is_not_sent_again_before_it_has_settled(base, engagement):
    base.lag = 2
    base.fail_next_write(losing_the_answer())
    apply(engagement)
    sent = writes(base)

    apply(engagement, at=NOON + SETTLING / 2)

    assert writes(base) == sent


def test_too_many_calls_leave_airtable_alone_for_thirty_seconds(base, engagement):
    base.fail_next(too_many())
    first = apply(engagement)
    base.calls.clear()

    apply(engagement, at=NOON + timedelta(seconds=20))
    assert base.calls.total() == 0
    assert elsewhere(first) == {"converged"}

    assert set(states(apply(engagement, at=NOON + timedelta(seconds=31))).values()) == {"converged"}


def wanted(engagement):
    facts = facts_of(engagement.deal, on=NOON.date())
    return list(wanted_of_airtable(fresh(engagement), facts, shipped()))


def test_records_hold_no_money_and_no_addresses_of_people(base, engagement):
    Deal.objects.filter(pk=engagement.pk).update(amount="123456.78")

    said = "\n".join(str(one.wanted) for one in wanted(fresh(engagement)))

    assert "123456" not in said
    assert [one["email"] for one in PEOPLE if one["email"] in said] == []


def test_wanted_needs_the_same_queries_however_many_deliverables_there_are(
    engagement, django_assert_num_queries
):
    facts = facts_of(engagement.deal, on=NOON.date())
    with django_assert_num_queries(6):
        few = list(wanted_of_airtable(engagement, facts, shipped()))

    with_statement(engagement, [(f"Item {place}", ["Done."], 1, 2) for place in range(40)])
    facts = facts_of(fresh(engagement).deal, on=NOON.date())
    with django_assert_num_queries(6):
        many = list(wanted_of_airtable(engagement, facts, shipped()))

    assert len(many) - len(few) == 41


def test_texts_are_wanted_as_airtable_gives_them_back(base, engagement):
    Deal.objects.filter(pk=engagement.pk).update(name="  Earth\n scope  ", tier="")
    with_statement(engagement, [("Tool", [], 1, 2)])

    by_key = {one.key: one.wanted for one in wanted(fresh(engagement))}

    number = engagement.number
    assert by_key[f"airtable.engagement:{number}"]["Name"] == "Earth scope"
    assert by_key[f"airtable.engagement:{number}"]["Tier"] is None
    item = by_key[f"airtable.deliverable:{number}:statement-of-work:deliverable-1"]
    assert item["Definition of done"] is None


def test_nothing_is_wanted_of_airtable_where_it_is_not_connected(engagement):
    assert connect_airtable() is None
    assert [one for one in connected() if one.system.name == "airtable"] == []
    assert in_airtable(apply(engagement)) == {}


def test_handoffs_one_after_the_other_never_ask_a_base_too_often(base):
    clock = SetClock(NOON)
    base.limit, base.clock = 5, lambda: clock.at.timestamp()  # noqa: PLW0108 -- the clock moves on
    made = [make_engagement(name=name) for name in ("EarthScope", "Seismica")]
    for one in made:
        with_statement(one, [(f"Item {n}", ["Done."], 1, 2) for n in range(20)])

    rounds = 0
    waiting = [one.pk for one in made]
    while waiting and rounds < 12:
        rounds += 1
        for one in made:
            doing = Doing(PS, NOON, clock)
            done = apply_handoff(fresh(one), playbook=shipped(), holder="worker", doing=doing)
            if set(states(done).values()) == {"converged"} and one.pk in waiting:
                waiting.remove(one.pk)
        clock.pause(0.5)  # whoever waits in line comes back

    assert waiting == []
    assert Closure.objects.count() == 0
    assert clock.at - NOON < timedelta(seconds=15)


def test_how_to_page_names_each_field_with_a_type_that_will_do():
    page = (ROOT / "docs" / "how-to" / "connect-airtable.md").read_text()
    for sort, columns in COLUMNS.items():
        rows = page.partition(f"**{sort.capitalize()}s**")[2].partition("**")[0]
        told = dict(re.findall(r"^ +\| ([^|]+) \| ([^|:,]+)[^|]* \|$", rows, re.MULTILINE))
        assert {name: kind for name, kind in told.items() if name not in {"field", "---"}} == {
            KEY: "single line text"
        } | {column.name: column.kind.called for column in columns}


def test_key_with_signs_that_formulas_know_is_found_again(base):
    cells = {column.name: None for column in COLUMNS["engagement"]} | {"Name": "Odd"}
    odd = RecordStands("airtable.engagement:o'brien\\,{x}", "odd", cells)
    first, second = connect_airtable(), connect_airtable()
    assert first.observe([odd]) == {}

    first.act([diff(odd, None)], Doing(PS, NOON))

    assert second.observe([odd]) == {odd.key: cells}
    assert second.receipt(odd.key)["id"] == next(iter(base.table("Engagements").records))


def test_session_is_closed_with_the_pass_that_used_it(base):
    system = connect_airtable()
    session = system._airtable._http
    system.observe([])
    assert not session.is_closed

    del system

    assert session.is_closed
