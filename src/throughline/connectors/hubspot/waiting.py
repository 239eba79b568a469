"""How long HubSpot wants us to wait where it does not say so."""

import json

import httpx

TOO_MANY = 429
LOCKED = 423
MIGRATING = 477
# A limit's name says over which time it counts; a day's ends at midnight in the account's zone.
WAIT_S = {"SECONDLY": 1, "TEN_SECONDLY_ROLLING": 10, "DAILY": 3600}
WAIT_ANYWAY_S = 10
LOCKED_S = 2  # what a lock is documented to last
MIGRATING_S = 3600  # an account on the move between data centres; up to a day


def name_the_wait(response: httpx.Response) -> None:
    """Give an answer the Retry-After that it lacks, so that it reads as what it is: come later.

    Source: https://developers.hubspot.com/docs/api-reference/error-handling and
    https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
    """
    if "Retry-After" in response.headers:
        return
    if response.status_code == TOO_MANY:
        response.read()
        response.headers["Retry-After"] = str(WAIT_S.get(_policy(response.content), WAIT_ANYWAY_S))
    elif response.status_code == LOCKED:
        response.headers["Retry-After"] = str(LOCKED_S)
    elif response.status_code == MIGRATING:
        response.headers["Retry-After"] = str(MIGRATING_S)


def _policy(body: bytes) -> str:
    """Return the name of the limit that was reached; "" where it is not told."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("policyName", "")).upper() if isinstance(told, dict) else ""
