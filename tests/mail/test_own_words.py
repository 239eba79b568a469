"""Mails about accounts and this installation: in the playbook's words, or in the shipped ones."""

import re
from dataclasses import replace

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from tests.factories import NOON, make_person
from throughline.handoff.actions_webhooks.sending import Tried, keep_attempt
from throughline.handoff.models import Delivery, Subscription
from throughline.handoff.words import DeliveryState
from throughline.intake import doctor
from throughline.mail.actions.access import invite_person, mail_password_link, reset_factor
from throughline.mail.actions.testing import send_test
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook import loader
from throughline.playbook.loader import PlaybookError, shipped
from throughline.playbook.words import MAIL_PLACEHOLDERS, WORDED_ANYWAY

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOKEN = "p" * 43
ADDRESS = f"http://127.0.0.1:8000/password/{TOKEN}/"


def invite(ways):
    told = {"email": "ada@example.org", "full_name": "Ada L", "roles": [RoleName.BD]}
    invite_person("ada", TOKEN, **told, **ways)


def ask_for_a_password(ways):
    mail_password_link(make_ada(), TOKEN, **ways)


def lose_a_factor(ways):
    ada = make_ada()
    TOTP.activate(ada, "J" * 32)
    reset_factor(ada.pk, because="She called.\nI know her.", **ways)


def try_mail(ways):
    send_test("ada@example.org", **ways)


def stop_a_webhook(ways):
    hook = Subscription.objects.create(
        name="n8n", url="https://n8n.example.org/in", made_by="root", made_at=NOON
    )
    gone = Delivery.objects.create(
        subscription=hook, message_id="msg_1", entry=1, body="{}", made_at=NOON,
        state=DeliveryState.WAITING, next_at=NOON, attempts=1,
    )  # fmt: skip
    ways = {"playbook": ways["playbook"], "at": ways["at"]}
    keep_attempt(gone, Tried(410, "It answered 410."), **ways)


def make_ada():
    ada = make_person("ada")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org", full_name="Ada L")
    return User.objects.get(pk=ada.pk)


SENT = {
    "account_invited": (invite, {"name": "Ada L", "username": "ada", "by": "root", "days": "7",
                                 "address": ADDRESS}),
    "password_asked": (ask_for_a_password, {"name": "Ada L", "username": "ada",
                                            "address": ADDRESS}),
    "factor_reset": (lose_a_factor, {"name": "Ada L", "username": "ada", "by": "root",
                                     "because": "She called. I know her.",
                                     "address": "http://127.0.0.1:8000/door/second/"}),
    "mail_tested": (try_mail, {"by": "root"}),
    "webhook_stopped": (stop_a_webhook, {"webhook": "n8n", "url": "https://n8n.example.org/in",
                                         "why": "It answered 410.",
                                         "address": "http://127.0.0.1:8000/webhooks/"}),
}  # fmt: skip


@pytest.fixture
def root():
    root = make_person("root", RoleName.ADMIN)
    User.objects.filter(pk=root.pk).update(email="root@example.org")
    return root


def ways(playbook):
    return {"playbook": playbook, "by": "root", "at": NOON}


def worded(code, text):
    """Return the shipped playbook with one mail in other words."""
    mails = tuple(
        replace(one, subject="Ours", text=text) if one.code == code else one
        for one in shipped().mails
    )
    return replace(shipped(), mails=mails)


@pytest.mark.parametrize("code", SENT)
def test_changed_playbook_changes_the_words_and_fills_every_one_it_may_ask_for(root, code):
    act, facts = SENT[code]
    asked = sorted(MAIL_PLACEHOLDERS[code])

    act(ways(worded(code, "\n".join(f"{name}: ${name}" for name in asked))))

    mail = Message.objects.get()
    filled = facts | {"organisation": "2i2c"}
    said = "".join(f"{name}: {filled[name]}\n" for name in asked)
    assert (mail.subject, mail.text) == ("Ours", said)


def without_them(text):
    """Return a playbook's text as it was before these mails stood in it."""
    for code in WORDED_ANYWAY:
        text, count = re.subn(rf'\[\[mails\]\]\ncode = "{code}".*?\n"""\n\n', "", text, flags=re.S)
        assert count == 1
    return text


@pytest.mark.parametrize("code", SENT)
def test_playbook_without_the_words_sends_the_shipped_ones(root, code):
    own = loader.parse(without_them(loader.shipped_text()), name="ours.toml")

    SENT[code][0](ways(own))

    facts = {"organisation": "2i2c", **SENT[code][1]}
    subject, text = shipped().mail(code).filled(facts)
    mail = Message.objects.get()
    assert (mail.subject, mail.text) == (subject, text.strip() + "\n")


def test_playbook_without_the_words_is_used_and_the_doctor_names_what_goes_as_shipped(
    settings, tmp_path
):
    settings.HOME, settings.PLAYBOOK = tmp_path, ""
    told_before = doctor.playbook().message
    (tmp_path / "playbook.toml").write_text(without_them(loader.shipped_text()), encoding="utf-8")

    told = doctor.playbook()

    assert "shipped words" not in told_before
    assert told.is_well
    assert told.message.endswith(
        " In the shipped words: account_invited, factor_reset, mail_tested, password_asked,"
        " webhook_stopped."
    )


def test_words_that_ask_for_what_nobody_fills_are_refused_by_the_line():
    text = loader.shipped_text().replace("Choose a password here, within $days", "Within $weeks")

    with pytest.raises(PlaybookError, match=r"'account_invited' has the placeholder '\$weeks'"):
        loader.parse(text, name="ours.toml")
