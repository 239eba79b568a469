"""The pipeline and the deal: what people see, and what a refused step leaves as it was."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.factories import (
    NOON,
    make_deal,
    make_deal_at,
    make_engagement,
    make_ready,
    make_statement,
    sign,
    tell,
)
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.gates.gate import judge
from throughline.sales.loading import facts_of_many
from throughline.sales.models import Agreement, Deal, GateException, Waiver
from throughline.sales.queries import facts_of
from throughline.sales.words import ExceptionState

AMOUNT, SHOWN = "17531.40", "17,531.40"


def text_of(response):
    return response.content.decode()


def facts_of_row(deal):
    return list(Deal.objects.filter(pk=deal.pk).values())


def exception_of(deal):
    return GateException.objects.create(
        deal=deal,
        to_stage=deal.stage,
        conditions=["ps.reviewed", "agreement.executed"],
        found_at=timezone.now(),
        found_by="HubSpot export",
    )


@pytest.fixture(autouse=True)
def noon():
    """Let the pages' clock stand where the factories' does."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def deal(db):
    return make_deal(name="Tidewater hub", amount=AMOUNT)


@pytest.mark.parametrize("hat", ["BD", "PS", "Lead", "Admin"])
@pytest.mark.parametrize("path", ["/pipeline/", "/pipeline/?view=table", "/deals/{}/"])
def test_reading_page_opens_for_everybody_with_a_hat_of_ours(hat, path, deal, browser):
    assert browser(hat).get(path.format(deal.pk)).status_code == 200


@pytest.mark.parametrize("path", ["/pipeline/", "/deals/{}/", "/deals/{}/record/deal.owner/"])
def test_page_is_closed_to_strangers_and_sends_the_anonymous_to_sign_in(path, deal, browser):
    address = path.format(deal.pk)

    assert browser("stranger").get(address).status_code == 403
    assert Client().get(address).headers["Location"] == f"/sign-in/?next={address}"


@pytest.mark.parametrize("path", ["/pipeline/", "/pipeline/?view=table", "/deals/{}/"])
def test_amount_is_shown_to_bd_and_no_trace_of_it_to_ps(path, browser):
    deal = make_deal_at("contract_admin", amount=AMOUNT, arr="9876.00")
    address = path.format(deal.pk)

    for_bd, for_ps = (text_of(browser(hat).get(address)) for hat in ("BD", "PS"))

    assert (SHOWN in for_bd, SHOWN in for_ps) == (True, False)
    assert ("9,876.00" in for_ps, "USD" in for_ps, ">Amount<" in for_ps) == (False, False, False)


def test_limits_and_ceilings_are_hidden_from_ps_on_the_deal(browser):
    deal = make_deal_at("contract_admin")
    Agreement.objects.filter(deal=deal).update(ceiling="4321.00")
    browser("Lead").post(
        f"/deals/{deal.pk}/early-start/",
        {"reason": "they begin", "money_limit": "1234.00", "until": date(2100, 1, 1)},
    )

    for_lead, for_ps = (text_of(browser(hat).get(f"/deals/{deal.pk}/")) for hat in ("Lead", "PS"))

    assert ["4,321.00" in for_lead, "1,234.00" in for_lead] == [True, True]
    assert ["4,321.00" in for_ps, "1,234.00" in for_ps] == [False, False]


@pytest.mark.parametrize("path", ["/pipeline/", "/pipeline/?view=table"])
def test_pipeline_asks_as_many_queries_for_one_deal_as_for_sixty(
    path, browser, django_assert_num_queries
):
    client = browser("BD")
    # Nothing is remembered in tests: the board, which a page asks for twice, is read twice.
    queries = {"/pipeline/": 55, "/pipeline/?view=table": 24}[path]
    make_deal_at("negotiation", hubspot_id="1")
    with django_assert_num_queries(queries):
        client.get(path)
    for number in range(57):
        make_deal(hubspot_id=f"more-{number}", stage="proposal")
    for number in ("2", "3"):
        make_ready(make_deal(hubspot_id=number), "qualified")
        exception_of(Deal.objects.get(hubspot_id=number))

    with django_assert_num_queries(queries):
        client.get(path)


