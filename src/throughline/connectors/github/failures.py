"""What GitHub means by an answer that is no success.

Source: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api,
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from email.utils import parsedate_to_datetime

import httpx

from throughline.connectors.http import LONGEST_WAIT_S, Declined, Failed, NotFound
from throughline.kernel.errors import Transient

LEAST_WAIT_S = 60.0  # where a limit was met and GitHub does not say how long it lasts
LIMITS = frozenset({httpx.codes.FORBIDDEN, httpx.codes.TOO_MANY_REQUESTS})


class Unauthorised(Declined):
    """GitHub does not know the token, or not any more."""


class Forbidden(Declined):
    """GitHub knows the token and does not let it do this."""


class Gone(NotFound):
    """It was there and was deleted, or the repository has its issues switched off."""


class Moved(Declined):
    """It lives elsewhere now: an issue was transferred, or a repository renamed."""


class Invalid(Declined):
    """GitHub understood the request and refuses what is in it."""


class AlreadyThere(Declined):
    """Nothing was changed, for it is so already."""


MEANINGS: dict[int, type[Declined]] = {
    httpx.codes.NOT_MODIFIED: AlreadyThere,
    httpx.codes.UNAUTHORIZED: Unauthorised,
    httpx.codes.FORBIDDEN: Forbidden,
    httpx.codes.GONE: Gone,
    httpx.codes.UNPROCESSABLE_ENTITY: Invalid,
}


def meaning(response: httpx.Response, told: Failed) -> Failed:
    """Return what an answer means: a limit passes by itself, everything else has its own class."""
    if isinstance(told, Transient) and told.retry_after_s is not None:
        return told
    if response.status_code in LIMITS and is_limit(response):
        return Transient(str(told), retry_after_s=_wait_s(response))
    if isinstance(told, Transient):
        return told
    if response.has_redirect_location:
        return Moved(str(told), status=response.status_code)
    kind = MEANINGS.get(response.status_code)
    return told if kind is None else kind(str(told), status=response.status_code)


def is_limit(response: httpx.Response) -> bool:
    """Return whether a refusal is about how often we ask, and not about what."""
    return (
        response.status_code == httpx.codes.TOO_MANY_REQUESTS
        or response.headers.get("X-RateLimit-Remaining") == "0"
        or "rate limit" in response.text[:2000].lower()
    )


def _wait_s(response: httpx.Response) -> float:
    """Return how long a limit lasts: to its reset where it is used up, else a minute at least."""
    reset, date = response.headers.get("X-RateLimit-Reset", ""), response.headers.get("Date", "")
    if response.headers.get("X-RateLimit-Remaining") != "0" or not reset.isdigit():
        return LEAST_WAIT_S
    try:
        now = parsedate_to_datetime(date).timestamp()  # theirs: our clock may differ
    except ValueError:
        return LEAST_WAIT_S
    return min(max(float(reset[:20]) - now, 1.0), LONGEST_WAIT_S)
