"""The pages of the process: every number opens the list that it counts."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import time_machine

from tests.capacity.line import make_team
from tests.factories import NOON, make_deal, make_deliverable, make_engagement
from throughline.capacity.models import Booking, Demand, Hold, StandingLoad
from throughline.cli.demonstration import load_demonstration
from throughline.delivery.models import Deliverable, Engagement
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal, Stay
from throughline.sales.staying import Moved, stays_told

pytestmark = pytest.mark.django_db
PAGES = ("/process/", "/process/flow/", "/process/months/")
STAGES = ["lead", "qualified", "proposal", "negotiation", "contract_admin", "closed_won"]


class Numbers(HTMLParser):
    """Notes every number's address with the count that it claims, and digits that lead nowhere."""

    def __init__(self):
        super().__init__()
        self.claimed, self.loose, self.inside = {}, [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"td", "dd", "li", "a", "thead", "caption", "small"}:
            self.inside.append((tag, given))
        if "data-count" in given:
            self.claimed[given["href"]] = int(given["data-count"])

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_data(self, data):
        tags = [tag for tag, _given in self.inside]
        cells = [given for tag, given in self.inside if tag == "td"]
        is_number = any("num" in given.get("class", "") for given in cells) or "spot" in str(
            self.inside[:1]
        )
        if is_number and any(sign.isdigit() for sign in data) and not {"a", "small"} & set(tags):
            self.loose.append(data)


def numbers_on(client, page):
    answer = client.get(page)
    assert answer.status_code == 200, page
    found = Numbers()
    found.feed(answer.content.decode())
    return found


def rows_behind(client, address):
    """Count the rows of every page of a list, as somebody who follows the link would."""
    count, page = 0, 1
    while True:
        listed = client.get(f"{address}&page={page}")
        shown = listed.context["rows"] if "rows" in listed.context else listed.context["lines"]
        count += len(shown)
        if not listed.context["page"].has_next():
            return count
        page += 1


def check_every_number(client, pages=PAGES):
    """Follow every number of the pages; returns how many there were, and how many counted something."""
    claimed = {}
    for page in pages:
        found = numbers_on(client, page)
        assert found.loose == [], page
        claimed |= found.claimed
    wrong = {
        address: (count, behind)
        for address, count in claimed.items()
        if (behind := rows_behind(client, address)) != count
    }
    assert wrong == {}
    return len(claimed), sum(count > 0 for count in claimed.values())


def test_every_number_of_the_demonstration_opens_as_many_rows(settings, tmp_path, browser):
    settings.HOME = tmp_path
    load_demonstration(playbook=shipped(), at=datetime.now(UTC))

    total, telling = check_every_number(browser("Lead"))

    assert total > 60
    assert telling > 25


def seed(chance):
    """Write down a house of some forty deals with whatever comes."""
    for number in range(40):
        path = chance.sample(STAGES, chance.randrange(1, 4))
        path += chance.choice([[], [], ["closed_lost"], ["nowhere"], [path[0]]])
        at = NOON - timedelta(days=chance.randrange(500))
        moves, begun = [], at
        for before, after in pairwise(path):
            at += timedelta(hours=chance.randrange(1, 2000))
            moves.append(Moved(at, before, after))
        start = NOON.date() + timedelta(days=chance.randrange(-500, 300))
        has_term = chance.random() < 0.7
        deal = make_deal(
            name=f"Deal {number}", stage=path[-1], amount=chance.choice([None, 0, 1234, 90000]),
            currency=chance.choice(["USD", "USD", "EUR"]), close_on=chance.choice([None, start]),
            start_on=start if has_term else None,
            end_on=start + timedelta(days=chance.randrange(500)) if has_term else None,
            deleted_at=NOON if number % 13 == 0 else None, deleted_by="X" if number % 13 == 0 else "",
        )  # fmt: skip
        for one in stays_told(moves, stage=path[0], since=begun):
            Stay.objects.create(
                deal=deal, stage=one.stage, from_at=one.from_at, to_at=one.to_at, days=one.days,
                next_stage=one.next_stage, again_at=one.again_at,
            )  # fmt: skip
        if number % 2:
            seed_engagement(deal, chance)
        seed_hours(deal, chance)


