"""The API against its own OpenAPI document, with requests that schemathesis makes from it.

Few, and the same at each run: what must hold is that no request brings down a server, and that
what is answered is what the document says.
"""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import make_person
from throughline.config.wsgi import application
from throughline.people.actions_tokens import issue_token
from throughline.people.words import RoleName, Scope

SECRET = "tl_" + "s" * 40
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
STEADY = settings(
    max_examples=4, derandomize=True, deadline=None, database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def bearer(won, settings):
    """Return the headers of a token that may everything, in a world with a deal that is won."""
    settings.API_CALLS_PER_MINUTE = 10**6
    won(1)
    issue_token(
        SECRET, user=make_person("adm", RoleName.ADMIN), name="schemathesis",
        scopes=frozenset(Scope), valid_for=timedelta(days=1), by="test", at=timezone.now(),
    )  # fmt: skip
    # In this process there is nobody between who would unpack what comes compressed.
    return {"Authorization": f"Bearer {SECRET}", "Accept-Encoding": "identity"}


@pytest.fixture
def open_connection():
    """Keep the connection of the test open: what is not yet committed lives in it."""
    ends = (request_started, request_finished)
    for one in ends:
        one.disconnect(close_old_connections)
    yield
    for one in ends:
        one.connect(close_old_connections)


@pytest.mark.django_db
def test_every_answer_is_what_the_document_says(bearer, open_connection):
    tried = []

    for operation in schema.get_all_operations():
        described = operation.ok()

        @STEADY
        @given(case=described.as_strategy())
        def try_it(case):
            response = case.call(headers=bearer)
            case.validate_response(response, checks=CHECKS)
            tried.append((case.method, case.path))

        try_it()

    assert len(set(tried)) > 50
