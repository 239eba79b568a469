"""What the doctor says of the ways in which clouds tell of costs."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.intake.alerts.texts import azure
from throughline.budgets.words import Source
from throughline.intake.alerts.doors import take_call, take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.intake.doctor import LONGEST_SILENCE, examine
from throughline.playbook.loader import shipped
from throughline.simulators.aws_sns import TOPIC

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-nobody-guesses"
NOT_SET = "THROUGHLINE_ALERT_TOKEN is not set"


def alerts_check(at=NOON):
    (check,) = [one for one in examine(at=at) if one.name == "alerts"]
    return check


def test_ways_that_are_not_set_are_named_with_their_settings_and_are_no_fault():
    check = alerts_check()

    assert (check.is_well, check.remedy) == (True, "")
    assert check.message == (
        "SNS is refused: THROUGHLINE_SNS_TOPICS is not set;"
        f" Google Pub/Sub is refused: {NOT_SET}; Azure action group is refused: {NOT_SET}."
    )


def test_way_that_is_open_says_when_it_was_heard_last(settings):
    settings.ALERT_TOKEN, settings.SNS_TOPICS = TOKEN, frozenset({TOPIC})
    settings.BASE_URL = "https://throughline.example.org"
    take_call(Source.AZURE, azure().encode(), token=TOKEN, at=NOON)

    check = alerts_check()

    assert check.is_well
    assert check.message == (
        "SNS is taken, and nothing came yet; Google Pub/Sub is taken, and nothing came yet;"
        " Azure action group came last on 2026-03-02 12:00:00 UTC."
    )


def test_way_to_a_machine_that_no_cloud_can_call_is_a_finding_unless_it_is_tried_out(settings):
    settings.SNS_TOPICS, settings.BASE_URL = frozenset({TOPIC}), "http://127.0.0.1:8000"
    settings.SNS_URL = ""
    found = alerts_check()
    settings.SNS_URL = "http://127.0.0.1:9000"

    assert (found.is_well, found.remedy.startswith("Clouds cannot call this machine")) == (
        False, True,
    )  # fmt: skip
    assert alerts_check().is_well


def test_what_waits_too_long_and_what_cannot_be_read_are_findings():
    take_text("Nothing of the kind", by="ada", at=NOON)

    fresh = alerts_check(NOON + LONGEST_SILENCE)
    waits = alerts_check(NOON + LONGEST_SILENCE + timedelta(seconds=1))
    read_alerts(playbook=shipped(), at=NOON)
    odd = alerts_check()

    assert (fresh.is_well, waits.is_well, odd.is_well) == (True, False, False)
    assert waits.remedy.startswith("1 wait to be read")
    assert odd.remedy.startswith("1 cannot be read: see `throughline alert list`")