def seed_engagement(deal, chance):
    made = Engagement.objects.create(
        deal=deal, origin=chance.choice(["ordered", "imported"]), opened_at=NOON, opened_by="ada",
        accepted_by="pia", accepted_at=NOON, successor=chance.choice([None, Deal.objects.first()]),
    )  # fmt: skip
    if chance.random() < 0.3:
        Engagement.objects.filter(pk=made.pk).update(accepted_by="", accepted_at=None)
    if chance.random() < 0.7:
        for place in range(2):
            state = chance.choice(["planned", "done", "verified", "returned", "dropped"])
            is_done = state not in {"planned", "dropped"}
            verdict = {"verdict_by": "ada", "verdict_at": NOON} if state == "verified" else {}
            Deliverable.objects.filter(pk=make_deliverable(made, f"d{place}").pk).update(
                state=state, done_by="pia" if is_done else "", done_at=NOON if is_done else None,
                **verdict,
            )  # fmt: skip


def seed_hours(deal, chance):
    on = NOON.date() + timedelta(days=chance.randrange(-30, 200))
    role = chance.choice(["app_engineer", "infrastructure_engineer"])
    span = {"from_on": on, "to_on": on + timedelta(days=chance.randrange(1, 90))}
    match chance.randrange(6):
        case 0:
            Booking.objects.create(
                subject=deal.subject, code="d", title="W", roles=[role], hours=30, **span
            )
        case 1:
            Hold.objects.create(subject=deal.subject, role=role, hours=20, kind="firm", **span)
        case 2:
            Demand.objects.create(subject=deal.subject, code="1", title="W", roles=[role], low_h=5,
                                  high_h=9, from_on=on, due_on=span["to_on"])  # fmt: skip
        case 3:
            StandingLoad.objects.create(
                subject=deal.subject, role=role, hours_per_week=1, why="1 hub", **span
            )


@pytest.mark.parametrize("number", [1, 2])
def test_every_number_of_a_house_by_chance_opens_as_many_rows(number, browser):
    with time_machine.travel(NOON, tick=False):
        make_team(("Ada", "app_engineer", "infrastructure_engineer"), ("Bo", "app_engineer"))
        seed(random.Random(number))

        total, telling = check_every_number(browser("Lead"))

    assert total > 150
    assert telling > 60


def test_period_is_carried_to_the_lists_and_one_that_makes_no_sense_is_said(browser):
    client = browser("Lead")

    text = client.get("/process/flow/?from=2026-01-01&to=2026-01-31").content.decode()
    wrong = client.get("/process/flow/?from=2026-02-01&to=2026-01-31")

    assert "of=entered.lead&amp;from=2026-01-01&amp;to=2026-01-31" in text
    assert "Let the period begin before it ends." in wrong.content.decode()
    assert client.get("/process/flow/?from=nonsense").status_code == 200


def test_list_says_which_figure_it_shows_and_leads_out_of_it(browser):
    make_deal(stage="proposal", name="in it")
    make_deal(name="not in it")
    client = browser("BD")

    listed = client.get("/pipeline/?view=table&of=in.proposal&q=it")
    figure = listed.context["filters"]["figure"]

    assert [row.name for row in listed.context["rows"]] == ["in it"]
    assert figure["words"] == "stand in Proposal"
    assert figure["url"] == "?view=table&q=it"
    assert listed.context["filters"]["said"] == "Deals that stand in Proposal."
    assert len(client.get("/pipeline/?view=table&of=nonsense.of.it").context["rows"]) == 2
    board = client.get("/pipeline/?of=in.proposal").content.decode()
    assert ("not in it" in board, "in it" in board) == (False, True)


