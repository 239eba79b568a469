"""The simulators are proved by clients that nobody here wrote: the standard library's, and httpx."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request

import httpx
import pytest

from throughline.simulators.server import (
    Call,
    Reply,
    Simulator,
    answering,
    dropping,
    losing_the_answer,
    slow,
    too_many,
)


class Notes(Simulator):
    """Keeps notes, and gives them numbers."""

    def __init__(self):
        super().__init__()
        self.notes = []

    def answer(self, call: Call) -> Reply:
        if call.method == "POST":
            self.notes.append(call.json())
            return Reply(201, {"id": len(self.notes)}, {"Location": f"/notes/{len(self.notes)}"})
        if call.path == "/bug":
            raise LookupError("a bug in the simulator")
        return Reply(200, {"notes": self.notes, "asked": dict(call.query)})


@pytest.fixture
def notes():
    with Notes() as opened:
        yield opened


def post(notes: Notes, body: object) -> int:
    request = urllib.request.Request(
        f"{notes.url}/notes", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.status


def test_state_is_kept_between_calls_of_different_clients(notes):
    assert post(notes, "first") == 201
    created = httpx.post(f"{notes.url}/notes", json="second")

    assert (created.status_code, created.headers["Location"]) == (201, "/notes/2")
    with urllib.request.urlopen(f"{notes.url}/notes?q=a%20b&empty=", timeout=5) as response:
        answer = json.load(response)
    assert answer == {"notes": ["first", "second"], "asked": {"q": "a b", "empty": ""}}
    assert notes.calls == {("POST", "/notes"): 2, ("GET", "/notes"): 1}
    assert notes.performed == notes.calls


def test_connection_stays_open_for_the_next_call(notes):
    connection = http.client.HTTPConnection(notes.address, timeout=5)
    for _ in range(3):
        connection.request("GET", "/notes")
        assert connection.getresponse().read() == b'{"notes": [], "asked": {}}'
        sock = connection.sock
    assert sock is not None
    connection.close()


def test_head_has_the_length_and_no_body(notes):
    response = httpx.head(f"{notes.url}/notes")

    assert (response.headers["Content-Length"], response.content) == ("26", b"")


def test_faults_come_in_order_and_then_all_is_well(notes):
    notes.fail_next(answering(500), too_many("3"))

    found = [httpx.get(f"{notes.url}/notes") for _ in range(3)]

    assert [one.status_code for one in found] == [500, 429, 200]
    assert found[1].headers["Retry-After"] == "3"
    assert notes.calls[("GET", "/notes")] == 3
    assert notes.performed[("GET", "/notes")] == 1


def test_lost_answer_is_performed_and_nothing_comes_back(notes):
    notes.fail_next(losing_the_answer())

    with pytest.raises(http.client.RemoteDisconnected):
        post(notes, "kept")

    assert notes.notes == ["kept"]


def test_dropped_call_is_not_performed_and_nothing_comes_back(notes):
    notes.fail_next(dropping())

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{notes.url}/notes", json="dropped")

    assert notes.notes == []
    assert (notes.calls.total(), notes.performed.total()) == (1, 0)


def test_slow_answer_comes_after_its_time(notes):
    notes.fail_next(slow(0.2))

    before = time.monotonic()
    assert post(notes, "late") == 201

    assert time.monotonic() - before >= 0.2


def test_slow_call_does_not_hold_up_others(notes):
    notes.fail_next(slow(5))

    def post_slowly():
        with pytest.raises((OSError, http.client.HTTPException)):
            post(notes, "slow")

    waiting = threading.Thread(target=post_slowly)
    waiting.start()
    while not notes.calls:
        time.sleep(0.005)

    before = time.monotonic()
    assert post(notes, "quick") == 201
    notes.close()
    waiting.join(timeout=2)

    assert not waiting.is_alive()
    assert time.monotonic() - before < 2
    assert notes.notes == ["slow", "quick"]


def test_closed_simulator_refuses_and_an_opened_one_answers_at_the_same_address(notes):
    post(notes, "kept")
    address = notes.url
    notes.close()
    with pytest.raises(urllib.error.URLError) as raised:
        post(notes, "refused")
    assert isinstance(raised.value.reason, ConnectionRefusedError)

    notes.open()

    assert notes.url == address
    assert httpx.get(f"{address}/notes").json()["notes"] == ["kept"]


def test_closing_cuts_the_connections_that_stand(notes):
    with httpx.Client(base_url=notes.url) as client:
        client.get("/notes")
        notes.close()
        with pytest.raises(httpx.TransportError):
            client.get("/notes")


def test_opening_twice_is_refused(notes):
    with pytest.raises(RuntimeError, match="is open already"):
        notes.open()


def test_closing_twice_is_harmless(notes):
    notes.close()
    notes.close()


def test_bug_in_a_simulator_is_shown_and_no_answer_comes(notes, capsys):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{notes.url}/bug")
    notes.close()

    assert "LookupError: a bug in the simulator" in capsys.readouterr().err
