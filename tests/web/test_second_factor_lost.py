"""A second factor that was lost, wrong codes of who is signed in, and recovery codes."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.web.conftest import PASSWORD
from tests.web.test_doors import SECRET, code_of
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.actions.access import reset_factor
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.playbook.loader import shipped

WHY = "They rang me, and I know their voice."


@pytest.fixture(autouse=True)
def no_code_was_used():
    """Forget which codes were used: each test's person has the same number."""
    cache.clear()


@pytest.fixture
def lost(person, browser):
    """Return somebody with a second factor, recovery codes and a session."""
    user = person("PS")
    User.objects.filter(pk=user.pk).update(email="ps@example.org")
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    browser("PS").get("/")
    return User.objects.get(pk=user.pk)


def test_admin_resets_a_second_factor_and_the_person_is_told(browser, lost):
    client = browser("Admin")
    page = client.get("/people/").content.decode()

    answer = client.post(f"/people/{lost.pk}/factor/", {"because": WHY}, follow=True)

    assert "Reset the second factor of ps" in page
    assert answer.status_code == 200
    assert "Sessions ended: 1. They are told by mail." in answer.content.decode()
    assert (Authenticator.objects.count(), lost.sessions.count()) == (0, 0)
    mail = Message.objects.get(key__startswith="people.second_factor:")
    assert (mail.to, mail.subject) == (["ps@example.org"], "Your second factor was reset")
    assert f"admin has reset your second factor: {WHY}" in mail.text
    entry = Entry.objects.get(act="people.second_factor.reset")
    assert (entry.by, entry.facts) == ("admin", {"user": "ps", "why": WHY, "sessions": 1})
    assert f"The second factor of ps was reset: {WHY}" in client.get("/journal/").content.decode()


def test_password_alone_opens_again_after_a_reset(lost):
    reset_factor(lost.pk, because=WHY, playbook=shipped(), by="admin", at=timezone.now())
    client = Client()

    client.post("/sign-in/", {"username": "ps", "password": PASSWORD})

    assert "_auth_user_id" in client.session


def refusal(user, *, by="admin", because=WHY):
    with pytest.raises(Refused) as refused:
        reset_factor(user.pk, because=because, playbook=shipped(), by=by, at=timezone.now())
    return str(refused.value)


def test_nobody_resets_their_own_or_without_a_reason_or_without_being_admin(person, lost):
    admin = person("Admin")
    TOTP.activate(admin, SECRET)

    assert refusal(admin, by="admin").startswith(
        "Resetting a second factor needs two persons, and admin did the first part."
    )
    assert refusal(lost, because="  ").startswith("Nobody says why.")
    person("BD")
    assert refusal(lost, by="bd").startswith("bd may not reset somebody's second factor.")
    assert Authenticator.objects.filter(type="totp").count() == 2


def test_who_has_none_cannot_lose_it(person):
    assert refusal(person("PS")) == "ps has no second factor. Nothing is left to do."


def test_page_of_people_offers_no_reset_of_ones_own(browser, person):
    TOTP.activate(person("Admin"), SECRET)

    page = browser("Admin").get("/people/").content.decode()

    assert "with a second factor" in page
    assert "Reset the second factor of" not in page


def asked_again(user, *, uses_password):
    """Return a browser of somebody whose signing in is long ago, and where they say it again."""
    client = Client()
    client.force_login(user)
    return client, "/door/again/" if uses_password else "/door/second/reauthenticate/"


@pytest.mark.parametrize("uses_password", [True, False])
def test_wrong_tries_of_who_is_signed_in_count_and_the_name_rests(lost, uses_password):
    client, address = asked_again(lost, uses_password=uses_password)
    name, right = ("password", PASSWORD) if uses_password else ("code", code_of())
    for _try in range(5):
        client.post(address, {name: "000000"})

    answer = client.post(address, {name: right})

    assert answer.status_code == 200
    assert "The name rests after five wrong tries." in answer.content.decode()
    failed = Entry.objects.about(lost).filter(act="people.sign_in.failed")
    assert failed.count() == 5


@pytest.mark.parametrize("uses_password", [True, False])
def test_right_try_of_who_is_signed_in_goes_on(lost, uses_password):
    client, address = asked_again(lost, uses_password=uses_password)
    name, right = ("password", PASSWORD) if uses_password else ("code", code_of())

    assert client.post(address, {name: right}).status_code == 302


def test_recovery_codes_are_shown_once(lost):
    client = Client()
    client.post("/sign-in/", {"username": "ps", "password": PASSWORD})
    client.post("/door/second/authenticate/", {"code": code_of()})

    pages = [client.get("/door/second/recovery-codes/").content.decode() for _time in range(2)]

    codes = [re.findall(r"<li><code>(.+?)</code></li>", page) for page in pages]
    assert (len(codes[0]), codes[1]) == (10, [])
    assert "10 of 10 are left" in " ".join(pages[1].split())
    assert not any(code in pages[1] for code in codes[0])
    assert client.get("/door/second/recovery-codes/download/").status_code == 403
