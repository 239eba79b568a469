"""One's own account: sessions, password, tokens; and choosing a password by a link."""

import secrets
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from throughline.kernel.errors import Refused
from throughline.mail.actions.access import ask_for_password
from throughline.people.actions import look_at_link
from throughline.people.actions_tokens import PREFIX, issue_token, revoke_token
from throughline.people.actions_users import (
    PASSWORD,
    change_password,
    end_other_sessions,
    end_session,
    session_name,
    set_password_by_link,
)
from throughline.people.models import Session
from throughline.people.words import SCOPES, Permission, Scope
from throughline.playbook.current import current
from throughline.web.access import PageRequest, actor, require
from throughline.web.people.forms import (
    ChangeForm,
    ForgotForm,
    PasswordForm,
    TokenForm,
)

SHOWN: Final = 20  # sessions, those seen last; the rest end together
ASKED = "If somebody here goes by that, a mail with a link is on its way to them."


@never_cache
@require_GET
def account(request: PageRequest) -> HttpResponse:
    """Show one's roles, where one is signed in, and how to change the password."""
    return _show_account(request)


def _show_account(
    request: PageRequest, form: ChangeForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = _sessions(request) | {
        "form": form or ChangeForm(),
        "roles": sorted(request.user.hats()),
        "may_use_tokens": _may_use_tokens(request),
    }
    return render(request, "people/account.html", context, status=status)


def _sessions(request: PageRequest) -> dict[str, Any]:
    """Return this session and the others that were seen last, and how many there are in all."""
    own = request.session.session_key
    found = Session.objects.filter(user=request.user, expire_date__gt=timezone.now())
    this = found.filter(pk=own)
    others = found.exclude(pk=own or "").order_by(F("seen_at").desc(nulls_last=True), "pk")
    shown = [*this, *others[: SHOWN - 1]]
    other_count = others.count()
    return {
        "sessions": [
            {"row": one, "name": session_name(one.pk), "is_this": one.pk == own} for one in shown
        ],
        "other_count": other_count,
        "more_sessions": max(other_count - (SHOWN - 1), 0),
    }


def _may_use_tokens(request: PageRequest) -> bool:
    return request.user.may(Permission.READ) or request.user.may(Permission.SPONSOR_WORK)


@require_POST
def session_end(request: PageRequest, name: str) -> HttpResponse:
    """End one of one's own sessions."""
    ended = end_session(request.user, name, at=timezone.now())
    messages.success(request, "That session has ended." if ended else "It had ended already.")
    return redirect("web:account")


@require_POST
def sessions_end(request: PageRequest) -> HttpResponse:
    """End all one's own sessions but this one."""
    ended = end_other_sessions(request.user, but=request.session.session_key, at=timezone.now())
    messages.success(request, f"{ended} other session{'' if ended == 1 else 's'} ended.")
    return redirect("web:account")


@sensitive_post_parameters("old", "new")
@require_POST
def password_change(request: PageRequest) -> HttpResponse:
    """Change one's own password; one signs in anew everywhere."""
    form = ChangeForm(request.POST)
    if form.carried_out(
        lambda told: change_password(request.user.pk, told["old"], told["new"], at=timezone.now())
    ):
        messages.success(request, "The password is changed. Sign in with the new one.")
        return redirect("web:sign-in")
    return _show_account(request, form, status=422)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def password_forgot(request: HttpRequest) -> HttpResponse:
    """Mail a link by which a password is chosen; the answer is the same whoever asks for whom."""
    form = ForgotForm(request.POST if request.method == "POST" else None)
    token = secrets.token_urlsafe(32)
    if form.carried_out(
        lambda told: ask_for_password(
            told["who"], token, address=request.META["REMOTE_ADDR"], playbook=current(),
            at=timezone.now(),
        )
    ):  # fmt: skip
        return render(request, "people/forgot.html", {"form": ForgotForm(), "said": ASKED})
    status = 422 if form.is_bound else 200
    return render(request, "people/forgot.html", {"form": form}, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def password_set(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password by a link that is good once; looking at it does not use it up."""
    try:
        look_at_link(token, purpose=PASSWORD, at=timezone.now())
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=403)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.carried_out(
        lambda told: set_password_by_link(token, told["password"], at=timezone.now())
    ):
        messages.success(request, "The password is set. Sign in with it.")
        return redirect("web:sign-in")
    status = 422 if form.is_bound else 200
    return render(request, "people/password.html", {"form": form}, status=status)


@never_cache
@require_GET
@require(Permission.READ, Permission.SPONSOR_WORK)
def tokens(request: PageRequest) -> HttpResponse:
    """List one's own tokens, and offer to make one."""
    return _show_tokens(request, TokenForm(request.user))


def _show_tokens(
    request: PageRequest, form: TokenForm, *, fresh: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "fresh": fresh,
        "tokens": request.user.api_tokens.order_by("revoked_at", "-pk"),
        "now": timezone.now(),
        "scopes": [(one.value, sorted(SCOPES[one])) for one in Scope],
    }
    return render(request, "people/tokens.html", context, status=status)


@never_cache
@require_POST
@require(Permission.READ, Permission.SPONSOR_WORK)
def token_new(request: PageRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    form = TokenForm(request.user, request.POST)
    secret = PREFIX + secrets.token_urlsafe(32)
    if form.carried_out(
        lambda told: issue_token(
            secret, user=request.user, name=told["name"],
            scopes=frozenset(Scope(one) for one in told["scopes"]),
            valid_for=timedelta(days=told["days"]), by=actor(request), at=timezone.now(),
        )
    ):  # fmt: skip
        return _show_tokens(request, TokenForm(request.user), fresh=secret)
    return _show_tokens(request, form, status=422)


@require_POST
@require(Permission.READ, Permission.SPONSOR_WORK)
def token_revoke(request: PageRequest, pk: int) -> HttpResponse:
    """End a token for good: one's own, or, for an Admin, anybody's."""
    try:
        token = revoke_token(pk, by=actor(request), at=timezone.now())
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=422)
    messages.success(request, f"The token “{token.name}” opens nothing any more.")
    return redirect("web:tokens" if token.user_id == request.user.pk else "web:people")
