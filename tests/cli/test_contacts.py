"""`throughline contact`: correct, merge and erase a person."""

import pytest
from django.utils import timezone

from tests.factories import BD, NOON, TODAY
from throughline.communities.actions import (
    Person,
    assign_role,
    name_community,
    propose_correction,
)
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    for name, email in (("Rae Rep", "rae@example.org"), ("Rae R.", "rae@example.net")):
        assign_role(
            Person(name, email=email), role="buyer", subject="deal:1", from_on=TODAY,
            playbook=shipped(), by=BD, at=NOON,
        )  # fmt: skip


def test_contact_is_shown_and_corrected_unless_somebody_else_was_first(people, ask, run):
    seen = ask("contact", "show", "rae@example.org")
    assert set(seen) == {
        "contact", "full_name", "first_name", "email", "github_id", "version", "erased", "roles",
    }  # fmt: skip
    words = ("contact", "edit", "rae@example.org", "--version", str(seen["version"]), "--value")

    edited = ask(*words, '{"full_name": "Rae Reed"}')
    late = run(*words, '{"full_name": "Rae Rood"}')

    assert (edited["full_name"], edited["version"]) == ("Rae Reed", seen["version"] + 1)
    assert late.code == 1
    assert "now 'Rae Reed', yours 'Rae Rood'" in late.err


def test_contact_is_merged_into_the_one_that_stays(people, ask):
    kept = ask("contact", "merge", "rae@example.net", "rae@example.org")

    assert kept["email"] == "rae@example.org"
    assert ask("contact", "show", "rae@example.net")["contact"] == kept["contact"]


def test_contact_is_erased_only_when_it_is_really_meant(people, ask, run):
    unsure = run("contact", "erase", "rae@example.org")
    assert (unsure.code, "--sure" in unsure.err) == (1, True)

    gone = ask("contact", "erase", "rae@example.org", "--sure")

    assert (gone["erased"], gone["email"]) == (True, None)
    assert gone["full_name"] == f"Person {gone['contact']}"
    assert gone["nobody"] == []


def test_community_corrects_its_record_by_a_link_that_a_command_makes(ask, run):
    name_community("LEAP", by=BD, at=NOON)
    made = ask("community", "link", "LEAP", "--to", "Cam")
    assert set(made) == {"community", "link", "issued_to", "expires_at", "address"}
    token = made["address"].rstrip("/").rpartition("/")[2]
    facts = {"website": "https://leap.example", "long_name": "LEAP STC"}
    propose_correction(token, facts=facts, answers={}, playbook=shipped(), at=timezone.now())

    (waiting,) = ask("community", "corrections")
    done = ask("community", "settle", str(waiting["correction"]), "--take", "website")

    assert (waiting["facts"], waiting["said_by"]) == (facts, "Cam")
    assert (done["taken"], ask("community", "corrections")) == (["website"], [])
    fields = ask("community", "show", "LEAP")["fields"]
    assert fields["website"]["source"] == "Cam, by link"
    assert run("community", "settle", str(waiting["correction"])).code == 1
    assert (
        ask("community", "link", "LEAP", "--revoke", str(made["link"]))["revoked"] == made["link"]
    )
