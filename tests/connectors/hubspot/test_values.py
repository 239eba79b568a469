from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from throughline.connectors.http import UnknownShape
from throughline.connectors.hubspot.values import (
    milliseconds,
    read_day,
    read_instant,
    write_day,
    write_instant,
)

DAY = date(2026, 4, 1)
AT = datetime(2026, 4, 1, 9, 30, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-04-01", "2026-04-01T00:00:00Z", "1775001600000"])
def test_a_day_is_the_same_day_everywhere(text):
    assert read_day(text) == DAY


@pytest.mark.parametrize("text", ["", None])
def test_what_is_empty_is_unknown(text):
    assert read_day(text) is None
    assert read_instant(text) is None


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-04-01T09:00:00Z", "1775001600001", "soon", "9" * 30, "2026-04-01T00:00"]
)  # fmt: skip
def test_a_text_that_is_no_day_is_refused(text):
    with pytest.raises(UnknownShape):
        read_day(text)


@pytest.mark.parametrize(
    "text", ["2026-04-01T09:30:00.250Z", "2026-04-01T11:30:00.250+02:00", "1775035800250"]
)
def test_an_instant_is_aware_and_in_utc(text):
    assert read_instant(text) == AT
    assert read_instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-04-01T09:30:00", "2026-04-01", "soon", "9" * 30])
def test_a_text_that_is_no_instant_is_refused(text):
    with pytest.raises(UnknownShape):
        read_instant(text)


def test_values_are_written_as_they_are_read():
    assert (write_day(DAY), write_day(None)) == ("2026-04-01", "")
    assert (write_instant(AT), write_instant(None)) == ("2026-04-01T09:30:00.250Z", "")
    elsewhere = AT.astimezone(timezone(timedelta(hours=-7)))
    assert write_instant(elsewhere) == "2026-04-01T09:30:00.250Z"
    assert milliseconds(elsewhere) == 1775035800250
