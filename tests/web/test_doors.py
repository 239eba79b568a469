"""Second factors, and coming in by an account of another site."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import Client, RequestFactory

from tests.web.conftest import PASSWORD
from throughline.journal.models import Entry
from throughline.people.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret=SECRET):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def enter(client, name="bd"):
    return client.post("/sign-in/?next=/engagements/", {"username": name, "password": PASSWORD})


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def with_factor(person):
    user = person("BD")
    TOTP.activate(user, SECRET)
    return user


def test_password_alone_opens_nothing_once_there_is_a_second_factor(with_factor):
    client = Client()

    asked = enter(client)
    assert (asked.status_code, asked.headers["Location"], is_in(client)) == (
        302, "/door/second/authenticate/", False,
    )  # fmt: skip
    done = client.post("/door/second/authenticate/", {"code": code_of()})

    assert (done.status_code, done.headers["Location"], is_in(client)) == (
        302,
        "/engagements/",
        True,
    )
    acts = list(
        Entry.objects.about(with_factor)
        .filter(act__startswith="people.sign_in")
        .values_list("act", "facts")
    )
    assert acts == [("people.sign_in.done", {"how": "a second factor"})]


def test_wrong_codes_count_like_wrong_passwords_and_the_name_rests(with_factor):
    client = Client()
    for _attempt in range(5):
        enter(client)  # the right password does not begin the count anew
        client.post("/door/second/authenticate/", {"code": "000000"})

    client.post("/door/second/authenticate/", {"code": code_of()})

    assert not is_in(client)
    assert enter(Client()).status_code == 422


def test_secret_of_a_second_factor_is_kept_sealed(with_factor):
    assert SECRET not in str(Authenticator.objects.values().get())


def test_second_factor_is_set_up_on_a_page_of_ours_and_gives_recovery_codes(person):
    person("BD")
    client = Client()
    enter(client)
    page = client.get("/door/second/totp/activate/")
    secret = page.context["form"].secret

    client.post("/door/second/totp/activate/", {"code": code_of(secret)})

    assert re.search("<h1>Set up a second factor</h1>", page.content.decode())
    assert "<script>" not in page.content.decode()
    user = User.objects.get(username="bd")
    assert set(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == {
        "totp", "recovery_codes",
    }  # fmt: skip
    shown = client.get("/door/second/recovery-codes/")
    assert (shown.status_code, shown.headers.get("Location")) == (200, None)
    codes = re.findall(r"<li><code>(\w+)</code></li>", shown.content.decode())
    assert len(codes) == 10
    other = Client()
    enter(other)
    other.post("/door/second/authenticate/", {"code": codes[0]})
    assert is_in(other)


def test_who_has_no_password_sets_up_a_second_factor_all_the_same(browser, person):
    client = browser("PS")
    user = person("PS")
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    assert client.get("/door/second/totp/activate/").status_code == 200


def test_roles_that_need_a_second_factor_do_nothing_before_they_have_one(settings, browser, person):
    settings.SECOND_FACTOR_ROLES = frozenset({"Admin"})

    admin, bd = browser("Admin"), browser("BD")
    before = (
        admin.get("/").status_code,
        admin.get("/").headers["Location"],
        bd.get("/").status_code,
    )
    TOTP.activate(person("Admin"), SECRET)

    assert before == (302, "/door/second/totp/activate/", 200)
    assert admin.get("/").status_code == 200


def come_by(address, *, verified=True, uid="77", provider="google"):
    """Come back from Google as whoever has an address there."""
    request = RequestFactory().get("/door/google/callback/")
    SessionMiddleware(lambda _request: None).process_request(request)
    request._messages = FallbackStorage(request)
    from django.contrib.auth.models import AnonymousUser

    request.user = AnonymousUser()
    request.session.save()
    login = SocialLogin(
        user=User(username="", email=address),
        account=SocialAccount(provider=provider, uid=uid, extra_data={"email": address}),
        email_addresses=[EmailAddress(email=address, verified=verified, primary=True)],
        provider=get_adapter().get_provider(request, provider),
    )
    login.state = {"process": "login"}
    with context.request_context(request):
        answer = complete_social_login(request, login)
    return request, answer


@pytest.fixture
def google(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {"APPS": [{"client_id": "id", "secret": "s", "key": ""}]}
    }


def invited(person, **fields):
    user = person("BD")
    User.objects.filter(pk=user.pk).update(email="bd@example.org", **fields)
    return user


def test_who_was_invited_is_recognised_by_a_checked_address(google, person):
    user = invited(person)

    request, answer = come_by("BD@example.org")

    assert (answer.status_code, request.session["_auth_user_id"]) == (302, str(user.pk))
    assert SocialAccount.objects.get().user == user
    assert Entry.objects.about(user).filter(act="people.user.connected").count() == 1
    _request, again = come_by("other@example.org", uid="77")
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("address", "ways"),
    [
        ("bd@example.org", {"verified": False}),
        ("stranger@gmail.com", {}),
        ("stranger@example.org.evil.com", {}),
    ],
)
def test_knowing_a_google_account_opens_nothing(google, person, settings, address, ways):
    settings.SIGN_IN_DOMAINS = frozenset({"example.org"})
    invited(person)

    request, answer = come_by(address, **ways)

    assert (answer.status_code, "_auth_user_id" in request.session) == (403, False)
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_who_has_left_does_not_come_in_by_google(google, person):
    invited(person, is_active=False)

    request, answer = come_by("bd@example.org")

    assert (answer.status_code, "_auth_user_id" in request.session) == (403, False)


def test_somebody_of_a_named_domain_comes_in_without_any_role(google, person, settings):
    settings.SIGN_IN_DOMAINS = frozenset({"example.org"})

    _request, answer = come_by("new@example.org")

    user = User.objects.get(email="new@example.org")
    assert (answer.status_code, user.hats(), user.has_usable_password()) == (
        302,
        frozenset(),
        False,
    )


def test_second_factor_is_asked_for_after_google_too(google, person):
    TOTP.activate(invited(person), SECRET)

    request, answer = come_by("bd@example.org")

    assert (answer.headers["Location"], "_auth_user_id" in request.session) == (
        "/door/second/authenticate/", False,
    )  # fmt: skip


def test_buttons_show_only_where_a_way_in_is_named(db, settings, google):
    assert "Sign in by" not in Client().get("/sign-in/").content.decode()
    settings.SIGN_IN_DOORS = [("Google", "google")]
    settings.SIGN_IN_SITES = ["https://accounts.google.com"]

    page = Client().get("/sign-in/")
    leads = Client().post("/door/google/")

    assert "Sign in by Google" in page.content.decode()
    assert (
        "form-action 'self' https://accounts.google.com;" in page.headers["Content-Security-Policy"]
    )
    assert leads.headers["Location"].startswith("https://accounts.google.com/o/oauth2/")


def test_ways_in_that_are_not_named_lead_nowhere(db):
    assert {
        Client(raise_request_exception=False).post(one).status_code
        for one in ("/door/github/", "/door/oidc/login/")
    } <= {404, 500}


@pytest.mark.parametrize("name", ["sign-in", "sign-up", "sign-up/elsewhere", "sign-out"])
def test_names_of_the_library_end_at_our_door(db, name):
    assert Client().get(f"/door/{name}/").headers["Location"] == "/sign-in/"
