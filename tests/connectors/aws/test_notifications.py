"""What SNS sends: taken where SNS signed it, and refused where anything else is tried."""

import json
from datetime import UTC, datetime

import pytest

from tests.factories import NOON
from throughline.connectors.aws import notifications
from throughline.connectors.aws.notifications import (
    NotFromSns,
    check_signed,
    confirm_subscription,
    fetch_from,
    read_message,
)
from throughline.kernel.errors import Permanent, Transient
from throughline.simulators.aws_sns import HOST, PATH, SnsSimulator
from throughline.simulators.server import answering, losing_the_answer


@pytest.fixture(autouse=True)
def nothing_kept():
    notifications._KEPT.clear()


@pytest.fixture
def sns():
    with SnsSimulator() as opened:
        yield opened


def check(sns, body, at=NOON):
    check_signed(read_message(body), at=at, fetch=fetch_from(sns.url))


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["", "AWS Budgets: one has exceeded"])
def test_what_sns_signed_is_taken_and_its_certificate_fetched_once(sns, version, subject):
    for _ in range(3):
        check(sns, sns.notification("Hello", subject=subject, SignatureVersion=version))

    assert sns.calls == {("GET", PATH): 1}


def test_confirmation_is_signed_over_other_fields(sns):
    check(sns, sns.confirmation())


@pytest.mark.parametrize(
    "change",
    [
        {"Message": "Something else"},
        {"MessageId": "another"},
        {"Timestamp": "2026-03-03T12:00:00.000Z"},
        {"TopicArn": "arn:aws:sns:us-east-1:123456789012:other"},
        {"Subject": "added"},
        {"Signature": "AAAA"},
        {"Signature": "no base64!"},
        {"SignatureVersion": "1"},
        {"Type": "UnsubscribeConfirmation", "Token": "t", "SubscribeURL": "u"},
    ],
)
def test_what_was_changed_after_signing_is_refused(sns, change):
    body = json.dumps(json.loads(sns.notification("Hello")) | change).encode()

    with pytest.raises(NotFromSns):
        check(sns, body)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}{PATH}",
        f"https://evil.example{PATH}",
        f"https://{HOST}.evil.example{PATH}",
        f"https://evil.example/{HOST}{PATH}",
        f"https://{HOST}@evil.example{PATH}",
        f"https://{HOST}:8443{PATH}",
        f"https://user@{HOST}{PATH}",
        f"https://{HOST}{PATH}?next=https://evil.example",
        f"https://{HOST}/other.pem",
        f"https://{HOST}/../secret{PATH}",
        f"https://bucket.s3.amazonaws.com{PATH}",
        f"https://sns.us-east-1.amazonaws.com.{PATH}",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1",
        "file:///etc/passwd",
        "",
    ],
)
def test_certificate_that_does_not_lie_with_sns_is_never_fetched(sns, url):
    asked = []

    with pytest.raises(NotFromSns):
        check_signed(
            read_message(sns.notification("Hello", SigningCertURL=url)), at=NOON,
            fetch=lambda one: asked.append(one) or b"",
        )  # fmt: skip
    with pytest.raises(NotFromSns):
        fetch_from(sns.url)(url)

    assert (asked, sns.calls.total()) == ([], 0)


def test_certificate_that_is_over_or_none_is_refused_and_one_that_cannot_be_had_is_asked_again(
    sns,
):
    with pytest.raises(NotFromSns):
        check(sns, sns.notification("Hello"), at=datetime(2100, 1, 1, tzinfo=UTC))
    notifications._KEPT.clear()
    sns.fail_next(answering(200, "no certificate"), answering(503))
    with pytest.raises(NotFromSns):
        check(sns, sns.notification("Hello"))
    with pytest.raises(Transient):
        check(sns, sns.notification("Hello"))
    check(sns, sns.notification("Hello"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"Type": "Notification"}', b"\xff\xfe"])
def test_what_has_another_shape_is_refused(body):
    with pytest.raises(NotFromSns):
        read_message(body)


def test_subscription_is_confirmed_at_sns_and_never_where_the_message_says(sns):
    message = read_message(
        sns.confirmation("token-7", SubscribeURL="https://evil.example/?Token=token-7")
    )

    confirm_subscription(message, base_url=sns.url)

    assert sns.confirmed == ["token-7"]


def test_subscription_is_not_confirmed_for_what_offers_none_or_where_sns_refuses(sns):
    with pytest.raises(NotFromSns):
        confirm_subscription(read_message(sns.notification("Hello")), base_url=sns.url)
    sns.fail_next(answering(403, "AuthorizationError"))
    with pytest.raises(Permanent):
        confirm_subscription(read_message(sns.confirmation()), base_url=sns.url)
    sns.fail_next(losing_the_answer())
    with pytest.raises(Transient):
        confirm_subscription(read_message(sns.confirmation()), base_url=sns.url)


def test_a_certificate_that_is_kept_serves_the_source_it_came_from_alone(sns):
    with SnsSimulator() as another:
        check(sns, sns.notification("Hello"))
        check(another, another.notification("Hello"))

        assert (sns.calls, another.calls) == ({("GET", PATH): 1}, {("GET", PATH): 1})
