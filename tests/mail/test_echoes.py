"""What comes back: bounces, replies, absences, and mails that tell of none of ours."""

from datetime import timedelta
from textwrap import dedent

import pytest

from tests.factories import NOON
from throughline.intake.mail_in import import_mail
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.actions.echoes import see_echo, settle_message
from throughline.mail.actions.queueing import message_id, queue_message
from throughline.mail.actions.sending import send_message
from throughline.mail.letters import Draft
from throughline.mail.models import Echo, Message
from throughline.mail.queries import echoes_to_see
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
ID = message_id("welcome:1")

# As Postfix writes it (RFC 3464), with the headers of the mail alone.
BOUNCE = f"""\
From: MAILER-DAEMON@mx.example.org
To: throughline@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260303.bounce@mx.example.org>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I am sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4711

Final-Recipient: rfc822; rae@example.org
Original-Recipient: rfc822;rae@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <rae@example.org>: User unknown in
    virtual mailbox table

--B
Content-Type: text/rfc822-headers

Subject: Hello
Message-ID: {ID}

--B--
"""
REPLY = f"""\
From: Rae Rep <rae@example.org>
To: throughline@example.org
Subject: Re: Hello
Message-ID: <answer@example.org>
In-Reply-To: {ID}
References: <older@example.org> {ID}
Content-Type: text/plain; charset=utf-8

Yes, please renew.

On Mon, 2 Mar 2026 at 12:00, Throughline <throughline@example.org> wrote:
> Dear Rae
"""


@pytest.fixture
def welcome():
    draft = Draft("welcome:1", ("rae@example.org",), "Hello", "Dear Rae\n", "deal:1")
    message, _new = queue_message(draft, by="worker", at=NOON)
    return send_message(message.pk, at=NOON)


@pytest.fixture
def take(tmp_path):
    def taken(text, name="back.eml"):
        file = tmp_path / name
        file.write_bytes(dedent(text).encode())
        return import_mail(file, playbook=shipped(), by="ada", at=NOON)

    return taken


def seen(echo):
    return (echo.kind, echo.address, echo.code, echo.said)


def test_bounce_is_kept_at_its_mail_with_the_servers_words_and_waits_for_a_person(welcome, take):
    taken = take(BOUNCE)

    assert (taken.echo.message, taken.is_new) == (welcome, True)
    assert seen(taken.echo) == (
        "bounce", "rae@example.org", "5.1.1",
        "550 5.1.1 <rae@example.org>: User unknown in virtual mailbox table",
    )  # fmt: skip
    assert list(echoes_to_see()) == [taken.echo]
    assert Entry.objects.latest("pk").facts == {"kind": "bounce"}


def test_mail_taken_in_twice_is_one_echo(welcome, take):
    take(BOUNCE)

    assert take(BOUNCE, "again.eml").is_new is False
    assert Echo.objects.count() == 1


def test_bounce_that_brings_the_whole_mail_back_is_known_by_it(welcome, take):
    whole = BOUNCE.replace("text/rfc822-headers", "message/rfc822")

    assert take(whole).echo.message == welcome


def test_delay_is_kept_and_waits_for_nobody(welcome, take):
    late = BOUNCE.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1")

    assert (take(late).echo.kind, list(echoes_to_see())) == ("delay", [])


def test_reply_is_kept_with_what_was_written_and_not_what_was_quoted(welcome, take):
    echo = take(REPLY).echo

    assert (echo.message, seen(echo)) == (
        welcome, ("reply", "rae@example.org", "", "Yes, please renew."),
    )  # fmt: skip
    assert list(echoes_to_see()) == [echo]


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied (vacation)", "X-Autoreply: yes", "Precedence: auto_reply",
     "Precedence: bulk", "X-Auto-Response-Suppress: All"],
)  # fmt: skip
def test_what_a_machine_says_while_somebody_is_away_is_no_answer(welcome, take, header):
    echo = take(f"{header}\n{REPLY}").echo

    assert (echo.message, echo.kind, list(echoes_to_see())) == (welcome, "automatic", [])


