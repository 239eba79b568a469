"""Contacts of HubSpot as people of ours: labels say what they are for a deal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.intake.hubspot.conftest import STAGES
from throughline.communities.actions import end_roles, erase_contact
from throughline.communities.models import Contact, RoleAssignment
from throughline.intake.hubspot.actions.mapped import map_label
from throughline.intake.hubspot.actions.reading import read_all, read_changes
from throughline.intake.models import HubSpotContact, HubSpotLabel
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal
from throughline.simulators.hubspot.schema import Property

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
DEALS, CONTACTS = "0-3", "0-1"


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def deal(account):
    return account.create(DEALS, {"dealname": "A", "dealstage": STAGES["Lead"]})


@pytest.fixture
def ada(account):
    return account.create(
        CONTACTS, {"firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.org"}
    )


@pytest.fixture
def labelled(account, deal):
    def label(contact, *labels):
        known = {way.label: way for way in account.links.between(DEALS, CONTACTS)}
        for one in labels:
            if one not in known:
                known[one] = account.links.add_label(DEALS, CONTACTS, one)[0]
        account.associate(deal, contact, [known[one].spec for one in labels])

    return label


def roles():
    return sorted(
        (one.contact.full_name, one.role, one.subject)
        for one in RoleAssignment.objects.filter(to_on=None)
    )


def test_a_label_that_is_a_role_of_ours_gives_that_role(source, labelled, ada):
    labelled(ada, "Buyer", "Technical Contact")

    read_all(source, at=NOON)

    subject = Deal.objects.get().subject
    assert roles() == [
        ("Ada Lovelace", "buyer", subject),
        ("Ada Lovelace", "technical_contact", subject),
    ]
    assert Contact.objects.get().email == "ada@example.org"
    read_all(source, at=NOON + timedelta(days=1))
    assert RoleAssignment.objects.count() == 2


def test_a_label_that_nobody_mapped_is_kept_and_gives_its_role_once_mapped(source, labelled, ada):
    labelled(ada, "Decision maker")
    read_all(source, at=NOON)
    row = HubSpotLabel.objects.get(label="Decision maker")
    assert (row.code, roles()) == ("", [])

    map_label(row.key, "Buyer", playbook=source.playbook, by="bea", at=NOON)
    read_all(source, at=NOON)

    assert [role for _name, role, _subject in roles()] == ["buyer"]


def test_what_is_no_role_or_no_label_cannot_be_mapped(source, labelled, ada):
    labelled(ada, "Decision maker")
    read_all(source, at=NOON)
    key = HubSpotLabel.objects.get(label="Decision maker").key

    with pytest.raises(Refused, match="We have no role 'King'"):
        map_label(key, "King", playbook=source.playbook, by="bea", at=NOON)
    with pytest.raises(Refused, match="HubSpot has no label '7'"):
        map_label("7", "Buyer", playbook=source.playbook, by="bea", at=NOON)
    assert HubSpotLabel.objects.get(key=key).code == ""


def test_a_contact_that_leaves_a_deal_is_it_no_longer(source, account, deal, labelled, ada):
    labelled(ada, "Buyer")
    read_all(source, at=NOON)

    account.part(deal, ada)
    read_all(source, at=NOON + timedelta(days=1))

    assert roles() == []
    assert RoleAssignment.objects.get().to_on == (NOON + timedelta(days=1)).date()


def test_a_role_that_a_person_ended_here_does_not_come_back(source, labelled, ada):
    labelled(ada, "Buyer")
    read_all(source, at=NOON)
    end_roles(
        Contact.objects.get().pk, on=NOON.date() + timedelta(days=1), playbook=source.playbook,
        by="bea", at=NOON,
    )  # fmt: skip

    read_all(source, at=NOON + timedelta(days=2))

    assert roles() == []


def test_a_name_that_changes_there_changes_here_and_what_we_corrected_stays(
    source, account, labelled, ada
):
    labelled(ada, "Buyer")
    read_all(source, at=NOON)
    Contact.objects.update(email="ada@elsewhere.org")

    account.change(ada, {"lastname": "King"})
    read_all(source, at=NOON)

    assert (Contact.objects.get().full_name, Contact.objects.get().email) == (
        "Ada King", "ada@elsewhere.org",
    )  # fmt: skip


def test_a_person_who_was_erased_does_not_come_back_by_being_read(source, account, labelled, ada):
    labelled(ada, "Buyer")
    read_all(source, at=NOON)
    erase_contact(Contact.objects.get().pk, playbook=source.playbook, by="bea", at=NOON)

    account.change(ada, {"lastname": "King"})
    labelled(ada, "Technical Contact")
    read = read_all(source, at=NOON + timedelta(days=1))

    assert (roles(), Contact.objects.get().email, read.warnings) == ([], None, [])
    assert "ada" not in str(HubSpotContact.objects.values_list()).lower()


def test_a_person_who_cannot_be_reached_is_named(source, account, labelled):
    labelled(account.create(CONTACTS, {"firstname": "Bo"}), "Buyer")

    read = read_all(source, at=NOON)

    assert [(one.code, one.deal) for one in read.warnings] == [
        ("contact_unfit", Deal.objects.get().hubspot_id)
    ]
    assert "neither e-mail nor GitHub id" in read.warnings[0].message


def test_a_contact_that_changes_is_found_without_a_full_reading(
    source, account, labelled, ada, clock
):
    labelled(ada, "Buyer")
    read_all(source, at=clock.at)
    clock.move(hours=1)
    account.change(ada, {"lastname": "King"})
    clock.move(minutes=1)

    read_changes(source, at=clock.at)

    assert Contact.objects.get().full_name == "Ada King"


def test_without_the_scope_deals_come_in_and_the_reading_says_what_is_missing(
    source, simulator, labelled, ada
):
    labelled(ada, "Buyer")
    simulator.scopes = {
        "crm.objects.deals.read", "crm.schemas.deals.read", "crm.objects.owners.read",
        "crm.objects.companies.read", "crm.objects.courses.read",
    }  # fmt: skip

    read = read_all(source, at=NOON)

    assert (read.created, roles()) == (1, [])
    assert [(one.code, one.message) for one in read.warnings] == [(
        "not_allowed",
        "The token may not see contacts: add the scope crm.objects.contacts.read to the app.",
    )]  # fmt: skip


@pytest.fixture
def with_accounts(source, account):
    account.add_property(CONTACTS, Property(name="github_username", label="GitHub username"))
    return replace(source, github_property="github_username")


def test_a_github_id_is_read_from_the_property_that_is_named(
    with_accounts, source, account, labelled, ada
):
    account.change(ada, {"github_username": "https://github.com/ada-l"})
    labelled(ada, "Technical Contact")

    read_all(source, at=NOON)
    assert Contact.objects.get().github_id == ""
    read_all(with_accounts, at=NOON + timedelta(days=1))
    assert Contact.objects.get().github_id == "ada-l"

    account.change(ada, {"github_username": "countess"})
    read_all(with_accounts, at=NOON + timedelta(days=2))
    assert Contact.objects.get().github_id == "countess"

    account.change(ada, {"github_username": ""})
    read_all(with_accounts, at=NOON + timedelta(days=3))
    assert Contact.objects.get().github_id == "countess"


def test_what_can_be_no_github_id_is_told_and_the_person_comes_in_without(
    with_accounts, account, labelled, ada
):
    account.change(ada, {"github_username": "ada lovelace!"})
    labelled(ada, "Buyer")

    read = read_all(with_accounts, at=NOON)

    assert [(one.code, "is not a name at GitHub" in one.message) for one in read.warnings] == [
        ("github_unfit", True)
    ]
    assert [role for _name, role, _subject in roles()] == ["buyer"]
