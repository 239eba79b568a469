"""Who may do what: one table, and the gates that ask for hats and for second persons."""

import pytest

from tests.factories import NOON, make_person
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions import add_user
from throughline.people.gates import NotEntitled, require_four_eyes, require_hat
from throughline.people.queries import hats_of
from throughline.people.words import ROLES, Permission, RoleName

ALL = {"BD", "PS", "Lead", "Admin"}
WHO_MAY = {
    Permission.READ: ALL,
    Permission.SEE_MONEY: {"BD", "Lead", "Sponsor", "Admin"},
    Permission.EDIT_DEALS: {"BD", "Lead", "Admin"},
    Permission.ADVANCE_DEALS: {"BD", "Lead", "Admin"},
    Permission.ASK_PS: {"BD", "Lead", "Admin"},
    Permission.ANSWER_PS: {"PS", "Lead", "Admin"},
    Permission.SEE_CAPACITY: {"BD", "PS", "Lead", "Admin"},
    Permission.KEEP_TEAM: {"PS", "Lead", "Admin"},
    Permission.ALLOW_EARLY_START: {"Lead", "Admin"},
    Permission.ORDER: {"BD", "Admin"},
    Permission.PLAN_HANDOFF: ALL,
    Permission.APPLY_HANDOFF: {"BD", "PS", "Admin"},
    Permission.ACCEPT_HANDOFF: {"PS", "Admin"},
    Permission.DELIVER: {"PS", "Admin"},
    Permission.VERIFY: {"BD", "Admin"},
    Permission.SPONSOR_WORK: {"Sponsor", "Admin"},
    Permission.SEND_LINKS: ALL,
    Permission.READ_JOURNAL: ALL,
    Permission.SEE_CONTACTS: {"BD", "PS", "Lead", "Admin"},
    Permission.ADMINISTER: {"Admin"},
}


def test_table_says_for_every_permission_which_roles_have_it():
    assert set(ROLES) == set(RoleName)
    found = {
        permission: {role.value for role in RoleName if permission in ROLES[role]}
        for permission in Permission
    }
    assert found == WHO_MAY


@pytest.mark.django_db
def test_person_may_what_any_of_their_hats_allows():
    ada = make_person("ada", RoleName.BD, RoleName.PS)

    assert {one for one in Permission if ada.may(one)} == ROLES[RoleName.BD] | ROLES[RoleName.PS]


@pytest.mark.django_db
def test_person_without_hats_and_one_who_has_left_may_nothing():
    left = make_person("left", RoleName.ADMIN)
    left.is_active = False

    for person in (make_person("new"), left):
        assert [one for one in Permission if person.may(one)] == []


@pytest.mark.django_db
def test_person_added_twice_is_refused():
    make_person("ada", RoleName.BD)

    with pytest.raises(Refused) as refused:
        make_person("ada", RoleName.ADMIN)

    assert str(refused.value) == "There is a user ada already. Choose another name."
    assert hats_of("ada") == {RoleName.BD}


@pytest.mark.django_db
def test_person_added_without_a_password_cannot_sign_in_by_one():
    with_one = add_user("a", roles=frozenset(), by="x", at=NOON, password="right horse")
    without = add_user("b", roles=frozenset({RoleName.PS}), by="x", at=NOON)

    assert (with_one.check_password("right horse"), without.has_usable_password()) == (True, False)
    entry = Entry.objects.about(without).get()
    assert (entry.act, entry.by, entry.facts) == ("people.user.added", "x", {"roles": ["PS"]})


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", [["BD"], ["bd", "PS"], ["LEAD", "BD"]])
def test_hat_worn_passes_whatever_its_case(wanted):
    make_person("ada", RoleName.BD)

    require_hat("ada", any_of=wanted, to="try")


@pytest.mark.django_db
def test_hat_not_worn_is_refused_with_whom_to_ask():
    make_person("ada", RoleName.BD)

    with pytest.raises(NotEntitled) as refused:
        require_hat("ada", any_of=["PS", "Admin"], to="answer for PS")

    assert str(refused.value) == "ada may not answer for PS. Ask somebody of Admin or PS."


@pytest.mark.django_db
def test_name_that_no_user_has_passes_as_the_command_line_gave_it():
    assert hats_of("worker") is None
    require_hat("worker", any_of=["Admin"], to="try")


@pytest.mark.parametrize(("first", "second"), [("ada", "ada"), ("ada", " ADA "), ("Ada", "ada")])
def test_two_steps_by_one_person_are_refused(first, second):
    with pytest.raises(NotEntitled) as refused:
        require_four_eyes(first, second, what="A review")

    assert refused.value.message == f"A review needs two persons, and {first} did the first part."


def test_two_steps_by_two_persons_pass():
    require_four_eyes("ada", "pia", what="A review")
