from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.actions.access import ask_for_password, invite_person, mail_password_link
from throughline.mail.models import Message
from throughline.people.actions import issue_link, look_at_link
from throughline.people.actions_tallies import TooOften
from throughline.people.actions_tokens import NoToken, issue_token, open_token
from throughline.people.actions_users import (
    PASSWORD,
    change_password,
    deactivate_user,
    password_link,
    reactivate_user,
    set_password_by_link,
    set_roles,
)
from throughline.people.gates import NotEntitled
from throughline.people.models import SignedLink, User
from throughline.people.sign_in import sign_in
from throughline.people.words import RoleName, Scope
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
TOKEN, SECRET = "p" * 43, "tl_" + "s" * 40
GOOD = "correct horse battery"
ROOT = {"by": "root", "at": NOON}
WAYS = ROOT | {"playbook": shipped()}


@pytest.fixture
def root():
    return make_person("root", RoleName.ADMIN)


def invite(name="ada", email="ada@example.org", roles=(RoleName.BD,), **how):
    return invite_person(name, TOKEN, email=email, full_name="Ada", roles=roles, **WAYS | how)


def test_invited_person_chooses_a_password_by_the_mailed_link_and_signs_in(root):
    invite()
    mail = Message.objects.get()
    assert (mail.to, f"/password/{TOKEN}/" in mail.text) == (["ada@example.org"], True)

    set_password_by_link(TOKEN, GOOD, at=NOON + timedelta(days=6))

    ada = sign_in("ada", GOOD, at=NOON + timedelta(days=6))
    assert ada.hats() == {RoleName.BD}
    with pytest.raises(Refused, match="used already"):
        set_password_by_link(TOKEN, GOOD + "!", at=NOON + timedelta(days=6))


def test_weak_password_is_refused_and_the_link_stays_good(root):
    invite()

    with pytest.raises(Refused, match="at least 12"):
        set_password_by_link(TOKEN, "short", at=NOON)

    assert look_at_link(TOKEN, purpose=PASSWORD, at=NOON).used_at is None
    assert User.objects.get(username="ada").has_usable_password() is False


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "An invitation needs a name and an address."),
        ({"email": "nowhere"}, "An invitation needs a name and an address."),
        ({"name": "root"}, "There is a user root already."),
        ({"email": "PIA@example.org"}, "Somebody has pia@example.org already."),
    ],
)
def test_invitation_that_makes_no_sense_leaves_nobody_and_no_mail(root, fields, said):
    User.objects.create(username="pia", email="pia@example.org")

    with pytest.raises(Refused) as refused:
        invite(**fields)

    assert (refused.value.message, User.objects.count(), Message.objects.count()) == (said, 2, 0)


@pytest.mark.parametrize("act", [invite, lambda **how: set_roles(1, [], **ROOT | how)])
def test_only_an_admin_decides_about_people(root, act):
    make_person("bob", RoleName.BD, RoleName.LEAD)

    with pytest.raises(NotEntitled):
        act(by="bob")


def test_roles_are_given_and_taken_and_the_journal_says_which(root):
    ada = make_person("ada", RoleName.BD, RoleName.PS)

    set_roles(ada.pk, [RoleName.BD, RoleName.LEAD], **ROOT)

    assert User.objects.get(pk=ada.pk).hats() == {RoleName.BD, RoleName.LEAD}
    entry = Entry.objects.about(ada).latest("pk")
    assert (entry.act, entry.facts) == (
        "people.user.roles_changed", {"user": "ada", "given": ["Lead"], "taken": ["PS"]},
    )  # fmt: skip


def test_last_admin_can_neither_lose_the_role_nor_go(root):
    for act in (lambda: set_roles(root.pk, [], **ROOT), lambda: deactivate_user(root.pk, **ROOT)):
        with pytest.raises(Refused, match="Nobody would administer"):
            act()

    assert User.objects.get(pk=root.pk).hats() == {RoleName.ADMIN}


def link(token, purpose="engagement", **fields):
    wanted = {"subject": "engagement:1", "issued_to": "Cam", "by": "root"} | fields
    return issue_link(token, purpose=purpose, valid_for=timedelta(days=9), at=NOON, **wanted)


