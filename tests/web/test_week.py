"""The organisation's week: every number opens exactly what it counts, and costs the same for many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NOON, make_deal, make_engagement
from tests.web.conftest import queue
from tests.web.test_today_pages import make_one_of_each
from throughline.budgets.models import Received
from throughline.delivery.models import EvidenceLook
from throughline.handoff.models import Outcome
from throughline.infrastructure.models import CloudAccount
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.intake.models import HubSpotReading
from throughline.intake.week.figures import FIGURES
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.sales.models import Review


def numbers(response):
    return {one.figure.code: one.count for one in response.context["week"]}


def make_unknowns(number):
    """Make one thing of each kind that nobody can tell."""
    make_deal(name=f"Stray {number}", stage="", stage_elsewhere="Simmering")
    make_deal(name=f"Gone stage {number}", stage="no-such-stage")
    CloudAccount.objects.create(provider="aws", identifier=f"{number:012}")
    Received.objects.create(key=f"r{number}", source="sns", body="?", kept_at=NOON, kept_by="t",
                            state="unreadable", why="It is no JSON.")  # fmt: skip
    Message.objects.filter(pk=queue(f"u{number}").pk).update(state="unsure")


def make_week(number):
    make_one_of_each(number)
    make_unknowns(number)
    lost = Outcome.objects.get(key=f"o{number}")
    Outcome.objects.create(key=f"lost{number}", engagement=lost.engagement, system="delivery",
                           summary="A thing", wanted={}, state="unknown", intent_at=NOON)  # fmt: skip
    EvidenceLook.objects.create(
        engagement_id=lost.engagement_id, at=NOON, unknown_because="Prometheus does not answer."
    )


def test_alert_that_cannot_be_read_counts_in_the_very_next_look(remembers, browser):
    client = browser("Admin")
    before = numbers(client.get("/"))
    take_text("Budget Name: x\nSomething else entirely.", by="ada", at=NOON)
    kept = numbers(client.get("/"))  # is remembered from here on

    read_alerts(playbook=shipped(), at=NOON)

    assert numbers(client.get("/")) == before | {"unknowns": before["unknowns"] + 1}
    assert kept == before


@pytest.mark.django_db
def test_each_number_of_the_week_opens_exactly_what_it_counts(browser):
    make_week(1)
    make_week(2)
    client = browser("Admin")
    response = client.get("/")

    listed = {
        one.figure.code: client.get(one.url).context["page"] for one in response.context["week"]
    }

    assert list(listed) == list(FIGURES)
    assert {code: page.paginator.count for code, page in listed.items()} == numbers(response)
    assert {code: len(page.object_list) for code, page in listed.items()} == numbers(response)


@pytest.mark.django_db
def test_week_counts_one_of_each_and_says_since_when(browser):
    make_week(1)

    found = {one.figure.code: one for one in browser("PS").get("/").context["week"]}

    today = timezone.now().date()
    assert {code: one.count for code, one in found.items()} == {
        "gates": 1, "answers": 2, "verifications": 1, "renewals": 0, "lapses": 1, "alerts": 1,
        "unknowns": 9,
    }  # fmt: skip
    assert found["verifications"].figure.oldest_on == NOON.date()
    assert found["answers"].figure.next_on == today - timedelta(days=1)
    assert found["lapses"].figure.oldest_on == today - timedelta(days=4)


@pytest.mark.django_db
def test_week_asks_as_many_queries_for_three_as_for_one_and_so_does_each_list(browser):
    client = browser("Lead")
    make_week(1)
    addresses = ["/", *(f"/week/{code}/" for code in FIGURES)]
    asked_for_one = [_queries(client, address) for address in addresses]
    make_week(2)
    make_week(3)

    assert [_queries(client, address) for address in addresses] == asked_for_one


def _queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.django_db
def test_review_that_is_due_after_the_week_is_not_due_in_it(browser):
    today = timezone.now().date()
    deal = make_deal(stage="lead")
    for days in (7, 8):
        Review.objects.create(deal=deal, kind="input", question="?", asked_by="ada", asked_at=NOON,
                              needed_by=today + timedelta(days=days))  # fmt: skip

    assert numbers(browser("PS").get("/"))["answers"] == 1


@pytest.mark.django_db
def test_step_of_the_ladder_is_in_the_week_of_the_pretended_day_alone(browser):
    today = timezone.now().date()
    make_week(1)
    ends_on = today + timedelta(days=9)  # of the one that is ordered: 14 days before is over
    client = browser("BD")
    shown = {
        day.isoformat(): numbers(client.get(f"/?pretend={day}"))["renewals"]
        for day in (ends_on - timedelta(days=67), ends_on - timedelta(days=68))
    }

    assert list(shown.values()) == [1, 0]
    page = client.get(f"/week/renewals/?pretend={ends_on - timedelta(days=67)}")
    assert page.context["page"].paginator.count == 1
    assert "Pretended: this page is as if today were" in page.content.decode()


@pytest.mark.django_db
def test_hubspot_that_does_not_answer_is_unknown_while_it_is_connected(browser, settings):
    HubSpotReading.objects.create(kind="all", started_at=NOON, trouble="It is down.")
    client = browser("BD")

    settings.HUBSPOT_CONNECTED = False
    alone = numbers(client.get("/"))["unknowns"]
    settings.HUBSPOT_CONNECTED = True

    assert (alone, numbers(client.get("/"))["unknowns"]) == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("system", ["airtable", "aws", "github", "sheets"])
def test_system_whose_last_call_failed_for_now_is_one_unknown_until_it_answers(system, browser):
    engagement = make_engagement()
    rows = [
        Outcome.objects.create(
            key=f"{system}:{number}", engagement=engagement, system=system, summary="An issue",
            wanted={}, rounds=1, next_at=NOON, remedy="503. It will be tried again.",
        )
        for number in (1, 2)
    ]  # fmt: skip
    client = browser("Admin")
    failing = numbers(client.get("/"))["unknowns"]
    said = client.get("/week/unknowns/").content.decode()

    for row in rows:
        row.rounds, row.remedy, row.next_at = 0, "", None
        row.save()

    assert failing - numbers(client.get("/"))["unknowns"] == 1
    assert "does not answer" in said
    assert "Waiting for it: 2." in said


def test_sponsor_sees_no_week_and_opens_no_list_of_it(browser, world):
    client = browser("Sponsor")

    assert "week" not in client.get("/").context
    assert client.get("/week/gates/").status_code == 403


@pytest.mark.django_db
def test_what_waits_is_grouped_by_whose_ball_it_is_with_days(browser):
    make_week(1)
    page = browser("Admin").get("/?by=ball")

    holders = {holder.ball: len(holder.items) for holder in page.context["holders"]}
    listed = sum(len(block.items) for block in page.context["blocks"])
    assert sum(holders.values()) == listed
    assert {"BD", "PS", "Admin"} <= set(holders)
    days = (timezone.now().date() - NOON.date()).days
    assert f'since 2 Mar 2026,</span> <span class="nowrap">{days} days' in page.content.decode()


@pytest.mark.django_db
def test_everything_that_waits_says_with_whom_and_since_when(browser):
    make_one_of_each(1)

    blocks = browser("Admin").get("/").context["blocks"]

    assert [(block.code, item.title) for block in blocks for item in block.items
            if not item.ball or item.since is None] == []  # fmt: skip


@pytest.mark.django_db
def test_figure_that_is_none_is_not_found(browser):
    assert browser("BD").get("/week/nothing/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("hat", ["PS", "BD"])
def test_what_helps_a_lost_outcome_tells_no_amount_in_the_week(hat, browser):
    make_week(1)
    Outcome.objects.filter(key="lost1").update(
        remedy="It says 1,234.56 USD there: look, and settle it."
    )

    said = browser(hat).get("/week/unknowns/").content.decode()

    assert ("1,234.56" in said, "look, and settle it." in said) == (False, True)
