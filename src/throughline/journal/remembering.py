"""Answers about everything there is, kept in memory for as long as nothing decided otherwise.

What a month of billing comes to depends on every entry, agreement, cluster and split; whom the
team can still promise hours, on every booking. Working it out takes seconds where thousands of
engagements run, and the same answer is asked for again and again. The journal says when it may be
another one: whatever is done is written there. Nothing is lost with a process that stops.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Q

from throughline.journal.models import Entry

MOST = 96  # answers; a page about one deal keeps two
# Two that write at once may be numbered the other way round than they are seen: a wrong answer
# that came of it is not kept for longer than this.
LONGEST_S = 300.0

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts that can change an answer: all that begin so, except for those that begin otherwise."""

    beginning: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def newest(self) -> int:
        """Return the number of the newest entry of such an act; 0 where there is none; one query."""
        sql, params = _question(self, connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            row = cursor.fetchone()
        return int(row[0]) if row else 0


ANYTHING: Final = Acts(("",))  # whatever is done can change the answer


@cache
def _question(acts: Acts, _vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Return the query for the newest entry of some acts, made once: making it takes longest."""
    found = Entry.objects.filter(_begins(acts.beginning)).exclude(_begins(acts.beside))
    asked = found.order_by("-pk").values_list("pk", flat=True)[:1]
    sql, params = asked.query.sql_with_params()
    return sql, tuple(params)


def _begins(texts: tuple[str, ...]) -> Q:
    found = Q(pk__in=[])
    for one in texts:
        found |= Q(act__startswith=one)
    return found


_answers: OrderedDict[Hashable, tuple[int, float, Any]] = OrderedDict()
_asked: dict[Hashable, threading.RLock] = {}  # one at a time finds out the same
_lock = threading.Lock()  # of both, and held for no longer than it takes to look


def remembered(key: Hashable, acts: Acts, find_out: Callable[[], Answer]) -> Answer:
    """Return an answer as it was found out since the last such act, or find it out.

    One at a time finds out the same; who asks something else does not wait.

    `key` says everything that the answer depends on beside the database: the day, the rules. Within
    a transaction nothing is remembered: what is seen there may be taken back.
    """
    if connection.in_atomic_block:
        return find_out()
    with _asking(key):
        return _answer(key, acts.newest(), find_out)


def remembered_each(
    acts: Acts, finding: Mapping[Hashable, Callable[[], Answer]]
) -> dict[Hashable, Answer]:
    """Return several answers that the same acts can change, by key; the journal is asked once."""
    if connection.in_atomic_block:
        return {key: find_out() for key, find_out in finding.items()}
    now = acts.newest()
    answers = {}
    for key, find_out in finding.items():
        with _asking(key):
            answers[key] = _answer(key, now, find_out)
    return answers


def _asking(key: Hashable) -> threading.RLock:
    with _lock:
        return _asked.setdefault(key, threading.RLock())


def _answer(key: Hashable, now: int, find_out: Callable[[], Answer]) -> Answer:
    """Return the answer as it is kept for entry number `now` of the journal, or find it out."""
    kept = _kept(key, now)
    if kept is not None:
        known: Answer = kept[0]
        return known
    found = find_out()
    _keep(key, now, found)
    return found


def _kept(key: Hashable, now: int) -> tuple[Any] | None:
    """Return an answer that still holds, alone in a tuple since it may be None; None: none does."""
    with _lock:
        number, since, answer = _answers.get(key, (-1, 0.0, None))
        if number != now or time.monotonic() - since >= LONGEST_S:
            return None
        _answers.move_to_end(key)
        return (answer,)


def _keep(key: Hashable, now: int, answer: object) -> None:
    with _lock:
        _answers[key] = (now, time.monotonic(), answer)
        _answers.move_to_end(key)
        while len(_answers) > MOST:
            gone, _answer = _answers.popitem(last=False)
            _asked.pop(gone, None)


def forget() -> None:
    """Forget all answers."""
    with _lock:
        _answers.clear()
