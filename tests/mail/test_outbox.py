"""Queueing and sending: each purpose goes out once, and what fails is tried again or told."""

import smtplib
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from tests.factories import NOON
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import Draft, message_id, queue_message
from throughline.mail.actions.sending import (
    LONGEST_WAIT_S,
    MOST_LOST,
    MOST_TRIES,
    SENDING_FOR,
    _claim,
    send_message,
)
from throughline.mail.jobs import send_due
from throughline.mail.models import Message

pytestmark = pytest.mark.django_db

HERE = "tests.mail.test_outbox"


class DownBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ConnectionRefusedError("nobody listens")


class RefusingBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise smtplib.SMTPRecipientsRefused({"x@example.org": (550, b"no such user")})


def queue(key="notice:12:2026-06-30:60", **wanted):
    known = {"to": ("rae@example.org",), "subject": "Hello", "text": "Dear Rae", "about": "deal:1"}
    return queue_message(Draft(key=key, **(known | wanted)), by="worker", at=NOON)


def acts():
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


def test_mail_is_queued_once_for_each_key():
    first, is_new = queue()
    again, is_new_again = queue(subject="Other words")

    assert (is_new, is_new_again, again.pk) == (True, False, first.pk)
    assert Message.objects.values_list("subject", "state", "next_at").get() == (
        "Hello", "queued", NOON,
    )  # fmt: skip
    assert acts() == ["mail.message.queued"]
    assert queue("another")[1]


def test_mail_to_nobody_is_refused():
    with pytest.raises(Refused) as refused:
        queue(to=())

    assert str(refused.value) == "“Hello” has nobody to go to. Name a recipient."
    assert Message.objects.count() == 0


def test_mail_is_captured_in_a_file_with_the_id_of_its_key(settings):
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"
    message, _new = queue("welcome:1")

    sent = send_message(message.pk, at=NOON)

    folder = Path(settings.HOME) / "mail"
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default)
             for path in folder.glob("*.eml")]  # fmt: skip
    found = [one for one in mails if one["Message-ID"] == message_id("welcome:1")]
    assert [(one["To"], one["Subject"], one.get_body(("plain",)).get_content()) for one in found] == [
        ("rae@example.org", "Hello", "Dear Rae"),
    ]  # fmt: skip
    assert (sent.state, sent.sent_at, sent.next_at, sent.attempts) == ("sent", NOON, None, 1)
    assert acts() == ["mail.message.queued", "mail.message.sent"]


def test_message_id_is_the_same_for_the_same_key():
    assert message_id("welcome:1") == "<608f8ba369dbc9bf95c2396a7c03a76dc7ade8c7@throughline>"
    assert message_id("welcome:1") != message_id("welcome:2")


def test_mail_sent_is_not_sent_again():
    message, _new = queue()
    send_message(message.pk, at=NOON)

    assert send_message(message.pk, at=NOON + timedelta(days=1)) is None
    assert len(mail.outbox) == 1


def test_mail_not_due_yet_is_left_alone():
    message, _new = queue()

    assert send_message(message.pk, at=NOON - timedelta(seconds=1)) is None
    assert mail.outbox == []


def test_mail_whose_server_is_down_waits_twice_as_long_each_time(settings):
    settings.EMAIL_BACKEND = f"{HERE}.DownBackend"
    message, _new = queue()
    waits, at = [], NOON
    for _attempt in range(MOST_TRIES - 1):
        found = send_message(message.pk, at=at)
        assert (found.state, found.error) == (
            "queued", "ConnectionRefusedError: nobody listens",
        )  # fmt: skip
        waits.append((found.next_at - at).total_seconds())
        at = found.next_at

    assert waits == [min(60 * 2**place, LONGEST_WAIT_S) for place in range(MOST_TRIES - 1)]

    last = send_message(message.pk, at=at)
    assert (last.state, last.next_at, last.attempts) == ("failed", None, MOST_TRIES)


def test_mail_sent_after_a_failure_forgets_the_error(settings):
    message, _new = queue()
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{HERE}.DownBackend"
    failed = send_message(message.pk, at=NOON)
    settings.EMAIL_BACKEND = working

    sent = send_message(message.pk, at=failed.next_at)

    assert (sent.state, sent.error, sent.attempts) == ("sent", "", 2)


