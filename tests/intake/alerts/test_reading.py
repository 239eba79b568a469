"""Alerts from the door to the ticket: proved, kept whole, read once, matched, never lost."""

import json
from datetime import timedelta

import pytest

from tests.factories import NOON, make_cluster, make_engagement
from tests.handoff.world import fresh, with_cluster
from tests.intake.alerts.texts import MAIL, SNS, as_page, azure, pubsub
from throughline.budgets.actions.deciding import (
    acknowledge_alert,
    decide_alert,
    explain_alert,
)
from throughline.budgets.models import Alert, Crossing, Received
from throughline.budgets.words import Source
from throughline.connectors.aws import notifications
from throughline.intake.alerts.doors import NotProved, take_call, take_file, take_sns, take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused, Transient
from throughline.playbook.loader import shipped
from throughline.simulators.aws_sns import TOPIC, SnsSimulator
from throughline.simulators.server import answering

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-nobody-guesses"
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def sns(settings):
    notifications._KEPT.clear()
    with SnsSimulator() as opened:
        settings.SNS_TOPICS, settings.SNS_URL = frozenset({TOPIC}), opened.url
        yield opened


@pytest.fixture
def engagement():
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


def read(at=LATER):
    return read_alerts(playbook=shipped(), at=at)


def test_signed_message_becomes_a_ticket_of_its_account_and_engagement(sns, engagement):
    take_sns(sns.notification(SNS, subject="AWS Budgets: test"), at=NOON)
    assert Alert.objects.count() == 0

    (heard,) = read().heard

    alert = heard.alert
    assert (str(alert.account), alert.engagement, alert.month) == (
        "aws 012345678901", engagement, "2026-01",
    )  # fmt: skip
    assert (alert.state, alert.owner) == ("open", "")
    assert Crossing.objects.get().received == Received.objects.get()
    assert read().heard == []


def test_same_message_delivered_twice_is_kept_once_and_another_of_the_same_threshold_is_no_news(
    sns, engagement
):
    body = sns.notification(SNS)
    take_sns(body, at=NOON)
    take_sns(body, at=NOON)
    take_sns(sns.notification(SNS), at=NOON)
    take_text(SNS, by="ada", at=NOON)

    heard = read().heard

    assert [one.is_new for one in heard] == [True, False, False]
    assert (Alert.objects.count(), Crossing.objects.get().times) == (1, 3)
    assert sorted(Received.objects.values_list("times", flat=True)) == [1, 1, 2]


def test_forged_changed_and_strange_messages_are_refused_and_not_kept(sns):
    changed = json.loads(sns.notification(SNS)) | {"Message": SNS.replace("0.95", "9.95")}
    elsewhere = sns.notification(SNS, SigningCertURL="https://evil.example/cert.pem")
    strange = sns.notification(SNS, TopicArn="arn:aws:sns:us-east-1:999999999999:other")
    for body in (json.dumps(changed).encode(), elsewhere, strange, b"{}"):
        with pytest.raises(NotProved):
            take_sns(body, at=NOON)

    assert Received.objects.count() == 0


def test_message_whose_certificate_cannot_be_had_is_not_kept_and_sns_sends_it_again(sns):
    body = sns.notification(SNS)
    sns.fail_next(answering(503))
    with pytest.raises(Transient):
        take_sns(body, at=NOON)
    take_sns(body, at=NOON)
    assert Received.objects.count() == 1


def test_subscription_of_a_topic_of_ours_is_confirmed_by_the_worker_and_of_no_other(sns):
    take_sns(sns.confirmation("token-7"), at=NOON)
    with pytest.raises(NotProved):
        take_sns(
            sns.confirmation("x", TopicArn="arn:aws:sns:us-east-1:999999999999:other"), at=NOON
        )
    assert sns.confirmed == []

    sns.fail_next(answering(503))
    assert read().later == 1
    assert read().nothing == 1
    assert sns.confirmed == ["token-7"]


def test_call_without_our_token_is_refused_and_with_it_kept(settings):
    with pytest.raises(Refused):
        take_call(Source.PUBSUB, pubsub().encode(), token="", at=NOON)
    settings.ALERT_TOKEN = TOKEN
    with pytest.raises(NotProved):
        take_call(Source.PUBSUB, pubsub().encode(), token=TOKEN[:-1], at=NOON)
    with pytest.raises(Refused):
        take_call(Source.AZURE, b"\xff\xfe", token=TOKEN, at=NOON)
    take_call(Source.PUBSUB, pubsub().encode(), token=TOKEN, at=NOON)
    assert Received.objects.count() == 1


