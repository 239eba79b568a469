"""The first steps with an empty installation, walked through as the holder of the printed address."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.factories import make_deal
from throughline.cli.commands.serving import _fresh_token
from throughline.documents.models import Document
from throughline.intake.beginning.steps import beginning
from throughline.intake.beginning_models import StartStep
from throughline.journal.models import Entry
from throughline.mail.models import Message
from throughline.people.actions import add_user, issue_link
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.current import current, own_path
from throughline.playbook.loader import shipped, shipped_text
from throughline.sales.models import Deal

OURS = {
    "name": 'Reef "Lab" Hubs', "zone": "Pacific/Auckland", "currency": "NZD",
    "renewals": "renewals@reef.example", "support": "support@reef.example", "sponsor": "",
}  # fmt: skip
DEALS = b"""id,dealname,amount,dealstage,contract_start_date,contract_end_date
101,Coral Lab: managed hub,48000,Proposal,2031-01-01,2031-12-31
102,Reef Institute: workshop,5000,Simmering,,
103,Atoll: hub,12000,Lead,2031-02-30,
"""


@pytest.fixture
def first(db):
    """Return a browser in which somebody opened the address that `up` printed."""
    client = Client()
    assert client.get(f"/?token={_fresh_token()}").headers["Location"] == "/start/"
    return client


def states():
    return {step.code: step.state for step in beginning(current()).steps}


def upload(content=DEALS, name="deals.csv"):
    return {"file": SimpleUploadedFile(name, content, content_type="text/csv")}


def test_first_person_is_led_through_all_steps_and_today_shows_what_is_left(first):
    assert states() == dict.fromkeys(["organisation", "people", "playbook", "import"], "open")

    told = first.post("/start/organisation/tell/", OURS)
    assert told.headers["Location"] == "/start/people/"
    assert current().organisation.name == 'Reef "Lab" Hubs'
    today = first.get("/").content.decode()
    assert "First steps" in today
    assert "The first steps are open; nothing else waits for you." in today
    assert "All clear" not in today

    for name, role in (("ada", "BD"), ("pia", "PS"), ("lea", "Lead")):
        told = {"username": name, "email": f"{name}@reef.example", "roles": [role]}
        assert first.post("/start/people/invite/", told).headers["Location"] == "/start/people/"
    assert Message.objects.filter(to=["ada@reef.example"]).count() == 1

    assert first.post("/start/playbook/confirm/").headers["Location"] == "/start/import/"
    looked = first.post("/start/import/look/", upload())
    assert (looked.status_code, Deal.objects.count()) == (200, 0)
    taken = first.post("/start/import/take/", {"file": looked.context["document"].sha256})

    assert taken.headers["Location"] == "/start/"
    assert sorted(deal.name for deal in Deal.objects.all()) == [
        "Coral Lab: managed hub", "Reef Institute: workshop",
    ]  # fmt: skip
    assert states() == dict.fromkeys(["organisation", "people", "playbook", "import"], "done")
    assert first.get("/").context["beginning"] is None


def test_organisation_is_written_into_a_playbook_that_keeps_every_other_line(first):
    first.post("/start/organisation/tell/", OURS | {"sponsor": "sol@sponsor.example"})

    before, after = shipped_text().splitlines(), own_path().read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new.partition(" #")[0].rstrip() for _old, new in changed] == [
        'name = "Reef \\"Lab\\" Hubs"', 'name = "Reef \\"Lab\\" Hubs"', 'zone = "Pacific/Auckland"',
        'currency = "NZD"', 'renewals = "renewals@reef.example"', 'support = "support@reef.example"',
        'sponsor = "sol@sponsor.example"',
    ]  # fmt: skip
    assert all("#" in new for old, new in changed if "#" in old and not old.startswith("#"))
    entry = Entry.objects.get(act="intake.start.organisation_told")
    assert (entry.by, entry.facts["name"]) == ("admin", 'Reef "Lab" Hubs')


def test_organisation_is_changed_again_and_the_sponsor_taken_away(first):
    first.post("/start/organisation/tell/", OURS | {"sponsor": "sol@sponsor.example"})
    first.post("/start/organisation/tell/", OURS | {"name": "Atoll Hubs"})

    one = current()
    assert (one.organisation.name, one.addresses.sponsor) == ("Atoll Hubs", "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"zone": "Middle/Earth"}, "zone"),
        ({"currency": "dollars"}, "currency"),
        ({"renewals": "nobody"}, "renewals"),
        ({"support": ""}, "support"),
        ({"sponsor": "no address"}, "sponsor"),
    ],
)
def test_wrong_organisation_names_its_field_and_writes_nothing(first, wrong, field):
    response = first.post("/start/organisation/tell/", OURS | wrong)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert (own_path().exists(), StartStep.objects.count()) == (False, 0)


def test_organisation_as_it_was_shipped_is_confirmed_by_saying_so(first):
    one, addresses = shipped().organisation, shipped().addresses
    told = {"name": one.name, "zone": one.zone, "currency": one.currency}
    told |= {"renewals": addresses.renewals, "support": addresses.support}

    first.post("/start/organisation/tell/", told)

    assert (states()["organisation"], current().sha256) == ("done", shipped().sha256)


def test_playbook_that_a_setting_names_is_not_written_over(first, settings, tmp_path):
    named = tmp_path / "named.toml"
    named.write_text(shipped_text())
    settings.PLAYBOOK = str(named)

    shown = first.get("/start/organisation/").content.decode()
    response = first.post("/start/organisation/tell/", OURS)

    assert f"THROUGHLINE_PLAYBOOK names {named}" in shown.replace("&#x27;", "'")
    assert response.status_code == 422
    assert (named.read_text(), own_path().exists()) == (shipped_text(), False)


def test_file_that_is_looked_at_changes_no_deal_and_names_what_is_left_out(first):
    page = first.post("/start/import/look/", upload())

    taken, text = page.context["taken"], page.content.decode()
    assert (taken.created, len(taken.rejected), Deal.objects.count()) == (2, 1, 0)
    assert "line 4" in text
    assert "2031-02-30" in text
    assert "Simmering" in text
    assert Entry.objects.filter(act__startswith="sales.").count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"not,a,deal\n1,2,3\n", b"%PDF-1.7\n\x00\x01"]
)
def test_file_that_is_no_table_of_deals_is_refused_and_nothing_is_kept(first, content):
    response = first.post("/start/import/look/", upload(content))

    assert response.status_code == 422
    assert (Deal.objects.count(), Document.objects.count()) == (0, 0)
    form = response.context["form"]
    assert "throughline-" not in f"{form.errors}{form.refused}"  # no folder of the machine


def test_file_that_nobody_looked_at_is_not_taken_in(first):
    response = first.post("/start/import/take/", {"file": "0" * 64})

    assert response.status_code == 422
    assert "That file is not here." in response.content.decode()


def test_step_is_left_for_later_and_taken_up_again(first):
    assert first.post("/start/skip/organisation/").headers["Location"] == "/start/people/"
    assert states()["organisation"] == "skipped"

    first.post("/start/organisation/tell/", OURS)

    assert states()["organisation"] == "done"


def test_steps_that_are_put_away_are_not_on_today_and_can_still_be_done(first):
    assert first.post("/start/skip/all/").headers["Location"] == "/"

    assert first.get("/").context["beginning"] is None
    assert first.get("/start/").status_code == 200


def test_step_that_is_none_is_refused(first):
    page = first.post("/start/skip/nothing/", follow=True)

    assert "There is no step" in page.content.decode()
    assert StartStep.objects.count() == 0


def test_installation_in_use_shows_no_first_steps_on_today(browser):
    make_deal()

    assert browser("Admin").get("/").context["beginning"] is None


def test_sign_in_by_the_printed_address_leads_to_today_once_somebody_has_begun(first):
    first.post("/start/skip/organisation/")

    assert Client().get(f"/?token={_fresh_token()}").headers["Location"] == "/"


@pytest.mark.parametrize("step", ["", "organisation/", "people/", "playbook/", "import/"])
def test_page_of_a_step_names_its_command_and_opens(first, step):
    page = first.get(f"/start/{step}")

    assert page.status_code == 200
    assert "throughline " in page.content.decode()
    assert len(page.content) < 100_000


# ---- Whose a fresh installation is -------------------------------------------------------------


@pytest.mark.django_db
def test_without_any_person_nobody_comes_in_and_nothing_is_made(settings):
    settings.DEBUG = False
    visitor = Client()

    for address in ("/", "/start/", "/start/organisation/", "/people/"):
        assert visitor.get(address).headers["Location"].startswith("/sign-in/")
    for address in ("/start/organisation/tell/", "/start/people/invite/", "/start/skip/all/"):
        assert visitor.post(address, OURS).headers["Location"].startswith("/sign-in/")
    assert visitor.post("/sign-in/", {"username": "admin", "password": ""}).status_code == 422
    assert visitor.post("/password/forgot/", {"who": "admin"}).status_code in {200, 302}
    assert (User.objects.count(), Message.objects.count(), own_path().exists()) == (0, 0, False)


@pytest.mark.django_db
def test_printed_address_lets_in_its_first_visitor_alone(settings):
    settings.DEBUG = False
    token = _fresh_token()
    first, second = Client(), Client()

    assert first.get(f"/?token={token}").headers["Location"] == "/start/"
    assert second.get(f"/?token={token}").status_code == 403
    assert second.get("/start/").headers["Location"].startswith("/sign-in/")
    assert django_settings.SESSION_COOKIE_NAME not in second.cookies


@pytest.mark.django_db
def test_printed_address_that_is_old_lets_nobody_in():
    person = add_user("admin", roles=frozenset({RoleName.ADMIN}), by="t", at=timezone.now())
    issue_link("o" * 43, purpose="sign_in", subject=f"user:{person.pk}", issued_to="admin",
               valid_for=timedelta(hours=1), by="t", at=timezone.now() - timedelta(hours=2),
               is_single_use=True)  # fmt: skip

    assert Client().get(f"/?token={'o' * 43}").status_code == 403


@pytest.mark.parametrize("hat", ["stranger", "BD", "PS", "Lead", "Sponsor"])
def test_nobody_but_an_admin_begins(browser, hat):
    client = browser(hat)

    assert client.get("/start/").status_code == 403
    assert client.post("/start/organisation/tell/", OURS).status_code == 403
    assert (
        "beginning" not in (client.get("/").context or {})
        or client.get("/").context["beginning"] is None
    )
    assert not own_path().exists()
