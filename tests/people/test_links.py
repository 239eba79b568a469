"""Signed links: what opens them, and what no longer does."""

import hashlib
from datetime import timedelta

import pytest

from tests.factories import NOON
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, open_link, revoke_link
from throughline.people.models import SignedLink

pytestmark = pytest.mark.django_db

TOKEN = "t" * 32
HOUR = timedelta(hours=1)


def issue(token=TOKEN, **wanted):
    known = {"purpose": "engagement", "subject": "engagement:12", "issued_to": "cam@example.org",
             "valid_for": HOUR}  # fmt: skip
    return issue_link(token, **(known | wanted), by="ada", at=NOON)


def open_it(*, token=TOKEN, purpose="engagement", at=NOON):
    return open_link(token, purpose=purpose, at=at)


def refusal(**how):
    with pytest.raises(Refused) as refused:
        open_it(**how)
    assert refused.value.remedy == "Ask the person who sent it for a new one."
    return refused.value.message


def test_link_opens_what_it_is_for_until_the_instant_before_it_expires():
    link = issue()

    opened = open_it(at=NOON + HOUR - timedelta(microseconds=1))

    assert (opened.pk, opened.subject, opened.used_at) == (
        link.pk, "engagement:12", NOON + HOUR - timedelta(microseconds=1),
    )  # fmt: skip


def test_link_opened_at_the_very_instant_it_expires_is_refused():
    issue()

    assert refusal(at=NOON + HOUR) == "This link expired on 2 March 2026."
    assert SignedLink.objects.get().used_at is None


def test_link_revoked_opens_nothing_and_is_revoked_once():
    link = issue()
    revoke_link(link.pk, by="bea", at=NOON)

    assert revoke_link(link.pk, by="cid", at=NOON + HOUR).revoked_at == NOON
    assert refusal() == "This link was revoked."
    revoked = Entry.objects.filter(act="people.link.revoked").values_list("by", flat=True)
    assert list(revoked) == ["bea"]


def test_link_for_one_use_opens_once():
    issue(is_single_use=True)
    open_it()

    assert refusal() == "This link was used already."


def test_link_for_many_uses_keeps_its_first_and_is_written_down_once():
    issue()
    open_it()

    assert open_it(at=NOON + timedelta(minutes=5)).used_at == NOON
    assert Entry.objects.filter(act="people.link.opened").count() == 1


@pytest.mark.parametrize("how", [{"purpose": "sign_in"}, {"token": "u" * 32}, {"token": ""}])
def test_link_for_something_else_opens_nothing(how):
    issue()

    assert refusal(**how) == "This link opens nothing."


def test_token_is_nowhere_only_its_hash():
    issue()
    open_it()

    everything = str([*SignedLink.objects.values(), *Entry.objects.values()])
    assert everything.count(TOKEN) == 0
    assert SignedLink.objects.get().token_sha256 == hashlib.sha256(TOKEN.encode()).hexdigest()


def test_token_too_short_to_be_safe_is_a_mistake_of_the_code():
    with pytest.raises(ValueError, match="32 characters"):
        issue("t" * 31)
    assert SignedLink.objects.count() == 0


@pytest.mark.both_databases
def test_link_for_one_use_opened_by_several_at_once_opens_for_one(at_once):
    issue(is_single_use=True)

    results = at_once(*[open_it] * 4)

    assert sorted(type(one).__name__ for one in results) == [
        "Refused", "Refused", "Refused", "SignedLink",
    ]  # fmt: skip
