"""What our client sends and what the simulator answers, held against GitHub's own description."""

import pytest

from tests.connectors.github import contract
from tests.connectors.github.conftest import REPOSITORY
from tests.simulators.test_github import key_pair
from throughline.connectors.github.client import GitHub
from throughline.connectors.github.failures import AlreadyThere, Gone, Invalid, Unauthorised
from throughline.connectors.github.tokens import FixedToken, InstallationToken
from throughline.connectors.http import NotFound
from throughline.simulators.github.server import TOKEN
from throughline.simulators.github.world import App

pytestmark = contract.needs_specification


@pytest.fixture
def simulator():
    with contract.Recorded() as opened:
        opened.add_repository(REPOSITORY)
        opened.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        yield opened


@pytest.fixture
def github(simulator):
    with GitHub(simulator.url, FixedToken(TOKEN), REPOSITORY) as opened:
        yield opened


def walk(github):
    """Make every call of the client once."""
    github.create_label("line:42", colour="1d76db", description="words")
    github.label("line:42")
    parent = github.create_issue("parent", "text", ["line:42"])
    child = github.create_issue("child", "text", ["line:42"])
    github.update_issue(child.number, {"title": "a child", "body": "b", "labels": ["line:42"]})
    github.update_issue(child.number, {"state": "closed"})
    github.update_issue(child.number, {"state": "open"})
    github.issue(child.number)
    github.issues("line:42")
    github.add_sub_issue(parent.number, child.id)
    github.sub_issues(parent.number)
    fields = {one.name: one for one in github.board_fields(7)}
    card = github.add_board_item(7, child.id)
    values = {
        fields["Status"].id: fields["Status"].options[0].id,
        fields["Due date"].id: "2026-12-24",
        fields["Engagement"].id: None,
    }
    github.update_board_item(7, card.id, values)
    github.board_items(7, query='label:"line:42"', fields=[one.id for one in fields.values()])


def test_every_call_and_every_answer_is_as_github_describes_it(simulator, github):
    walk(github)

    calls = [contract.broken_in_call(call) for call, _reply in simulator.exchanges]
    replies = [contract.broken_in_reply(call, reply) for call, reply in simulator.exchanges]

    assert [one for one in calls if one] == []
    assert [one for one in replies if one] == []
    assert len(calls) == github.sent == 15


def test_every_refusal_is_as_github_describes_it(simulator, github):
    issue = github.create_issue("x", "", [])
    child = github.create_issue("y", "", [])
    github.add_board_item(7, issue.id)
    github.add_sub_issue(issue.number, child.id)
    wrong = [
        (Invalid, lambda: github.create_issue("", "", [])),
        (Invalid, lambda: github.create_label("x" * 51, colour="1d76db", description="")),
        (Invalid, lambda: github.add_sub_issue(issue.number, child.id)),
        (AlreadyThere, lambda: github.add_board_item(7, issue.id)),
        (NotFound, lambda: github.issue(99)),
        (NotFound, lambda: github.label("none")),
    ]
    for kind, call in wrong:
        with pytest.raises(kind):
            call()
    simulator.repositories[REPOSITORY].issues[child.number].is_deleted = True
    with pytest.raises(Gone):
        github.issue(child.number)
    simulator.tokens.clear()
    with pytest.raises(Unauthorised):
        github.board_fields(7)

    broken = [contract.broken_in_reply(call, reply) for call, reply in simulator.exchanges]

    assert [one for one in broken if one] == []


def test_token_exchange_is_as_github_describes_it(simulator):
    key, public = key_pair()
    simulator.apps.append(App("12345", public, 77))
    InstallationToken(simulator.url, app_id="12345", key=key, installation=77)()

    ((call, reply),) = simulator.exchanges

    assert contract.broken_in_call(call) == []
    assert contract.broken_in_reply(call, reply) == []


def test_description_sees_what_is_wrong(simulator, github):
    github.create_issue("x", "", [])
    ((call, reply),) = simulator.exchanges
    reply.body.pop("html_url")
    reply.body["state_reason"] = "because"

    found = contract.broken_in_reply(call, reply)

    assert len(found) == 2
    strange = type(call)("GET", call.path, {"state": "any", "mood": "x"}, {}, b"")
    assert contract.broken_in_call(strange) == ["no parameter mood", "state=any"]
    untitled = type(call)("POST", call.path, {}, {}, b'{"body": 5}')
    assert len(contract.broken_in_call(untitled)) == 2
