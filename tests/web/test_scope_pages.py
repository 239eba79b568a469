"""The scope by a link, the mail of what was agreed, and how old what comes from HubSpot is."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import NOON, make_deal, make_statement, tell
from throughline.intake.models import HubSpotDeal, HubSpotReading
from throughline.mail.models import Message
from throughline.sales.models import ScopeComment
from throughline.web.moment import ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    made = make_deal(name="Coral hub", amount="12345.00")
    make_statement(made, "<script>alert(1)</script> hub")
    return made


@pytest.fixture
def address(deal, browser):
    page = browser("BD").post(f"/deals/{deal.pk}/statement/link/", {"issued_to": "Cam"})
    text = page.content.decode()
    return text.partition('<code class="address">')[2].partition("</code>")[0]


def path_of(address):
    return address[address.index("/s/scope/") :]


def test_community_reads_the_scope_without_account_hours_or_markup_and_accepts_it(address, browser):
    outside = Client()

    page = outside.get(path_of(address)).content.decode()
    done = outside.post(path_of(address), {"version": "1", "text": "<b>Yes</b>", "accepts": "on"})

    assert "&lt;script&gt;alert(1)&lt;/script&gt; hub" in page
    assert "<script>alert(1)" not in page
    assert "Thank you." in done.content.decode()
    made = ScopeComment.objects.get()
    ours = browser("PS").get(f"/deals/{made.statement.deal_id}/statement/").content.decode()
    assert "&lt;b&gt;Yes&lt;/b&gt;" in ours


def test_comment_on_an_older_version_shows_the_new_one_and_can_be_sent_again(deal, address):
    outside = Client()
    make_statement(deal, "A hub", "Training")

    late = outside.post(path_of(address), {"version": "1", "text": "Fine"})

    assert late.status_code == 422
    assert 'name="version" value="2"' in late.content.decode()
    assert outside.post(path_of(address), {"version": "2", "text": "Fine"}).status_code == 200
    assert ScopeComment.objects.get().statement.version == 2


def test_link_is_offered_as_a_letter_from_ones_own_mail_program(deal, browser):
    page = browser("BD").post(f"/deals/{deal.pk}/statement/link/", {"issued_to": "Cam"})

    letter = unquote(page.content.decode().partition('href="mailto:')[2].partition('"')[0])
    assert "/s/scope/" in letter
    assert not Message.objects.exists()  # the token is kept nowhere


def test_what_was_agreed_is_read_on_the_deal_and_sent_once(deal, browser):
    tell(deal, "community.people", people=[
        {"role": "champion", "full_name": "Cam Champ", "email": "cam@example.org"},
    ])  # fmt: skip
    tell(deal, "verbal.closed", said_by="<i>Bo</i>", said_on="2026-03-01", version="1")
    client = browser("BD")

    before = client.get(f"/deals/{deal.pk}/").content.decode()
    client.post(f"/deals/{deal.pk}/summary/")
    again = client.post(f"/deals/{deal.pk}/summary/")

    assert "&lt;i&gt;Bo&lt;/i&gt; said yes to 1" in before
    assert Message.objects.get().to == ["cam@example.org"]
    assert again.status_code == 422
    assert "has sent what was agreed" in again.content.decode()


def test_deal_says_when_hubspot_was_last_read(browser):
    deal, at = make_deal(hubspot_id="900100"), timezone.now()
    reading = HubSpotReading.objects.create(
        kind="changes", started_at=at - timedelta(minutes=3), finished_at=at
    )
    HubSpotReading.objects.create(kind="changes", started_at=at, trouble="No answer.")
    HubSpotDeal.objects.create(hubspot_id="900100", seen_at=at - timedelta(days=2), seen_in=reading)

    assert "last read 3 minutes ago" in browser("BD").get(f"/deals/{deal.pk}/").content.decode()


def test_deal_of_our_own_says_nothing_of_reading(browser):
    assert "last read" not in browser("BD").get(f"/deals/{make_deal().pk}/").content.decode()


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(days=2, hours=5), "2 days ago"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_time_passed_is_said_in_its_largest_unit(past, words):
    assert ago(NOON - past, at=NOON) == words
