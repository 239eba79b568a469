"""Who was what from when to when; leaving, being known twice, being forgotten."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, TODAY
from throughline.communities.actions import (
    Person,
    assign_role,
    edit_contact,
    end_roles,
    erase_contact,
    merge_contacts,
)
from throughline.communities.actions.records import Conflict
from throughline.communities.models import Contact, RoleAssignment
from throughline.communities.queries import find_contact, people_matrix
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=10)
BO = Person("Bo Buyer", email="bo@example.org")


@pytest.fixture
def assign(playbook):
    def _assign(person=BO, role="buyer", subject="deal:1", on=TODAY):
        return assign_role(
            person, role=role, subject=subject, from_on=on, playbook=playbook, by=BD, at=NOON
        )

    return _assign


@pytest.fixture
def end(playbook):
    def _end(contact, *, on=LATER, **which):
        return end_roles(contact.pk, on=on, playbook=playbook, by=BD, at=NOON, **which)

    return _end


@pytest.fixture
def states(playbook):
    """Return each person's states in the matrix: buyer, champion, representative, …"""

    def _states(on, subject="deal:1"):
        found = people_matrix(subject, on=on, playbook=playbook)
        rows = {row.contact.full_name: [cell.state for cell in row.cells][:3] for row in found.rows}
        return rows, [role.code for role in found.gaps]

    return _states


def test_matrix_tells_who_was_what_on_a_day(assign, end, states):
    held = assign()
    assign(Person("Cam", github_id="cam"), role="champion", on=LATER)
    end(held.contact)

    gaps = ["buyer", "champion", "representative", "technical_contact"]
    assert states(TODAY - timedelta(days=1)) == (
        {"Bo Buyer": ["future", "", ""], "Cam": ["", "future", ""]}, gaps,
    )  # fmt: skip
    assert states(TODAY) == (
        {"Bo Buyer": ["held", "", ""], "Cam": ["", "future", ""]}, gaps[1:],
    )  # fmt: skip
    assert states(LATER) == (
        {"Cam": ["", "held", ""], "Bo Buyer": ["past", "", ""]}, [gaps[0], *gaps[2:]],
    )  # fmt: skip


def test_matrix_takes_one_query(assign, states, django_assert_num_queries):
    for number in range(4):
        assign(Person(f"P{number}", github_id=f"p{number}"))

    with django_assert_num_queries(1):
        states(TODAY)


def test_leaver_loses_every_role_and_the_required_ones_left_empty_are_named(assign, end):
    contact = assign().contact
    assign(role="technical_lead")
    assign(subject="deal:2")
    assign(Person("Cam", github_id="cam"), subject="deal:2")
    begins = assign(role="champion", on=LATER + timedelta(days=5))

    ended = end(contact)

    assert ended.gaps == (("deal:1", "Buyer"), ("deal:1", "Community Champion / PI"))
    assert [(one.subject, one.role) for one in ended.assignments] == [
        ("deal:1", "buyer"), ("deal:1", "champion"), ("deal:1", "technical_lead"),
        ("deal:2", "buyer"),
    ]  # fmt: skip
    begins.refresh_from_db()
    assert begins.to_on == begins.from_on
    assert Entry.objects.filter(act="communities.role.ended").count() == 4


def test_one_role_for_one_deal_ends_and_the_others_stay(assign, end):
    contact = assign().contact
    assign(role="champion")
    assign(subject="deal:2")

    end(contact, subject="deal:1", role="buyer")

    open_ones = RoleAssignment.objects.filter(to_on__isnull=True).order_by("subject")
    assert [(one.subject, one.role) for one in open_ones] == [
        ("deal:1", "champion"), ("deal:2", "buyer"),
    ]  # fmt: skip


def test_role_that_nobody_holds_does_not_end(assign, end):
    contact = assign().contact
    end(contact)

    with pytest.raises(Refused, match="Bo Buyer holds no such role on 2026-03-12 or later"):
        end(contact)


def test_role_ended_and_given_again_on_its_first_day_goes_on(assign, end):
    end(assign().contact, on=TODAY)

    again = assign()

    assert (again.from_on, again.to_on, RoleAssignment.objects.count()) == (TODAY, None, 1)


def test_person_known_by_github_gets_an_address_once_it_is_told(assign):
    assign(Person("Bo", github_id="BoB"))
    assign(Person("Bo", email="bo@example.org", github_id="@bob"), role="champion")

    assert list(Contact.objects.values_list("full_name", "email", "github_id")) == [
        ("Bo", "bo@example.org", "BoB")
    ]


