"""What django-allauth asks us: who may come in from elsewhere, and how secrets are kept.

Nobody becomes one of us by knowing a Google account: an address that was invited is recognised, a
domain that was named may come in without any role, and everybody else is sent away in words.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from throughline.kernel.errors import Refused
from throughline.people.actions_doors import connected, entered
from throughline.people.models import User
from throughline.people.sealing import opened, sealed
from throughline.people.session_models import AGENT, BEGAN, SEEN
from throughline.people.sign_in import check_may_try, signed_in, tried_wrongly
from throughline.web.people.forms import SignInForm


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """Signing in itself: what a session keeps, and no way to sign up by oneself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether a person must say again who they are: not who has nothing to say it with."""
        user = context.request.user
        has_a_way = user.has_usable_password() or is_mfa_enabled(user)
        return has_a_way and bool(super().is_reauthentication_required(app=app, **kwargs))

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[BEGAN] = request.session[SEEN] = timezone.now().isoformat()
        request.session[AGENT] = request.headers.get("User-Agent", "")[:200]

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages say what they did."""


class Elsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped library
    """Who comes in by an account of another site."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Recognise who was invited, let in who may, and send everybody else away."""
        how = sociallogin.account.provider
        if sociallogin.is_existing:
            self._check_here(request, sociallogin.user)
            return
        addresses = {one.email.lower() for one in sociallogin.email_addresses if one.verified}
        found = list(User.objects.filter(email__in=addresses)[:2]) if addresses else []
        if len(found) == 1:
            self._check_here(request, found[0])
            sociallogin.connect(request, found[0])
            connected(found[0], how=how, at=timezone.now())
        elif found or not self._may_enter(addresses):
            shown = ", ".join(sorted(addresses)) or "no address that it has checked"
            self._send_away(request, f"The account says {shown}, which nobody here is known by.")

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 -- allauth's
        addresses = {one.email.lower() for one in sociallogin.email_addresses if one.verified}
        return self._may_enter(addresses)

    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: object = None
    ) -> User:
        user: User = super().save_user(request, sociallogin, form)
        entered(user, how=sociallogin.account.provider, at=timezone.now())
        return user

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.full_name = f"{user.first_name} {user.last_name}".strip()[:120]
        return user

    @staticmethod
    def _may_enter(addresses: set[str]) -> bool:
        return any(one.rpartition("@")[2] in settings.SIGN_IN_DOMAINS for one in addresses)

    def _check_here(self, request: HttpRequest, user: User) -> None:
        if not user.is_active:
            self._send_away(request, f"{user.username} has left.")

    @staticmethod
    def _send_away(request: HttpRequest, why: str) -> None:
        refused = Refused(why, remedy="Ask an Admin to invite you by that address.")
        page = {"form": SignInForm(), "refused": refused, "doors": settings.SIGN_IN_DOORS}
        raise ImmediateHttpResponse(render(request, "people/sign_in.html", page, status=403))


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # untyped library
    """Secrets of second factors lie sealed in the table."""

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]  # untyped library
    """The code after the password: wrong ones count like wrong passwords."""

    def clean_code(self) -> str:
        code = _counted(self.user, super().clean_code)
        signed_in(self.user, how="a second factor", at=timezone.now())
        return code


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]  # untyped library
    """The code of whoever is signed in and does something grave: wrong ones count, too."""

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


class PasswordAgainForm(PasswordForm):  # type: ignore[misc]  # untyped library
    """The password of whoever is signed in and does something grave: wrong ones count, too."""

    def clean_password(self) -> str:
        return _counted(self.user, super().clean_password)


def _counted(user: User, check: Callable[[], object]) -> str:
    """Return what was typed if it fits; a wrong try is written down, and after five there is rest.

    Raises:
        ValidationError: it does not fit, or the name rests.
    """
    now = timezone.now()
    try:
        check_may_try(user, at=now)
    except Refused as refused:
        raise forms.ValidationError(str(refused)) from refused
    try:
        return str(check())
    except forms.ValidationError:
        tried_wrongly(user, at=now)
        raise
