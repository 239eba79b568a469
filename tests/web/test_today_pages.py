from datetime import date, timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    NOON,
    make_cluster,
    make_deal,
    make_deal_at,
    make_deliverable,
    make_person,
    tell,
)
from tests.web.conftest import queue
from throughline.budgets.models import Alert
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import link_clusters, open_imported, report_health
from throughline.delivery.models import Deliverable, HandoffReturn
from throughline.delivery.words import Health
from throughline.handoff.drift import drifted_outcomes
from throughline.handoff.keeping import write_intents
from throughline.handoff.models import Outcome
from throughline.handoff.queries import troubled_outcomes
from throughline.intake.models import HubSpotOrder
from throughline.intake.week.look import Look
from throughline.mail.actions.echoes import Heard, keep_echo
from throughline.mail.models import Message
from throughline.mail.words import EchoKind
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.renewals.models import Course, Offboarding
from throughline.sales.actions.knowledge import write_note
from throughline.sales.models import EarlyStart, GateException, Order, Review, SponsorWork
from throughline.web.today.shapes import Item

BLOCKS = {
    "stranger": [],
    "BD": [
        "moves", "returned", "questions", "hubspot", "verify", "exceptions", "early_over", "ending",
        "untold", "came_back", "lapsed", "offboarding", "awaited",
    ],
    "PS": ["alerts", "reviews", "capacity", "accept", "notes", "drift", "due", "exceptions", "offboarding"],
    "Lead": ["exceptions", "overdue", "early_over", "lapsed", "off_track"],
    "Sponsor": ["sponsor"],
    "Admin": [
        "sponsor", "moves", "verify", "exceptions", "ending", "reviews", "accept", "due", "lapsed",
        "off_track", "outcomes", "mails", "overdue", "early_over", "capacity", "returned", "questions", "notes", "drift",
        "hubspot", "untold", "came_back", "alerts", "offboarding", "awaited",
    ],
}  # fmt: skip


def codes(response):
    return {block.code: block.count for block in response.context["blocks"]}


@pytest.mark.parametrize("hat", BLOCKS)
def test_today_shows_the_blocks_of_the_hat(hat, browser, world):
    assert sorted(codes(browser(hat).get("/"))) == sorted(BLOCKS[hat])


def test_today_tells_a_stranger_whom_to_ask(browser, person):
    person("Admin")

    assert "You have no role yet." in browser("stranger").get("/").content.decode()
    assert "admin" in browser("stranger").get("/").content.decode()


def test_today_with_nothing_waiting_says_what_would_come(browser):
    text = browser("BD").get("/").content.decode()

    assert "Nothing waits for you." in text
    assert "All clear" in text
    assert "A deliverable comes here when PS says that it is done." in text


