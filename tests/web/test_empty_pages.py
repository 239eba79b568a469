"""On the first day, with people and nothing else: each list says what would put something there."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.web.every_page import NOT_PAGES
from tests.web.test_access import EXPECTED, addresses
from throughline.people.actions import add_user
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
# Addresses that list nothing which could be missing, or that are never without something.
NO_LISTS = {
    "sign-in", "password-forgot", "account", "preferences",  # of oneself
    "deal-new", "capacity-team-new", "playbook-changes", "mail-preview",  # a form
    "roles", "playbook", "design",  # what the code or the playbook says
    "start", "start-organisation", "start-people", "start-playbook", "start-import",  # steps
    "search", "keys",  # nothing was asked yet; one's own keys
    "doctor", "help",  # what the installation and the documents say
    "journal",  # whoever reads it was added
    "hubspot",  # says how to connect it
}  # fmt: skip
EMPTY = re.compile(r'<div class="empty">(?:(?!</div>).)*<p>(.+?)</p>', re.DOTALL)
FILTERED = {
    "journal": "?act=nothing", "pipeline": "?view=table&q=nothing", "communities": "?q=nothing",
    "engagements": "?q=nothing", "renewals": "?q=nothing", "budgets": "?q=nothing",
}  # fmt: skip


@pytest.fixture
def client_of_everybody():
    """Return a browser of somebody with every role."""
    person = add_user("everybody", roles=frozenset(RoleName), by="test", at=timezone.now())
    client = Client()
    client.force_login(person)
    return client


def empties(client, name, query=""):
    """Return what the empty states of a page say."""
    return EMPTY.findall(client.get(reverse(f"web:{name}") + query).content.decode())


def lists():
    """Return the names of all pages that list something, whoever made them."""
    pages = (name for name, (method, _who) in EXPECTED.items() if method == "get")
    alone = (name for name in pages if not addresses()[name].pattern.converters)
    return [name for name in alone if name not in NOT_PAGES | NO_LISTS]


def test_every_list_without_anything_says_what_would_put_something_there(client_of_everybody):
    silent = [
        name for name in lists()
        if not any(len(said.split()) > 4 for said in empties(client_of_everybody, name))
    ]  # fmt: skip

    assert silent == []


@pytest.mark.parametrize(("name", "query"), FILTERED.items())
def test_list_in_which_nothing_is_found_says_so(name, query, client_of_everybody):
    assert empties(client_of_everybody, name, query)
