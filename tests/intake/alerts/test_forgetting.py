"""What was told and was nothing new is deleted in the end; what somebody rests on is not."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.intake.alerts.texts import MAIL, pubsub
from throughline.budgets.actions.receiving import forget_words, settle_received
from throughline.budgets.models import Crossing, Received
from throughline.budgets.words import Source
from throughline.intake.alerts.doors import take_call, take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
TOKEN = "a-token-that-nobody-guesses"
KEPT = timedelta(days=shipped().periods.alert_text_days)


def forget(at):
    return forget_words(playbook=shipped(), by="worker", at=at)


@pytest.fixture
def told(settings):
    """Keep and read one text of each fate, and return them by it."""
    settings.ALERT_TOKEN = TOKEN
    nothing = pubsub(alertThresholdExceeded=None)
    found = {
        "ticket": take_text(MAIL, by="ada", at=NOON)[0],
        "again": take_text(f"{MAIL}\nSent again.\n", by="ada", at=NOON)[0],
        "nothing": take_call(Source.PUBSUB, nothing.encode(), token=TOKEN, at=NOON),
        "unreadable": take_text("What is this?", by="ada", at=NOON)[0],
        "settled": take_text("And what is that?", by="ada", at=NOON)[0],
    }
    read_alerts(playbook=shipped(), at=NOON)
    settle_received(found["settled"].pk, why="A joke.", by="pia", at=NOON)
    found["unread"] = take_text("Not read yet", by="ada", at=NOON)[0]
    return found


def test_what_told_nothing_new_is_deleted_once_it_is_old_and_the_journal_counts_it(told):
    assert forget(NOON + KEPT) == 0

    assert forget(NOON + KEPT + timedelta(seconds=1)) == 2

    left = set(Received.objects.values_list("pk", flat=True))
    assert {name for name, one in told.items() if one.pk in left} == {
        "ticket", "unreadable", "settled", "unread",
    }  # fmt: skip
    assert Crossing.objects.get().received == told["ticket"]
    entry = Entry.objects.get(act="budgets.words.forgotten")
    assert (entry.facts, entry.by) == ({"count": 2}, "worker")
    assert forget(NOON + KEPT * 2) == 0
