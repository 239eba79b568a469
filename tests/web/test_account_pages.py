"""One's own account, everybody's for Admins, and the doors that links open."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.conftest import PASSWORD, TOKEN
from throughline.mail.models import Message
from throughline.people.actions_tokens import open_token
from throughline.people.actions_users import password_link
from throughline.people.models import ApiToken, Session, User
from throughline.people.words import RoleName

NEW = "another good password"


def enter(name, password=PASSWORD, *, client=None, agent="Firefox"):
    client = client or Client(HTTP_USER_AGENT=agent)
    client.post("/sign-in/", {"username": name, "password": password})
    return client


def test_signing_in_gives_a_new_session_so_that_a_planted_one_is_worth_nothing(person):
    person("BD")
    client = Client()
    client.get("/sign-in/")
    client.session.save()
    planted = client.session.session_key

    enter("bd", client=client)

    assert client.session.session_key not in {None, planted}
    assert Session.objects.get(pk=client.session.session_key).user.username == "bd"


def test_own_sessions_are_listed_without_their_keys_and_ended_one_by_one(person):
    person("BD")
    here, there = enter("bd"), enter("bd", agent="Chrome on a phone")

    page = here.get("/account/")
    [other] = [one for one in page.context["sessions"] if not one["is_this"]]
    here.post(f"/account/sessions/{other['name']}/end/")

    assert "Chrome on a phone" in page.content.decode()
    assert there.session.session_key not in page.content.decode()
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_session_of_another_person_is_not_ended(person):
    person("BD"), person("PS")
    mine, theirs = enter("bd"), enter("ps")
    [other] = theirs.get("/account/").context["sessions"]

    mine.post(f"/account/sessions/{other['name']}/end/")

    assert theirs.get("/account/").status_code == 200


def test_all_sessions_but_this_one_end_at_once(person):
    person("BD")
    here, *others = [enter("bd") for _browser in range(3)]

    here.post("/account/sessions/end/")

    assert [one.get("/account/").status_code for one in (here, *others)] == [200, 302, 302]


def test_of_many_sessions_this_one_and_those_seen_last_are_listed_and_all_end_together(person):
    user, here = person("BD"), enter("bd")
    now = timezone.now()
    Session.objects.bulk_create(
        Session(
            session_key=f"other{number:03d}", user=user, session_data="",
            expire_date=now + timedelta(days=30 + number), agent=f"Browser {number:03d}",
            seen_at=now - timedelta(minutes=number),
        )
        for number in range(45)
    )  # fmt: skip

    page = here.get("/account/")
    listed = [one["row"].agent for one in page.context["sessions"]]
    here.post("/account/sessions/end/")

    assert listed == ["Firefox", *(f"Browser {number:03d}" for number in range(19))]
    assert "26 more are signed in" in page.content.decode()
    assert "End the 45 others" in page.content.decode()
    assert Session.objects.count() == 1
    assert "You are signed in nowhere else." in here.get("/account/").content.decode()


def test_changed_password_ends_every_session(person):
    person("BD")
    here, there = enter("bd"), enter("bd")

    refused = here.post("/account/password/", {"old": "wrong", "new": NEW})
    here.post("/account/password/", {"old": PASSWORD, "new": NEW})

    assert (refused.status_code, there.get("/account/").status_code) == (422, 302)
    assert enter("bd", NEW).get("/account/").status_code == 200


def test_link_for_a_password_is_looked_at_and_then_used_once(person):
    password_link(person("BD"), TOKEN, by="test", at=timezone.now())
    client = Client()

    looks = [client.get(f"/password/{TOKEN}/").status_code for _look in range(2)]
    weak = client.post(f"/password/{TOKEN}/", {"password": "short"})
    done = client.post(f"/password/{TOKEN}/", {"password": NEW})

    assert (looks, weak.status_code, done.headers["Location"]) == ([200, 200], 422, "/sign-in/")
    assert client.get(f"/password/{TOKEN}/").status_code == 403
    assert enter("bd", NEW).get("/account/").status_code == 200


def test_forgotten_password_is_answered_the_same_for_everybody(person):
    person("BD")
    User.objects.update(email="bd@example.org")

    pages = [Client().post("/password/forgot/", {"who": who}) for who in ("bd", "nobody")]

    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].context["said"] == pages[1].context["said"]
    assert [mail.to for mail in Message.objects.all()] == [["bd@example.org"]]


def test_mail_with_a_link_for_a_password_is_read_by_admins_alone(browser, person):
    User.objects.filter(pk=person("BD").pk).update(email="bd@example.org")
    Client().post("/password/forgot/", {"who": "bd"})
    mail = Message.objects.get()

    shown = {
        hat: "/password/" in browser(hat).get(f"/outbox/{mail.pk}/").content.decode()
        for hat in ("PS", "Admin")
    }

    assert shown == {"PS": False, "Admin": True}


def test_link_page_is_kept_by_nobody(world):
    answer = Client().get(f"/s/{TOKEN}/")

    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_links_are_not_guessed_one_after_the_other(world):
    client = Client()
    for number in range(30):
        assert client.get(f"/s/guess{number}/").status_code == 403

    stopped = client.get(f"/s/{TOKEN}/")

    assert (stopped.status_code, "Retry-After" in stopped.headers) == (429, True)
    assert Client(REMOTE_ADDR="203.0.113.7").get(f"/s/{TOKEN}/").status_code == 200


def test_token_is_shown_once_and_opens_for_its_person(browser):
    client = browser("PS")

    made = client.post("/tokens/new/", {"name": "n8n", "scopes": ["read"], "days": 30})
    secret = made.context["fresh"]

    assert secret in made.content.decode()
    assert open_token(secret, at=timezone.now()).user.username == "ps"
    assert secret not in client.get("/tokens/").content.decode()


def test_only_scopes_that_carry_something_are_offered(browser):
    sponsor = browser("Sponsor")

    offered = [
        value for value, _label in sponsor.get("/tokens/").context["form"].fields["scopes"].choices
    ]
    refused = sponsor.post("/tokens/new/", {"name": "x", "scopes": ["sales:write"], "days": 1})

    assert offered == ["money", "sponsor:write"]
    assert (refused.status_code, ApiToken.objects.count()) == (422, 0)


def test_token_of_another_person_is_not_ended_but_by_an_admin(browser):
    browser("PS").post("/tokens/new/", {"name": "n8n", "scopes": ["read"], "days": 30})
    token = ApiToken.objects.get()

    refused = browser("BD").post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert (refused.status_code, token.revoked_at) == (422, None)
    browser("Admin").post(f"/tokens/{token.pk}/revoke/")

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_admin_invites_gives_roles_and_lets_go(browser):
    admin = browser("Admin")
    admin.post(
        "/people/invite/",
        {"username": "ada", "full_name": "Ada", "email": "ada@example.org", "roles": ["BD"]},
    )
    ada = User.objects.get(username="ada")
    admin.post(f"/people/{ada.pk}/roles/", {"roles": ["PS", "Lead"]})
    admin.post(f"/people/{ada.pk}/leave/")

    ada = User.objects.get(username="ada")
    assert (ada.hats(), ada.is_active) == ({RoleName.PS, RoleName.LEAD}, False)
    assert Message.objects.get().to == ["ada@example.org"]


def test_admin_cannot_lock_everybody_out(browser, person):
    admin = browser("Admin")

    answer = admin.post(f"/people/{person('Admin').pk}/leave/")

    assert (answer.status_code, person("Admin").is_active) == (422, True)
    assert "Nobody would administer any more." in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_people_takes_the_same_queries(browser, django_assert_num_queries, count):
    admin = browser("Admin")
    for number in range(count):
        User.objects.create(username=f"u{number}")

    # Session, person, roles; people, their roles, their second factors, tokens.
    with django_assert_num_queries(7):
        admin.get("/people/")
