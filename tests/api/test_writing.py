"""Writing over the API: once only, counted, and by nobody else's browser."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_deal, make_person
from throughline.people.actions_tokens import issue_token, revoke_token
from throughline.people.words import RoleName, Scope
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
SECRET = "tl_" + "s" * 40


def with_token(*scopes, roles=(RoleName.BD,)):
    """Return headers of a program that has a token with these scopes."""
    token = issue_token(
        SECRET, user=make_person("bob", *roles), name="n8n", scopes=frozenset(scopes),
        valid_for=timedelta(days=1), by="bob", at=timezone.now(),
    )  # fmt: skip
    return token, {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"}


def post(client, path, body, **headers):
    return client.post(path, json.dumps(body), content_type="application/json", **headers)


def create(client, name="Hub", **headers):
    return post(client, "/api/v1/deals", {"name": name}, **headers)


def test_program_writes_with_a_token_and_needs_no_csrf_token():
    _token, bearer = with_token(Scope.SALES)

    answer = create(Client(enforce_csrf_checks=True), **bearer)

    assert (answer.status_code, answer.json()["name"]) == (201, "Hub")
    assert Deal.objects.get().name == "Hub"


def test_browser_of_somebody_signed_in_writes_nothing_for_another_site():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("bob", RoleName.BD))

    answer = create(client)

    assert (answer.status_code, Deal.objects.count()) == (403, 0)
    assert answer.json()["detail"] == "CSRF check Failed."


def test_wrong_token_is_no_session():
    client = Client()
    client.force_login(make_person("bob", RoleName.BD))

    answer = client.get("/api/v1/deals", HTTP_AUTHORIZATION="Bearer tl_wrong")

    assert (answer.status_code, answer.json()["detail"]) == (401, "This token is unknown.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Throughline"'


def test_revoked_token_calls_nothing_any_more():
    token, bearer = with_token(Scope.READ)
    assert Client().get("/api/v1/deals", **bearer).status_code == 200
    revoke_token(token.pk, by="bob", at=timezone.now())

    assert Client().get("/api/v1/deals", **bearer).status_code == 401


def test_token_without_the_scope_is_told_which_it_needs():
    _token, bearer = with_token(Scope.READ)

    answer = create(Client(), **bearer)

    assert answer.json() == {
        "type": "urn:throughline:problem:not-entitled",
        "title": "Not allowed",
        "status": 403,
        "detail": "This token may not do this.",
        "remedy": "Make a token with the scope sales:write.",
    }


def test_money_is_hidden_from_a_token_without_its_scope():
    make_deal(hubspot_id="771", amount="17500")
    _token, bearer = with_token(Scope.READ, Scope.JOURNAL)

    deal = Client().get("/api/v1/deals/771", **bearer).json()
    create(Client(), **bearer)
    facts = [one["facts"] for one in Client().get("/api/v1/journal", **bearer).json()["items"]]

    assert (deal["amount"], set(map(str, facts))) == (None, {"None"})


def test_same_key_answers_the_same_and_writes_once():
    _token, bearer = with_token(Scope.SALES)
    key = {"HTTP_IDEMPOTENCY_KEY": "7f1c"}

    first, again = create(Client(), **bearer, **key), create(Client(), **bearer, **key)

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None, "true",
    )  # fmt: skip
    assert Deal.objects.count() == 1


def test_same_key_for_another_call_is_refused():
    _token, bearer = with_token(Scope.SALES)
    key = {"HTTP_IDEMPOTENCY_KEY": "7f1c"}
    create(Client(), **bearer, **key)

    answer = create(Client(), "Another", **bearer, **key)

    assert (answer.status_code, Deal.objects.count()) == (422, 1)
    assert answer.json()["detail"] == "This Idempotency-Key was used for another call."


def test_refused_call_may_be_sent_again_with_its_key():
    deal = make_deal(hubspot_id="771")
    _token, bearer = with_token(Scope.SALES)
    ways = bearer | {"HTTP_IDEMPOTENCY_KEY": "7f1c"}
    refused = post(Client(), "/api/v1/deals/771/advance", {"to": "Qualified"}, **ways)
    for code, value in (
        ("deal.owner", {"owner": "bob"}),
        ("community.named", {"short_name": "EarthScope"}),
    ):
        post(Client(), f"/api/v1/deals/771/facts/{code}", {"value": value}, **bearer)

    moved = post(Client(), "/api/v1/deals/771/advance", {"to": "Qualified"}, **ways)

    assert (refused.status_code, moved.status_code) == (422, 200)
    assert [one["code"] for one in refused.json()["gate"]["conditions"]] == [
        "deal.owner", "community.named",
    ]  # fmt: skip
    deal.refresh_from_db()
    assert deal.stage == "qualified"


@pytest.mark.parametrize("key", ["", "k" * 201, "ä"])
def test_key_that_is_none_is_refused(key):
    _token, bearer = with_token(Scope.SALES)

    answer = create(Client(), **bearer, HTTP_IDEMPOTENCY_KEY=key)

    assert (answer.status_code, Deal.objects.count()) == (422, 0)


def test_who_calls_too_often_is_told_when_to_come_back(settings):
    settings.API_CALLS_PER_MINUTE = 2
    make_person("ada", RoleName.BD)
    _token, bearer = with_token(Scope.READ)

    answers = [Client().get("/api/v1/deals", **bearer) for _call in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1].json()["title"] == "Too often"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_answer_that_is_no_news_is_not_sent_again():
    _token, bearer = with_token(Scope.READ)
    first = Client().get("/api/v1/deals", **bearer)

    again = Client().get("/api/v1/deals", HTTP_IF_NONE_MATCH=first.headers["ETag"], **bearer)

    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_somebody_elses_change_in_the_meantime_is_a_conflict():
    make_deal(hubspot_id="771")
    _token, bearer = with_token(Scope.SALES, Scope.READ)
    seen = Client().get("/api/v1/deals/771", **bearer).json()["seen"]
    path = "/api/v1/deals/771/facts/deal.owner"
    post(Client(), path, {"value": {"owner": "ada"}}, **bearer)

    answer = post(Client(), path, {"value": {"owner": "bob"}, "seen": seen}, **bearer)

    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")
    assert Deal.objects.get().owner == "ada"


def test_fact_of_others_is_not_written_down():
    make_deal(hubspot_id="771")
    _token, bearer = with_token(Scope.SALES, Scope.CAPACITY)

    answer = post(
        Client(), "/api/v1/deals/771/facts/capacity.answered", {"value": {"answer": "yes"}},
        **bearer,
    )  # fmt: skip

    assert (answer.status_code, answer.json()["detail"]) == (
        403, "You may not write down capacity.answered.",
    )  # fmt: skip


def test_amount_is_named_only_by_who_sees_money():
    _token, bearer = with_token(Scope.SALES)

    answer = post(Client(), "/api/v1/deals", {"name": "Hub", "amount": "5.00"}, **bearer)

    assert (answer.status_code, Deal.objects.count()) == (403, 0)


def test_body_that_is_too_large_is_a_problem():
    _token, bearer = with_token(Scope.SALES)

    answer = create(Client(), "x" * 3_000_000, **bearer)

    assert (answer.status_code, answer.headers["Content-Type"]) == (
        413, "application/problem+json",
    )  # fmt: skip
