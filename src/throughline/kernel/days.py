"""Calendar days: agreements start and end on days, not at instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from throughline.kernel.errors import Refused

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1900, 2199  # 0206-01-01 is a slip of the finger, not a day of ours
DAY_LENGTH = len("2026-06-30")


def day_in_zone(at: datetime, zone: str) -> date:
    """Return the calendar day that an instant falls on in a zone.

    Units: `at` is aware; `zone` is an IANA name such as "UTC".
    """
    return at.astimezone(ZoneInfo(zone)).date()


def last_instant(day: date, zone: str) -> datetime:
    """Return the last instant of a calendar day in a zone, to the microsecond."""
    midnight = datetime.combine(day + ONE_DAY, datetime.min.time(), tzinfo=ZoneInfo(zone))
    return midnight - timedelta(microseconds=1)


def parse_day(text: str) -> date | None:
    """Return the calendar day that a cell holds; None where the cell is empty.

    A date-time at midnight UTC, as HubSpot sends date properties, is that calendar day.

    Raises:
        Refused: the text is not a day that exists.
    """
    stripped = text.strip()
    if not stripped:
        return None
    try:
        found = (
            date.fromisoformat(stripped)
            if len(stripped) <= DAY_LENGTH
            else datetime.fromisoformat(stripped).date()
        )
    except ValueError:
        found = date.min
    if not (FIRST_YEAR <= found.year <= LAST_YEAR and stripped[:DAY_LENGTH] == found.isoformat()):
        raise Refused(
            f"{stripped[:40]!r} is not a date.",
            remedy="Write it as YYYY-MM-DD, such as 2026-06-30.",
        )
    return found


def parse_instant(text: str) -> datetime:
    """Return the aware instant that ISO text names; without an offset it is UTC.

    Raises:
        Refused: the text is not an instant.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = datetime.min.replace(tzinfo=UTC)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Refused(
            f"{text!r} is not an instant.",
            remedy="Write it as YYYY-MM-DDTHH:MM:SSZ, such as 2026-05-01T09:00:00Z.",
        )
    return found if found.tzinfo else found.replace(tzinfo=UTC)
