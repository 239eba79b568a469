"""How the account says no. Every field but status and message may be missing in such an answer.

Bodies are as they were seen from the real service, as far as that is public; the words of the
answers about sizes are ours.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Body = dict[str, Any]


class Problem(Exception):
    """A call that is refused: the status, and the body that says why."""

    def __init__(self, status: int, message: str, category: str = "", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        named = {"category": category} if category else {}
        self.body: Body = {
            "status": "error", "message": message, "correlationId": _trace(message), **more, **named
        }  # fmt: skip


class NotValid(Problem):
    """An input breaks a rule."""

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(400, message, "VALIDATION_ERROR", **more)


class ValuesNotValid(NotValid):
    """Some properties cannot be written: every fault is told, as text within the message."""

    def __init__(self, faults: Iterable[Mapping[str, Any]]) -> None:
        told = json.dumps(list(faults), separators=(",", ":"))
        super().__init__(f"Property values were not valid: {told}")


class NotThere(Problem):
    """There is no such object."""

    def __init__(self) -> None:
        super().__init__(404, "resource not found", "OBJECT_NOT_FOUND")


class Taken(Problem):
    """Something of that name is there already."""

    def __init__(self, message: str, category: str = "CONFLICT") -> None:
        super().__init__(409, message, category)


class NoCredentials(Problem):
    """The token is missing or wrong."""

    def __init__(self) -> None:
        super().__init__(
            401,
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and"
            " you can find more details at"
            " https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            "INVALID_AUTHENTICATION",
        )


class ScopeMissing(Problem):
    """The token may not do that."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            403,
            "This app hasn't been granted all required scopes to make this call. Read more about"
            " required scopes here: https://developers.hubspot.com/scopes.",
            "MISSING_SCOPES",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": [scope]},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        )


class TooMany(Problem):
    """A limit is reached. The answer names it, and says no time."""

    def __init__(self, policy: str) -> None:
        super().__init__(
            429,
            f"You have reached your {policy.lower()} limit.",
            errorType="RATE_LIMIT",
            policyName=policy,
            groupName="publicapi:private-apps:api-calls-per-app:1",
        )


def _trace(message: str) -> str:
    """Return a correlation id that depends on nothing but the words."""
    digest = hashlib.sha256(message.encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def row_error(status: str, category: str, message: str, context: Mapping[str, Any]) -> Body:
    """Return what a batch says of some of its inputs."""
    return {
        "status": status, "category": category, "message": message, "context": dict(context),
        "errors": [], "links": {},
    }  # fmt: skip


def rows_not_found(kind: str, ids: list[str]) -> Body:
    """Return what a batch says of ids that it did not find."""
    message = (
        f"Could not get some {kind.upper()} objects, they may be deleted or not exist. Check that"
        " ids are valid."
    )
    return row_error("error", "OBJECT_NOT_FOUND", message, {"ids": ids})
