"""The addresses of django-allauth that we open: all of them, and who gets where."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from throughline.web.people.door_urls import urlpatterns

SIGN_IN, AGAIN = "/sign-in/", "/door/again/"
# Address: where nobody is led, and where somebody who signed in long ago is; "open": shown.
EXPECTED = {
    "mfa_index": ("sign in", "open"),
    "mfa_authenticate": ("sign in", "home"),  # only between a password and a code
    "mfa_reauthenticate": ("sign in", "again"),
    "mfa_activate_totp": ("sign in", "again"),
    "mfa_deactivate_totp": ("sign in", "404"),
    "mfa_view_recovery_codes": ("sign in", "404"),
    "mfa_generate_recovery_codes": ("sign in", "again"),
    "mfa_download_recovery_codes": ("sign in", "404"),
    "account_reauthenticate": ("sign in", "open"),
    "account_inactive": ("open", "open"),
    "google_login": ("open", "open"),
    "google_callback": ("401", "401"),
    "github_login": ("open", "open"),
    "github_callback": ("401", "401"),
    "openid_connect_login": ("404", "404"),
    "openid_connect_callback": ("404", "404"),
    "socialaccount_login_cancelled": ("open", "open"),
    "socialaccount_login_error": ("401", "401"),
    "account_login": ("sign in", "sign in"),
    "account_signup": ("sign in", "sign in"),
    "socialaccount_signup": ("sign in", "sign in"),
    "account_logout": ("sign in", "sign in"),
}


def names(patterns=urlpatterns):
    return [
        name
        for one in patterns
        for name in ([one.name] if isinstance(one, URLPattern) else names(one.url_patterns))
    ]


def answer_of(client, name):
    ways = {"provider_id": "oidc"} if name.startswith("openid") else {}
    response = client.get(reverse(name, kwargs=ways))
    location = response.headers.get("Location", "")
    if location.startswith((SIGN_IN, "/door/sign-in/")):
        return "sign in"
    if location.startswith(AGAIN):
        return "again"
    if location == "/":
        return "home"
    return "open" if response.status_code < 400 else str(response.status_code)


def test_every_address_has_an_expectation():
    assert sorted(names()) == sorted(EXPECTED)


@pytest.mark.parametrize("place", [0, 1], ids=["nobody", "somebody"])
def test_address_leads_where_it_should(place, browser, settings, db):
    app = {"APPS": [{"client_id": "id", "secret": "s", "key": ""}]}
    settings.SOCIALACCOUNT_PROVIDERS = {"google": app, "github": app}
    client = browser("BD") if place else Client()
    if place:
        user = client.get("/account/").context["user"]
        user.set_password("correct horse battery")
        user.save()
        client.force_login(user)

    found = {name: answer_of(client, name) for name in EXPECTED}

    assert found == {name: ways[place] for name, ways in EXPECTED.items()}