def test_who_leaves_comes_in_by_no_door_any_more(root, client):
    ada = make_person("ada", RoleName.BD)
    ada.set_password(GOOD)
    ada.save()
    client.force_login(ada)
    issue_token(
        SECRET, user=ada, name="n8n", scopes={Scope.READ}, valid_for=timedelta(days=9),
        by="ada", at=NOON,
    )  # fmt: skip
    password_link(ada, TOKEN, **ROOT)
    link("q" * 43, issued_to="ada")
    handed_out = link("h" * 43, by="ada")

    _user, ended = deactivate_user(ada.pk, **ROOT)

    assert ended == {"sessions": 1, "tokens": 1, "links": 2}
    assert client.get("/").status_code == 302
    with pytest.raises(NoToken):
        open_token(SECRET, at=NOON)
    with pytest.raises(Refused):
        set_password_by_link(TOKEN, GOOD, at=NOON)
    with pytest.raises(Refused):
        sign_in("ada", GOOD, at=NOON)
    handed_out.refresh_from_db()
    assert handed_out.revoked_at is None


def test_links_that_they_handed_out_go_where_that_is_wanted(root):
    ada = make_person("ada", RoleName.BD)
    link("h" * 43, by="ada")

    deactivate_user(ada.pk, with_links=True, **ROOT)

    assert SignedLink.objects.get().revoked_at == NOON


def test_who_returns_has_their_roles_and_no_old_token(root):
    ada = make_person("ada", RoleName.BD)
    issue_token(
        SECRET, user=ada, name="n8n", scopes={Scope.READ}, valid_for=timedelta(days=9),
        by="ada", at=NOON,
    )  # fmt: skip
    deactivate_user(ada.pk, **ROOT)

    reactivate_user(ada.pk, **ROOT)

    assert User.objects.get(pk=ada.pk).hats() == {RoleName.BD}
    with pytest.raises(NoToken):
        open_token(SECRET, at=NOON)


def test_own_password_is_changed_by_who_knows_the_old_one():
    ada = make_person("ada")
    ada.set_password(GOOD)
    ada.save()

    with pytest.raises(Refused, match="does not fit"):
        change_password(ada.pk, "wrong", "another good password", at=NOON)
    change_password(ada.pk, GOOD, "another good password", at=NOON)

    assert sign_in("ada", "another good password", at=NOON) == ada


def test_asking_for_a_password_tells_nobody_who_is_here():
    ada = make_person("ada")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")

    for number, who in enumerate(("ada", "ADA@example.org", "nobody", "", " ")):
        ask_for_password(who, f"{number}" * 43, address="203.0.113.7", playbook=shipped(), at=NOON)

    assert [mail.to for mail in Message.objects.all()] == [["ada@example.org"]] * 2


def test_newer_link_for_a_password_closes_the_older():
    ada = make_person("ada")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    ada.refresh_from_db()
    mail_password_link(ada, TOKEN, **WAYS)

    mail_password_link(ada, "q" * 43, **WAYS)

    with pytest.raises(Refused, match="revoked"):
        set_password_by_link(TOKEN, GOOD, at=NOON)
    set_password_by_link("q" * 43, GOOD, at=NOON)


def test_mails_for_a_password_are_few_for_one_person_and_for_one_address():
    ada = make_person("ada")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    for number in range(10):
        token = f"{number}" * 43
        ask_for_password("ada", token, address="203.0.113.7", playbook=shipped(), at=NOON)

    assert Message.objects.count() == 3
    with pytest.raises(TooOften):
        ask_for_password("ada", "x" * 43, address="203.0.113.7", playbook=shipped(), at=NOON)


def test_many_names_tried_from_one_address_are_stopped():
    make_person("ada")
    for number in range(30):
        with pytest.raises(Refused, match="do not fit"):
            sign_in(f"name{number}", "x", address="203.0.113.7", at=NOON)

    with pytest.raises(TooOften):
        sign_in("ada", "x", address="203.0.113.7", at=NOON)
    with pytest.raises(Refused, match="do not fit"):
        sign_in("ada", "x", address="203.0.113.8", at=NOON)
