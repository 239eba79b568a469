"""The ladder by counting days one by one: slow, obvious, and written without looking at ours."""

from datetime import date, timedelta
from functools import cache

ONE = timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    """Return every day from the first to the last, both included."""
    found = []
    while first <= last:
        found.append(first)
        first += ONE
    return found


def days_left(on: date, end_on: date) -> int:
    """Count how often one must sleep until the last day."""
    return len(days_between(on, end_on)) - 1


@cache
def ladder_days(start_on: date | None, end_on: date, *, is_ending: bool) -> dict[str, date]:
    """Return on which day each step of the shipped ladder falls; dropped steps are not in it."""
    term = days_between(start_on or end_on - 200 * ONE, end_on)
    wanted = {180: "180", 60: "60"} | ({14: "14", 2: "2"} if is_ending else {})
    found = {}
    left = len(term) - 1
    for today in term:
        if left in wanted:
            found[wanted[left]] = today
        left -= 1
    if "60" not in found:
        found["half-term"] = term[(len(term) - 1) // 2]
    return found


def mails_by(on: date, start_on: date | None, end_on: date, *, is_ending: bool) -> list[str]:
    """Return the mails whose day has come, the earliest first; none after the end."""
    if on > end_on:
        return []
    steps = ladder_days(start_on, end_on, is_ending=is_ending).items()
    return [
        step for step, due in sorted(steps, key=lambda one: one[1]) if due <= on and step != "180"
    ]