def test_board_has_a_column_for_each_stage_and_one_for_unmapped_deals_only_if_any(browser):
    make_deal(stage="proposal")

    columns = browser("BD").get("/pipeline/").context["columns"]
    assert [(one.key, one.count) for one in columns] == [
        ("lead", 0), ("qualified", 0), ("proposal", 1), ("negotiation", 0), ("contract_admin", 0),
        ("closed_won", 0), ("closed_lost", 0),
    ]  # fmt: skip

    make_deal(stage="", stage_elsewhere="Parked")
    make_deal(stage="a_stage_of_last_year")
    columns = browser("BD").get("/pipeline/").context["columns"]
    assert [(one.key, one.count, len(one.cards)) for one in columns if one.key == "unmapped"] == [
        ("unmapped", 2, 2)
    ]


def test_column_shows_fifty_cards_the_true_count_and_a_sum_for_each_currency(browser):
    for number in range(52):
        make_deal(hubspot_id=str(number), amount="100.00")
    make_deal(amount="5.00", currency="EUR")

    column = browser("BD").get("/pipeline/").context["columns"][0]

    assert (column.count, len(column.cards), column.more_count) == (53, 50, 3)
    assert (column.total, column.currency) == (5200, "USD")
    assert [(one.total, one.currency) for one in column.others] == [(5, "EUR")]
    assert column.waiting == "Of the newest 50: 50 wait for BD"


def test_column_says_whom_its_deals_wait_for(browser):
    make_ready(make_deal(stage="proposal", name="asked"), "negotiation", without=("ps.reviewed",))
    waiting = make_deal(stage="proposal", name="waits")
    tell(waiting, "ps.reviewed", question="Can we?")
    tell(waiting, "capacity.answered", by="pia", answer="yes")
    make_deal_at("qualified")

    columns = {one.key: one for one in browser("BD").get("/pipeline/").context["columns"]}

    assert columns["proposal"].waiting == "1 waits for PS, 1 waits for BD"
    assert {card.name: card.ball_with for card in columns["proposal"].cards} == {
        "asked": "BD",
        "waits": "PS",
    }


def test_card_carries_term_ring_and_light(browser):
    deal = make_deal_at("contract_admin", amount=AMOUNT)
    Deal.objects.filter(pk=deal.pk).update(stage_since=timezone.now() - timedelta(days=3))

    card = browser("BD").get("/pipeline/").context["columns"][4].cards[0]

    assert (card.community, card.term) == ("EarthScope", "12 months")
    assert (card.stage_days, card.ball_days) == (3, 0)  # the Sponsor was asked today
    assert (card.gate_met, card.gate_total, card.ball_with) == (0, 2, "the Sponsor")
    assert card.capacity == "yes"


def test_pipeline_is_narrowed_by_text_owner_and_pipeline(browser):
    make_deal(name="Alpha", owner="ada", pipeline="Hubs")
    make_deal(name="Beta", owner="ben", pipeline="Hubs")
    make_deal(name="Gamma", owner="ben", pipeline="Events")
    client = browser("BD")

    def found(query):
        return sorted(
            row.name for row in client.get(f"/pipeline/?view=table&{query}").context["rows"]
        )

    assert found("q=alph") == ["Alpha"]
    assert found("owner=ben") == ["Beta", "Gamma"]
    assert found("owner=ben&pipeline=Hubs") == ["Beta"]
    assert found("owner=nobody-of-that-name") == ["Alpha", "Beta", "Gamma"]
    assert found("stage=unmapped") == []


def test_html_in_names_is_shown_as_text_on_every_page(browser):
    nasty = "<script>alert(1)</script>"
    deal = make_deal(name=nasty, buyer=nasty, owner=nasty)
    tell(deal, "community.named", short_name=nasty)
    exception_of(deal)

    for path in ("/pipeline/", "/pipeline/?view=table", f"/deals/{deal.pk}/",
                 f"/deals/{deal.pk}/record/lost.reason/", f"/deals/{deal.pk}/waive/deal.owner/"):  # fmt: skip
        text = text_of(browser("BD").get(path))
        assert (nasty in text, "&lt;script&gt;" in text) == (False, True), path


