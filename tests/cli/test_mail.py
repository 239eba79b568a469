"""`throughline mail …`, `import mail` and `renewals show`: what they answer, and what they refuse."""

from datetime import date

import pytest

from tests.factories import NOON
from tests.mail.test_echoes import REPLY
from tests.renewals.world import make_ending, make_term
from throughline.mail.actions.queueing import message_id
from throughline.mail.models import Message
from throughline.people.actions import add_user
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db
MAIL = {
    "mail", "key", "to", "subject", "state", "kind", "queued_at", "sent_at", "next_at", "attempts",
    "lost", "error",
}  # fmt: skip


@pytest.fixture
def notice(ask):
    """The notice of an engagement that ends on 30 June, 60 days before; it was captured."""
    make_term("2026-06-30")
    ask("run-due", "--at", "2026-05-01T09:00:00Z")
    return Message.objects.get()


def test_mails_are_listed_with_what_came_back(ask, notice, tmp_path):
    file = tmp_path / "reply.eml"
    file.write_text(REPLY.replace(message_id("welcome:1"), notice.message_id))
    taken = ask("import", "mail", file)
    assert taken == {
        "mails": [{"file": "reply.eml", "kind": "reply", "address": "rae@example.org",
                   "code": None, "mail": notice.pk, "new": True}],
        "refused": [],
    }  # fmt: skip

    listed = ask("mail", "list", "--state", "sent")
    assert [set(one) for one in listed["mails"]] == [MAIL]
    (back,) = listed["came_back"]
    assert (back["mail"], back["said"]) == (notice.pk, "Yes, please renew.")
    assert ask("mail", "show", notice.pk)["came_back"] == [back]

    assert ask("mail", "seen", back["echo"], "--by", "ada")["seen_by"] == "ada"
    assert ask("mail", "list")["came_back"] == []


def test_file_that_is_no_mail_is_named_and_the_others_are_taken_in(ask, tmp_path):
    good, bad = tmp_path / "good.eml", tmp_path / "bad.csv"
    good.write_text(REPLY)
    bad.write_text("a,b\n")

    ran = ask.run("import", "mail", good, bad)

    assert (ran.code, "bad.csv, line 1: this is no mail" in ran.err) == (1, True)
    assert "good.eml: Answered, rae@example.org" in ran.out


def test_mail_is_previewed_with_the_facts_of_an_engagement_and_sends_nothing(ask):
    engagement = make_term("2026-06-30")

    found = ask("mail", "preview", "end_date_changed", "--engagement", engagement.number)

    assert found["subject"] == (
        f"Agreement end date changed: {engagement.deal.name} now ends on 30 June 2026"
    )
    assert "it would end on [old_end_on]. Please" in found["text"]
    assert (found["unknown"], "<p>" in found["html"]) == (["old_end_on"], True)
    assert Message.objects.count() == 0


def test_preview_counts_no_days_to_an_end_that_is_past(ask):
    number = make_term("2026-06-30").number

    found = ask("mail", "preview", "expiring_part", "--engagement", number)

    assert found["subject"].endswith(" end in [days] days")
    assert "days" in found["unknown"]


def test_preview_of_a_mail_that_nobody_sends_says_which_there_are(run):
    ran = run("mail", "preview", "expirin", "--engagement", make_term("2026-06-30").number)

    assert (ran.code, "Did you mean 'expiring'?" in ran.err) == (1, True)


def test_test_mail_says_what_became_of_it(ask, settings):
    assert ask("mail", "test", "ada@example.org")["state"] == "sent"

    settings.EMAIL_BACKEND = "tests.mail.test_outbox.RefusingBackend"
    ran = ask.run("mail", "test", "ada@example.org")
    assert (ran.code, "550" in ran.out) == (1, True)
    assert ask.run("mail", "test", "ada").code == 1


def doctors_word(ask, code):
    (found,) = [one for one in ask("doctor", code=code)["checks"] if one["name"] == "mail"]
    return found["message"], found["remedy"]


def test_doctor_says_where_mail_goes_and_what_waits(ask, notice, settings):
    assert doctors_word(ask, 0) == (
        "Mail stays in the outbox; 0 stuck, 0 tried and waiting, 0 came back and nobody has looked.",
        "",
    )
    settings.MAIL_LEAVES_THROUGH = settings.MAIL_PROVIDER = "postmark"
    Message.objects.update(state="queued", attempts=2)
    message, remedy = doctors_word(ask, 1)
    assert message.startswith("Mail leaves through postmark; 0 stuck, 1 tried and waiting, 0 came")
    assert message.endswith("Bounces are not told: THROUGHLINE_MAIL_HOOK_SECRET is not set.")
    assert remedy == "Look at the outbox: each says why. Try `throughline mail test ADDRESS`."


def test_failed_mail_is_settled_by_a_person(ask, notice):
    Message.objects.update(state="failed")
    assert ask("mail", "settle", notice.pk, "--again")["state"] == "queued"
    Message.objects.update(state="unsure")
    assert ask("mail", "settle", notice.pk, "--arrived")["state"] == "sent"
    assert ask.run("mail", "settle", notice.pk, "--again").code == 1


def test_person_is_told_as_is_chosen_for_them(ask):
    add_user("ada", roles=frozenset({RoleName.BD}), by="test", at=NOON)
    usual = {
        "user": "ada", "blocked": "instant", "news": "digest", "quiet_from": "19:00:00",
        "quiet_until": "07:00:00", "digest_at": "08:00:00", "weekdays_only": True, "zone": "UTC",
    }  # fmt: skip
    assert ask("mail", "preferences", "ada") == usual

    chosen = ask(
        "mail", "preferences", "ada", "--news", "none", "--quiet", "none", "--zone", "Asia/Kolkata"
    )
    assert chosen == usual | {
        "news": "none", "quiet_from": None, "quiet_until": None, "zone": "Asia/Kolkata",
    }  # fmt: skip
    assert ask("mail", "preferences", "ada") == chosen
    assert ask.run("mail", "preferences", "ada", "--quiet", "late").code == 1
    assert ask.run("mail", "preferences", "nobody").code == 1


def test_renewal_is_shown_with_arithmetic_that_a_person_can_check(run, ask):
    engagement = make_term("2026-06-30")
    make_ending(engagement)

    shown = run("renewals", "show", engagement.number, "--on", "2026-05-01").out.splitlines()

    assert [" ".join(line.split()) for line in shown[1:]] == [
        "180 2026-06-30 - 180 days = 2026-01-01 (Thu) Flag raised - nobody",
        "60 2026-06-30 - 60 days = 2026-05-01 (Fri) Planned - partnerships@2i2c.org",
        "14 2026-06-30 - 14 days = 2026-06-16 (Tue) Planned - nobody",
        "2 2026-06-30 - 2 days = 2026-06-28 (Sun) Planned - nobody",
    ]
    assert shown[0].endswith("; days are those of UTC, and begin at 00:00")
    document = ask("renewals", "show", engagement.number, "--on", "2026-05-01")
    assert (document["zone"], document["days_left"], document["on"]) == (
        "UTC", 60, date(2026, 5, 1).isoformat(),
    )  # fmt: skip