def test_money_is_hidden_from_those_who_may_not_see_it(browser):
    make_deal(stage="proposal", amount="4711.00", close_on=datetime.now(UTC).date())
    ps = browser("PS")

    for page in PAGES:
        assert "4,711" not in ps.get(page).content.decode()
        assert "1,884.40" not in ps.get(page).content.decode()
    assert ps.get("/process/months.csv").status_code == 404
    assert "4711" not in ps.get("/process/map.csv").content.decode()
    assert ps.get("/process/money/light.svg").status_code == 403
    assert "1,884.40" in browser("Lead").get("/process/months/").content.decode()


def test_tables_are_given_as_csv(browser):
    make_deal(stage="proposal", amount="1000.00")
    client = browser("Lead")

    rows = list(csv.reader(io.StringIO(client.get("/process/map.csv").content.decode())))

    assert rows[0] == ["band", "place", "count", "currency", "total", "weighted"]
    assert ["stage", "Proposal", "1", "USD", "1000.00", "400.00"] in rows
    for name, first in (("flow", "stage"), ("months", "currency"), ("load", "month")):
        assert client.get(f"/process/{name}.csv").content.decode().startswith(first)
    assert client.get("/process/nothing.csv").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_page_takes_as_many_queries_for_many_as_for_few(page, browser, django_assert_num_queries):
    client = browser("Lead")
    with time_machine.travel(NOON, tick=False):
        make_team(("Ada", "app_engineer"))
        seed(random.Random(3))
        client.get(page)
        taken = count_queries(client, page)
        seed(random.Random(4))
        with django_assert_num_queries(taken):
            client.get(page)


def count_queries(client, page):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        client.get(page)
    return len(found)


def test_empty_house_says_what_would_put_something_there(browser):
    client = browser("Lead")

    assert "There is no deal yet" in client.get("/process/flow/").content.decode()
    text = client.get("/process/months/").content.decode()
    assert ("No money falls in these months" in text, "Nobody is in the team yet" in text) == (
        True, True,
    )  # fmt: skip


def test_period_without_deals_is_to_be_longer_where_there_are_some(browser):
    make_deal()
    text = browser("Lead").get("/process/flow/?from=2020-01-01&to=2020-12-31").content.decode()
    assert ("Choose a longer period" in text, "There is no deal yet" in text) == (True, False)


CHARTS = ("dwell", "conversion", "money", "load")


@pytest.mark.parametrize("name", CHARTS)
def test_picture_is_drawn_once_and_a_browser_that_has_it_is_told_so(name, browser):
    make_engagement(name="One")
    client = browser("Lead")

    first = client.get(f"/process/{name}/dark.svg")
    again = client.get(f"/process/{name}/dark.svg", headers={"if-none-match": first["ETag"]})

    assert (first.status_code, first["Content-Type"]) == (200, "image/svg+xml")
    assert b"<svg" in first.content
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"
    assert client.get(f"/process/{name}/pink.svg").status_code == 404


def test_the_rules_of_the_playbook_are_those_that_weight():
    assert [str(stage.likelihood) for stage in shipped().stages] == [
        "0.1", "0.2", "0.4", "0.6", "0.9", "1", "0",
    ]  # fmt: skip


@pytest.mark.parametrize("figure", ["monthless.weighted", "money.weighted.2026-03"])
@pytest.mark.parametrize(("hat", "listed"), [("BD", 1), ("PS", 2)])
def test_list_behind_a_figure_of_money_is_narrowed_for_those_alone_who_see_it(
    figure, hat, listed, browser
):
    make_deal(name="no amount", stage="proposal", close_on=None)
    make_deal(name="March", stage="proposal", amount="10.00", close_on="2026-03-05")

    found = browser(hat).get(f"/pipeline/?view=table&of={figure}")

    assert len(found.context["rows"]) == listed
    assert bool(found.context["filters"]["figure"]) is (hat == "BD")
