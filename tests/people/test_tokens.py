from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions_tokens import NoToken, issue_token, open_token, revoke_token
from throughline.people.gates import NotEntitled
from throughline.people.models import ApiToken
from throughline.people.words import Permission, RoleName, Scope

pytestmark = pytest.mark.django_db
SECRET = "tl_" + "s" * 40


def issue(user, *scopes, secret=SECRET, days=30, name="n8n"):
    return issue_token(
        secret, user=user, name=name, scopes=frozenset(scopes or [Scope.READ]),
        valid_for=timedelta(days=days), by=user.username, at=NOON,
    )  # fmt: skip


def test_token_opens_for_its_person_and_only_its_hash_is_kept():
    token = issue(make_person("pia", RoleName.PS))

    assert open_token(SECRET, at=NOON).user.username == "pia"
    assert SECRET not in str(ApiToken.objects.filter(pk=token.pk).values())
    assert token.starts_with == "tl_sssss"


def test_use_is_written_down_once_a_minute():
    issue(make_person("pia", RoleName.PS))
    seen = []
    for seconds in (0, 30, 61):
        open_token(SECRET, at=NOON + timedelta(seconds=seconds))
        seen.append((ApiToken.objects.get().last_used_at - NOON).total_seconds())

    assert seen == [0, 0, 61]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("unknown", "This token is unknown."),
        ("expired", "This token expired on 1 April 2026."),
        ("revoked", "This token was revoked."),
        ("left", "The person of this token has left."),
    ],
)
def test_token_that_opens_nothing_says_why(what, said):
    user = make_person("pia", RoleName.PS)
    token = issue(user)
    secret, at = SECRET, NOON
    if what == "unknown":
        secret = "tl_" + "u" * 40
    if what == "expired":
        at = NOON + timedelta(days=30)
    if what == "revoked":
        revoke_token(token.pk, by="pia", at=NOON)
    if what == "left":
        user.is_active = False
        user.save()

    with pytest.raises(NoToken) as refused:
        open_token(secret, at=at)

    assert refused.value.message == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "A token needs a name of at most 60 characters."),
        ({"name": "n" * 61}, "A token needs a name of at most 60 characters."),
        ({"days": 0}, "A token lasts a year at most."),
        ({"days": 367}, "A token lasts a year at most."),
    ],
)
def test_token_that_makes_no_sense_is_not_made(fields, said):
    with pytest.raises(Refused) as refused:
        issue(make_person("pia", RoleName.PS), **fields)

    assert (refused.value.message, ApiToken.objects.count()) == (said, 0)


def test_token_without_a_scope_is_not_made():
    with pytest.raises(Refused, match="may do nothing"):
        issue_token(
            SECRET, user=make_person("pia"), name="n8n", scopes=frozenset(),
            valid_for=timedelta(days=1), by="pia", at=NOON,
        )  # fmt: skip


def test_secret_that_could_be_guessed_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="32 characters"):
        issue(make_person("pia"), secret="tl_short")


def test_token_is_ended_by_its_person_or_an_admin_and_by_nobody_else():
    token = issue(make_person("pia", RoleName.PS))
    make_person("ada", RoleName.BD)
    make_person("root", RoleName.ADMIN)

    with pytest.raises(NotEntitled):
        revoke_token(token.pk, by="ada", at=NOON)
    assert ApiToken.objects.get().revoked_at is None
    revoke_token(token.pk, by="root", at=NOON)

    assert ApiToken.objects.get().revoked_at == NOON
    acts = list(Entry.objects.about(token).order_by("pk").values_list("act", "by"))
    assert acts == [("people.token.issued", "pia"), ("people.token.revoked", "root")]


def test_token_carries_what_its_scopes_carry():
    token = issue(make_person("pia", RoleName.PS), Scope.READ, Scope.CAPACITY)

    carried = {one for one in Permission if token.carries(one)}

    assert carried == {
        Permission.READ, Permission.SEE_CAPACITY, Permission.ANSWER_PS, Permission.KEEP_TEAM,
    }  # fmt: skip
