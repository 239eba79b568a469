"""Telling people: at once or in a digest, never in their quiet hours, each thing once."""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.actions.notifying import Note, notify, send_digests, tell_owner
from throughline.mail.actions.preferring import choose, unsubscribe
from throughline.mail.jobs import send_due
from throughline.mail.models import Message, Notification
from throughline.mail.queries import wishes_of
from throughline.mail.unsubscribing import unsubscribe_address
from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel
from throughline.people.actions import add_user
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 22, tzinfo=UTC)


def make_user(name="ada", email="ada@example.org"):
    return add_user(name, roles=frozenset({RoleName.BD}), email=email, by="test", at=MONDAY)


def tell(*users, key="k", blocks=True, at=MONDAY, subject="A deal waits"):
    note = Note(key, subject, "Look at it.\n", "deal:1", blocks=blocks)
    return notify(users, note, playbook=shipped(), by="worker", at=at)


def digests(at):
    return send_digests(playbook=shipped(), by="worker", at=at)


def choose_for(user, **wanted):
    known = {
        "blocked": Channel.INSTANT, "news": Channel.DIGEST, "quiet_from": time(19),
        "quiet_until": time(7), "digest_at": time(8), "weekdays_only": True, "zone": "UTC",
    }  # fmt: skip
    return choose(user, Wishes(**(known | wanted)), by=user.username, at=MONDAY)


def test_what_waits_for_a_person_is_mailed_at_once_and_once():
    ada = make_user()
    tell(ada)
    tell(ada)

    message = Message.objects.get()
    assert (message.to, message.kind, message.user) == (["ada@example.org"], "notification", ada.pk)
    assert message.next_at == MONDAY
    assert "http://127.0.0.1:8000/preferences/" in message.text


def test_what_waits_for_a_person_in_the_night_is_mailed_in_the_morning():
    tell(make_user(), at=NIGHT)

    assert send_due(at=NIGHT) == []
    assert Message.objects.get().next_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert len(send_due(at=datetime(2026, 3, 3, 7, tzinfo=UTC))) == 1


def test_news_come_in_one_digest_in_the_morning_what_waits_for_them_first():
    ada = make_user()
    choose_for(ada, blocked=Channel.DIGEST)
    tell(ada, key="1", blocks=False, subject="First")
    tell(ada, key="2", blocks=True, subject="Second")
    tell(ada, key="3", blocks=False, subject="Third")

    assert (digests(MONDAY), Message.objects.count()) == (0, 0)
    morning = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert [digests(morning), digests(morning), digests(morning + timedelta(days=9))] == [1, 0, 0]

    message = Message.objects.get()
    assert message.subject == "2i2c: 3 things since the last digest"
    places = [message.text.index(one) for one in ("Waits for you: Second", "First", "Third")]
    assert places == sorted(places)
    assert set(Notification.objects.values_list("message", flat=True)) == {message.pk}


def test_digest_that_an_outage_missed_goes_out_once_afterwards():
    ada = make_user()
    tell(ada, key="1", blocks=False)

    assert digests(MONDAY + timedelta(days=20)) == 1
    tell(ada, key="2", blocks=False, at=MONDAY + timedelta(days=20))
    assert digests(MONDAY + timedelta(days=20, hours=1)) == 0


def test_whoever_wants_no_mail_or_has_no_address_gets_none_and_keeps_the_news_here():
    ada, ben = make_user(), make_user("ben", "")
    choose_for(ada, blocked=Channel.NONE)
    told = tell(ada, ben)

    assert [one.waits for one in told] == [False, False]
    assert (Message.objects.count(), digests(MONDAY + timedelta(days=30))) == (0, 0)


def test_whoever_left_is_not_told():
    ada = make_user()
    ada.is_active = False
    ada.save()

    assert tell(ada) == []


