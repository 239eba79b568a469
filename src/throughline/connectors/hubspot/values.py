"""How HubSpot spells values: everything is text, and a day is not an instant."""

from datetime import UTC, date, datetime, timedelta

from throughline.connectors.http import UnknownShape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = len("2026-09-30")


def read_day(text: str | None) -> date | None:
    """Return the calendar day of a property of type date; None where it is empty.

    It has no time and no zone: midnight UTC is only how some answers spell it, and moving that
    into a zone would make it another day.

    Raises:
        UnknownShape: it is no day.
    """
    if not text:
        return None
    try:
        if len(text) == _DAY:
            return date.fromisoformat(text)
        found = _instant(text)
    except ValueError as error:
        raise UnknownShape(f"{text[:40]!r} is no day as HubSpot writes it.") from error
    if found.time() != datetime.min.time():
        raise UnknownShape(f"{text[:40]!r} has a time; a property of type date has none.")
    return found.date()


def read_instant(text: str | None) -> datetime | None:
    """Return the instant of a property of type datetime, in UTC; None where it is empty.

    Raises:
        UnknownShape: it is no instant.
    """
    if not text:
        return None
    try:
        return _instant(text)
    except ValueError as error:
        raise UnknownShape(f"{text[:40]!r} is no instant as HubSpot writes it.") from error


def write_day(day: date | None) -> str:
    """Return a day as a property of type date takes it; "" empties the property."""
    return day.isoformat() if day else ""


def write_instant(at: datetime | None) -> str:
    """Return an instant as a property of type datetime takes it; "" empties the property."""
    if at is None:
        return ""
    in_utc = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return in_utc.replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    """Return an instant as searches and webhooks count it: milliseconds since 1970, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _instant(text: str) -> datetime:
    """Return an instant from ISO text or from milliseconds.

    Raises:
        ValueError: it is neither.
    """
    if text.lstrip("-").isdigit():
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError as error:
            raise ValueError(text) from error
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)
