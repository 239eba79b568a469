"""Over a real SMTP server that takes, refuses, asks to come back, and hangs up at the worst moment."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import NOON
from tests.handoff.databases import address_of_test_database
from throughline.journal.models import Entry
from throughline.mail.actions.queueing import message_id, queue_message
from throughline.mail.actions.sending import AFTER_LOST, MOST_LOST, SENDING_FOR, send_message
from throughline.mail.jobs import send_due
from throughline.mail.letters import Draft
from throughline.mail.models import Message

pytestmark = pytest.mark.django_db

THROUGHLINE = str(Path(sys.executable).parent / "throughline")


def queue(key="notice:12:2026-06-30:60", to=("rae@example.org",), text="Dear Rae,\n.\n..dots\n"):
    return queue_message(Draft(key, tuple(to), "Hello", text, "deal:1"), by="worker", at=NOON)[0]


def acts():
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


def test_server_that_takes_a_mail_has_it_word_for_word(server):
    sent = send_message(queue().pk, at=NOON)

    (kept,) = server.kept
    assert (sent.state, kept.to) == ("sent", ["rae@example.org"])
    assert kept.mail["Message-ID"] == message_id("notice:12:2026-06-30:60")
    assert kept.mail.get_body(("plain",)).get_content().splitlines() == ["Dear Rae,", ".", "..dots"]
    assert [part.get_content_type() for part in kept.mail.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("word", ["no such user", "refuse"])
def test_server_that_refuses_for_good_is_believed(server, word):
    server.does(word)

    found = send_message(queue().pk, at=NOON)

    assert (found.state, found.next_at, found.attempts, server.kept) == ("failed", None, 1, [])


@pytest.mark.parametrize("word", ["come back", "full", "drop before"])
def test_server_that_says_later_or_hangs_up_before_the_mail_is_asked_again(server, word):
    server.does(word)

    found = send_message(queue().pk, at=NOON)
    assert (found.state, found.next_at, found.lost) == ("queued", NOON + timedelta(seconds=60), 0)
    assert server.kept == []

    assert send_message(found.pk, at=found.next_at).state == "sent"
    assert len(server.kept) == 1


def test_answer_lost_after_the_mail_makes_it_unsure_and_it_is_repeated_under_one_id(server):
    server.does("drop after")

    found = send_message(queue().pk, at=NOON)
    assert (found.state, found.next_at, found.lost) == ("unsure", NOON + AFTER_LOST, 1)
    assert found.error.startswith("AnswerLost: the mail was sent whole")
    assert send_message(found.pk, at=NOON + AFTER_LOST - timedelta(seconds=1)) is None

    again = send_message(found.pk, at=NOON + AFTER_LOST)
    assert (again.state, again.error, again.attempts) == ("sent", "", 2)
    assert server.ids() == [message_id("notice:12:2026-06-30:60")] * 2
    assert acts() == ["mail.message.queued", "mail.message.unsure", "mail.message.sent"]


def test_answer_lost_again_and_again_waits_for_a_person(server):
    server.does(*["drop after"] * MOST_LOST)
    at, message = NOON, queue()
    for _try in range(MOST_LOST):
        found = send_message(message.pk, at=at)
        at += AFTER_LOST

    assert (found.state, found.next_at, found.lost) == ("unsure", None, MOST_LOST)
    assert send_due(at=at + timedelta(days=30)) == []


def test_recipient_refused_beside_one_that_is_not_is_named_at_the_mail(server):
    found = send_message(queue(to=("gone@example.org", "rae@example.org")).pk, at=NOON)

    assert (found.state, server.kept[0].to) == ("sent", ["rae@example.org"])
    assert found.error == "Refused for some: gone@example.org: 550 5.1.1 No such user here"


@pytest.mark.both_databases
def test_two_workers_hand_each_mail_to_the_server_once(server, at_once):
    messages = [queue(f"mail:{number}") for number in range(12)]

    tried = at_once(lambda: send_due(at=NOON), lambda: send_due(at=NOON))

    assert sorted(one.pk for each in tried for one in each) == sorted(one.pk for one in messages)
    assert sorted(server.ids()) == sorted(message_id(f"mail:{number}") for number in range(12))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.both_databases
@pytest.mark.parametrize(("point", "copies"), [("before", 1), ("after", 2)])
def test_worker_killed_between_the_row_and_the_server_loses_nothing(
    server, settings, committed_db, tmp_path, point, copies
):
    message = queue()
    server.at[point] = lambda: os.kill(victim.pid, signal.SIGKILL)
    victim = worker(settings, tmp_path, NOON)
    assert victim.wait(timeout=60) == -signal.SIGKILL
    del server.at[point]
    message.refresh_from_db()
    assert (message.state, message.next_at) == ("sending", NOON + SENDING_FOR)

    early = worker(settings, tmp_path, NOON + SENDING_FOR - timedelta(seconds=1))
    assert early.wait(timeout=60) == 0
    assert len(server.kept) == copies - 1
    assert send_message(message.pk, at=NOON + SENDING_FOR).state == "sent"
    assert server.ids() == [message_id("notice:12:2026-06-30:60")] * copies


def worker(settings, home, at):
    """Start a process that does what is due at an instant, on the database of this test."""
    connection.close()
    environment = os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "THROUGHLINE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
        "THROUGHLINE_SMTP_HOST": settings.EMAIL_HOST,
        "THROUGHLINE_SMTP_PORT": str(settings.EMAIL_PORT),
        "THROUGHLINE_SMTP_TLS": "0",
    }
    words = [THROUGHLINE, "run-due", "--at", at.isoformat()]
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
