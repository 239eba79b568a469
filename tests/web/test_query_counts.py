"""Every page asks as many questions of the database for many things as for few, and stays small.

The pages come from the table of addresses, so that a new one joins by itself. The demonstration is
told once, then again under other names; a page that asks one question more for each thing is found.
"""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests.factories import NOON
from tests.many import multiply
from tests.web.every_page import named_pages, tell_demonstration
from tests.web.test_access import addresses
from throughline.people.models import User
from throughline.sales.models import Deal
from throughline.web.sales.board import BOARD, CARDS

COPIES = 5
MOST_BYTES = 100_000  # of a page without its charts, which are pictures of their own
# Beside the addresses themselves: the other ways in which a page lists things.
VIEWS = [
    "/pipeline/?view=table", "/engagements/?view=all", "/renewals/?view=all", "/sponsor/?view=done",
    "/reviews/?tab=overdue",
]  # fmt: skip
# Pages that may ask some questions once more where there is more, each with the reason. What is
# asked for each thing is asked more than once more.
ONCE_MORE = {
    "today": "a block counts what it does not list; a gate that no block has judged yet is judged",
}


@pytest.fixture
def admin(db):
    tell_demonstration()
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    return client


def asked(client):
    """Return the queries of every page with how often each kind is asked, and its size, by address."""
    found = {}
    for address in [*(address for _name, address in named_pages(each=1)), *VIEWS]:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert response.status_code == 200, address
        kinds = Counter(_plain(one["sql"]) for one in captured)
        found[address] = (kinds, len(response.content))
    return found


def _plain(sql):
    """Return a query without what is asked for, so that two of one kind are alike."""
    return re.sub(r"\((%s|'[^']*'|\d+)(, (%s|'[^']*'|\d+))*\)|'[^']*'|\b\d+\b", "?", sql)


def test_every_page_takes_as_many_queries_for_many_things_as_for_few(admin):
    few = asked(admin)
    multiply(COPIES)
    many = asked(admin)

    more = {address: more_of(address, few[address][0], many[address][0]) for address in few}
    assert {address: found for address, found in more.items() if found} == {}
    too_big = {address: size for address, (_queries, size) in many.items() if size > MOST_BYTES}
    assert too_big == {}


def more_of(address, before, after):
    """Return which queries came to be more, and by how many."""
    may_be_more = 1 if resolve(address.split("?")[0]).url_name in ONCE_MORE else 0
    if not may_be_more and after.total() <= before.total():
        return {}  # others are asked, and no more of them
    grown = after - before
    return {sql[:400]: count for sql, count in grown.items() if count > may_be_more}


def test_board_shows_at_most_fifty_cards_a_column_and_says_how_many_there_are(browser):
    client = browser("BD")
    for stage, count in (("lead", CARDS + 3), ("proposal", CARDS + 4), ("closed_lost", 2)):
        Deal.objects.bulk_create([
            Deal(name=f"Deal {n}", stage=stage, currency="USD", stage_since=NOON, created_at=NOON)
            for n in range(count)
        ])  # fmt: skip

    columns = {one.key: one for one in client.get("/pipeline/").context["columns"]}

    assert (columns["lead"].count, columns["proposal"].count) == (CARDS + 3, CARDS + 4)
    assert len(columns["closed_lost"].cards) == 2
    assert max(len(one.cards) for one in columns.values()) <= CARDS
    assert sum(len(one.cards) for one in columns.values()) <= BOARD
    for one in columns.values():
        assert len(one.cards) + one.more_count == one.count


def test_name_of_a_page_that_may_ask_more_is_an_address():
    assert set(ONCE_MORE) - set(addresses()) == set()