def test_new_deal_begins_at_the_first_stage_with_its_journal_entry(browser):
    response = browser("BD").post(
        "/deals/new/", {"name": "Tidewater hub", "owner": "bd", "amount": "10", "pipeline": ""}
    )

    deal = Deal.objects.get()
    assert response.headers["Location"] == f"/deals/{deal.pk}/"
    assert (deal.stage, deal.currency, deal.amount, deal.owner) == ("lead", "USD", 10, "bd")
    assert [(one.act, one.by) for one in Entry.objects.about(deal)] == [
        ("sales.deal.created", "bd")
    ]


@pytest.mark.parametrize("sent", [{}, {"name": "  "}, {"name": "X", "amount": "-1"}])
def test_new_deal_that_makes_no_sense_is_refused_and_not_written(sent, browser):
    response = browser("BD").post("/deals/new/", sent)

    assert (response.status_code, Deal.objects.count()) == (422, 0)
    assert response.context["form"].errors != {}


def test_advance_through_an_open_gate_moves_the_deal_and_leads_back_to_the_board(browser):
    deal = make_ready(make_deal(), "qualified")

    response = browser("BD").post(
        f"/deals/{deal.pk}/advance/?back=/pipeline/%3Fowner%3Dada", {"to": "qualified"}
    )

    deal.refresh_from_db()
    assert (deal.stage, response.headers["Location"]) == ("qualified", "/pipeline/?owner=ada")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/pipeline/", "/outbox/"])
def test_advance_leads_nowhere_but_to_the_board_or_the_deal(back, browser):
    deal = make_ready(make_deal(), "qualified")

    response = browser("BD").post(f"/deals/{deal.pk}/advance/?back={back}", {"to": "qualified"})

    assert response.headers["Location"] == f"/deals/{deal.pk}/"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "gate"}])
def test_advance_through_a_closed_gate_names_the_conditions_and_changes_nothing(
    headers, deal, browser
):
    client = browser("BD")
    before, written = facts_of_row(deal), Entry.objects.count()

    response = client.post(f"/deals/{deal.pk}/advance/", {"to": "proposal"}, headers=headers)

    text = text_of(response)
    assert response.status_code == 422
    assert [one in text for one in (
        "Not ready for Proposal", "Nobody has the deal.", "The deal names no community.",
        "There is no community to have an id.", "Move to Proposal – 4 things missing", "autofocus",
    )] == [True] * 6  # fmt: skip
    assert ("<html" in text) is (headers == {})
    assert (facts_of_row(deal), Entry.objects.count()) == (before, written)


def test_advance_to_a_stage_that_is_none_is_refused_with_the_stages_there_are(deal, browser):
    response = browser("BD").post(f"/deals/{deal.pk}/advance/", {"to": "unmapped"})

    assert response.status_code == 422
    assert "There is no stage &#x27;unmapped&#x27;." in text_of(response)


def test_button_says_what_will_happen_and_ps_has_none(browser):
    ready, closed = make_ready(make_deal(), "qualified"), make_deal(owner="ada")

    assert "Move to Qualified</button>" in text_of(browser("BD").get(f"/deals/{ready.pk}/"))
    assert "Move to Qualified – 1 thing missing" in text_of(
        browser("BD").get(f"/deals/{closed.pk}/")
    )
    assert "Move to Qualified" not in text_of(browser("PS").get(f"/deals/{ready.pk}/"))


def test_waiver_by_a_lead_is_written_and_by_the_owner_refused(deal, browser):
    Deal.objects.filter(pk=deal.pk).update(owner="bd")
    address = f"/deals/{deal.pk}/waive/community.named/"
    sent = {"reason": "It is a trial.", "until": "2100-01-01"}

    refused = browser("BD").post(address, sent)
    assert (refused.status_code, Waiver.objects.count()) == (422, 0)
    assert "A waiver needs two persons" in text_of(refused)

    assert browser("Lead").post(address, sent).status_code == 302
    assert "It is a trial." in text_of(browser("BD").get(f"/deals/{deal.pk}/"))


@pytest.mark.parametrize(
    "sent", [{"reason": "", "until": "2100-01-01"}, {"reason": "x", "until": ""}]
)
def test_waiver_without_reason_or_day_is_refused_and_not_written(sent, deal, browser):
    response = browser("Lead").post(f"/deals/{deal.pk}/waive/community.named/", sent)

    assert (response.status_code, Waiver.objects.count()) == (422, 0)


