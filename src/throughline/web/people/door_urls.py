"""Addresses of django-allauth that we open: other sites' doors, and second factors. No others."""

from allauth.account.views import account_inactive, reauthenticate
from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.google import views as google
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.views import login_cancelled, login_error
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

to_sign_in = login_not_required(RedirectView.as_view(pattern_name="web:sign-in"))

urlpatterns = [
    path("second/", include("allauth.mfa.urls")),
    path("again/", reauthenticate, name="account_reauthenticate"),
    path("inactive/", login_not_required(account_inactive), name="account_inactive"),
    path("google/", google.oauth2_login, name="google_login"),
    path("google/callback/", google.oauth2_callback, name="google_callback"),
    path("github/", github.oauth2_login, name="github_login"),
    path("github/callback/", github.oauth2_callback, name="github_callback"),
    path("<slug:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("<slug:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("cancelled/", login_not_required(login_cancelled), name="socialaccount_login_cancelled"),
    path("error/", login_not_required(login_error), name="socialaccount_login_error"),
    # Names that django-allauth leads to: each ends at our own door.
    path("sign-in/", to_sign_in, name="account_login"),
    path("sign-up/", to_sign_in, name="account_signup"),
    path("sign-up/elsewhere/", to_sign_in, name="socialaccount_signup"),
    path("sign-out/", to_sign_in, name="account_logout"),
]
