"""The simulator is proved by a client that nobody here wrote: githubkit, with its models."""

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from githubkit import AppInstallationAuthStrategy, GitHub, TokenAuthStrategy
from githubkit.exception import RequestFailed

from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.replies import secondary_limit, used_up
from throughline.simulators.github.server import TOKEN
from throughline.simulators.github.world import Access, App
from throughline.simulators.server import losing_the_answer

OWNER, REPO = "2i2c-org", "infrastructure"


@pytest.fixture
def simulator():
    with GitHubSimulator() as opened:
        opened.add_repository(f"{OWNER}/{REPO}")
        opened.add_board(OWNER, 7, Due_date="date", Engagement="text", Hours="number")
        yield opened


@pytest.fixture
def client(simulator):
    return connect(simulator, TokenAuthStrategy(TOKEN))


def connect(simulator, auth):
    return GitHub(auth, base_url=f"{simulator.url}/", auto_retry=False, http_cache=False)


def refused(call, *args, **kwargs):
    with pytest.raises(RequestFailed) as raised:
        call(*args, **kwargs)
    return raised.value.response


def test_independent_client_walks_from_label_to_a_filled_card(simulator, client):
    rest = client.rest
    label = rest.issues.create_label(OWNER, REPO, data={"name": "line:42", "color": "1d76db"})
    parent = rest.issues.create(OWNER, REPO, data={"title": "New hub", "labels": ["line:42"]})
    child = rest.issues.create(OWNER, REPO, data={"title": "Phase 0", "body": "- [ ] account"})
    number, identity = child.parsed_data.number, child.parsed_data.id
    changed = rest.issues.update(OWNER, REPO, number, data={"labels": ["line:42"]})
    under = rest.issues.add_sub_issue(
        OWNER, REPO, parent.parsed_data.number, data={"sub_issue_id": identity}
    )
    item = rest.projects.add_item_for_org(OWNER, 7, data={"type": "Issue", "id": identity})
    fields = {one.name: one for one in rest.projects.list_fields_for_org(7, OWNER).parsed_data}
    todo = next(one for one in fields["Status"].options if one.name.raw == "Todo")
    rest.projects.update_item_for_org(
        7, OWNER, int(item.parsed_data.id),
        data={"fields": [
            {"id": fields["Status"].id, "value": todo.id},
            {"id": fields["Due date"].id, "value": "2026-12-24"},
            {"id": fields["Engagement"].id, "value": "42 EarthScope"},
        ]},
    )  # fmt: skip

    assert label.parsed_data.name == "line:42"
    assert [one.name for one in changed.parsed_data.labels] == ["line:42"]
    assert under.parsed_data.sub_issues_summary.total == 1
    children = rest.issues.list_sub_issues(OWNER, REPO, parent.parsed_data.number).parsed_data
    assert [one.title for one in children] == ["Phase 0"]
    found = rest.issues.get(OWNER, REPO, number).parsed_data
    assert found.parent_issue_url == f"{simulator.url}/repos/{OWNER}/{REPO}/issues/1"
    listed = rest.issues.list_for_repo(OWNER, REPO, labels="line:42", state="all").parsed_data
    assert [one.number for one in listed] == [2, 1]
    wanted = ",".join(str(fields[name].id) for name in ("Status", "Due date", "Engagement"))
    cards = rest.projects.list_items_for_org(7, OWNER, q='label:"line:42"', fields=wanted)
    (card,) = cards.parsed_data
    assert [(one["name"], one["value"]) for one in card.model_dump()["fields"]] == [
        ("Status", fields["Status"].model_dump()["options"][0]),
        ("Due date", "2026-12-24"),
        ("Engagement", {"raw": "42 EarthScope", "html": "42 EarthScope"}),
    ]
    assert simulator.boards[OWNER, 7].values_of(2) == {
        "Status": "Todo", "Due date": "2026-12-24", "Engagement": "42 EarthScope",
    }  # fmt: skip


def test_card_of_an_issue_that_is_on_the_board_is_not_modified(simulator, client):
    issue = client.rest.issues.create(OWNER, REPO, data={"title": "x"}).parsed_data
    said = {"type": "Issue", "id": issue.id}
    first = client.rest.projects.add_item_for_org(OWNER, 7, data=said)
    by_number = {"type": "Issue", "owner": OWNER, "repo": REPO, "number": issue.number}

    second = client.rest.projects.add_item_for_org(OWNER, 7, data=by_number)

    assert (first.status_code, second.status_code) == (201, 304)
    assert len(simulator.boards[OWNER, 7].cards) == 1