def test_owner_who_is_only_an_address_is_written_to_at_once():
    note = Note("k", "Hello", "Text\n", "deal:1", blocks=True)
    tell_owner("eve@example.org", note, playbook=shipped(), by="ada", at=NIGHT)

    message = Message.objects.get()
    assert (message.kind, message.to, message.next_at) == ("duty", ["eve@example.org"], NIGHT)


@pytest.mark.both_databases
def test_two_workers_send_one_digest(at_once):
    tell(make_user(), blocks=False)
    later = MONDAY + timedelta(days=2)

    sent = at_once(lambda: digests(later), lambda: digests(later))

    assert (sorted(sent), Message.objects.count()) == ([0, 1], 1)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"zone": "Europe/Berln"}, "There is no time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'?"),
        ({"quiet_until": None}, "Quiet hours have two ends. Give both times, or none."),
        ({"digest_at": time(6)},
         "The digest would go out in the quiet hours. Choose a time from 07:00 on."),
    ],
)  # fmt: skip
def test_choice_that_makes_no_sense_is_refused(wanted, message):
    ada = make_user()
    with pytest.raises(Refused) as refused:
        choose_for(ada, **wanted)

    assert str(refused.value) == message
    assert Entry.objects.filter(act="mail.preference.chosen").count() == 0


def headers_of(kind_blocks):
    ada = make_user()
    tell(ada, blocks=kind_blocks)
    digests(MONDAY + timedelta(days=1))
    send_due(at=MONDAY + timedelta(days=1))
    return ada, mail.outbox[0].message()


def test_digest_carries_one_click_unsubscribing_that_stops_digests_alone():
    ada, sent = headers_of(kind_blocks=False)
    address = sent["List-Unsubscribe"]
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urlsplit(address.strip("<>")).path

    client = Client(enforce_csrf_checks=True)  # a mail program has neither session nor token
    assert client.get(path).status_code == 200
    assert wishes_of([ada.pk], shipped())[ada.pk].news == "digest"
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    kept = wishes_of([ada.pk], shipped())[ada.pk]
    assert (kept.news, kept.blocked) == ("none", "instant")
    assert client.post(path).status_code == 200
    assert Entry.objects.filter(act="mail.preference.chosen").count() == 1


def test_duty_carries_no_unsubscribing():
    note = Note("k", "Hello", "Text\n", "deal:1", blocks=True)
    tell_owner("eve@example.org", note, playbook=shipped(), by="ada", at=MONDAY)
    send_due(at=MONDAY)

    assert mail.outbox[0].message()["List-Unsubscribe"] is None


def test_address_that_somebody_made_up_stops_nothing():
    ada = make_user()
    token = unsubscribe_address(ada.pk, "digest").rstrip("/").rpartition("/")[2]

    for forged in (token.replace(f".{ada.pk}", f".{ada.pk + 1}", 1), "digest.1:x", "nonsense"):
        with pytest.raises(Refused):
            unsubscribe(forged, playbook=shipped(), at=MONDAY)
        assert Client().post(f"/s/mail/{forged}/").status_code == 403


def test_digest_keeps_the_html_that_a_note_has_of_its_own_and_makes_the_rest_of_the_text():
    ada = make_user()
    note = Note("own", "A <move>", "Look.\n", "deal:1", blocks=False, html="<table>moved</table>")
    notify([ada], note, playbook=shipped(), by="worker", at=MONDAY)
    tell(ada, key="plain", blocks=False, subject="Tea & cake")

    digests(MONDAY + timedelta(days=1))

    html = Message.objects.get().html
    assert "<p>A &lt;move&gt;</p>\n<table>moved</table>" in html
    assert "Tea &amp; cake" in html
    assert "/preferences/" in html
    assert "the-notes-stand-here" not in html + Message.objects.get().text
    assert "<html" not in html  # the page is made around it when it leaves


def test_digest_of_notes_without_html_of_their_own_is_made_of_its_text_alone():
    tell(make_user(), blocks=False)

    digests(MONDAY + timedelta(days=1))

    assert Message.objects.get().html == ""
