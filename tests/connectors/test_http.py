"""Every way in which a call can fail, against a server that fails in that way."""

import httpx
import pytest
from pydantic import BaseModel

from throughline.connectors.http import (
    BODY_SHOWN,
    LONGEST_WAIT_S,
    AnswerLost,
    Declined,
    NotFound,
    NotSendable,
    UnknownShape,
    open_client,
    read,
    send,
)
from throughline.kernel.errors import Permanent, Transient
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

TOKEN = "Bearer s3cret-t0ken"
THURSDAY = "Thu, 22 Oct 2026 07:28:00 GMT"


class Shelf(Simulator):
    """Keeps what it is given."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def answer(self, call: Call) -> Reply:
        if call.method == "POST":
            self.kept.append((call.json(), dict(call.query), call.headers["x-mark"]))
        return Reply(200, {"kept": len(self.kept)})


@pytest.fixture
def shelf():
    with Shelf() as opened:
        yield opened


@pytest.fixture
def http(shelf):
    with open_client(shelf.url, headers={"Authorization": TOKEN}, timeout_s=0.3) as client:
        yield client


def failed(http: httpx.Client, method: str = "GET") -> Exception:
    with pytest.raises((Transient, Permanent)) as raised:
        send(
            http, method, "/things", json={} if method == "POST" else None, headers={"X-Mark": "m"}
        )
    return raised.value


def test_send_carries_query_body_and_headers_and_returns_the_answer(shelf, http):
    response = send(
        http, "POST", "/things", params={"to": "a b"}, json={"n": 1}, headers={"X-Mark": "m"}
    )

    assert (response.status_code, response.json()) == (200, {"kept": 1})
    assert shelf.kept == [({"n": 1}, {"to": "a b"}, "m")]
    assert shelf.calls == {("POST", "/things"): 1}


@pytest.mark.parametrize(
    ("fault", "kind", "performed"),
    [
        (too_many(), Transient, 0),
        (answering(408), Transient, 0),
        (answering(500), AnswerLost, 0),
        (answering(502), AnswerLost, 0),
        (answering(503), Transient, 0),
        (answering(504), AnswerLost, 0),
        (answering(403, Retry_After="60"), Transient, 0),
        (answering(404), NotFound, 0),
        (answering(410), NotFound, 0),
        (answering(400), Declined, 0),
        (answering(401), Declined, 0),
        (answering(409), Declined, 0),
        (answering(302, Location="/elsewhere"), Permanent, 0),
        (answering(304), Declined, 0),
        (slow(0.6), AnswerLost, 1),
        (losing_the_answer(), AnswerLost, 1),
        (dropping(), AnswerLost, 0),
    ],
)
def test_send_to_a_failing_server_sends_once_and_says_of_what_kind_the_failure_is(
    shelf, http, fault, kind, performed
):
    shelf.fail_next(fault)

    error = failed(http, "POST")

    assert type(error) is kind
    assert shelf.calls == {("POST", "/things"): 1}
    assert shelf.performed.total() == len(shelf.kept) == performed


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422])
def test_send_that_is_refused_tells_the_number_it_was_refused_with(shelf, http, status):
    shelf.fail_next(answering(status))

    error = failed(http)

    assert isinstance(error, Declined)
    assert error.status == status


def test_send_after_a_failure_works_again_on_the_same_session(shelf, http):
    shelf.fail_next(losing_the_answer())
    failed(http)

    assert send(http, "GET", "/things").json() == {"kept": 0}
    assert shelf.calls == {("GET", "/things"): 2}


def test_send_to_a_closed_port_is_transient_and_nothing_was_sent(shelf, http):
    shelf.close()

    error = failed(http)

    assert type(error) is Transient
    assert str(error).endswith("Nothing was sent.")


def test_send_where_the_connection_cannot_be_made_in_time_is_transient():
    def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("timed out", request=request)

    with httpx.Client(base_url="http://hub.example", transport=httpx.MockTransport(never)) as http:
        assert type(failed(http)) is Transient


def test_send_follows_no_redirect_even_where_the_session_would(shelf):
    with Shelf() as other, httpx.Client(base_url=shelf.url, follow_redirects=True) as http:
        shelf.fail_next(answering(307, Location=f"{other.url}/things"))

        error = failed(http)

        assert str(error) == (
            f"GET {shelf.url}/things: 307 Temporary Redirect, "
            f"points to '{other.url}/things': use the right address."
        )
        assert other.calls.total() == 0


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (too_many("7"), 7.0),
        (too_many("0"), 0.0),
        (answering(503, Retry_After="120"), 120.0),
        (too_many("Thu, 22 Oct 2026 07:29:30 GMT", date=THURSDAY), 90.0),
        (too_many("Thu, 22 Oct 2026 07:00:00 GMT", date=THURSDAY), 0.0),
        (too_many("Thu Oct 22 07:28:05 2026", date=THURSDAY), 5.0),
        (too_many("Thu, 22 Oct 2026 07:29:30 GMT", date="yesterday"), None),
        (too_many("9" * 4000), LONGEST_WAIT_S),
        (too_many("Thu, 22 Oct 2099 07:29:30 GMT", date=THURSDAY), LONGEST_WAIT_S),
        (too_many("soon", date=THURSDAY), None),
        (too_many("-5"), None),
        (too_many("٧", date=THURSDAY), None),
        (too_many(), None),
    ],
)
def test_retry_after_in_any_form_becomes_seconds_counted_from_the_answers_own_date(fault, seconds):
    def answer(_request: httpx.Request) -> httpx.Response:
        headers = [(name.encode(), value.encode()) for name, value in fault.reply.headers.items()]
        return httpx.Response(fault.reply.status, headers=headers)

    with httpx.Client(base_url="http://a.example", transport=httpx.MockTransport(answer)) as http:
        assert failed(http).retry_after_s == seconds


def test_retry_after_travels_over_real_http(shelf, http):
    shelf.fail_next(too_many("Thu, 22 Oct 2026 07:29:30 GMT", date=THURSDAY))

    assert failed(http).retry_after_s == 90.0


def test_message_quotes_the_vendor_on_one_line_and_not_beyond_its_beginning(shelf, http):
    shelf.fail_next(answering(400, "no\r\nsuch\x1b[31m field\n" + "x" * 5000))

    message = str(failed(http))

    start = f"GET {shelf.url}/things: 400 Bad Request "
    quoted = "no such [31m field "
    assert message == start + quoted + "x" * (BODY_SHOWN - len(quoted))


def test_message_of_a_page_for_people_is_its_status_alone(shelf, http):
    shelf.fail_next(answering(403, "<html><h1>Forbidden</h1>", Content_Type="text/html"))

    assert str(failed(http)) == f"GET {shelf.url}/things: 403 Forbidden"


@pytest.mark.parametrize("echo", [TOKEN, TOKEN.removeprefix("Bearer ")])
def test_message_never_holds_the_token_even_where_the_server_sends_it_back(shelf, http, echo):
    shelf.fail_next(answering(401, f"Unknown: {echo}!"))

    assert str(failed(http)) == f"GET {shelf.url}/things: 401 Unauthorized Unknown: [hidden]!"


def test_message_names_neither_query_nor_user(shelf):
    address = shelf.url.replace("http://", "http://ada:pass@")
    shelf.fail_next(answering(400))
    with open_client(address) as http, pytest.raises(Permanent) as raised:
        send(http, "GET", "/things", params={"token": "abc"})

    assert str(raised.value) == f"GET {shelf.url}/things: 400 Bad Request"


def test_token_that_no_header_can_carry_is_refused_without_being_shown(shelf):
    with open_client(shelf.url, headers={"Authorization": f"{TOKEN}\n"}) as http:
        error = failed(http)

    assert type(error) is NotSendable
    assert str(error) == (
        f"GET {shelf.url}/things: LocalProtocolError. "
        "Check the address and the token for odd characters."
    )
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert shelf.calls.total() == 0


@pytest.mark.parametrize("address", ["nonsense", "ftp://files.example"])
def test_address_that_is_none_is_refused_before_anything_is_sent(address):
    with open_client(address) as http:
        assert type(failed(http)) is NotSendable


@pytest.mark.parametrize("address", ["http://[::1", "http://a.example:port"])
def test_session_for_an_address_that_cannot_be_read_is_refused(address):
    with pytest.raises(NotSendable):
        open_client(address)


def test_send_to_a_path_that_cannot_be_read_is_refused(http):
    with pytest.raises(NotSendable):
        send(http, "GET", "http://[::1")


class Kept(BaseModel):
    kept: int


def test_read_returns_the_answer_in_its_shape_and_ignores_what_is_new(shelf, http):
    assert read(send(http, "GET", "/things"), Kept) == Kept(kept=0)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"held": 1}, "kept: Field required"),
        (
            {"kept": "many"},
            "kept: Input should be a valid integer, unable to parse string as an integer",
        ),
        ([], "body: Input should be an object"),
    ],
)
def test_read_of_another_shape_says_what_is_wrong_with_it(shelf, http, body, problem):
    shelf.fail_next(answering(200, body))
    response = send(http, "GET", "/things")

    with pytest.raises(UnknownShape) as raised:
        read(response, Kept)

    assert str(raised.value) == f"GET {shelf.url}/things: the answer is no Kept ({problem})."
    assert isinstance(raised.value, Permanent)
