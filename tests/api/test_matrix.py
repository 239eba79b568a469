"""Every address of the API × every role × every scope of a token × nobody."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.api.table import TABLE
from tests.factories import make_person
from throughline.api.access import needed_by, operations
from throughline.api.v1 import api
from throughline.delivery.models import Deliverable
from throughline.people.actions_tokens import issue_token
from throughline.people.words import RoleName, Scope

pytestmark = pytest.mark.django_db

HATS = {"stranger": [], **{role.value: [role] for role in RoleName}}
DOOR = ("may not read this.", "may not do this.")


@contextmanager
def undone():
    """Take back whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answer_of(client, method, call, deliverable, **headers):
    """Return what the door says in one word; what is behind it may still refuse."""
    path = call.path.format(deliverable=deliverable)
    with undone():
        response = getattr(client, method)(
            path, data=call.body, content_type="application/json", **headers
        ) if method == "post" else client.get(path, **headers)  # fmt: skip
    if response.status_code == 401:
        return "nobody"
    if response.status_code == 403 and response.json()["detail"].endswith(DOOR):
        return "forbidden"
    assert response.status_code < 500
    return "open"


def token_for(user, *scopes, secret):
    issue_token(
        secret, user=user, name="test", scopes=frozenset(scopes), valid_for=timedelta(days=1),
        by="test", at=timezone.now(),
    )  # fmt: skip
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


@pytest.fixture
def deliverable(won):
    won(1)
    return Deliverable.objects.earliest("pk").pk


def declared():
    return {
        (method.lower(), path.strip("/").replace("{", "<").replace("}", ">"))
        for path, operation in operations(api)
        for method in operation.methods
    }


def test_every_address_is_in_the_table():
    assert declared() == set(TABLE)


def test_every_address_declares_which_permission_opens_it():
    assert [path for path, operation in operations(api) if not needed_by(operation)] == []


def test_every_address_has_a_name_of_its_own():
    names = [operation.view_func.__name__ for _path, operation in operations(api)]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("hat", HATS)
def test_person_calls_what_their_hat_may_and_nothing_else(hat, deliverable):
    client = Client()
    client.force_login(make_person(hat.lower(), *HATS[hat]))

    found = {key: answer_of(client, key[0], call, deliverable) for key, call in TABLE.items()}

    assert found == {
        key: "open" if hat in call.hats else "forbidden" for key, call in TABLE.items()
    }


@pytest.mark.parametrize("scope", Scope)
def test_token_of_an_admin_calls_what_its_scope_carries_and_nothing_else(scope, deliverable):
    bearer = token_for(make_person("adm", RoleName.ADMIN), scope, secret="tl_" + "x" * 40)

    found = {
        key: answer_of(Client(), key[0], call, deliverable, **bearer) for key, call in TABLE.items()
    }

    assert found == {
        key: "open" if scope in call.scopes else "forbidden" for key, call in TABLE.items()
    }


def test_token_with_every_scope_may_no_more_than_its_person(deliverable):
    bearer = token_for(make_person("pia", RoleName.PS), *Scope, secret="tl_" + "y" * 40)

    found = {
        key: answer_of(Client(), key[0], call, deliverable, **bearer) for key, call in TABLE.items()
    }

    assert found == {
        key: "open" if "PS" in call.hats else "forbidden" for key, call in TABLE.items()
    }


def test_nobody_calls_anything(deliverable):
    found = {key: answer_of(Client(), key[0], call, deliverable) for key, call in TABLE.items()}

    assert found == dict.fromkeys(TABLE, "nobody")