def test_contact_is_corrected_and_the_journal_holds_no_address(assign):
    contact = assign().contact

    found = edit_contact(contact.pk, facts={"email": " Bo@New.Example "}, version=1, by=BD, at=NOON)

    assert (found.email, found.version) == ("bo@new.example", 2)
    assert Entry.objects.get(act="communities.contact.changed").facts == {"fields": ["email"]}
    assert [one for one in Entry.objects.all() if "@" in str(one.facts)] == []


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"full_name": " "}, "A contact needs a full name"),
        ({"email": "nonsense"}, "'nonsense' is not an e-mail address"),
        ({"email": "cam@example.org"}, "cam@example.org is the address of Cam"),
        ({"email": ""}, "would have neither e-mail nor GitHub id"),
        ({"github_id": "x" * 61}, "github_id is longer than 60 letters"),
        ({"phone": "1"}, "A contact has no field phone"),
    ],
)
def test_contact_with_an_unfit_field_is_refused(assign, facts, problem):
    assign(Person("Cam", email="cam@example.org"))
    contact = assign().contact

    with pytest.raises(Refused, match=problem):
        edit_contact(contact.pk, facts=facts, version=None, by=BD, at=NOON)


def test_contact_saved_with_an_older_version_is_a_conflict(assign):
    contact = assign().contact
    edit_contact(contact.pk, facts={"full_name": "Bo B."}, version=1, by="pia", at=NOON)

    with pytest.raises(Conflict, match=r"now 'Bo B\.', yours 'Bobby'"):
        edit_contact(contact.pk, facts={"full_name": "Bobby"}, version=1, by=BD, at=NOON)


def test_two_contacts_become_one_and_both_addresses_find_it(assign):
    first = assign(Person("Bo", github_id="bob")).contact
    second = assign(Person("Bo Buyer", email="bo@example.org")).contact
    assign(Person("Bo", github_id="bob"), role="champion")

    merge_contacts(second.pk, first.pk, by=BD, at=NOON)

    first.refresh_from_db()
    assert (first.email, first.github_id) == ("bo@example.org", "bob")
    assert sorted(one.role for one in first.assignments.all()) == ["buyer", "champion"]
    assert {find_contact(name).pk for name in ("bo@example.org", "bob", "Bo Buyer")} == {first.pk}
    assert assign(Person("Bo", email="bo@example.org")).contact == first


def test_merged_contact_with_an_address_of_its_own_still_leads_to_the_other(assign):
    first = assign().contact
    second = assign(Person("Bob", email="bob@example.org")).contact

    merge_contacts(second.pk, first.pk, by=BD, at=NOON)

    assert assign(Person("Bob", email="bob@example.org"), role="champion").contact == first
    with pytest.raises(Refused, match="merged into another"):
        merge_contacts(second.pk, first.pk, by=BD, at=NOON)
    with pytest.raises(Refused, match="into itself"):
        merge_contacts(first.pk, first.pk, by=BD, at=NOON)


def test_erased_person_is_a_pseudonym_whose_roles_ended_and_whose_sentences_stay(assign, playbook):
    contact = assign().contact
    twin = assign(Person("Bob", email="bob@example.org")).contact
    merge_contacts(twin.pk, contact.pk, by=BD, at=NOON)
    before = Entry.objects.count()

    ended = erase_contact(contact.pk, playbook=playbook, by=BD, at=NOON)

    assert ended.gaps == (("deal:1", "Buyer"),)
    names = {f"Person {contact.pk}"}
    assert set(Contact.objects.values_list("full_name", flat=True)) == names
    assert set(Contact.objects.values_list("email", "github_id", "first_name")) == {(None, "", "")}
    assert Entry.objects.count() == before + 2
    assert [one for one in Entry.objects.all() if "Bo" in str(one.facts)] == []
    with pytest.raises(Refused, match="This person was erased"):
        erase_contact(contact.pk, playbook=playbook, by=BD, at=NOON)


@pytest.mark.parametrize("reference", ["", "nobody", "999999"])
def test_nobody_is_found_by_what_names_nobody(reference, assign):
    assign()
    with pytest.raises(Refused, match="Nobody goes by"):
        find_contact(reference)


@pytest.mark.parametrize(
    "written", ["cam-b", "@cam-b", "github.com/cam-b", "https://github.com/cam-b/"]
)
def test_github_id_is_known_however_it_is_written(assign, written):
    assert assign(Person("Cam", github_id=written)).contact.github_id == "cam-b"


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person("Cam", github_id="-cam"), "is not a name at GitHub"),
        (Person("Cam", github_id="cam b"), "is not a name at GitHub"),
        (Person("Cam", github_id="x" * 40), "is not a name at GitHub"),
        (Person("Cam", email="cam at example"), "is not an e-mail address"),
        (Person("  ", email="cam@example.org"), "has no name"),
    ],
)
def test_person_who_cannot_be_found_by_what_is_written_is_refused_and_not_kept(assign, person, why):
    with pytest.raises(Refused, match=why):
        assign(person)

    assert not Contact.objects.exists()
