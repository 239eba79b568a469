"""How the day of a notice was reckoned, in words that a person can check with a calendar."""

from datetime import date

from throughline.renewals.queries import NoticeLine


def reckoning(line: NoticeLine, end_on: date | None) -> str:
    """Return the arithmetic of one line: "2026-06-30 - 60 days = 2026-05-01 (Fri)"."""
    due = _day(line.due_on)
    if line.state == "void" or end_on is None:
        return f"{due}, of an older end date"
    if line.days is None:
        return f"{due}, half of the term"
    counted = f"{end_on} - {line.days} days = {_day(line.counted_on or line.due_on)}"
    return f"{counted}, nobody works: {due}" if line.counted_on else counted


def _day(on: date) -> str:
    return f"{on} ({on:%a})"
