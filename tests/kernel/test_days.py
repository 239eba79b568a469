from datetime import UTC, date, datetime

import pytest

from throughline.kernel.days import day_in_zone, parse_day, parse_instant
from throughline.kernel.errors import Refused


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None),
        (" 2026-06-30 ", date(2026, 6, 30)),
        ("2026-06-30T00:00:00Z", date(2026, 6, 30)),
        ("2026-06-30 14:33", date(2026, 6, 30)),
    ],
)
def test_day_is_read_from_a_cell(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "30.06.2026", "20260630", "2026-06-30 soon", "0206-06-30", "2026-W27-2", "x"],
)
def test_text_that_is_no_day_is_refused_with_a_remedy(text):
    with pytest.raises(Refused) as refused:
        parse_day(text)

    assert refused.value.message == f"{text!r} is not a date."
    assert refused.value.remedy == "Write it as YYYY-MM-DD, such as 2026-06-30."


def test_instant_falls_on_the_day_of_its_zone():
    at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    assert day_in_zone(at, "UTC") == date(2026, 6, 30)
    assert day_in_zone(at, "Europe/Berlin") == date(2026, 7, 1)


def test_instant_without_offset_is_utc():
    assert parse_instant("2026-05-01T09:00:00") == datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert parse_instant("2026-05-01T09:00:00+02:00") == datetime(2026, 5, 1, 7, tzinfo=UTC)


def test_text_that_is_no_instant_is_refused():
    with pytest.raises(Refused, match=r"'soon' is not an instant\."):
        parse_instant("soon")
