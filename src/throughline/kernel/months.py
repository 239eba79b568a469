"""Calendar months: each is its first day, and people write it YYYY-MM."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from throughline.kernel.days import FIRST_YEAR, LAST_YEAR
from throughline.kernel.errors import Refused

_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


def parse_month(text: str) -> date:
    """Return the first day of the month that a text names.

    Raises:
        Refused: it names none.
    """
    found = _WRITTEN.fullmatch(text.strip()) if text.isascii() else None
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):  # noqa: PLR2004 -- a year has so many
        raise Refused(
            f"{text.strip()[:40]!r} is not a month.", remedy="Write it as YYYY-MM, such as 2026-03."
        )
    return date(year, month, 1)


def month_text(first: date) -> str:
    """Return a month as people write it."""
    return f"{first:%Y-%m}"


def month_of(day: date) -> date:
    """Return the month that a day is in."""
    return day.replace(day=1)


def months_later(first: date, count: int) -> date:
    """Return the month so many months after another one; before it where negative."""
    index = first.year * 12 + first.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


@lru_cache(maxsize=1024)  # the same few months, asked for with every cost
def last_day(first: date) -> date:
    """Return the last day of a month."""
    return months_later(first, 1) - timedelta(days=1)


def months_between(first: date, last: date) -> Iterator[date]:
    """Yield the months from one to another, both included."""
    while first <= last:
        yield first
        first = months_later(first, 1)