def test_lists_come_in_pages_with_links(simulator, client):
    for number in range(5):
        client.rest.issues.create(OWNER, REPO, data={"title": f"{number}", "labels": ["a"]})
    listed = client.rest.issues.list_for_repo
    pages = client.rest.paginate(listed, owner=OWNER, repo=REPO, per_page=2, direction="asc")

    assert [one.number for one in pages] == [1, 2, 3, 4, 5]
    response = listed(OWNER, REPO, per_page=2, page=2)
    assert sorted(response.raw_response.links) == ["first", "last", "next", "prev"]
    assert listed(OWNER, REPO, per_page=2, page=9).parsed_data == []


def test_cards_come_in_pages_by_cursor(simulator, client):
    for number in range(3):
        issue = client.rest.issues.create(OWNER, REPO, data={"title": f"{number}"}).parsed_data
        client.rest.projects.add_item_for_org(OWNER, 7, data={"type": "Issue", "id": issue.id})
    first = client.rest.projects.list_items_for_org(7, OWNER, per_page=2)
    following = httpx.get(
        first.raw_response.links["next"]["url"], headers={"Authorization": f"Bearer {TOKEN}"}
    )

    assert len(first.parsed_data) == 2
    assert [one["content"]["title"] for one in following.json()] == ["2"]
    assert following.links == {}


def test_closing_and_opening_keep_their_reason(client):
    number = client.rest.issues.create(OWNER, REPO, data={"title": "x"}).parsed_data.number

    def change(**said):
        found = client.rest.issues.update(OWNER, REPO, number, data=said).parsed_data
        return found.state, found.state_reason

    assert change(state="closed") == ("closed", "completed")
    assert change(state="open") == ("open", "reopened")
    assert change(state="closed", state_reason="not_planned") == ("closed", "not_planned")


@pytest.mark.parametrize(
    ("said", "field"),
    [({"title": ""}, "title"), ({"title": "x" * 257}, "title"),
     ({"title": "x", "body": "y" * 65_537}, "body")],
)  # fmt: skip
def test_issue_that_breaks_a_limit_is_refused_by_field(simulator, client, said, field):
    response = refused(client.rest.issues.create, OWNER, REPO, data=said)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
    assert simulator.repositories[f"{OWNER}/{REPO}"].issues == {}


def test_label_is_taken_once_whatever_its_letters(client):
    client.rest.issues.create_label(OWNER, REPO, data={"name": "Line", "color": "ffffff"})

    response = refused(
        client.rest.issues.create_label, OWNER, REPO, data={"name": "line", "color": "ffffff"}
    )

    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "already_exists")
    assert client.rest.issues.get_label(OWNER, REPO, "LINE").parsed_data.name == "Line"


def test_sub_issue_has_one_parent_unless_it_is_replaced(client):
    first, second, child = (
        client.rest.issues.create(OWNER, REPO, data={"title": title}).parsed_data
        for title in ("first", "second", "child")
    )
    add = client.rest.issues.add_sub_issue
    add(OWNER, REPO, first.number, data={"sub_issue_id": child.id})

    again = refused(add, OWNER, REPO, first.number, data={"sub_issue_id": child.id})
    other = refused(add, OWNER, REPO, second.number, data={"sub_issue_id": child.id})
    add(OWNER, REPO, second.number, data={"sub_issue_id": child.id, "replace_parent": True})

    assert "duplicate sub-issues" in again.json()["message"]
    assert "only have one parent" in other.json()["message"]
    parent = client.rest.issues.get(OWNER, REPO, child.number).parsed_data.parent_issue_url
    assert parent.endswith("/issues/2")


def test_field_of_a_card_takes_only_what_it_can_hold(simulator, client):
    issue = client.rest.issues.create(OWNER, REPO, data={"title": "x"}).parsed_data
    card = client.rest.projects.add_item_for_org(
        OWNER, 7, data={"type": "Issue", "id": issue.id}
    ).parsed_data
    board = simulator.boards[OWNER, 7]
    wrong = [("Status", "Todo"), ("Due date", "24 December"), ("Hours", "3"), ("Title", "y")]

    for name, value in wrong:
        said = {"fields": [{"id": board.field_named(name).id, "value": value}]}
        response = refused(
            client.rest.projects.update_item_for_org, 7, OWNER, int(card.id), data=said
        )
        assert response.status_code == 422
    assert board.cards[0].values == {}