def make_one_of_each(number):
    """Make one thing for each block of Today."""
    today = timezone.now().date()
    make_deal(name=f"Open {number}", stage="proposal")
    make_deal(
        name=f"Endless {number}", stage="closed_won", hubspot_id=f"66{number}", tier="premier"
    )
    open_imported(playbook=shipped(), by="t", at=NOON)
    lapsed = make_deal(name=f"Lapsed {number}", stage="closed_won", hubspot_id=f"77{number}",
                       end_on=today - timedelta(days=5))  # fmt: skip
    ending = make_deal(
        name=f"Ending {number}", stage="closed_won", end_on=today + timedelta(days=9)
    )
    make_cluster(f"lapsed{number}", deal_id=f"77{number}", hubs={"h": ("H", "h.example.org")})
    engagement = open_imported(playbook=shipped(), by="t", at=NOON)[-1]
    link_clusters(by="t", at=NOON)
    type(engagement).objects.filter(pk=ending.pk).update(origin="ordered")
    report_health(lapsed.pk, Health.OFF_TRACK, why="It stands still.", by="pia", at=NOON)
    done, due = make_deliverable(engagement), make_deliverable(engagement, "phase-2")
    mark_done(done.pk, evidence="", link="", by="pia", at=NOON)
    Deliverable.objects.filter(pk=due.pk).update(due_on=today)
    GateException.objects.create(deal=lapsed, to_stage="closed_won", conditions=["deal.owner"],
                                 found_at=NOON, found_by="t")  # fmt: skip
    Review.objects.create(deal=lapsed, kind="input", question="?", asked_by="ada", asked_at=NOON,
                          needed_by=today - timedelta(days=1))  # fmt: skip
    leave = EarlyStart.objects.create(deal=ending, reason="!", money_limit=1, by="lea", at=NOON,
                                      until_on=today - timedelta(days=1))  # fmt: skip
    Order.objects.create(deal=ending, at=NOON, by="ada", early_start=leave)
    SponsorWork.objects.create(deal=lapsed, kind="legal", asked_at=NOON, asked_by="ada")
    Outcome.objects.create(key=f"o{number}", engagement=engagement, system="delivery",
                           summary="A thing", wanted={}, state="failed")  # fmt: skip
    Outcome.objects.create(key=f"d{number}", engagement=engagement, system="delivery", wanted={},
                           summary="A thing", seen={"a": 1}, receipt={"id": 1}, state="drifted")  # fmt: skip
    HubSpotOrder.objects.create(order_id=str(number), deal_id=f"77{number}", seen_at=NOON,
                                refusal="Not yet.")  # fmt: skip
    Offboarding.objects.create(deal=lapsed, opened_by="ada", opened_at=NOON)
    Course.objects.create(
        engagement=lapsed.engagement, kind="renew", awaited="Next", by="ada", at=NOON
    )
    HandoffReturn.objects.create(engagement=lapsed.engagement, line="note:1", line_text="Note 1",
                                 why="No.", by="pia", at=NOON)  # fmt: skip
    Alert.objects.create(key=f"a{number}", about="aws 1", month="2026-03", opened_at=NOON,
                         last_at=NOON, engagement=engagement)  # fmt: skip
    write_note(lapsed.pk, "Which region?", kind="question", is_private=True, by="ada", at=NOON)
    Message.objects.filter(pk=queue(f"m{number}").pk).update(state="failed")
    keep_echo(Heard(f"e{number}", EchoKind.REPLY, said="Yes."), by="t", at=NOON)


def test_today_has_each_thing_in_its_block_by_as_many_queries_for_three_as_for_one(browser):
    client = browser("Admin")
    make_one_of_each(1)
    client.get("/")
    with CaptureQueriesContext(connection) as for_one:
        one = client.get("/")
    make_one_of_each(2)
    make_one_of_each(3)
    with CaptureQueriesContext(connection) as for_three:
        three = client.get("/")

    assert codes(one) == dict.fromkeys(BLOCKS["Admin"], 1)
    assert codes(three) == dict.fromkeys(BLOCKS["Admin"], 3)
    assert len(for_one) == len(for_three)


def shown(response, code):
    found = {block.code: block for block in response.context["blocks"]}[code]
    return found.count, [item.title for item in found.items]


@pytest.mark.both_databases
def test_today_as_it_is_remembered_follows_each_act_and_what_no_act_tells(remembers, browser):
    client, deal = browser("Admin"), make_deal(name="Coral Lab", stage="closed_won")
    engagement = open_imported(playbook=shipped(), by="t", at=NOON)[0]
    for _ in range(2):
        assert shown(client.get("/"), "off_track") == (0, [])

    report_health(deal.pk, Health.OFF_TRACK, why="It stands still.", by="pia", at=NOON)
    assert shown(client.get("/"), "off_track")[0] == 1

    row = Outcome.objects.create(key="o", engagement=engagement, system="delivery",
                                 summary="A thing", wanted={}, state="wanted")  # fmt: skip
    assert shown(client.get("/"), "outcomes") == (0, [])
    write_intents([row], at=NOON, settling=timedelta())  # nothing in the journal says so
    assert shown(client.get("/"), "outcomes") == (1, ["A thing"])


