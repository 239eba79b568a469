"""What the client sends and reads, and what each of GitHub's refusals becomes."""

import pytest

from tests.connectors.github.conftest import REPOSITORY
from throughline.connectors.github.client import GitHub
from throughline.connectors.github.failures import (
    LEAST_WAIT_S,
    AlreadyThere,
    Forbidden,
    Gone,
    Invalid,
    Moved,
    Unauthorised,
)
from throughline.connectors.github.tokens import FixedToken
from throughline.connectors.http import AnswerLost, NotFound, UnknownShape
from throughline.kernel.errors import Permanent, Transient
from throughline.simulators.github.replies import secondary_limit, used_up
from throughline.simulators.github.server import TOKEN
from throughline.simulators.github.world import Access
from throughline.simulators.server import answering, losing_the_answer, too_many


def failing(call, *args, **kwargs):
    with pytest.raises((Transient, Permanent)) as raised:
        call(*args, **kwargs)
    return raised.value


def test_issue_is_made_changed_and_read_again(github):
    made = github.create_issue("New hub", "text", ["line:42"])
    changed = github.update_issue(made.number, {"title": "A new hub", "state": "closed"})

    assert (made.title, made.body, made.state) == ("New hub", "text", "open")
    assert made.label_names == {"line:42"}
    assert made.html_url == f"https://github.com/{REPOSITORY}/issues/1"
    assert (changed.title, changed.body) == ("A new hub", "text")
    assert (changed.state, changed.state_reason) == ("closed", "completed")
    assert github.issue(made.number) == changed
    assert github.sent == 3


def test_assignees_and_the_closing_reason_are_read_back(github, simulator):
    number = github.create_issue("x", "", []).number
    simulator.repositories[REPOSITORY].issues[number].assignees.append("ada")

    closed = github.update_issue(number, {"state": "closed", "state_reason": "not_planned"})

    assert [one.login for one in closed.assignees] == ["ada"]
    assert (closed.state_reason, closed.closed_at is not None) == ("not_planned", True)


def test_issues_of_a_label_come_from_all_pages_open_and_closed_and_without_pull_requests(
    github, simulator
):
    for number in range(230):
        github.create_issue(f"{number}", "", ["a"] if number % 2 else ["a", "b"])
    issues = simulator.repositories[REPOSITORY].issues
    issues[1].state, issues[3].is_pull_request = "closed", True
    before = github.sent

    found = github.issues("a")

    assert [one.number for one in found] == [1, 2, *range(4, 231)]
    assert github.sent - before == 3
    assert len(github.issues("b")) == 114
    assert github.issues("c") == []


def test_page_on_another_host_is_not_asked_with_our_token(github, simulator):
    there = '<https://elsewhere.example/repos?page=2>; rel="next"'
    simulator.fail_next(answering(200, [], Link=there))

    error = failing(github.issues, "a")

    assert type(error) is UnknownShape
    assert str(error) == "The next page lies at elsewhere.example, which is not 127.0.0.1."
    assert github.sent == 1


def test_sub_issue_lies_under_its_parent_and_can_be_moved_to_another(github):
    parent, child, other = (github.create_issue(one, "", []) for one in ("p", "c", "o"))
    github.add_sub_issue(parent.number, child.id)

    assert [one.number for one in github.sub_issues(parent.number)] == [child.number]
    assert type(failing(github.add_sub_issue, other.number, child.id)) is Invalid
    github.add_sub_issue(other.number, child.id, replace_parent=True)
    assert github.sub_issues(parent.number) == []
    assert github.issue(child.number).parent_issue_url.endswith(f"/issues/{other.number}")