def test_what_is_gone_moved_or_shut_says_so(simulator, client):
    repository = simulator.repositories[f"{OWNER}/{REPO}"]
    for title in ("deleted", "transferred"):
        client.rest.issues.create(OWNER, REPO, data={"title": title})
    repository.issues[1].is_deleted = True
    repository.issues[2].moved_to = f"{OWNER}/other#9"
    get = client.rest.issues.get

    assert refused(get, OWNER, REPO, 1).status_code == 410
    there = httpx.get(f"{simulator.url}/repos/{OWNER}/{REPO}/issues/2",
                      headers={"Authorization": f"Bearer {TOKEN}"})  # fmt: skip
    assert (there.status_code, there.headers["Location"]) == (
        301, f"{simulator.url}/repos/{OWNER}/other/issues/9",
    )  # fmt: skip
    assert refused(get, OWNER, REPO, 3).status_code == 404
    assert client.rest.issues.list_for_repo(OWNER, REPO, state="all").parsed_data == []
    repository.is_archived = True
    archived = refused(client.rest.issues.create, OWNER, REPO, data={"title": "x"})
    assert (archived.status_code, "archived" in archived.json()["message"]) == (403, True)
    repository.is_archived, repository.has_issues = False, False
    assert refused(client.rest.issues.create, OWNER, REPO, data={"title": "x"}).status_code == 410


def test_token_that_is_unknown_or_may_only_read_is_told_apart(simulator, client):
    stranger = connect(simulator, TokenAuthStrategy("ghp_unknown"))
    simulator.tokens["ghp_reader"] = Access("reader", may_write=False, may_board=False)
    reader = connect(simulator, TokenAuthStrategy("ghp_reader"))
    client.rest.issues.create(OWNER, REPO, data={"title": "x"})

    assert refused(stranger.rest.issues.get, OWNER, REPO, 1).status_code == 401
    made = reader.rest.issues.create(OWNER, REPO, data={"title": "y", "labels": ["mine"]})
    assert made.parsed_data.labels == []  # dropped without a word
    assert refused(
        reader.rest.issues.update, OWNER, REPO, 1, data={"title": "z"}
    ).status_code == 403  # fmt: skip
    assert refused(
        reader.rest.issues.create_label, OWNER, REPO, data={"name": "a", "color": "ffffff"}
    ).status_code == 403  # fmt: skip


def test_app_signs_and_gets_a_token_for_an_hour(simulator):
    key, public = key_pair()
    simulator.apps.append(App("12345", public, 77))
    app = connect(simulator, AppInstallationAuthStrategy("12345", key, 77))

    issue = app.rest.issues.create(OWNER, REPO, data={"title": "by an app"}).parsed_data

    assert issue.user.login == "throughline[bot]"
    assert simulator.calls[("POST", "/app/installations/77/access_tokens")] == 1


def test_app_that_signs_badly_gets_nothing(simulator):
    key, public = key_pair()
    simulator.apps.append(App("12345", public, 77))
    now = int(time.time())

    def ask(key, **said):
        proof = jwt.encode(
            {"iss": "12345", "iat": now - 60, "exp": now + 300, **said}, key, "RS256"
        )
        return httpx.post(
            f"{simulator.url}/app/installations/77/access_tokens",
            headers={"Authorization": f"Bearer {proof}"},
        ).status_code

    assert ask(key) == 201
    assert ask(key_pair()[0]) == 401
    assert ask(key, iss="9") == 401
    assert ask(key, exp=now + 3600) == 401
    assert ask(key, exp=now - 10) == 401


def test_limits_are_told_in_headers_and_refusals(simulator, client):
    simulator.fail_next(secondary_limit("90"), used_up(for_s=120))
    get = client.rest.issues.list_for_repo

    first, second = refused(get, OWNER, REPO), refused(get, OWNER, REPO)
    well = get(OWNER, REPO)

    assert (first.status_code, first.headers["Retry-After"]) == (403, "90")
    assert "secondary rate limit" in first.json()["message"]
    assert (second.status_code, second.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert well.headers["X-RateLimit-Remaining"] == "4997"
    simulator.allowed = 3
    spent = refused(get, OWNER, REPO)
    assert (spent.status_code, spent.headers["X-RateLimit-Remaining"]) == (403, "0")


def test_list_that_lags_shows_a_new_issue_some_calls_later(simulator, client):
    simulator.lag = 2
    client.rest.issues.create(OWNER, REPO, data={"title": "x"})

    shown = [len(client.rest.issues.list_for_repo(OWNER, REPO).parsed_data) for _ in range(4)]

    assert shown == [0, 0, 1, 1]
    assert client.rest.issues.get(OWNER, REPO, 1).parsed_data.title == "x"


def test_objects_are_counted_by_their_mark(simulator, client):
    simulator.fail_next(losing_the_answer())
    body = "<!-- line:a -->\ntext\n<!-- /line -->"
    with pytest.raises(Exception, match="disconnected"):
        client.rest.issues.create(OWNER, REPO, data={"title": "x", "body": body})
    client.rest.issues.create(OWNER, REPO, data={"title": "x", "body": body})

    assert simulator.marked() == {"line:a": 2}


def test_query_that_is_not_simulated_is_refused_and_not_passed_over(client):
    assert refused(client.rest.issues.list_for_repo, OWNER, REPO, assignee="x").status_code == 501


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