def test_what_nobody_may_waive_has_no_page(deal, browser):
    assert browser("Lead").get(f"/deals/{deal.pk}/waive/agreement.executed/").status_code == 404
    assert browser("BD").get(f"/deals/{deal.pk}/record/no.such/").status_code == 404
    assert browser("BD").get("/deals/999999/").status_code == 404


def test_order_without_an_executed_agreement_is_refused_on_the_deals_page(browser):
    deal = make_deal_at("contract_admin")

    response = browser("BD").post(f"/deals/{deal.pk}/order/")

    assert response.status_code == 422
    assert "is not executed." in text_of(response)
    assert hasattr(Deal.objects.get(pk=deal.pk), "order") is False


def test_order_opens_the_engagement_and_the_deal_leads_to_it(browser):
    deal = sign(make_deal_at("contract_admin"))

    response = browser("BD").post(f"/deals/{deal.pk}/order/")

    assert response.headers["Location"] == f"/engagements/{deal.pk}/"
    text = text_of(browser("BD").get(f"/deals/{deal.pk}/"))
    assert [f'href="/engagements/{deal.pk}/"' in text, f'href="/handoff/{deal.pk}/"' in text] == [
        True, True,
    ]  # fmt: skip


def test_open_exception_names_its_conditions_and_is_explained(browser):
    deal = make_engagement().deal
    found = exception_of(deal)
    assert ["Review by PS" in (text := text_of(browser("BD").get(f"/deals/{deal.pk}/"))),
            "Moved past an open gate." in text] == [True, True]  # fmt: skip

    assert browser("BD").post(f"/deals/{deal.pk}/explain/", {}).status_code == 422
    assert (
        browser("BD").post(f"/deals/{deal.pk}/explain/", {"explanation": "A test."}).status_code
        == 302
    )

    found.refresh_from_db()
    assert (found.state, found.explanation, found.closed_by) == (
        ExceptionState.EXPLAINED, "A test.", "bd",
    )  # fmt: skip
    assert browser("BD").post(f"/deals/{deal.pk}/explain/", {"explanation": "x"}).status_code == 422


def test_moving_back_closes_the_exception_as_reverted(browser):
    deal = make_deal(stage="negotiation")
    found = exception_of(deal)

    browser("BD").post(f"/deals/{deal.pk}/advance/", {"to": "lead"})

    found.refresh_from_db()
    assert (found.state, found.closed_by) == (ExceptionState.REVERTED, "bd")


def test_contradicting_dates_are_marked(browser):
    deal = make_deal_at("contract_admin")
    Agreement.objects.filter(deal=deal).update(end_on=date(2027, 1, 31))

    terms = browser("BD").get(f"/deals/{deal.pk}/").context["terms"]

    assert {row["label"]: row["clash"] for row in terms} == {"Start": False, "Last day": True}


def test_deal_page_asks_as_many_queries_for_a_long_history_as_for_a_short_one(
    browser, django_assert_num_queries
):
    client, deal = browser("BD"), make_deal_at("negotiation")
    with django_assert_num_queries(29):
        client.get(f"/deals/{deal.pk}/")
    for owner in ("ada", "ben", "cai"):
        tell(deal, "deal.owner", owner=owner)

    with django_assert_num_queries(29):
        client.get(f"/deals/{deal.pk}/")


def test_board_loads_the_same_facts_as_a_single_deal_does(db):
    deals = [
        sign(make_deal_at("contract_admin", hubspot_id="1")),
        make_deal(hubspot_id="2"),
        make_engagement(hubspot_id="3").deal,
    ]
    make_statement(deals[1], "Hub is up")
    tell(deals[1], "sow.signed_off", role="tech_lead")
    playbook = shipped()

    def judged(facts):
        stages = ("closed_won", "closed_lost")
        return [judge(facts, to=playbook.stage(one), playbook=playbook, at=NOON) for one in stages]

    many = {one.deal.pk: one for one in facts_of_many([deal.pk for deal in deals], on=NOON.date())}

    for deal in deals:
        alone = facts_of(deal, on=NOON.date())
        assert judged(many[deal.pk]) == judged(alone)
        assert hasattr(many[deal.pk].deal, "order") is hasattr(alone.deal, "order")
