"""GitHub's refusals, in its own words, and its pages."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import urlencode

from throughline.simulators.server import Call, Fault, Reply, When

DOCS = "https://docs.github.com/rest"
MOST = 100  # on one page


class Refusal(Exception):
    """A reply that ends the work on a call."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refuse(status: int, message: str, **more: Any) -> NoReturn:
    """Refuse in the shape of GitHub's basic error.

    Raises:
        Refusal: always.
    """
    body = {"message": message, "documentation_url": DOCS, "status": str(status), **more}
    raise Refusal(Reply(status, body))


def refuse_field(resource: str, name: str, code: str, message: str = "") -> NoReturn:
    """Refuse one field, in the shape of GitHub's validation error."""
    error = {"resource": resource, "field": name, "code": code}
    refuse(422, "Validation Failed", errors=[error | ({"message": message} if message else {})])


def refuse_as_a_whole(message: str) -> NoReturn:
    """Refuse what is in a request without naming a field."""
    refuse(422, message)


def refuse_unknown() -> NoReturn:
    """Say what GitHub says of what is not there, or is not to be seen."""
    refuse(404, "Not Found")


def refuse_moved(address: str) -> NoReturn:
    """Say where something lives now.

    Raises:
        Refusal: always.
    """
    body = {"message": "Moved Permanently", "url": address, "documentation_url": DOCS}
    raise Refusal(Reply(301, body, {"Location": address}))


def secondary_limit(retry_after: str = "") -> Fault:
    """Return a fault: too much at once, which GitHub answers with 403 and not always with a wait."""
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    )
    body = {"message": message, "documentation_url": DOCS, "status": "403"}
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Fault(When.INSTEAD, Reply(403, body, headers))


def used_up(*, for_s: int) -> Fault:
    """Return a fault: the hour's requests are used up until some seconds from now."""
    message = "API rate limit exceeded for installation ID 77."
    body = {"message": message, "documentation_url": DOCS, "status": "403"}
    headers = {
        "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Used": "5000",
        "X-RateLimit-Reset": str(int(time.time()) + for_s), "X-RateLimit-Resource": "core",
    }  # fmt: skip
    return Fault(When.INSTEAD, Reply(403, body, headers))


def asked(call: Call, *known: str) -> Mapping[str, str]:
    """Return the query of a call; what is not simulated is refused and not silently passed over."""
    if strange := set(call.query) - set(known):
        refuse(501, f"The simulator does not know {sorted(strange)}.")
    return call.query


def paged(call: Call, url: str, rows: Sequence[Any]) -> Reply:
    """Return one page by number, with links to its neighbours."""
    size, page = _number(call, "per_page", 30), _number(call, "page", 1)
    size = min(size, MOST)
    shown, last = rows[(page - 1) * size : page * size], -(-len(rows) // size)
    named: dict[str, int] = {}
    if page < last:
        named |= {"next": page + 1, "last": last}
    if page > 1:
        named |= {"prev": page - 1, "first": 1}
    links = [_link(call, url, rel, page=str(number)) for rel, number in named.items()]
    return Reply(200, list(shown), {"Link": ", ".join(links)} if links else {})


def paged_by_cursor(call: Call, url: str, rows: Sequence[Any]) -> Reply:
    """Return one page after a cursor, which is the id of the last row before it."""
    size = min(_number(call, "per_page", 30), MOST)
    ids = [str(one["id"]) for one in rows]
    start = ids.index(call.query["after"]) + 1 if call.query.get("after") in ids else 0
    shown = rows[start : start + size]
    if start + size >= len(rows):
        return Reply(200, list(shown))
    link = _link(call, url, "next", after=str(shown[-1]["id"]))
    return Reply(200, list(shown), {"Link": link})


def _number(call: Call, name: str, default: int) -> int:
    found = call.query.get(name, "")
    return max(int(found), 1) if found.isdigit() else default


def _link(call: Call, url: str, rel: str, **changed: str) -> str:
    return f'<{url}{call.path}?{urlencode({**call.query, **changed})}>; rel="{rel}"'
