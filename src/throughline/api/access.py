"""Who calls, what they may, and what every address of the API declares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.operation import Operation
from ninja.security import APIKeyCookie, HttpBearer

from throughline.people.actions_tokens import open_token
from throughline.people.gates import NotEntitled
from throughline.people.models import ApiToken, User
from throughline.people.words import ROLES, Permission, scopes_with

P = ParamSpec("P")
Answer = TypeVar("Answer")
BEARER: Final = "bearer"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, or a program with a token of theirs, which may only less."""

    user: User
    token: ApiToken | None = None

    @property
    def name(self) -> str:
        """Return under what the caller is counted, and their keys are kept."""
        return f"token:{self.token.pk}" if self.token else f"user:{self.user.pk}"

    def may(self, permission: Permission) -> bool:
        """Return whether the person may, and the token carries it."""
        carried = self.token is None or self.token.carries(permission)
        return carried and self.user.may(permission)


def caller_of(request: HttpRequest) -> Caller | None:
    """Return who calls: by the token, where there is one, else by the session; None: nobody.

    Raises:
        NoToken: a token is shown, and it opens nothing; the session does not help.
    """
    found: Caller | None = getattr(request, "caller", None)
    if found is None:
        found = _by_token(request) or _by_session(request)
        request.caller = found  # type: ignore[attr-defined]  # asked several times, read once
    return found


def _by_token(request: HttpRequest) -> Caller | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != BEARER:
        return None
    token = open_token(secret.strip(), at=timezone.now())
    return Caller(token.user, token)


def _by_session(request: HttpRequest) -> Caller | None:
    user = request.user
    return Caller(user) if isinstance(user, User) and user.is_active else None


class ByToken(HttpBearer):
    """`Authorization: Bearer tl_…`. What is shown counts: a wrong token is no session."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:  # noqa: ARG002 -- ninja hands it
        return caller_of(request)


class BySession(APIKeyCookie):
    """A signed-in person's cookie. Writing needs the CSRF token as well."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002 -- ninja hands it
        return caller_of(request)


def needs(
    *any_of: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], Answer]], Callable[Concatenate[HttpRequest, P], Answer]
]:
    """Return a decorator that opens an address to those with one of the permissions.

    Every address has one: `undeclared` finds those that have none, and a test asks it.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], Answer],
    ) -> Callable[Concatenate[HttpRequest, P], Answer]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
            _check(request, any_of)
            return view(request, *args, **kwargs)

        guarded.needs = any_of  # type: ignore[attr-defined]  # read by the document and the matrix
        return guarded

    return decorate


def may(request: HttpRequest, permission: Permission) -> bool:
    """Return whether the caller of an address that is open to them may something more."""
    caller = caller_of(request)
    return caller is not None and caller.may(permission)


def actor(request: HttpRequest) -> str:
    """Return the name under which the caller is written into the journal.

    Raises:
        AuthenticationError: nobody calls.
    """
    caller = caller_of(request)
    if caller is None:
        raise AuthenticationError
    return caller.user.username


def needed_by(operation: Operation) -> tuple[Permission, ...]:
    """Return which permissions open an address (one is enough); empty: it declares none."""
    return getattr(operation.view_func, "needs", ())


def operations(api: NinjaAPI) -> Iterator[tuple[str, Operation]]:
    """Yield every address of an API with what it does, as the router has it."""
    for prefix, router in api._routers:  # noqa: SLF001 -- ninja has no public list
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield f"{prefix}{path}", operation


def _check(request: HttpRequest, any_of: tuple[Permission, ...]) -> None:
    caller = caller_of(request)
    if caller is None:
        raise AuthenticationError
    if any(caller.may(one) for one in any_of):
        return
    doing = "read" if request.method in READING else "do"
    if any(caller.user.may(one) for one in any_of):
        scopes = " or ".join(scope for one in any_of for scope in scopes_with(one))
        raise NotEntitled(
            f"This token may not {doing} this.",
            remedy=f"Make a token with the scope {scopes}." if scopes else "Do it on the page.",
        )
    roles = " or ".join(role for role, allowed in ROLES.items() if allowed & set(any_of))
    raise NotEntitled(
        f"{caller.user} may not {doing} this.", remedy=f"Ask an administrator for a role: {roles}."
    )