def test_google_that_repeats_itself_all_day_is_one_threshold_and_no_threshold_is_nothing(
    settings, engagement
):
    settings.ALERT_TOKEN = TOKEN
    make_cluster("earth-gee", provider="gcp", account="earth-gee", paid_by="us")
    for amount in (100.01, 104.5, 110):
        take_call(Source.PUBSUB, pubsub(costAmount=amount).encode(), token=TOKEN, at=NOON)
    quiet = pubsub(alertThresholdExceeded=None)
    take_call(Source.PUBSUB, quiet.encode(), token=TOKEN, at=NOON)

    found = read()

    assert (len(found.heard), found.nothing) == (3, 1)
    crossing = Crossing.objects.get()
    assert (crossing.times, crossing.amount, str(crossing.alert.account)) == (
        3, 110, "gcp earth-gee",
    )  # fmt: skip


def test_mail_is_matched_by_its_address_and_the_budgets_name(engagement):
    take_file(MAIL.encode(), by="ada", at=NOON)

    (heard,) = read().heard

    assert (heard.alert.engagement, str(heard.alert.account)) == (engagement, "aws 012345678901")
    assert heard.crossing.key == (
        "aws:012345678901:community-earthscope-monthly:2026-03:actual:> $1,600.00"
    )


def test_account_that_serves_two_running_engagements_asks_a_person_whose_alert_it_is(engagement):
    other = make_engagement(name="EarthScope extra")
    with_cluster(other, "second")
    take_text(SNS.replace("January 28, 2026", "May 2, 2026"), by="ada", at=NOON)

    (heard,) = read().heard

    assert (heard.alert.engagement, str(heard.alert.account)) == (None, "aws 012345678901")


def test_alert_of_nobody_known_is_a_ticket_all_the_same(settings):
    settings.ALERT_TOKEN = TOKEN
    take_call(Source.AZURE, azure().encode(), token=TOKEN, at=NOON)

    (heard,) = read().heard

    assert (heard.alert.about, heard.alert.account, heard.alert.engagement) == (
        "BudgetName", None, None,
    )  # fmt: skip


def test_storm_of_thresholds_is_one_ticket(engagement):
    for step in (20, 40, 60, 80, 90, 100, 120):
        take_text(MAIL.replace("$1,600.00", f"${step * 20}.00"), by="ada", at=NOON)

    assert len(read().heard) == 7
    assert (Alert.objects.count(), Crossing.objects.count()) == (1, 7)


def test_something_new_opens_a_decided_ticket_again_and_a_repeat_does_not(engagement):
    take_text(MAIL, by="ada", at=NOON)
    alert = read().heard[0].alert
    acknowledge_alert(alert.pk, by="pia", at=LATER)
    explain_alert(alert.pk, cause="A workshop.", by="pia", at=LATER)
    decide_alert(alert.pk, decision="expected", why="It was planned.", by="pia", at=LATER)

    take_text(MAIL + "\nsent again", by="ada", at=LATER)
    read()
    alert.refresh_from_db()
    assert (alert.state, alert.decision) == ("decided", "expected")

    take_text(MAIL.replace("$1,600.00", "$2,000.00"), by="ada", at=LATER)
    read()
    alert.refresh_from_db()
    assert (alert.state, alert.decision, alert.owner, alert.cause) == (
        "open", "", "pia", "A workshop.",
    )  # fmt: skip
    assert Entry.objects.filter(act="budgets.alert.reopened").count() == 1


def test_what_cannot_be_read_is_kept_whole_and_shown_and_the_rest_goes_on(engagement):
    odd = "Budget Name: x\nSomething else entirely."
    take_text(odd, by="ada", at=NOON)
    take_text(as_page(), by="ada", at=NOON)

    found = read()

    (one,) = found.unreadable
    assert (one.state, one.body, one.why) == (
        "unreadable", odd,
        "It does not say: Budgeted Amount, Alert Threshold, Amount. Read it yourself.",
    )  # fmt: skip
    assert len(found.heard) == 1
    entry = Entry.objects.get(act="budgets.word.unreadable")
    assert (entry.by, entry.subject_id, entry.facts) == (
        "alerts",
        str(one.pk),
        {"source": "E-mail"},
    )


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\x00\xfe", b"x" * 300_001])
def test_file_that_is_no_text_is_refused(content):
    with pytest.raises(Refused):
        take_file(content, by="ada", at=NOON)
