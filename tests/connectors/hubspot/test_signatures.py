from datetime import UTC, datetime, timedelta

import pytest
from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as st

from throughline.connectors.hubspot.signatures import (
    decoded,
    is_fresh,
    is_signed_v1,
    is_signed_v3,
    sign_v1,
    sign_v3,
)

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
STAMP = "1790769600000"  # noon
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URI = "https://throughline.example.org/hooks/hubspot"
BODY = '[{"objectId": 1, "propertyValue": "Zoë"}]'.encode()


def v3(signature, **other):
    told = {
        "secret": SECRET,
        "method": "POST",
        "uri": URI,
        "body": BODY,
        "timestamp": STAMP,
        "at": NOON,
    }
    return is_signed_v3(signature, **(told | other))


RIGHT = Signature.get_signature(SECRET, BODY.decode(), "v3", URI, "POST", STAMP)


def test_the_official_signature_is_accepted():
    assert v3(RIGHT)


@pytest.mark.parametrize(
    "other",
    [{"secret": "another"}, {"method": "GET"}, {"uri": f"{URI}/"}, {"uri": URI.replace("s:", ":")},
     {"body": BODY + b" "}, {"body": b""}, {"timestamp": "1790769600001"}],
)  # fmt: skip
def test_a_signature_of_anything_else_is_refused(other):
    assert not v3(RIGHT, **other)


@pytest.mark.parametrize("signature", ["", RIGHT[:-1], f"{RIGHT} ", RIGHT.lower(), "Zoë", "\x00"])
def test_a_text_that_is_no_signature_is_refused(signature):
    assert not v3(signature)
    assert not is_signed_v1(signature, secret=SECRET, body=BODY)


@pytest.mark.parametrize(
    ("later", "fresh"),
    [
        (timedelta(0), True), (timedelta(minutes=5), True), (timedelta(minutes=-5), True),
        (timedelta(minutes=5, milliseconds=1), False), (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(days=365), False),
    ],
)  # fmt: skip
def test_a_signature_counts_for_five_minutes(later, fresh):
    assert v3(RIGHT, at=NOON + later) is fresh


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e12", "９", "9" * 16, "9" * 400, " 1", "1.0"])
def test_a_timestamp_that_is_none_is_refused(stamp):
    signature = sign_v3(SECRET, "POST", URI, BODY, stamp)

    assert not is_fresh(stamp, at=NOON)
    assert not v3(signature, timestamp=stamp)


def test_twelve_escapes_are_taken_back_and_others_stay():
    twelve = "%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B"

    assert decoded(f"{URI}?x={twelve}") == f"{URI}?x=:/?@!$'()*,;"
    assert decoded(f"{URI}?x={twelve.lower()}") == f"{URI}?x=:/?@!$'()*,;"
    assert decoded(f"{URI}?x=%20%26%3D%25%2B%23&y=1") == f"{URI}?x=%20%26%3D%25%2B%23&y=1"
    assert decoded("%253A") == "%253A"  # an escaped percent sign is none of the twelve


@given(st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "ignore")), st.text(max_size=20))
def test_every_body_is_signed_as_the_official_client_does(body, secret):
    secret = secret.encode("utf-8", "ignore").decode()

    assert sign_v3(secret, "POST", URI, body.encode(), STAMP) == Signature.get_signature(
        secret, body, "v3", URI, "POST", STAMP
    )
    assert sign_v1(secret, body.encode()) == Signature.get_signature(secret, body, "v1")


def test_the_older_signature_covers_secret_and_body():
    right = Signature.get_signature(SECRET, BODY.decode(), "v1")

    assert is_signed_v1(right, secret=SECRET, body=BODY)
    assert not is_signed_v1(right, secret=SECRET, body=BODY[:-1])
    assert not is_signed_v1(right, secret="another", body=BODY)


def test_bytes_that_are_no_text_are_signed_as_they_are():
    assert v3(sign_v3(SECRET, "POST", URI, b"\xff\xfe", STAMP), body=b"\xff\xfe")
