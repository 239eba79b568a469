"""The hub is proved by clients that nobody here wrote, against what JupyterHub's reference says."""

import json
import urllib.error
import urllib.request

import httpx
import pytest

from throughline.simulators.hub import JupyterHubSimulator


@pytest.fixture
def hub():
    with JupyterHubSimulator("5.2.1") as opened:
        yield opened


@pytest.mark.parametrize("path", ["/hub/api", "/hub/api/"])
def test_hub_tells_its_version_to_anybody(hub, path):
    with urllib.request.urlopen(f"{hub.url}{path}", timeout=5) as response:
        assert json.load(response) == {"version": "5.2.1"}
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["X-JupyterHub-Version"] == "5.2.1"


def test_hub_keeps_the_rest_of_its_api_for_those_with_a_token(hub):
    response = httpx.get(f"{hub.url}/hub/api/users")

    assert response.status_code == 403
    assert response.json() == {"status": 403, "message": "Missing or invalid credentials."}


def test_hub_takes_no_other_method_at_its_root(hub):
    assert httpx.post(f"{hub.url}/hub/api", json={}).status_code == 405


def test_hub_sends_people_to_sign_in(hub):
    response = httpx.get(f"{hub.url}/hub/home")

    assert (response.status_code, response.headers["Location"]) == (302, "/hub/login")


def test_hub_that_is_down_is_a_page_of_its_proxy(hub):
    hub.is_down = True
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{hub.url}/hub/api", timeout=5)
    raised.value.close()
    assert (raised.value.code, raised.value.headers["Content-Type"]) == (503, "text/html")

    hub.is_down = False
    assert httpx.get(f"{hub.url}/hub/api").json() == {"version": "5.2.1"}
