"""The burn-down of a ceiling or pot as a small picture in a row, with the agreement's end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from throughline.budgets.spending import Burn
from throughline.kernel.months import last_day

WIDTH, HEIGHT = 100, 24  # of the picture, in its own units
BEYOND: Final = timedelta(days=92)  # how far past the end a line that lasts longer is followed

Point = tuple[date, float]  # a day, and the part that is left of the ceiling then


@dataclass(frozen=True, slots=True)
class Spark:
    """What is left, month by month; where it leads; and where the agreement ends. Points as SVG has them."""

    known: str
    ahead: str
    end_x: float


def spark_of(burn: Burn) -> Spark | None:
    """Return the picture of one row; None where there is no ceiling, no end or no cost to draw."""
    ceiling, end_on = burn.place.ceiling, burn.place.engagement.deal.end_on
    if ceiling is None or not burn.is_compared or not burn.agreement or end_on is None:
        return None
    months = sorted(burn.agreement)
    spent = accumulate(burn.agreement[month] for month in months)
    known = [(months[0], 1.0)] + [
        (last_day(month), max(1 - float(so_far / ceiling.amount), 0.0))
        for month, so_far in zip(months, spent, strict=True)
    ]
    end = end_on + timedelta(days=1)
    ahead = _ahead(known[-1], burn.runs_out_on, end + BEYOND)
    days = [months[0], end, *(day for day, _left in (*known, *ahead))]
    first, last = min(days), max(days)
    return Spark(_drawn(known, first, last), _drawn(ahead, first, last), _x(end, first, last))


def _ahead(now: Point, out_on: date | None, furthest: date) -> Sequence[Point]:
    """Return the line to the day on which nothing is left, cut where it leaves the picture."""
    day, left = now
    if out_on is None or out_on <= day:
        return ()
    if out_on <= furthest:
        return now, (out_on, 0.0)
    return now, (furthest, left * ((out_on - furthest) / (out_on - day)))


def _x(day: date, first: date, last: date) -> float:
    return round((day - first) / (last - first) * WIDTH, 1)


def _drawn(points: Iterable[Point], first: date, last: date) -> str:
    return " ".join(
        f"{_x(day, first, last)},{round((1 - left) * HEIGHT, 1)}" for day, left in points
    )
