"""What may be written into a property, and how it is kept."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from throughline.simulators.hubspot.schema import Property

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


class NotOne(Exception):
    """A text that is no value of the property: the code of the fault, and its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def kept(prop: Property, text: str) -> str:
    """Return a value as it is kept; "" where the property is emptied.

    Raises:
        NotOne: it is no value of that property.
    """
    if prop.is_read_only:
        raise NotOne(
            "READ_ONLY_VALUE", f'"{prop.name}" is a read only property; its value cannot be set.'
        )
    if not text:
        return ""
    if prop.options:
        return _option(prop, text)
    return {"number": _number, "bool": _bool, "date": _day, "datetime": _instant}.get(
        prop.type, _text
    )(text)


def fault(name: str, code: str, message: str, portal_id: int) -> Mapping[str, Any]:
    """Return what is wrong with one property, as a refusal lists it."""
    return {
        "isValid": False, "message": message, "error": code, "name": name,
        "localizedErrorMessage": message, "portalId": portal_id,
    }  # fmt: skip


def spelled(at: datetime) -> str:
    """Return an instant as answers spell it: UTC, with milliseconds only where there are some."""
    in_utc = at.astimezone(UTC)
    parts = "milliseconds" if in_utc.microsecond // 1000 else "seconds"
    return in_utc.isoformat(timespec=parts).replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    """Return an instant in milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(text: str) -> datetime:
    """Return the instant of a text that is milliseconds, a day, or ISO.

    Raises:
        ValueError: it is none of them.
    """
    if text.lstrip("-").isdigit():
        return EPOCH + timedelta(milliseconds=int(text))
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(text: str) -> str:
    return text


def _option(prop: Property, text: str) -> str:
    allowed = [value for value, _label in prop.options]
    many = text.split(";") if prop.field_type == "checkbox" else [text]
    for one in many:
        if one not in allowed:
            raise NotOne(
                "INVALID_OPTION",
                f"{one} was not one of the allowed options: [{', '.join(allowed)}]",
            )
    return text


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise NotOne("INVALID_FLOAT", f"{text} was not a valid number.")
    return text


def _bool(text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise NotOne("INVALID_BOOLEAN", f"{text} was not a valid boolean.")
    return text.lower()


def _day(text: str) -> str:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        found = instant(text)
    except (ValueError, OverflowError) as error:
        raise NotOne("INVALID_DATE", f"{text} was not a valid date.") from error
    if found != found.replace(hour=0, minute=0, second=0, microsecond=0):
        raise NotOne("INVALID_DATE", f"{text} is at {found:%H:%M:%S} UTC, not at midnight!")
    return found.date().isoformat()


def _instant(text: str) -> str:
    try:
        return spelled(instant(text))
    except (ValueError, OverflowError) as error:
        raise NotOne("INVALID_LONG", f"{text} was not a valid long.") from error
