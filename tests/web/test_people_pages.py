from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.conftest import PASSWORD, TOKEN, issue
from throughline.delivery.models import Engagement
from throughline.people.actions import issue_link, revoke_link
from throughline.people.models import SignedLink, User

ONCE = "once-" + "o" * 40


def sign_in_token(user, *, days=1):
    return issue_link(
        ONCE, purpose="sign_in", subject=f"user:{user.pk}", issued_to=user.username,
        valid_for=timedelta(days=days), by="test", at=timezone.now(), is_single_use=True,
    )  # fmt: skip


def try_password(client, password, *, username="bd"):
    return client.post("/sign-in/", {"username": username, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("address", ["/", "/sign-in/"])
def test_one_time_token_signs_in_once_and_the_address_loses_it(address, person):
    sign_in_token(person("BD"))
    first, second = Client(), Client()

    response = first.get(f"{address}?token={ONCE}")
    again = second.get(f"{address}?token={ONCE}")

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert first.get("/").context["user"].username == "bd"
    assert (again.status_code, is_signed_in(second)) == (403, False)
    assert "This link was used already." in again.content.decode()
    assert "Ask the person who sent it for a new one." in again.content.decode()


def test_token_that_is_wrong_signs_nobody_in_and_says_what_to_do(db):
    client = Client()

    response = client.get("/?token=nonsense")

    assert (response.status_code, is_signed_in(client)) == (403, False)
    assert "This link opens nothing." in response.content.decode()


def test_token_of_a_person_who_is_switched_off_signs_nobody_in(person):
    sign_in_token(person("BD"))
    User.objects.update(is_active=False)

    assert Client().get(f"/?token={ONCE}").status_code == 403


def test_token_that_opens_an_engagement_does_not_sign_in(world):
    assert Client().get(f"/?token={TOKEN}").status_code == 403


def test_root_without_a_session_leads_to_sign_in_and_back(person):
    person("BD")
    client = Client()
    response = client.get("/engagements/?view=all")

    assert response.headers["Location"] == "/sign-in/?next=/engagements/%3Fview%3Dall"
    entered = client.post(response.headers["Location"], {"username": "bd", "password": PASSWORD})
    assert entered.headers["Location"] == "/engagements/?view=all"


def test_sign_in_never_leads_to_another_site(person):
    person("BD")
    client = Client()

    response = client.post(
        "/sign-in/?next=https://evil.example/", {"username": "bd", "password": PASSWORD}
    )

    assert response.headers["Location"] == "/"


def test_wrong_password_is_refused_and_says_no_more_than_for_an_unknown_name(person):
    person("BD")
    client = Client()

    wrong, unknown = try_password(client, "wrong"), try_password(client, "wrong", username="nobody")

    assert (wrong.status_code, unknown.status_code, is_signed_in(client)) == (422, 422, False)
    assert str(wrong.context["refused"]) == str(unknown.context["refused"])


def test_name_rests_after_five_wrong_passwords_even_for_the_right_one(person):
    person("BD")
    client = Client()
    for _attempt in range(5):
        try_password(client, "wrong")

    assert try_password(client, PASSWORD).status_code == 422
    assert not is_signed_in(client)


def test_right_password_after_four_wrong_ones_signs_in_and_forgets_them(person):
    person("BD")
    client = Client()
    for _attempt in range(4):
        try_password(client, "wrong")
    assert try_password(client, PASSWORD).status_code == 302
    for _attempt in range(4):
        try_password(Client(), "wrong")

    assert try_password(Client(), PASSWORD).status_code == 302


def test_signing_out_ends_the_session(browser):
    client = browser("BD")

    client.post("/sign-out/")

    assert not is_signed_in(client)


def test_health_answers_ok_without_a_session_and_asks_the_database(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_champion_sees_promises_and_no_money_and_no_people(world):
    text = Client().get(f"/s/{TOKEN}/").content.decode()

    assert ("Phase 1" in text, "EarthScope C." in text) == (True, True)
    assert [
        word for word in ("17,500", "17500", "USD", "@example.org", "Bo Buyer") if word in text
    ] == []


def test_expired_link_opens_nothing_and_says_what_to_do(world):
    issue(world.engagement, token="e" * 43, at=timezone.now() - timedelta(days=31))

    response = Client().get(f"/s/{'e' * 43}/")

    assert response.status_code == 403
    assert "This link expired on" in response.content.decode()
    assert "Ask the person who sent it for a new one." in response.content.decode()
    assert "Phase 1" not in response.content.decode()


def test_revoked_link_opens_nothing_and_says_what_to_do(world):
    revoke_link(world.link.pk, by="test", at=timezone.now())

    response = Client().get(f"/s/{TOKEN}/")

    assert response.status_code == 403
    assert "This link was revoked." in response.content.decode()
    assert "Phase 1" not in response.content.decode()


def test_link_is_made_shown_once_and_opens_for_thirty_days(browser, world):
    client = browser("PS")

    made = client.post(f"/engagements/{world.number}/link/", {"issued_to": "Cam"})
    address = made.context["fresh_link"]
    link = SignedLink.objects.latest("pk")

    assert (link.issued_to, link.issued_by) == ("Cam", "ps")
    assert link.expires_at - link.issued_at == timedelta(days=30)
    assert Client().get(address.partition("8000")[2]).status_code == 200
    assert address not in client.get(f"/engagements/{world.number}/").content.decode()


def test_link_for_nobody_or_for_nothing_is_not_made(browser, world):
    client, before = browser("BD"), SignedLink.objects.count()

    nobody = client.post(f"/engagements/{world.number}/link/", {"issued_to": ""})
    nothing = client.post("/engagements/999/link/", {"issued_to": "Cam"})

    assert (nobody.status_code, nothing.status_code) == (422, 404)
    assert SignedLink.objects.count() == before


def test_revoking_a_link_closes_it_and_takes_it_off_the_page(browser, world):
    client = browser("BD")

    client.post(f"/links/{world.link.pk}/revoke/")

    assert Client().get(f"/s/{TOKEN}/").status_code == 403
    assert client.get(f"/engagements/{world.number}/").context["links"] == []


def test_sign_in_link_cannot_be_revoked_from_an_engagement(browser, person):
    link = sign_in_token(person("BD"))

    assert browser("BD").post(f"/links/{link.pk}/revoke/").status_code == 404


def test_link_to_an_engagement_that_is_gone_says_so(world):
    issue(Engagement(pk=999), token="g" * 43)

    response = Client().get(f"/s/{'g' * 43}/")

    assert (response.status_code, "This engagement is gone" in response.content.decode()) == (
        200,
        True,
    )
