import pytest

from throughline.connectors.http import NotFound, NotSendable, UnknownShape, open_client
from throughline.connectors.hub.client import HubVersion, JupyterHub, connect
from throughline.kernel.errors import Transient
from throughline.simulators.hub import JupyterHubSimulator
from throughline.simulators.server import answering


@pytest.fixture
def simulator():
    with JupyterHubSimulator("5.2.1") as opened:
        yield opened


@pytest.fixture
def hub(simulator):
    with JupyterHub(open_client(simulator.url)) as opened:
        yield opened


def test_version_is_what_the_hub_says(simulator, hub):
    assert hub.version() == HubVersion(version="5.2.1")

    simulator.version = "6.0.0.dev"
    assert hub.version() == HubVersion(version="6.0.0.dev")
    assert simulator.calls == {("GET", "/hub/api"): 2}


def test_version_of_a_hub_that_is_down_is_transient(simulator, hub):
    simulator.is_down = True

    with pytest.raises(Transient):
        hub.version()


def test_version_where_there_is_no_hub_is_not_found(simulator, hub):
    simulator.fail_next(answering(404))

    with pytest.raises(NotFound):
        hub.version()


@pytest.mark.parametrize(
    "body",
    [
        "<html>", {}, [], {"version": ""}, {"version": 5}, {"version": None},
        {"version": "<script>"}, {"version": "1" * 61},
    ],
)  # fmt: skip
def test_version_in_a_shape_we_do_not_know_is_refused(simulator, hub, body):
    simulator.fail_next(answering(200, body))

    with pytest.raises(UnknownShape):
        hub.version()


def test_hub_is_closed_at_the_end_of_its_block(simulator):
    with JupyterHub(open_client(simulator.url)) as hub:
        hub.version()

    with pytest.raises(RuntimeError, match="client has been closed"):
        hub.version()


def test_connect_asks_a_domain_over_https():
    with connect("hub.example.org") as hub:
        assert str(hub._http.base_url) == "https://hub.example.org"


@pytest.mark.parametrize(
    "text", ["", "hub.example.org/x", "ada@hub.example.org", "-", "a b", "a\n"]
)
def test_connect_to_what_is_no_domain_is_refused(text):
    with pytest.raises(NotSendable) as raised:
        connect(text)

    assert str(raised.value) == f"{text!r} is not a domain: write, say, hub.example.org."
