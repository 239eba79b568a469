"""Who may open a page, and who acts."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from throughline.people.models import User
from throughline.people.words import ROLES, Permission

P = ParamSpec("P")


class PageRequest(HttpRequest):
    """A request of a signed-in person, as the middleware leaves it."""

    user: User
    htmx: HtmxDetails


def require(
    *any_of: Permission,
) -> Callable[
    [Callable[Concatenate[PageRequest, P], HttpResponse]],
    Callable[Concatenate[PageRequest, P], HttpResponse],
]:
    """Return a decorator that opens a page to those with one of the permissions, and says who may."""

    def decorate(
        view: Callable[Concatenate[PageRequest, P], HttpResponse],
    ) -> Callable[Concatenate[PageRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not any(request.user.may(one) for one in any_of):
                return forbid(request, *any_of)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def forbid(request: HttpRequest, *permissions: Permission) -> HttpResponse:
    """Return the page that says which roles may do this (status 403)."""
    roles = [role.value for role, allowed in ROLES.items() if allowed & set(permissions)]
    return render(request, "403.html", {"roles": roles}, status=403)


def actor(request: PageRequest) -> str:
    """Return the name under which the person of a request is written into the journal."""
    return request.user.get_username()


def page_query(**asked: str) -> str:
    """Return what was asked as the start of a query to which a page is added: "q=hub&"."""
    kept = urlencode({name: text for name, text in asked.items() if text})
    return f"{kept}&" if kept else ""
