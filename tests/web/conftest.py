"""People with their hats, browsers for them, and one thing of each kind to open."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.capacity.line import make_team
from tests.factories import NOON, make_cluster, make_deliverable, make_engagement
from tests.prepared import made_once
from throughline.capacity.actions.team import take_time_off
from throughline.communities.models import Contact
from throughline.delivery.models import ChampionQuestion
from throughline.documents.actions import keep_document
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.people.actions import add_user, issue_link
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.sales.models import Agreement, AgreementCopy, Review, SponsorWork, Waiver

HATS = {
    "stranger": (),
    "BD": (RoleName.BD,),
    "PS": (RoleName.PS,),
    "Lead": (RoleName.LEAD,),
    "Sponsor": (RoleName.SPONSOR,),
    "Admin": (RoleName.ADMIN,),
}
PASSWORD = "correct horse battery"
TOKEN = "t" * 43
CHAMPION_TOKEN = "c" * 43
WORK_TOKEN = "w" * 43


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """Give each test a home of its own: the workbook and captured mail go there."""
    settings.HOME = tmp_path


@pytest.fixture
def person(db):
    """Return the person who wears one hat, added when first asked for."""

    def find(hat):
        found = User.objects.filter(username=hat.lower()).first()
        return found or add_user(
            hat.lower(), roles=frozenset(HATS[hat]), by="test", at=timezone.now(), password=PASSWORD
        )

    return find


@pytest.fixture
def browser(person):
    """Return a browser in which the person with one hat is signed in."""

    def open_for(hat):
        client = Client()
        client.force_login(person(hat))
        return client

    return open_for


def issue(engagement, *, token=TOKEN, days=30, at=None):
    return issue_link(
        token,
        purpose="engagement",
        subject=f"engagement:{engagement.number}",
        issued_to="Cam Champion",
        valid_for=timedelta(days=days),
        by="test",
        at=at or timezone.now(),
    )


def issue_work(work, *, token=WORK_TOKEN, days=14):
    """Issue a link to a work order of the Sponsor, whether it is open or not."""
    return issue_link(
        token,
        purpose="sponsor_work",
        subject=f"sponsor_work:{work.pk}",
        issued_to="Sol Sponsor",
        valid_for=timedelta(days=days),
        by="test",
        at=timezone.now(),
    )


def issue_question(deliverable, *, token=CHAMPION_TOKEN):
    """Ask somebody of the community about a deliverable, by a link of a known token."""
    question = ChampionQuestion.objects.create(
        deliverable=deliverable, name="Cam Champion", email="cam@example.org", asked_by="ada",
        asked_at=timezone.now(), answer="waiting",
    )  # fmt: skip
    issue_link(
        token, purpose="champion", subject=f"question:{question.pk}", issued_to="Cam Champion",
        valid_for=timedelta(days=30), by="test", at=timezone.now(),
    )  # fmt: skip
    return question


def keep_version_to_sign(agreement):
    """Keep the file that was signed, and return it."""
    content = b"%PDF-1.7\nThe agreement.\n%%EOF\n"
    document = keep_document(content, name="agreement.pdf", by="test", at=timezone.now())
    Agreement.objects.filter(pk=agreement.pk).update(document=document)
    return AgreementCopy.objects.create(
        agreement=agreement, document=document, role="to_sign", added_by="test", added_at=NOON
    )


def queue(key, subject="Agreement expiring in 60 days", about="engagement:1"):
    draft = Draft(key=key, to=("bo@example.org",), subject=subject, text="The text.\n", about=about)
    return queue_message(draft, by="test", at=timezone.now())[0]


@made_once
def one_of_each():
    """Make one thing of each kind, all of one engagement."""
    engagement = make_engagement(name="EarthScope hub", amount="17500.00", hubspot_id="900100")
    make_cluster("earthscope", deal_id="900100", hubs={"prod": ("Production", "hub.example.org")})
    make_team(("Ada", "app_engineer", "infrastructure_engineer"), ("Bo", "app_engineer"))
    days = {"from_on": NOON.date(), "to_on": NOON.date(), "reason": "leave"}
    time_off = take_time_off("Ada", **days, by="test", at=NOON)
    return SimpleNamespace(
        colleague=time_off.colleague,
        time_off=time_off,
        engagement=engagement,
        number=engagement.number,
        deliverable=make_deliverable(engagement),
        link=issue(engagement),
        message=queue("world"),
        work=SponsorWork.objects.filter(deal=engagement.deal, done_at=None).first(),
        community=engagement.deal.community,
        contact=Contact.objects.order_by("pk").first(),
        review=Review.objects.create(
            deal=engagement.deal, kind="input", question="Two hubs?", asked_by="ada", asked_at=NOON
        ),
        waiver=Waiver.objects.create(
            deal=engagement.deal,
            code="deal.owner",
            reason="Away.",
            until_on=NOON.date(),
            by="lea",
            at=NOON,
        ),
    )


@pytest.fixture
def world(db):
    """Return one thing of each kind, all of one engagement."""
    return one_of_each()