def test_card_is_put_on_the_board_once_and_filled_in_one_call(github, simulator):
    issue = github.create_issue("x", "", ["line:42"])
    card = github.add_board_item(7, issue.id)
    fields = {one.name: one for one in github.board_fields(7)}
    todo = fields["Status"].options[0]
    values = {fields["Status"].id: todo.id, fields["Due date"].id: "2026-12-24"}

    github.update_board_item(7, card.id, values)

    ids = [one.id for one in fields.values()]
    (shown,) = github.board_items(7, query='label:"line:42"', fields=ids)
    assert shown.issue_id == issue.id
    assert shown.value(fields["Status"].id) == todo.text == "Todo"
    assert shown.value(fields["Due date"].id) == "2026-12-24"
    assert shown.value(fields["Engagement"].id) is None
    assert type(failing(github.add_board_item, 7, issue.id)) is AlreadyThere
    github.update_board_item(7, card.id, {fields["Due date"].id: None})
    assert simulator.boards["2i2c-org", 7].values_of(issue.number) == {"Status": "Todo"}


def test_cards_come_from_all_pages(github):
    for number in range(120):
        github.add_board_item(7, github.create_issue(f"{number}", "", ["a"]).id)

    assert len(github.board_items(7, query='label:"a"', fields=[])) == 120
    assert github.board_items(7, query='label:"b"', fields=[]) == []


def test_label_with_odd_letters_is_found_by_its_name(github):
    made = github.create_label("line: a/ü?", colour="1d76db", description="of a test")

    assert github.label("line: a/ü?") == made
    assert type(failing(github.label, "line")) is NotFound
    assert type(failing(github.create_label, "LINE: A/Ü?", colour="1d76db", description="")) is (
        Invalid
    )


@pytest.mark.parametrize(
    ("fault", "kind", "wait_s"),
    [
        (secondary_limit("90"), Transient, 90.0),
        (secondary_limit(), Transient, LEAST_WAIT_S),
        (too_many(), Transient, LEAST_WAIT_S),
        (too_many("7"), Transient, 7.0),
        (answering(503), Transient, None),
        (answering(502), AnswerLost, None),
        (losing_the_answer(), AnswerLost, None),
        (answering(401, {"message": "Bad credentials"}), Unauthorised, None),
        (answering(403, {"message": "Resource not accessible"}), Forbidden, None),
        (answering(404, {"message": "Not Found"}), NotFound, None),
        (answering(410, {"message": "This issue was deleted"}), Gone, None),
        (answering(301, {}, Location="/elsewhere"), Moved, None),
        (answering(422, {"message": "Validation Failed"}), Invalid, None),
    ],
)
def test_refusal_becomes_what_it_means_after_one_send(github, simulator, fault, kind, wait_s):
    simulator.fail_next(fault)

    error = failing(github.create_issue, "x", "", [])

    assert type(error) is kind
    assert getattr(error, "retry_after_s", None) == wait_s
    assert simulator.calls == {("POST", f"/repos/{REPOSITORY}/issues"): 1}


def test_used_up_hour_lasts_until_its_reset(github, simulator):
    simulator.fail_next(used_up(for_s=120))

    error = failing(github.issues, "a")

    assert type(error) is Transient
    assert 115 <= error.retry_after_s <= 121


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"id": 1}, "number: Field required"),
        ([], "body: Input should be an object"),
        ("<html>", "body: Invalid JSON"),
    ],
)
def test_answer_of_unknown_shape_is_refused_by_name(github, simulator, body, problem):
    simulator.fail_next(answering(200, body))

    error = failing(github.issue, 1)

    assert type(error) is UnknownShape
    assert problem in str(error)


def test_token_is_never_in_a_message(simulator):
    with GitHub(simulator.url, FixedToken("ghp_secret"), REPOSITORY) as github:
        error = failing(github.issues, "a")

    assert type(error) is Unauthorised
    assert "ghp_secret" not in str(error)


def test_token_without_the_right_to_write_loses_labels_without_a_word(github, simulator):
    simulator.tokens[TOKEN] = Access("reader", may_write=False)

    assert github.create_issue("x", "", ["a"]).label_names == frozenset()
    assert type(failing(github.create_label, "a", colour="1d76db", description="")) is Forbidden
