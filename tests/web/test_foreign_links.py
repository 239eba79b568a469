"""Every address that a signed link opens × every link that is not for it: from the table itself."""

import re
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from tests.web.conftest import HATS, TOKEN, WORK_TOKEN
from tests.web.test_access import (
    EXPECTED,
    PASSWORD_TOKEN,
    address_of,
    addresses,
    world,  # noqa: F401 -- a fixture
)
from throughline.mail.unsubscribing import SALT
from throughline.people.models import SignedLink, Tally
from throughline.web.middleware import LINKS, OF_ONE_LINK

LINKED = [name for name, one in addresses().items() if "token" in one.pattern.converters]
KEPT = [name for name in LINKED if name != "unsubscribe"]  # signed by itself, and kept nowhere
NOBODYS = "n" * 43  # what nobody was ever given
READ_ANYWAY = {("PS", "deal-record")}  # PS writes other facts there, and reads every deal
CLOSED = {
    "expired": {"expires_at": timezone.now() - timedelta(seconds=1)},
    "revoked": {"revoked_at": timezone.now()},
}


def parts_of(name, world):  # noqa: F811
    """Return an address before and after its token, and the token that opens it."""
    address = address_of(name, world)
    before, token, after = re.fullmatch(
        r"(/(?:s|password)/(?:\w+/)?)([^/]{20,})(/.*)", address
    ).groups()
    return before, token, after


def asked(name, token, world):  # noqa: F811
    """Return status and words of an address with a token, as nobody who is signed in."""
    before, _own, after = parts_of(name, world)
    Tally.objects.all().delete()  # how often is another test's
    answer = getattr(Client(), EXPECTED[name][0])(f"{before}{token}{after}")
    words = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, words.decode(errors="replace").replace(token, "…")


def tokens_of_others(name, world):  # noqa: F811
    """Return the valid token of every other kind of link."""
    own = parts_of(name, world)[1]
    found = {parts_of(other, world)[1]: other for other in LINKED}
    return {other: token for token, other in found.items() if token != own}


@pytest.mark.parametrize("name", LINKED)
def test_address_opens_with_its_own_link_and_with_no_other(name, world):  # noqa: F811
    others = tokens_of_others(name, world)
    nobodys = asked(name, NOBODYS, world)

    found = {other: asked(name, token, world) for other, token in others.items()}

    assert len(others) >= 8
    assert nobodys[0] == 403
    assert found == dict.fromkeys(others, nobodys)  # nor does it tell that there is such a link
    assert asked(name, parts_of(name, world)[1], world)[0] in {200, 302, 422}


@pytest.mark.parametrize("how", CLOSED)
def test_link_that_is_over_opens_none_of_its_addresses(how, world):  # noqa: F811
    SignedLink.objects.update(**CLOSED[how])

    found = {name: asked(name, parts_of(name, world)[1], world)[0] for name in KEPT}

    assert found == dict.fromkeys(KEPT, 403)


def test_link_for_one_use_opens_nothing_when_it_is_used_again(world):  # noqa: F811
    word = {"password": "correct horse battery staple"}
    address = f"/password/{PASSWORD_TOKEN}/"

    first, again = Client().post(address, word), Client().post(address, word)

    assert (first.status_code, again.status_code) == (302, 403)
    assert asked("password-set", PASSWORD_TOKEN, world)[0] == 403


def test_link_of_one_thing_opens_no_part_of_another(world):  # noqa: F811
    own, others = f"/s/work/{WORK_TOKEN}/files/", f"/s/work/{'v' * 43}/files/"
    theirs = Client().get(f"{own}{world.proof.pk + 1000}/")

    assert Client().get(f"{own}{world.file.pk}/").status_code == 200
    for address in (f"{own}{world.proof.document_id + 500}/", f"{others}{world.file.pk + 1}/"):
        answer = Client().get(address)
        assert (answer.status_code, answer.content) == (404, theirs.content)


@pytest.mark.parametrize("token", ["digest.1", "digest.1:x", f"digest.999999:{'x' * 43}"])
def test_address_that_stops_mails_is_signed_by_us(token, world):  # noqa: F811
    assert Client().post(f"/s/mail/{token}/").status_code == 403
    gone = Signer(salt=SALT).sign("digest.999999")
    assert asked("unsubscribe", gone, world) == asked("unsubscribe", NOBODYS, world)


def test_one_link_is_opened_so_often_and_no_more_from_wherever(world, monkeypatch):  # noqa: F811
    monkeypatch.setitem(OF_ONE_LINK, "most", 3)
    Tally.objects.all().delete()
    calls = [Client(REMOTE_ADDR=f"10.0.0.{one}").get(f"/s/{TOKEN}/") for one in range(4)]

    assert [one.status_code for one in calls] == [200, 200, 200, 429]
    assert "Retry-After" in calls[-1].headers
    other = Client().get(f"/s/work/{WORK_TOKEN}/")
    assert other.status_code == 200  # another link has its own count


def test_one_address_tries_so_many_links_and_others_go_on(world, monkeypatch):  # noqa: F811
    monkeypatch.setitem(LINKS, "most", 2)
    Tally.objects.all().delete()
    guesses = [Client().get(f"/s/{letter * 43}/").status_code for letter in "xyz"]

    assert guesses == [403, 403, 429]
    assert Client(REMOTE_ADDR="10.0.0.9").get(f"/s/{TOKEN}/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/sign-in/"])
def test_tokens_that_sign_in_are_not_guessed_either(address, db, monkeypatch):
    monkeypatch.setitem(LINKS, "most", 2)
    guesses = [Client().get(address, {"token": letter * 43}).status_code for letter in "xyz"]

    assert guesses == [403, 403, 429]


@pytest.mark.parametrize("hat", HATS)
def test_refusal_does_not_tell_whether_a_thing_is_there(hat, world, browser):  # noqa: F811
    client, told = browser(hat), {}
    for name, (method, hats) in EXPECTED.items():
        numbers = {"number", "pk"} & set(addresses()[name].pattern.converters)
        if not numbers or hat in hats or name in LINKED or (hat, name) in READ_ANYWAY:
            continue
        there = address_of(name, world)
        gone = re.sub(r"/\d+(?=/)", "/987654", there)
        answers = [getattr(client, method)(one) for one in (there, gone)]
        if len({(one.status_code, _without_tokens(one)) for one in answers}) > 1:
            told[name] = [one.status_code for one in answers]

    assert told == {}


def _without_tokens(answer):
    text = re.sub(r'value="\w{64}"', "", answer.content.decode())
    return re.sub(r"/\d+(?=/)", "/", text)
