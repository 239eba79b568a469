"""`throughline sow link|comments` and `deal summary`: what a community reads, says and is told."""

import json

import pytest

from tests.factories import NOON, make_deal, make_statement
from throughline.mail.models import Message
from throughline.sales.actions.scope import comment_on_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    made = make_deal(name="Coral hub", hubspot_id="900100")
    make_statement(made, "A hub")
    return made


def test_link_is_shown_once_and_what_is_said_by_it_is_listed(deal, ask):
    made = ask("sow", "link", "900100", "--to", "Cam", "--by", "ada")
    token = made["address"].rstrip("/").rpartition("/")[2]
    comment_on_scope(token, version=1, text="Add a GPU.", accepts=False, at=NOON)

    assert (made["deal"], made["issued_to"]) == ("900100", "Cam")
    assert ask("sow", "comments", "900100") == [
        {"version": 1, "said_by": "Cam", "accepts": False, "text": "Add a GPU.",
         "at": "2026-03-02T12:00:00Z"}
    ]  # fmt: skip


def test_link_for_nobody_is_refused_with_what_to_do(deal, run):
    refused = run("sow", "link", "900100", "--to", " ", "--by", "ada")

    assert (refused.code, refused.out) == (1, "")
    assert "Nobody is named. Say whom the link is for." in refused.err


def test_summary_is_shown_first_and_sent_when_asked_once(deal, ask, run, record):
    early = run("deal", "summary", "900100")
    people = [{"role": "champion", "full_name": "Cam", "email": "cam@example.org"}]
    record("900100", "community.people", people=people)
    record("900100", "verbal.closed", said_by="Bo", said_on="2026-03-01", version="1")

    shown = ask("deal", "summary", "900100")
    none_yet = Message.objects.count()
    sent = ask("deal", "summary", "900100", "--send", "--by", "ada")
    again = run("deal", "summary", "900100", "--send", "--by", "ada")

    assert "Nobody has said yes yet." in early.err
    assert (shown["to"], shown["sent"], none_yet) == (["cam@example.org"], False, 0)
    assert json.dumps(shown | {"sent": True}) == json.dumps(sent)
    assert (again.code, Message.objects.count()) == (1, 1)
