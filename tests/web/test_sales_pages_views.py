"""The pipeline narrowed by sentences and kept as views; a deal as of a day; the list of moves."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from tests.factories import NOON, make_deal, make_deal_at, make_ready, move, tell
from throughline.people.models import SavedView
from throughline.playbook.loader import shipped
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.gates.gate import judge
from throughline.sales.history import deal_then
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of
from throughline.sales.waiting import ball_of


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def names_on(client, query):
    rows = client.get(f"/pipeline/?view=table&{query}").context["rows"]
    return sorted(row.name for row in rows)


def test_sentences_narrow_the_pipeline_and_combine(browser, person):
    client, today = browser("BD"), NOON.date()
    mine = {"owner": person("BD").username}
    make_deal(name="soon", close_on=today + timedelta(days=60), **mine)
    make_deal(name="later", close_on=today + timedelta(days=61), **mine)
    make_deal(name="late", close_on=today - timedelta(days=1), owner="ben")
    make_deal(name="lost", close_on=today, stage="closed_lost", owner="ben")

    assert names_on(client, "is=mine") == ["later", "soon"]
    assert names_on(client, "is=closing") == ["soon"]
    assert names_on(client, "is=overdue") == ["late"]
    assert names_on(client, "is=overdue&is=mine") == []
    assert names_on(client, "is=nonsense") == ["late", "later", "lost", "soon"]


def test_sentence_of_ps_leaves_out_the_deals_that_ps_answered(browser):
    make_deal_at("negotiation", name="answered")
    make_deal(name="waits")

    assert names_on(browser("BD"), "is=unanswered") == ["waits"]


def test_sentences_of_the_ball_judge_the_next_gate(browser):
    asked = make_deal(stage="proposal", name="asked")
    make_ready(asked, "negotiation", without=("ps.reviewed", "capacity.answered"))
    tell(asked, "ps.reviewed", question="Can we?")
    make_deal_at("contract_admin", name="signing")
    make_deal(name="fresh")
    client = browser("BD")

    assert names_on(client, "is=waits-ps") == ["asked"]
    assert names_on(client, "is=waits-sponsor") == ["signing"]
    assert names_on(client, "is=waits-bd") == ["fresh", "signing"]  # BD places the order meanwhile


def test_board_says_its_sentences_and_each_leads_to_the_address_without_it(browser):
    filters = browser("BD").get("/pipeline/?q=hub&is=mine&is=overdue").context["filters"]

    assert filters["said"] == "Deals that are mine and should have closed already."
    assert {one["words"]: one["url"] for one in filters["sentences"] if one["on"]} == {
        "are mine": "?q=hub&is=overdue",
        "should have closed already": "?q=hub&is=mine",
    }


def test_view_is_saved_opened_and_deleted_by_its_owner_alone(browser, person):
    client = browser("BD")
    client.post("/pipeline/views/", {"name": "Mine", "query": "is=mine&next=//evil.example"})
    client.post("/pipeline/views/", {"name": "Mine", "query": "is=mine&is=overdue"})
    view = SavedView.objects.get()

    assert (view.name, view.query, view.user) == ("Mine", "is=mine&is=overdue", person("BD"))
    assert browser("PS").get("/pipeline/").context["filters"]["views"] == []
    browser("PS").post(f"/pipeline/views/{view.pk}/delete/")
    assert SavedView.objects.count() == 1
    client.post(f"/pipeline/views/{view.pk}/delete/")
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_view_without_a_name_that_fits_is_refused(name, browser):
    response = browser("BD").post("/pipeline/views/", {"name": name, "query": ""}, follow=True)

    assert SavedView.objects.count() == 0
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_ball_is_with_whom_was_asked_since_they_were_asked(db):
    deal = make_deal(stage="proposal")
    make_ready(deal, "negotiation", without=("ps.reviewed", "capacity.answered"))
    asked_at = NOON + timedelta(days=2)
    tell(deal, "ps.reviewed", at=asked_at, question="Can we?")
    facts = facts_of(deal, on=NOON.date())
    gate = judge(facts, to=shipped().stage("negotiation"), playbook=shipped(), at=asked_at)

    ball = ball_of(gate, facts)

    assert (ball.party.label, ball.since) == ("PS", asked_at)


def test_moves_list_what_each_stage_lacks_to_those_who_move_deals(browser):
    deal = make_deal_at("qualified")
    address = f"/deals/{deal.pk}/moves/"

    found = browser("BD").get(address).context["moves"]

    assert [one["stage"].code for one in found][:2] == ["lead", "proposal"]
    assert (found[0]["missing"], found[0]["button"]) == ([], "Move to Lead")
    assert [len(one["missing"]) for one in found[1:3]] == sorted(
        len(one["missing"]) for one in found[1:3]
    )
    assert browser("PS").get(address).status_code == 403


def at(day):
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def test_deal_as_of_a_day_is_what_it_was_when_each_step_was_taken(db):
    deal = make_deal(amount="100.00", hubspot_id="1")
    snapshots = {}
    steps = {
        3: lambda: tell(deal, "deal.owner", at=at(3), owner="Ada"),
        4: lambda: tell(deal, "service.tier", at=at(4), none_because="a workshop"),
        5: lambda: tell(deal, "dates.agreed", at=at(5), start_on="2026-07-01", end_on="2027-06-30"),
        6: lambda: tell(deal, "deal.owner", at=at(6), owner="Ben"),
        7: lambda: tell(deal, "community.named", at=at(7), short_name="Tidewater"),
    }
    for day, step in steps.items():
        step()
        now = Deal.objects.get()
        snapshots[day] = {
            name: getattr(now, name)
            for name in ("stage", "owner", "tier", "community_id", "amount", "contract_end_on")
        }

    found = Deal.objects.get()
    for day, expected in snapshots.items():
        then = asdict(deal_then(found, at=at(day)))
        assert {name: then[name] for name in expected} == expected
    assert deal_then(found, at=NOON - timedelta(seconds=1)) is None


def elsewhere(stage, amount, end_on):
    fields = {"amount": Decimal(amount), "target_end_on": end_on}
    source = {"amount": amount, "target_end_on": str(end_on), "stage_name": stage}
    return DealElsewhere("77", stage, fields | {"name": "A deal"}, source, {})


def test_amount_stage_and_dates_that_changed_elsewhere_are_told_as_they_were(db):
    told = [("Lead", "100.00", date(2027, 1, 1)), ("Qualified", "250.50", date(2027, 6, 30))]
    for day, (stage, amount, end_on) in zip((3, 5), told, strict=True):
        one = elsewhere(stage, amount, end_on)
        take_deals([one], playbook=shipped(), by="HubSpot export", at=at(day))
    deal = Deal.objects.get()

    then = [deal_then(deal, at=at(day)) for day in (4, 6)]

    assert [(one.stage, one.amount, one.target_end_on) for one in then] == [
        ("lead", Decimal("100.00"), date(2027, 1, 1)),
        ("qualified", Decimal("250.50"), date(2027, 6, 30)),
    ]


def test_stage_as_of_a_day_follows_moves_forth_and_back(db):
    deal = make_ready(make_deal(), "qualified")
    move(deal, "qualified", at=at(4))
    move(deal, "lead", at=at(8))
    deal = Deal.objects.get()

    assert [deal_then(deal, at=at(day)).stage for day in (3, 5, 9)] == ["lead", "qualified", "lead"]


def test_page_as_of_a_day_hides_what_came_later_and_the_amount_from_ps(browser):
    deal = make_deal(amount="17531.00")
    tell(deal, "deal.owner", at=at(3), owner="Ada")
    tell(deal, "deal.owner", at=at(9), owner="Ben")
    address = f"/deals/{deal.pk}/?on=2026-03-05"

    for_bd, for_ps = (browser(hat).get(address) for hat in ("BD", "PS"))

    owner = next(one for one in for_bd.context["facts"] if one["label"] == "Owner")
    assert (owner["value"], owner["note"]) == ("Ada", "now Ben")
    assert [one["text"] for one in for_bd.context["history"]["latest"]] == ["Ada has the deal now"]
    assert [b"17,531" in one.content for one in (for_bd, for_ps)] == [True, False]


def test_page_as_of_no_day_leads_back_to_the_deal_and_says_so(browser):
    deal = make_deal()

    response = browser("BD").get(f"/deals/{deal.pk}/?on=yesterday", follow=True)

    assert response.redirect_chain == [(f"/deals/{deal.pk}/", 302)]
    assert "'yesterday' is not a date" in str(next(iter(response.context["messages"])))


def test_settled_condition_says_who_settled_it_and_when(browser):
    deal = make_deal()
    tell(deal, "deal.owner", by="ben", at=at(3), owner="Ada")

    panel = browser("BD").get(f"/deals/{deal.pk}/").context["panel"]

    assert [(one.code, one.who, one.at) for one in panel["met_lines"]] == [
        ("deal.owner", "ben", at(3))
    ]
    assert [(one.who, one.at) for one in panel["open_lines"]] == [("Waits for BD", None)]


def test_board_says_so_where_more_deals_are_open_than_can_be_judged(browser, monkeypatch):
    monkeypatch.setattr("throughline.sales.sentences.JUDGED", 1)
    make_deal(name="first")
    client = browser("BD")
    assert list(client.get("/pipeline/?is=waits-bd").context["messages"]) == []
    make_deal(name="second")

    response = client.get("/pipeline/?is=waits-bd&view=table")

    assert [row.name for row in response.context["rows"]] == ["second"]
    assert len(list(response.context["messages"])) == 1