@pytest.mark.parametrize("subject", ["Out of Office: away", "Automatic reply: Hello"])
def test_absence_that_only_its_subject_tells_of_is_no_answer(welcome, take, subject):
    assert take(REPLY.replace("Re: Hello", subject)).echo.kind == "automatic"


def test_header_that_says_no_machine_wrote_is_believed(welcome, take):
    assert take(f"Auto-Submitted: no\n{REPLY}").echo.kind == "reply"


def test_our_own_mail_that_a_list_brings_back_is_no_answer(welcome, take):
    copy = REPLY.replace("<answer@example.org>", ID).replace(f"In-Reply-To: {ID}\n", "")

    assert take(f"List-Id: <partnerships.2i2c.org>\n{copy}").echo.kind == "automatic"


def test_bounce_of_a_lists_member_is_kept_at_the_mail_to_the_list(welcome, take):
    echo = take(BOUNCE.replace("rae@example.org", "member@elsewhere.org")).echo

    assert (echo.message, echo.address) == (welcome, "member@elsewhere.org")


def test_mail_that_answers_none_of_ours_is_kept_and_shown(take):
    echo = take(REPLY).echo

    assert (echo.message, list(echoes_to_see())) == (None, [echo])


def test_text_in_a_charset_that_nobody_knows_is_no_reason_to_lose_a_reply(welcome, take):
    assert take(REPLY.replace("utf-8", "klingon-1")).echo.said == "Yes, please renew."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "deal,amount\n1,2\n",
            "back.eml, line 1: this is no mail: it has neither From nor Message-ID.",
        ),
        ("", "back.eml, line 1: this is no mail: it has neither From nor Message-ID."),
    ],
)
def test_file_that_is_no_mail_is_refused_and_keeps_nothing(take, content, message):
    with pytest.raises(Refused) as refused:
        take(content)

    assert (refused.value.message, Echo.objects.count()) == (message, 0)


def test_echo_that_somebody_has_seen_waits_no_longer_and_the_first_one_stands(welcome, take):
    echo = take(REPLY).echo
    see_echo(echo.pk, by="ada", at=NOON)
    see_echo(echo.pk, by="ben", at=NOON + timedelta(days=1))

    echo.refresh_from_db()
    assert (echo.seen_by, list(echoes_to_see())) == ("ada", [])
    assert Entry.objects.filter(act="mail.echo.seen").count() == 1


def unsure(message):
    Message.objects.filter(pk=message.pk).update(state="unsure", sent_at=None, next_at=NOON)


def test_anything_that_comes_back_shows_that_an_unsure_mail_went(welcome, take):
    unsure(welcome)
    take(REPLY)

    welcome.refresh_from_db()
    assert (welcome.state, welcome.next_at, welcome.sent_at) == ("sent", None, NOON)
    assert send_message(welcome.pk, at=NOON + timedelta(days=1)) is None


def test_person_says_that_an_unsure_mail_has_arrived(welcome):
    unsure(welcome)
    settle_message(welcome.pk, arrived=True, by="ada", at=NOON)

    assert Message.objects.values_list("state", "next_at").get() == ("sent", None)
    assert Entry.objects.latest("pk").act == "mail.message.arrived"


def test_person_has_a_failed_mail_sent_again_under_the_same_id(welcome):
    Message.objects.update(state="failed", attempts=12, lost=3)
    found = settle_message(welcome.pk, arrived=False, by="ada", at=NOON)

    assert (found.state, found.next_at, found.attempts, found.lost) == ("queued", NOON, 0, 0)
    assert found.message_id == ID
    assert send_message(found.pk, at=NOON).state == "sent"


def test_mail_that_was_sent_needs_nobody_to_settle_it(welcome):
    with pytest.raises(Refused) as refused:
        settle_message(welcome.pk, arrived=False, by="ada", at=NOON)

    assert refused.value.message == f"Mail {welcome.pk} is sent: nothing is to be settled."
