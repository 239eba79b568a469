"""How terms and remedies read on a page."""

import re
from datetime import date, timedelta

from throughline.web.templatetags.ui import day, days_word

ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
# Remedies are shared with the command line; on a page the button beside them does it.
COMMAND = re.compile(r":? `throughline [^`]*`[^.]*")


def term_words(start: date | None, end: date | None) -> str:
    """Return a term in words: whole months where it has them, else its days; `end` is included."""
    if start and end:
        months = whole_months(start, end)
        if months:
            return f"{months} month{'s' if months > 1 else ''}"
        return days_word((end - start).days + 1)
    if start:
        return f"from {day(start)}"
    return f"until {day(end)}" if end else "no term"


def whole_months(start: date, end: date) -> int:
    """Return how many months a term fills exactly; 0 where it fills none exactly."""
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    return months if after.day == start.day else 0


def for_page(text: str) -> str:
    """Return a message as pages word it: days in words, and no commands."""
    return ISO_DAY.sub(_in_words, COMMAND.sub("", text))


def _in_words(found: re.Match[str]) -> str:
    try:
        return day(date.fromisoformat(found[0]))
    except ValueError:  # a number of somebody's that only looks like a day
        return found[0]
