"""Hours as people spell them: one figure, a range, a cap, a total in a heading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from throughline.kernel.errors import Refused

NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,4})?"
IN_HOURS = r"(?:hours|hour|hrs|hr|h)"
IN_MINUTES = r"(?:minutes|minute|mins|min|m)"
ONE = rf"{NUMBER}\s*{IN_HOURS}\s*{NUMBER}\s*{IN_MINUTES}|{NUMBER}\s*(?:{IN_HOURS}|{IN_MINUTES})?"
TO = r"(?:[-\u2010-\u2015\u2212]|to\b|and\b)"
RANGE = rf"(?:between\s+)?(?P<low>{ONE})\s*{TO}\s*(?P<high>{ONE})"
CAP = rf"(?:capped\s+(?:at|to)|cap\s+of|up\s+to|at\s+most|no\s+more\s+than|max(?:imum)?(?:\s+of)?)\s*(?P<cap>{ONE})"
SPAN = rf"(?:{CAP}|{RANGE}|(?P<one>{ONE}))(?![a-z0-9%])"
READ_HOURS = re.compile(
    rf"(?P<hours>{NUMBER})\s*{IN_HOURS}?|(?P<only>{NUMBER})\s*{IN_MINUTES}"
    rf"|(?P<both>{NUMBER})\s*{IN_HOURS}\s*(?P<minutes>{NUMBER})\s*{IN_MINUTES}"
)
READ_SPAN = re.compile(SPAN)
HAS_UNIT = re.compile(rf"[0-9]\s*(?:{IN_HOURS}|{IN_MINUTES})\b")
IN_BRACKETS = re.compile(
    r"\s*[(\[]\s*(?:total\s*:?\s*)?([^()\[\]]*?)(?:\s+total)?\s*[)\]]\s*:?\s*$", re.IGNORECASE
)
AFTER_SIGN = re.compile(r"\s*(?::|\s[-\u2013\u2014])\s*(.+)$")
TOTAL_LINE = re.compile(
    rf"(?:overall |grand |sub-?)?(?:totals?|sum)\b[^:=0-9(]{{0,60}}[:=]?\s*(?P<span>{SPAN})\s*(?:[.,;(].*)?$",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"|[-\u2013\u2014?\u2026_.]+\s*h?|<[^>]*>\s*h?|x+\s*h?|tb[adc]\.?|todo|n/?a"
    r"|to be (?:determined|estimated|confirmed|decided)\.?",
    re.IGNORECASE,
)
REMEDY = "Write an estimate as three cells: the item, its low hours and its high hours, such as 1h and 3h."  # fmt: skip


class SowError(Refused):
    """A statement of work that cannot be understood: `line` says where, counted from 1."""

    def __init__(self, message: str, *, remedy: str, line: int) -> None:
        super().__init__(f"Line {line}: {message}", remedy=remedy)
        self.line = line


def refusal(line: int, found: str, why: str, *, remedy: str = REMEDY) -> SowError:
    """Return the error for words that cannot be read as an estimate, to be raised."""
    return SowError(f"{found!r}: {why}.", remedy=remedy, line=line)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader should know although the document could be read."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Span:
    """Hours from low to high; `capped` where the document names only the upper end."""

    low_h: Decimal
    high_h: Decimal
    capped: bool = False

    def __str__(self) -> str:
        return f"{shown(self.low_h)} to {shown(self.high_h)} hours"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an estimate."""

    text: str
    low_h: Decimal
    high_h: Decimal
    role: str = ""  # who does it, where the table says so

    def as_json(self) -> dict[str, Any]:
        """Return the item for a JSON document; a role that the table does not name is left out."""
        hours = {"text": self.text, "low_h": number(self.low_h), "high_h": number(self.high_h)}
        return hours | ({"role": self.role} if self.role else {})


def number(hours: Decimal) -> int | float:
    """Return hours as a number for JSON: whole where they are whole."""
    rounded = round(hours, 4)
    return int(rounded) if rounded == int(rounded) else float(rounded)


def shown(hours: Decimal) -> str:
    """Return hours for a person to read, such as 1.5."""
    return f"{number(hours)}"


def total_of(items: Sequence[Item]) -> Span:
    """Return the sum of items."""
    return Span(
        sum((item.low_h for item in items), Decimal(0)),
        sum((item.high_h for item in items), Decimal(0)),
    )


def is_same(one: Span, other: Span) -> bool:
    """Return whether two spans are the same hours; thirds of an hour (20m) do not add up exactly."""
    return str(one) == str(other)


def read_hours(text: str) -> Decimal | None:
    """Return the hours that a text such as 1.5h, 30m or "2 hours" says; None where it says none."""
    found = READ_HOURS.fullmatch(text.strip().lower())
    if found is None:
        return None
    whole = Decimal(found["hours"] or found["both"] or 0)
    return whole + Decimal(found["only"] or found["minutes"] or 0) / 60


def read_span(text: str) -> Span | None:
    """Return the hours of "1h-3h", "1–3h", "capped at 20h" or "4h"; None where there are none."""
    found = READ_SPAN.fullmatch(text.strip().rstrip(".").lower())
    return _span(found) if found else None


def stated_in(heading: str, *, after_sign: bool = False) -> tuple[str, Span | None]:
    """Return a heading without the total it states, and that total: "Estimates (56-68h)".

    A total needs its unit here: "Migrate (2019-2020)" states no hours.
    """
    signs = (IN_BRACKETS, AFTER_SIGN) if after_sign else (IN_BRACKETS,)
    for sign in signs:
        found = sign.search(heading)
        if found and HAS_UNIT.search(found[1].lower()) and (span := read_span(found[1])):
            return heading[: found.start()].strip(), span
    return heading.strip(), None


def stated_in_line(line: str) -> Span | None:
    """Return the total that a line such as "Total: 20h to 30h" states."""
    found = TOTAL_LINE.match(line)
    return read_span(found["span"]) if found and HAS_UNIT.search(found["span"].lower()) else None


def _span(found: re.Match[str]) -> Span | None:
    if found["cap"]:
        high = read_hours(found["cap"])
        return None if high is None else Span(Decimal(0), high, capped=True)
    low_text, high_text = found["low"] or found["one"], found["high"] or found["one"]
    high = read_hours(high_text)
    if low_text[-1].isdigit() and re.search(rf"{IN_MINUTES}$", high_text):
        # "30-60m": the unit at the end is meant for both.
        low_text = f"{low_text}m"
    low = read_hours(low_text)
    return None if low is None or high is None else Span(low, high)
