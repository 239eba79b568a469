"""Quiet hours and digests, over midnight, weekends, zones and clock changes."""

from datetime import UTC, datetime, time

import pytest

from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel


def wishes(zone="UTC", first="19:00", until="07:00", digest="08:00", *, weekdays_only=True):
    return Wishes(
        Channel.INSTANT, Channel.DIGEST, time.fromisoformat(first), time.fromisoformat(until),
        time.fromisoformat(digest), weekdays_only, zone,
    )  # fmt: skip


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "goes"),
    [
        ("UTC", "2026-03-02T18:59:59", "2026-03-02T18:59:59"),
        ("UTC", "2026-03-02T19:00:00", "2026-03-03T07:00:00"),
        ("UTC", "2026-03-02T23:59:00", "2026-03-03T07:00:00"),
        ("UTC", "2026-03-02T00:00:00", "2026-03-02T07:00:00"),
        ("UTC", "2026-03-02T07:00:00", "2026-03-02T07:00:00"),
        ("America/Los_Angeles", "2026-03-02T02:30:00", "2026-03-02T02:30:00"),  # 18:30 there
        ("America/Los_Angeles", "2026-03-02T03:30:00", "2026-03-02T15:00:00"),
        ("Europe/Berlin", "2026-03-28T20:00:00", "2026-03-29T05:00:00"),  # the clock goes forward
        ("Europe/Berlin", "2026-10-24T20:00:00", "2026-10-25T06:00:00"),  # and back
    ],
)
def test_mail_waits_for_the_end_of_the_quiet_hours_where_the_person_is(zone, at, goes):
    assert wishes(zone).not_before(utc(at)) == utc(goes)


def test_quiet_hours_within_a_day_end_on_that_day():
    lunch = wishes(first="12:00", until="13:00")

    assert lunch.not_before(utc("2026-03-02T12:30:00")) == utc("2026-03-02T13:00:00")
    assert lunch.not_before(utc("2026-03-02T13:00:00")) == utc("2026-03-02T13:00:00")


@pytest.mark.parametrize(
    ("zone", "after", "goes"),
    [
        ("UTC", "2026-03-02T07:59:00", "2026-03-02T08:00:00"),
        ("UTC", "2026-03-02T08:00:00", "2026-03-03T08:00:00"),
        ("UTC", "2026-03-06T09:00:00", "2026-03-09T08:00:00"),  # over a weekend
        ("Asia/Kolkata", "2026-03-02T02:29:00", "2026-03-02T02:30:00"),
        (
            "Pacific/Apia",
            "2026-03-05T20:00:00",
            "2026-03-08T19:00:00",
        ),  # Friday morning is past there
        (
            "America/Los_Angeles",
            "2026-03-06T17:00:00",
            "2026-03-09T15:00:00",
        ),  # the clock goes forward
    ],
)
def test_digest_goes_out_at_its_time_on_the_next_working_day_of_the_person(zone, after, goes):
    assert wishes(zone).next_digest(utc(after)) == utc(goes)


def test_digest_of_whoever_works_on_weekends_waits_for_no_monday():
    daily = wishes(weekdays_only=False)

    assert daily.next_digest(utc("2026-03-06T09:00:00")) == utc("2026-03-07T08:00:00")


def test_time_that_a_clock_change_leaves_out_comes_once_and_later():
    early = wishes("Europe/Berlin", "22:00", "02:00", "02:30", weekdays_only=False)

    assert early.next_digest(utc("2026-03-28T12:00:00")) == utc("2026-03-29T01:30:00")
