"""An App's token is fetched once and lasts until just before it ends."""

import time

import pytest

from tests.connectors.github.conftest import REPOSITORY
from tests.simulators.test_github import key_pair
from throughline.connectors.github.client import GitHub
from throughline.connectors.github.failures import Unauthorised
from throughline.connectors.github.tokens import InstallationToken
from throughline.connectors.http import NotFound, NotSendable, UnknownShape
from throughline.simulators.github.world import App
from throughline.simulators.server import answering

PATH = ("POST", "/app/installations/77/access_tokens")


class Clock:
    """The machine's clock, to be put forward."""

    def __init__(self):
        self.ahead_s = 0

    def __call__(self):
        return time.time() + self.ahead_s


@pytest.fixture(scope="module")
def keys():
    return key_pair()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def token(simulator, keys, clock):
    key, public = keys
    simulator.apps.append(App("12345", public, 77))
    return InstallationToken(simulator.url, app_id="12345", key=key, installation=77, clock=clock)


def test_app_works_under_its_own_name(simulator, token):
    with GitHub(simulator.url, token, REPOSITORY) as github:
        github.create_issue("x", "", [])

    assert simulator.repositories[REPOSITORY].issues[1].by == "throughline[bot]"


def test_token_is_fetched_once_whoever_asks(simulator, token):
    found = {token() for _ in range(3)}

    assert len(found) == 1
    assert simulator.calls[PATH] == 1
    assert len(found.pop()) > 255  # its length is nobody's matter


def test_token_is_renewed_before_it_ends(simulator, token, clock):
    first = token()
    clock.ahead_s = 3600 - 301
    assert token() == first

    clock.ahead_s = 3600 - 299
    simulator.fail_next(answering(201, {"token": "new", "expires_at": "2999-01-01T00:00:00Z"}))

    assert token() == "new"
    assert simulator.calls[PATH] == 2


def test_key_of_another_app_is_not_taken(simulator, token):
    other = InstallationToken(simulator.url, app_id="12345", key=key_pair()[0], installation=77)

    with pytest.raises(Unauthorised):
        other()


def test_installation_that_is_not_there_is_not_found(simulator, token, keys):
    with pytest.raises(NotFound):
        InstallationToken(simulator.url, app_id="12345", key=keys[0], installation=78)()


def test_key_that_is_none_is_refused_before_anything_is_sent(simulator):
    token = InstallationToken(simulator.url, app_id="1", key="secret words", installation=77)

    with pytest.raises(NotSendable) as raised:
        token()

    assert "secret words" not in str(raised.value)
    assert simulator.calls.total() == 0


def test_answer_without_a_token_is_refused_and_nothing_is_kept(simulator, token):
    simulator.fail_next(answering(201, {"token": "", "expires_at": "2999-01-01T00:00:00Z"}))
    with pytest.raises(UnknownShape):
        token()

    assert token().startswith("ghs_")