def test_mail_refused_for_good_fails_at_once_and_says_why(settings):
    settings.EMAIL_BACKEND = f"{HERE}.RefusingBackend"
    message, _new = queue()

    found = send_message(message.pk, at=NOON)

    assert (found.state, found.next_at, found.attempts) == ("failed", None, 1)
    assert found.error == ("SMTPRecipientsRefused: {'x@example.org': (550, b'no such user')}")
    assert acts() == ["mail.message.queued", "mail.message.failed"]


def test_mail_that_cannot_be_written_fails_for_good_and_stops_no_other():
    broken, _new = queue("broken")
    Message.objects.filter(pk=broken.pk).update(to=["rae@x.org\nBcc: all@x.org"])
    queue("fine")

    tried = send_due(at=NOON)

    assert [(one.key, one.state, one.next_at) for one in tried] == [
        ("broken", "failed", None), ("fine", "sent", None),
    ]  # fmt: skip
    assert [one.to for one in mail.outbox] == [["rae@example.org"]]


def leave_with_a_dead_worker(message, at):
    """Claim a mail as a worker does that dies before the server answers."""
    Message.objects.filter(pk=message.pk).update(state="sending", next_at=at + SENDING_FOR)


def test_mail_whose_sender_died_is_free_after_a_while_and_the_journal_says_so():
    message, _new = queue()
    leave_with_a_dead_worker(message, NOON)

    assert send_message(message.pk, at=NOON + SENDING_FOR - timedelta(seconds=1)) is None
    sent = send_message(message.pk, at=NOON + SENDING_FOR)
    assert (sent.state, sent.lost, sent.attempts) == ("sent", 1, 1)
    assert acts() == ["mail.message.queued", "mail.message.repeated", "mail.message.sent"]


def test_mail_that_kills_every_worker_waits_for_a_person_in_the_end():
    message, _new = queue()
    at = NOON
    for _worker in range(MOST_LOST):
        leave_with_a_dead_worker(message, at)
        at += SENDING_FOR
        Message.objects.filter(pk=message.pk).update(lost=_worker)
    found = send_message(message.pk, at=at)

    assert (found.state, found.next_at, found.lost) == ("unsure", None, MOST_LOST)
    assert mail.outbox == []


def test_worker_that_wakes_after_its_claim_ran_out_overwrites_nothing(settings):
    message, _new = queue()
    claim = _claim(message.pk, at=NOON)
    send_message(message.pk, at=NOON + SENDING_FOR)

    assert claim.settle(state="failed", next_at=None) is False
    message.refresh_from_db()
    assert message.state == "sent"


@pytest.mark.parametrize(
    "subject",
    ["Hello\r\nBcc: all@x.org", "Hello\nBcc: all@x.org", "Hello\x0bBcc: all@x.org",
     "Hello\u2028Bcc: all@x.org", " Hello  Bcc: all@x.org\n"],
)  # fmt: skip
def test_subject_cannot_carry_a_header(subject):
    message, _new = queue(subject=subject)
    send_message(message.pk, at=NOON)

    sent = mail.outbox[0].message()
    assert (sent["Subject"], sent["Bcc"]) == ("Hello Bcc: all@x.org", None)


def test_subject_too_long_for_its_column_is_cut():
    assert len(queue(subject="x" * 300)[0].subject) == 250


@pytest.mark.both_databases
def test_mail_that_several_workers_race_for_is_sent_once(at_once):
    message, _new = queue()

    results = at_once(*[lambda: send_message(message.pk, at=NOON)] * 4)

    assert [one.state for one in results if one is not None] == ["sent"]
    assert len(mail.outbox) == 1
    assert acts() == ["mail.message.queued", "mail.message.sent"]


@pytest.mark.both_databases
def test_mail_queued_by_several_at_once_is_one_mail(at_once):
    results = at_once(*[queue] * 4)

    assert sorted(is_new for _message, is_new in results) == [False, False, False, True]
    assert acts() == ["mail.message.queued"]
