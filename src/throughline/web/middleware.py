"""What every answer carries."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone

from throughline.people.actions_tallies import TooOften, check, take
from throughline.people.models import User
from throughline.people.session_models import SEEN


def policy(form_sites: Iterable[str] = ()) -> str:
    """Return the policy of a page: no inline code, nothing foreign, forms that lead to us alone.

    `form_sites` are those that a form may lead to as well.
    """
    leads = " ".join(["'self'", *form_sites])
    return (
        "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; "
        f"form-action {leads}; frame-ancestors 'none'; report-uri /hooks/csp"
    )


POLICY: Final = policy()
COMPRESSED: Final = frozenset({"application/json", "application/problem+json", "image/svg+xml"})


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that forbids inline code and foreign scripts on every page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


class PagesCompressed(GZipMiddleware):
    """Compresses what is text: pages, tables, JSON, drawings. Files are compressed already.

    Whoever can have text put into a page and watch its length could guess what else is in it
    (BREACH). Against that Django adds bytes by chance to each answer, the form token is masked anew
    in each, the session stays out of the body, and foreign sites cannot make a browser ask with
    its cookies (SameSite=Lax).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        kind = response.headers.get("Content-Type", "").split(";")[0]
        if not (kind.startswith("text/") or kind in COMPRESSED):
            return response
        return super().process_response(request, response)


LINKS: Final[dict[str, Any]] = {
    "most": 30, "span": timedelta(minutes=15), "what": "links that open nothing, tried from here",
}  # fmt: skip
# Of one link, from wherever: far more than people and calendars need, far less than a flood.
OF_ONE_LINK: Final[dict[str, Any]] = {
    "most": 300, "span": timedelta(minutes=15), "what": "calls of this link",
}  # fmt: skip
BY_TOKEN: Final = frozenset({"today", "sign-in"})  # pages on which a token signs somebody in
SEEN_AGAIN: Final = timedelta(minutes=10)


class SignedLinks:
    """What holds for every address that a token of its own opens: rarely guessed, never kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, count what opened nothing, and keep the page out of caches and search engines."""
        response = self.get_response(request)
        if not _is_link(request):
            return response
        if response.status_code == 403:  # noqa: PLR2004 -- how a link says that it opens nothing
            self._count(request)
        elif response.status_code != 429:  # noqa: PLR2004 -- turned away already
            take(_of(request), **OF_ONE_LINK | {"most": 10**9}, at=timezone.now())
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Return the page that says how long to wait, to who tried too many; else go on."""
        if not _is_link(request):
            return None
        try:
            check(_tried(request), **LINKS, at=timezone.now())
            check(_of(request), **OF_ONE_LINK, at=timezone.now())
        except TooOften as refused:
            page = render(request, "people/link_refused.html", {"refused": refused}, status=429)
            page.headers["Retry-After"] = str(refused.wait_s)
            return page
        return None

    @staticmethod
    def _count(request: HttpRequest) -> None:
        take(_tried(request), **LINKS | {"most": 10**9}, at=timezone.now())


def _is_link(request: HttpRequest) -> bool:
    return _token_of(request) is not None


def _token_of(request: HttpRequest) -> str | None:
    """Return the token in an address or, of a link by which somebody signs in, behind it."""
    match = request.resolver_match
    if match is None:
        return None
    token: str | None = match.kwargs.get("token")
    return token or (request.GET.get("token") if match.url_name in BY_TOKEN else None)


def _of(request: HttpRequest) -> str:
    """Return what calls of one link are counted by; a tally keeps no more than its hash."""
    return f"one-link:{_token_of(request)}"


def _tried(request: HttpRequest) -> str:
    return f"link:{request.META['REMOTE_ADDR']}"


class NothingUnkeepable:
    """Refuses a NUL in what a form or an address says: nobody types one, PostgreSQL keeps none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        _args: object,
        kwargs: dict[str, object],
    ) -> None:
        """Let a request pass.

        Raises:
            BadRequest: there is a NUL in it; what doors for programs are sent is theirs to judge.
        """
        if request.path_info.startswith("/api/"):  # its schemas refuse one, by the field's name
            return
        said = [str(value) for value in kwargs.values()]
        sent = [request.GET]
        if not getattr(view, "csrf_exempt", False):
            sent.append(request.POST)
        said += [text for one in sent for _name, texts in one.lists() for text in texts]
        if any("\x00" in text for text in said):
            raise BadRequest


def sessions_seen(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that keeps when a session was last seen, to ten minutes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        seen, now = request.session.get(SEEN), timezone.now()
        if isinstance(seen, str) and now - datetime.fromisoformat(seen) >= SEEN_AGAIN:
            request.session[SEEN] = now.isoformat()
        return get_response(request)

    return middleware


# What somebody may still open who has to set up a second factor first.
WITHOUT_SECOND_FACTOR: Final = ("/door/", "/sign-out/", "/sign-in/", "/static/", "/healthz")


def second_factor_required(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that lets certain roles do nothing before they have a second factor."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.SECOND_FACTOR_ROLES
            and isinstance(user, User)
            and not request.path.startswith(WITHOUT_SECOND_FACTOR)
            and user.hats() & settings.SECOND_FACTOR_ROLES
            and not is_mfa_enabled(user)
        ):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware
