"""Errors as problem+json (RFC 9457), each with what to do about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from throughline.kernel.errors import NotThere, Refused
from throughline.people.actions_tallies import TooOften
from throughline.people.actions_tokens import NoToken
from throughline.people.gates import NotEntitled
from throughline.sales.actions.conflicts import Conflict

JSON = "application/json; charset=utf-8"
MEDIA_TYPE = "application/problem+json"
SEE_DOCUMENT = "See /api/v1/openapi.json"
TITLES = {
    401: ("not-signed-in", "Not signed in"),
    403: ("not-entitled", "Not allowed"),
    404: ("not-found", "Not found"),
    409: ("conflict", "Conflict"),
    422: ("refused", "Refused"),
    429: ("too-often", "Too often"),
}
# What a refusal is answered with; every other one is 422.
STATUSES: tuple[tuple[type[Refused], int], ...] = (
    (NotThere, 404),
    (NotEntitled, 403),
    (Conflict, 409),
)
CHALLENGE = 'Bearer realm="Throughline"'


class Told(Refused):
    """A refusal with more to tell than words; `more` goes into the problem beside them."""

    def __init__(self, refused: Refused, **more: Any) -> None:
        super().__init__(refused.message, remedy=refused.remedy)
        self.more = more


def problem(
    status: int, detail: str, *, remedy: str, retry_after_s: int | None = None, **more: Any
) -> HttpResponse:
    """Return a problem; its type is a name that stays, not an address to open."""
    kind, title = TITLES.get(status, ("failed", "Failed"))
    response = JsonResponse(
        {
            "type": f"urn:throughline:problem:{kind}",
            "title": title,
            "status": status,
            "detail": detail,
            "remedy": remedy,
            **more,
        },
        status=status,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    if status == 401:  # noqa: PLR2004 -- RFC 9110 wants it with this one
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def unknown_caller(refused: NoToken) -> HttpResponse:
    """Return what a token that opens nothing is answered."""
    return problem(401, refused.message, remedy=refused.remedy)


def too_often(refused: TooOften) -> HttpResponse:
    """Return what a caller is answered who must wait."""
    return problem(429, refused.message, remedy=refused.remedy, retry_after_s=refused.wait_s)


def install(api: NinjaAPI) -> None:
    """Have an API answer every refusal as a problem."""
    for kind in (Refused, AuthenticationError, ValidationError, HttpError):
        api.add_exception_handler(kind, _answer)


def _answer(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if isinstance(error, Refused):
        more = error.more if isinstance(error, Told) else {}
        status = next((number for kind, number in STATUSES if isinstance(error, kind)), 422)
        return problem(status, error.message, remedy=error.remedy, **more)
    match error:
        case AuthenticationError():
            remedy = "Show a token (Authorization: Bearer tl_…), or sign in at /sign-in/ first."
            return problem(401, "Nobody is signed in.", remedy=remedy)
        case ValidationError():
            detail = " ".join(f"{one['loc'][-1]}: {one['msg']}." for one in error.errors)
            return problem(422, detail, remedy=f"{SEE_DOCUMENT} for what may be asked.")
        case HttpError():
            return problem(error.status_code, f"{error}.", remedy=f"{SEE_DOCUMENT}.")
        case _:
            raise TypeError(f"{error!r} is no error that the API answers.")