def test_remembered_deals_of_one_person_are_not_shown_to_another(remembers, browser):
    other, admin = Client(), browser("Admin")
    other.force_login(make_person("lena", RoleName.BD))
    client = browser("BD")
    for owner in ("bd", "lena"):
        make_deal(name=f"Of {owner}", stage="lead", owner=owner)

    assert shown(client.get("/"), "moves") == (1, ["Of bd"])
    assert shown(other.get("/"), "moves") == (1, ["Of lena"])
    assert shown(admin.get("/"), "moves")[0] == 2


def test_line_that_waits_is_drawn_anew_on_the_next_day(db):
    item = Item("/x/", "A <thing>", "why", "PS", since=date(2026, 3, 1))

    def drawn(on):
        source = "{% load waiting %}{% waiting_line item look %}"
        look = Look(NOON, on, shipped())
        return Template(source).render(Context({"item": item, "look": look}))

    assert "A &lt;thing&gt;" in drawn(date(2026, 3, 3))
    assert "2 days" in drawn(date(2026, 3, 3))
    assert "3 days" in drawn(date(2026, 3, 4))


def test_what_has_not_converged_is_found_without_reading_the_rest(db):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a table of no rows as a whole")
    for found in (troubled_outcomes(), drifted_outcomes()):
        assert "USING INDEX outcome_not_converged" in found.explain()


def test_todays_deals_of_bd_are_their_own_and_those_that_nobody_has(browser):
    for owner in ("bd", "somebody", ""):
        make_deal(name=f"Of {owner or 'nobody'}", stage="lead", owner=owner)

    block = next(one for one in browser("BD").get("/").context["blocks"] if one.code == "moves")

    assert sorted(item.title for item in block.items) == ["Of bd", "Of nobody"]


def test_deal_that_waits_for_ps_alone_is_not_bds_to_move(browser):
    client, deal = browser("BD"), tell(make_deal_at("proposal"), "deal.owner", owner="bd")
    assert codes(client.get("/"))["moves"] == 1  # to ask PS is BD's

    Review.objects.create(deal=deal, kind="input", question="?", asked_by="bd", asked_at=NOON)

    assert codes(client.get("/"))["moves"] == 0


def test_sponsor_closes_work_with_a_receipt(browser, world):
    client = browser("Sponsor")
    before = SponsorWork.objects.filter(done_at=None).count()

    response = client.post(f"/sponsor/{world.work.pk}/done/", {"receipt": "SAGE C-0302"})

    world.work.refresh_from_db()
    assert response.headers["Location"] == "/"
    assert (world.work.receipt, world.work.done_by) == ("SAGE C-0302", "sponsor")
    assert SponsorWork.objects.filter(done_at=None).count() == before - 1


def test_sponsor_work_without_a_receipt_stays_open_and_says_why(browser, world):
    SponsorWork.objects.filter(pk=world.work.pk).update(done_at=None, done_by="", receipt="")

    response = browser("Sponsor").post(f"/sponsor/{world.work.pk}/done/", {"receipt": " "})

    world.work.refresh_from_db()
    assert (response.status_code, world.work.done_at) == (422, None)
    assert "A work order is closed with a receipt." in response.content.decode()


def test_sponsor_work_that_is_done_is_not_done_twice(browser, world):
    client = browser("Sponsor")
    client.post(f"/sponsor/{world.work.pk}/done/", {"receipt": "first"})

    response = client.post(f"/sponsor/{world.work.pk}/done/", {"receipt": "second"})

    world.work.refresh_from_db()
    assert (response.status_code, world.work.receipt) == (422, "first")


def test_a_pretended_day_shows_the_renewals_of_that_day_and_says_so(browser):
    make_one_of_each(1)
    client = browser("BD")
    today = codes(client.get("/"))

    page = client.get("/?pretend=2020-01-01")

    assert codes(page) == today | {"lapsed": 0, "ending": 0}
    assert "Pretended: this page is as if today were 1 Jan 2020." in page.content.decode()
