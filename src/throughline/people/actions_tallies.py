"""Counting what must not be done too often: by a program, at a link, at the door."""

import math
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils.crypto import salted_hmac

from throughline.kernel.errors import Refused
from throughline.people.models import Tally

MINUTE: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=1)
COUNT: Final = """
    INSERT INTO people_tally (key, begun_s, count) VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN people_tally.begun_s = excluded.begun_s
                     THEN people_tally.count + 1 ELSE 1 END,
        begun_s = excluded.begun_s
    RETURNING count
"""


class TooOften(Refused):
    """Somebody must wait; `wait_s` says how long."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        super().__init__(message, remedy=f"Wait {self.wait_s} seconds.")


def take(key: str, *, most: int, span: timedelta, what: str, at: datetime) -> None:
    """Count one more of something; at most `most` of a span of time may pass.

    Spans lie side by side (a minute begins at its full minute), so that one statement counts,
    whoever else counts at the same time.

    Raises:
        TooOften: there were so many already.
    """
    begun = _span_of(at, span)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_hidden(key), begun])
        [count] = cursor.fetchone()
    if count > most:
        raise TooOften(f"Too many {what}.", wait_s=_left_s(begun, span, at))


def check(key: str, *, most: int, span: timedelta, what: str, at: datetime) -> None:
    """Pass if something may still be done in this span of time; counts nothing.

    Raises:
        TooOften: it was done so often already.
    """
    begun = _span_of(at, span)
    if Tally.objects.filter(key=_hidden(key), begun_s=begun, count__gte=most).exists():
        raise TooOften(f"Too many {what}.", wait_s=_left_s(begun, span, at))


def forget_old_tallies(*, at: datetime) -> int:
    """Delete what no span of ours reaches any more, and return how many rows that were."""
    old = Tally.objects.filter(begun_s__lt=(at - KEPT).timestamp())
    return old.delete()[0] if old.exists() else 0  # a look waits for nobody, a deletion may


def _span_of(at: datetime, span: timedelta) -> int:
    width = int(span.total_seconds())
    return int(at.timestamp()) // width * width


def _left_s(begun: int, span: timedelta, at: datetime) -> float:
    return begun + span.total_seconds() - at.timestamp()


def _hidden(key: str) -> str:
    return salted_hmac("throughline.people.tally", key, algorithm="sha256").hexdigest()
