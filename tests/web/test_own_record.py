"""The page on which a community looks at its own record, and what BD sees of it."""

import re

import pytest
import time_machine
from django.test import Client

from tests.factories import NOON
from throughline.communities.actions import describe_community, name_community
from throughline.communities.models import Community, Correction

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def leap():
    return name_community("LEAP", by="ada", at=NOON)


def link_for(browser, community, name="Cam"):
    """Return the path of a fresh link, which the page shows once."""
    page = browser("BD").post(f"/communities/{community.pk}/link/", {"issued_to": name})
    return re.search(r"(/s/record/[^<]+)", page.content.decode())[1]


def filled(page, **wanted):
    """Return what a browser would send of the form, with some fields changed."""
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields} | wanted


def test_community_corrects_its_record_without_an_account_and_bd_takes_it_over(leap, browser):
    address, stranger = link_for(browser, leap), Client()
    page = stranger.get(address)

    sent = stranger.post(
        address, filled(page, website="https://leap.example", answer_goals=f"Climate {NASTY}")
    )

    assert "What you wrote is kept." in sent.content.decode()
    assert Community.objects.get().website == ""
    shown = browser("BD").get(f"/communities/{leap.pk}/").content.decode()
    assert ("Cam corrects the record" in shown, NASTY in shown) == (True, False)
    number = Correction.objects.get().pk
    browser("BD").post(f"/corrections/{number}/settle/", {"take": ["website"]})
    assert Community.objects.get().website == "https://leap.example"
    assert (
        "corrects the record" not in browser("BD").get(f"/communities/{leap.pk}/").content.decode()
    )


def test_record_left_as_it_is_is_confirmed(leap, browser):
    describe_community(leap.pk, facts={"long_name": "Learning"}, by="ada", at=NOON)
    address, stranger = link_for(browser, leap), Client()

    sent = stranger.post(address, filled(stranger.get(address)))

    assert "You have confirmed the record as it stands." in sent.content.decode()


def test_unfit_value_comes_back_with_what_to_do(leap, browser):
    address, stranger = link_for(browser, leap), Client()

    refused = stranger.post(address, filled(stranger.get(address), website="leap"))

    assert refused.status_code == 422
    assert "is not a web address" in refused.content.decode().replace("&#x27;", "'")
    assert Correction.objects.count() == 0


def test_link_that_opens_nothing_says_what_to_do():
    page = Client().get(f"/s/record/{'z' * 43}/")

    assert page.status_code == 403
    assert "This link opens nothing." in page.content.decode()


def test_link_is_listed_and_once_revoked_opens_nothing(leap, browser):
    address = link_for(browser, leap)
    (link,) = browser("BD").get(f"/communities/{leap.pk}/").context["links"]

    browser("BD").post(f"/communities/links/{link.pk}/revoke/")

    assert Client().get(address).status_code == 403
    assert browser("BD").get(f"/communities/{leap.pk}/").context["links"] == []
