"""Every address of the API against everybody, and how it says no."""

import json

import pytest
from django.test import Client

from tests.api.table import READS, TABLE
from tests.factories import make_deal
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db

ADDRESSES = {name: call.path for name, call in READS.items()}
ANY = "/api/v1/deals"
NO_NUMBER = "Input should be a valid integer, unable to parse string as an integer"


def test_address_tells_a_stranger_who_may(signed_in):
    answer = signed_in().get(ANY)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:throughline:problem:not-entitled",
        "title": "Not allowed",
        "status": 403,
        "detail": "stranger may not read this.",
        "remedy": "Ask an administrator for a role: BD or PS or Lead or Admin.",
    }


def test_address_tells_a_program_that_nobody_is_signed_in():
    answer = Client().get(ANY)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:throughline:problem:not-signed-in",
        "title": "Not signed in",
        "status": 401,
        "detail": "Nobody is signed in.",
        "remedy": "Show a token (Authorization: Bearer tl_…), or sign in at /sign-in/ first.",
    }


def test_person_who_left_reads_nothing_more(signed_in, django_user_model):
    client = signed_in(RoleName.BD)
    django_user_model.objects.update(is_active=False)

    assert client.get("/api/v1/deals").status_code == 401


def test_address_takes_no_other_method(bd):
    answers = {
        (method, call.path): getattr(bd, method)(call.path.format(deliverable=1)).status_code
        for call in READS.values()
        for method in ("put", "patch", "delete")
    }

    assert set(answers.values()) == {405}


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nothing", "/api/v1/deals/"])
def test_address_that_does_not_exist_is_a_problem_with_a_remedy(bd, address):
    answer = bd.get(address)

    assert answer.json() == {
        "type": "urn:throughline:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": f"There is nothing at {address}.",
        "remedy": "See /api/v1/openapi.json.",
    }


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/api/v1/deals?limit=201", "limit: Input should be less than or equal to 200."),
        ("/api/v1/deals?limit=0", "limit: Input should be greater than or equal to 1."),
        ("/api/v1/deals?offset=-1", "offset: Input should be greater than or equal to 0."),
        ("/api/v1/engagements?limit=201", "limit: Input should be less than or equal to 200."),
        ("/api/v1/renewals?limit=201", "limit: Input should be less than or equal to 200."),
        ("/api/v1/findings?limit=201", "limit: Input should be less than or equal to 200."),
        (
            "/api/v1/deals?offset=99999999999999999999",
            "offset: Input should be less than or equal to 1000000000.",
        ),
        ("/api/v1/deals?q=%00", r"q: String should match pattern '^[^\x00]*$'."),
        ("/api/v1/deals/%00", r"reference: String should match pattern '^[^\x00]*$'."),
        ("/api/v1/deals?limit=x&offset=y", f"limit: {NO_NUMBER}. offset: {NO_NUMBER}."),
    ],
)
def test_parameters_that_cannot_be_are_refused_by_name(bd, address, detail):
    answer = bd.get(address)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:throughline:problem:refused",
        "title": "Refused",
        "status": 422,
        "detail": detail,
        "remedy": "See /api/v1/openapi.json for what may be asked.",
    }


def test_bug_is_not_dressed_up_as_an_answer(bd, monkeypatch):
    make_deal(hubspot_id="771")
    monkeypatch.setattr("throughline.sales.models.Deal.reference", property(lambda _deal: 1 / 0))

    with pytest.raises(ZeroDivisionError):
        bd.get("/api/v1/deals/771")


def document() -> dict:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    return json.loads(answer.content)


def test_document_describes_every_address():
    found = document()

    assert found["openapi"] == "3.1.0"
    described = {
        (method, address.removeprefix("/api/v1/").replace("{", "<").replace("}", ">"))
        for address, methods in found["paths"].items()
        for method in methods
    }
    assert described == set(TABLE)


def test_document_points_at_nothing_that_it_does_not_have():
    found = document()
    text = json.dumps(found)
    schemas = found["components"]["schemas"]

    pointed = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}

    assert pointed <= set(schemas)
    assert set(schemas["Gate"]["properties"]) == {"deal", "from", "to", "open", "conditions"}


@pytest.mark.parametrize("status", ["401", "403", "404", "422", "429"])
def test_document_says_of_every_refusal_that_it_is_a_problem(status):
    for methods in document()["paths"].values():
        for described in methods.values():
            assert described["responses"][status]["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_document_has_no_page_that_would_load_scripts_from_elsewhere(bd):
    assert bd.get("/api/v1/docs").status_code == 404
