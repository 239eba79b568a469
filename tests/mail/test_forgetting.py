"""A person who is erased leaves the outbox: that a mail went, and when, stays."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, TODAY
from throughline.communities.actions import Person, assign_role, erase_contact
from throughline.journal.models import Entry
from throughline.mail.actions.echoes import Heard, keep_echo
from throughline.mail.actions.notifying import Note, notify
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.mail.actions.sending import send_message
from throughline.mail.models import Echo, Message, Notification
from throughline.mail.words import EchoKind
from throughline.people.actions import add_user, issue_link
from throughline.people.models import SignedLink
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db

RAE, ROB = "rae@example.org", "rob@example.org"
TEXT = "Dear Rae,\nRae Rep (Rae@example.org, @raerep) decides; Grape juice does not."


@pytest.fixture
def rae():
    person = Person("Rae Rep", email=RAE, github_id="raerep")
    made = assign_role(
        person, role="representative", subject="deal:1", from_on=TODAY, playbook=shipped(),
        by=BD, at=NOON,
    )  # fmt: skip
    return made.contact


def queue(key, *to, subject="For Rae Rep", text=TEXT):
    draft = Draft(key=key, to=to, subject=subject, text=text, about="deal:1")
    return queue_message(draft, by="worker", at=NOON)[0]


def erase(contact):
    erase_contact(contact.pk, playbook=shipped(), by=BD, at=NOON)
    return f"Person {contact.pk}"


def test_sent_mail_keeps_its_receipt_and_loses_the_person(rae):
    sent = send_message(queue("notice:1", RAE).pk, at=NOON)

    name = erase(rae)

    kept = Message.objects.get()
    assert (kept.to, kept.subject) == ([name], f"For {name}")
    assert kept.text == f"Dear {name},\n{name} ({name}, {name}) decides; Grape juice does not."
    assert (kept.key, kept.state, kept.sent_at, kept.message_id) == (
        "notice:1", "sent", NOON, sent.message_id,
    )  # fmt: skip


def test_waiting_mail_goes_to_the_others_and_is_withdrawn_where_there_is_none(rae):
    shared, own = queue("shared", RAE, ROB), queue("own", RAE)

    name = erase(rae)

    shared.refresh_from_db()
    own.refresh_from_db()
    assert (shared.to, shared.state, shared.next_at) == ([ROB], "queued", NOON)
    assert (own.to, own.state, own.next_at) == ([name], "withdrawn", None)
    assert send_message(own.pk, at=NOON) is None


def test_mail_that_only_mentions_them_keeps_its_greeting(rae):
    about = queue("about", ROB, text="Dear Rob,\nwrite to Rae Rep.")

    name = erase(rae)

    about.refresh_from_db()
    assert (about.to, about.text) == ([ROB], f"Dear Rob,\nwrite to {name}.")


def test_mail_that_names_somebody_else_stays_word_for_word(rae):
    other = queue("other", ROB, subject="Hello", text="Dear Rob,\nRae Reporter and raerep.")

    erase(rae)

    other.refresh_from_db()
    assert other.text == "Dear Rob,\nRae Reporter and raerep."
    assert not Entry.objects.filter(act="mail.message.redacted").exists()


def test_no_entry_of_the_journal_says_to_whom_a_mail_went(rae):
    send_message(queue("notice:1", RAE).pk, at=NOON)
    erase(rae)

    told = " ".join(str(one.facts) for one in Entry.objects.all())
    assert [word for word in (RAE, "Rae", "raerep") if word in told] == []


@pytest.mark.django_db(transaction=True)
def test_captured_copy_of_their_mail_is_removed(rae, settings, tmp_path):
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"
    send_message(queue("notice:1", RAE).pk, at=NOON)
    send_message(queue("other", ROB, subject="Hello", text="Dear Rob").pk, at=NOON)
    assert len(list((tmp_path / "mail").iterdir())) == 2

    erase(rae)

    (left,) = (tmp_path / "mail").iterdir()
    assert RAE not in left.read_text()


def test_links_that_were_given_to_them_open_nothing_and_name_nobody(rae):
    for token, holder in (("t" * 40, RAE), ("u" * 40, ROB)):
        issue_link(
            token, purpose="engagement", subject="engagement:1", issued_to=holder,
            valid_for=timedelta(days=9), by=BD, at=NOON,
        )  # fmt: skip

    name = erase(rae)

    assert list(SignedLink.objects.order_by("pk").values_list("issued_to", "revoked_at")) == [
        (name, NOON), (ROB, None),
    ]  # fmt: skip


def test_what_came_back_and_what_our_people_were_told_lose_the_person(rae):
    sent = send_message(queue("notice:1", RAE).pk, at=NOON)
    heard = Heard("<a@example.org>", EchoKind.REPLY, (sent.message_id,), RAE, "", "Yes. Rae Rep")
    keep_echo(heard, by=BD, at=NOON)
    ada = add_user("ada", roles=frozenset(), by=BD, at=NOON)
    note = Note("k", "Rae Rep asks", "Write to rae@example.org", "deal:1", blocks=True)
    notify([ada], note, playbook=shipped(), by=BD, at=NOON)

    name = erase(rae)

    assert Echo.objects.values_list("address", "said").get() == (name, f"Yes. {name}")
    assert Notification.objects.values_list("subject", "text").get() == (
        f"{name} asks", f"Write to {name}",
    )  # fmt: skip


def test_html_of_its_own_loses_the_person_as_well(rae):
    draft = Draft("k", (ROB,), "Hello", "For Rob", "deal:1", html="<p>Rae Rep decides</p>")
    queue_message(draft, by="worker", at=NOON)

    name = erase(rae)

    assert Message.objects.get().html == f"<p>{name} decides</p>"


def test_what_a_note_says_in_html_of_its_own_loses_the_person_too(rae):
    ada = add_user(
        "ada", roles=frozenset({RoleName.BD}), email="ada@example.org", by="test", at=NOON
    )
    note = Note("k", "News", "News.", "deal:1", blocks=False, html="<b>Rae Rep</b> decides")
    notify([ada], note, playbook=shipped(), by="worker", at=NOON)

    name = erase(rae)

    assert Notification.objects.get().html == f"<b>{name}</b> decides"
