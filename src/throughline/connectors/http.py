"""The one way out over HTTP: one send, one timeout, no retry, and three kinds of failure."""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from throughline import __version__
from throughline.kernel.errors import Permanent, Transient

TIMEOUT_S = 10.0
LONGEST_WAIT_S = 7 * 24 * 3600.0  # a longer wish is a slip; a person looks sooner than that
BODY_SHOWN = 200  # characters of an answer that a message may quote
HIDDEN = "[hidden]"
SECRET_HEADERS = ("Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key")
NOT_THERE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})
COME_LATER = frozenset({
    httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS,
})  # fmt: skip
# Something broke, there or on the way; the work may have been done all the same.
MAY_BE_DONE = frozenset({
    httpx.codes.INTERNAL_SERVER_ERROR, httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT,
    520, 524,  # Cloudflare's: an answer it could not read, and none in time
})  # fmt: skip
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
NOT_SENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)

Answer = TypeVar("Answer", bound=BaseModel)
Failed = Transient | Permanent
# What a vendor means by an answer that is no success, where that is more than its status says.
Reading = Callable[[httpx.Response, Failed], Failed]


class AnswerLost(Transient):
    """The call may have been performed, but no answer came: look before sending it again."""


class Declined(Permanent):
    """The vendor refused the call; `status` is the number it refused with."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Declined):
    """The vendor has no such thing, or our token may not see it."""


class NotSendable(Permanent):
    """The call never left this machine: its address or its headers break the rules of HTTP."""


class UnknownShape(Permanent):
    """The vendor answered in a shape that we do not know."""


def open_client(
    base_url: str, *, headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
) -> httpx.Client:
    """Return a session with one address, one timeout, and neither retries nor redirects.

    Raises:
        NotSendable: the address is none.
    """
    named = {"User-Agent": f"throughline/{__version__}", **(headers or {})}
    try:
        return httpx.Client(base_url=base_url, headers=named, timeout=timeout_s, verify=_trusted())
    except httpx.InvalidURL as error:
        raise NotSendable(f"{base_url!r} is not an address: {error}.") from error


@cache
def _trusted() -> ssl.SSLContext:
    """Return what every session trusts; read once, for reading it takes 20 ms."""
    return httpx.create_ssl_context()


def send(
    http: httpx.Client,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> httpx.Response:
    """Send one request, once, and return its successful response.

    `reading` gets an answer that is no success with what it means everywhere, and says what it
    means with this vendor.

    A redirect is not followed: the address is configured wrongly, and whoever it points to must
    not get our token. Messages show the beginning of an answer and never a secret header.

    Raises:
        Transient: nothing was sent, or the vendor is unwell or asks us to wait;
            `retry_after_s` is its wish.
        AnswerLost: it was sent, and no answer came, or one that says that something broke: it may
            have been performed.
        NotFound: 404 or 410.
        Declined: the vendor refused otherwise; its own words are in the message.
        NotSendable: it could not be sent at all.
        Permanent: it points elsewhere: the address is configured wrongly.
    """
    try:
        request = http.build_request(method, path, params=params, json=json, headers=headers)
    except NOT_SENDABLE as error:
        raise NotSendable(f"{method} {path}: {error}.") from error
    try:
        response = http.send(request, follow_redirects=False)
    except httpx.HTTPError as error:
        failed = _failure(request, error)
        raise failed from (None if isinstance(failed, NotSendable) else error)  # it may quote us
    if not response.is_success:
        refused = _refusal(request, response)
        raise refused if reading is None else reading(response, refused)
    return response


def read(response: httpx.Response, shape: type[Answer]) -> Answer:
    """Return an answer's body in the shape that we rely on.

    Raises:
        UnknownShape: it has another one.
    """
    try:
        return shape.model_validate_json(response.content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)[:5]
        )
        call = _call(response.request)
        raise UnknownShape(f"{call}: the answer is no {shape.__name__} ({problems}).") from error


def _failure(request: httpx.Request, error: httpx.HTTPError) -> Transient | Permanent:
    """Return what it means that no whole answer came."""
    call, name = _call(request), type(error).__name__
    if isinstance(error, NOT_SENDABLE):
        # The library quotes the offending header in its message, and that may be our token.
        return NotSendable(f"{call}: {name}. Check the address and the token for odd characters.")
    why = str(error).rstrip(".")
    story = _hide(request, f"{call}: {name}: {why}")
    if isinstance(error, NOTHING_SENT):
        return Transient(f"{story}. Nothing was sent.")
    return AnswerLost(f"{story}. It may have been performed: look before sending it again.")


def _refusal(request: httpx.Request, response: httpx.Response) -> Transient | Permanent:
    """Return what an answer other than a success means."""
    status = response.status_code
    story = f"{_call(request)}: {status} {response.reason_phrase}{_told(request, response)}"
    if response.has_redirect_location:
        host = response.headers.get("Location", "")[:BODY_SHOWN]
        return Permanent(_hide(request, f"{story}, points to {host!r}: use the right address."))
    wish = retry_after_s(response.headers)
    if status in MAY_BE_DONE:
        return AnswerLost(story, retry_after_s=wish)
    if response.is_server_error or status in COME_LATER or "Retry-After" in response.headers:
        return Transient(story, retry_after_s=wish)
    return (NotFound if status in NOT_THERE else Declined)(story, status=status)


def _call(request: httpx.Request) -> str:
    """Return a request as messages name it: no query and no user, where secrets may be."""
    bare = request.url.copy_with(query=None, fragment=None, username=None, password=None)
    return f"{request.method} {bare}"


def _told(request: httpx.Request, response: httpx.Response) -> str:
    """Return the beginning of what the vendor said, on one line; a page for people says nothing."""
    if "html" in response.headers.get("Content-Type", ""):
        return ""
    words = "".join(one if one.isprintable() else " " for one in response.text[:5000])
    said = _hide(request, " ".join(words.split()))
    return f" {said[:BODY_SHOWN]}" if said else ""


def _hide(request: httpx.Request, text: str) -> str:
    """Return a text without our secrets: some servers send back what they were given."""
    for name in SECRET_HEADERS:
        value = request.headers.get(name, "")
        for secret in (value, value.partition(" ")[2]):
            if secret:
                text = text.replace(secret, HIDDEN)
    return text


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return how long the vendor asks us to wait; None where it does not say.

    A day and time counts from the answer's own Date: our clock may differ from theirs.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    wish = headers.get("Retry-After", "").strip()
    if wish.isascii() and wish.isdigit():
        return min(float(wish[:20]), LONGEST_WAIT_S)
    then, now = _instant(wish), _instant(headers.get("Date", ""))
    if then is None or now is None:
        return None
    return min(max((then - now).total_seconds(), 0.0), LONGEST_WAIT_S)


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
