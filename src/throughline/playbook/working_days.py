"""Days on which people work: not on weekends, and not while the organisation is closed."""

from collections.abc import Sequence
from datetime import date, timedelta

from throughline.kernel.days import ONE_DAY
from throughline.playbook.parts import Closure

FIRST_DAY_OFF = 5  # Saturday
A_YEAR = 366


def is_working_day(day: date, closures: Sequence[Closure]) -> bool:
    """Return whether somebody works on a day; a closure may reach into the next year."""
    if day.weekday() >= FIRST_DAY_OFF:
        return False
    begun = (
        date(year, one.month, one.day) for one in closures for year in (day.year - 1, day.year)
    )
    lengths = (one.days for one in closures for _year in range(2))
    return not any(
        first <= day < first + timedelta(days=length)
        for first, length in zip(begun, lengths, strict=True)
    )


def working_day_near(day: date, closures: Sequence[Closure], *, back: bool) -> date:
    """Return the day itself, or the next working day after it; `back`: the last one before it.

    An organisation that is closed all year is due on the day itself.
    """
    step = -ONE_DAY if back else ONE_DAY
    found = day
    for _ in range(A_YEAR):
        if is_working_day(found, closures):
            return found
        found += step
    return day


def due_day(
    anchor: date | None, offset_days: int, closures: Sequence[Closure], *, last: date | None
) -> date | None:
    """Return the working day that lies so many calendar days from an anchor; None without one.

    What counts back is due before a weekend or closure, what counts forward after it, but never
    after `last`, the end of the agreement, unless it counts from there on.
    """
    if anchor is None:
        return None
    counted = anchor + timedelta(days=offset_days)
    found = working_day_near(counted, closures, back=offset_days < 0)
    if last is not None and counted <= last < found:
        return working_day_near(counted, closures, back=True)
    return found
