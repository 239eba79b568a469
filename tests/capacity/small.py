"""Small worlds for the engine: weeks from Monday 2 March 2026, people by their hours a week."""

from datetime import date, timedelta

import numpy as np

from throughline.capacity.engine.answer import Question, Rules, answer_of
from throughline.capacity.engine.programme import Programme
from throughline.capacity.engine.supply import Colleague, Pools, pooled
from throughline.capacity.engine.weeks import Weeks
from throughline.capacity.engine.work import Load, Work, tasks_of

MONDAY = date(2026, 3, 2)
RULES = Rules(search_weeks=10, refuse_above=0.5, samples=200)


def person(name, *roles, hours=10.0, **more):
    """Somebody who can sell `hours` a week."""
    return Colleague(name, roles, hours, 1.0, **more)


def day(week, weekday=0):
    """A day of the grid: week 0 is that of 2 March, weekday 4 a Friday."""
    return MONDAY + timedelta(days=7 * week + weekday)


def work(hours, *roles, week=0, due=None, low=None, title="Work"):
    """Work from the Monday of one week to the Friday of another."""
    due_on = None if due is None else day(due, 4)
    return Work(title, roles, hours if low is None else low, hours, day(week), due_on)


def load(hours, *roles, first=0, last=0, subject="deal:9"):
    return Load(subject, roles, hours, first, last)


def grid(count=8):
    return Weeks(MONDAY, count)


def programme(people, loads=(), weeks=8, **more):
    return Programme(pooled(people, grid(weeks)), list(loads), **more)


def matrix(*rows, roles):
    """Pools from a table of hours."""
    return Pools(
        tuple(frozenset(one) for one in roles), np.array(rows, dtype=float),
        tuple(("somebody",) for _ in roles),
    )  # fmt: skip


def place(programme, *works, wish=""):
    return programme.place(tasks_of(works, grid(programme.count)), wish=wish)


def answer(people, *works, loads=(), weeks=8, rules=RULES, start_on=MONDAY):
    asked = Question(programme(people, loads, weeks), grid(weeks), works, start_on, rules)
    return answer_of(asked)
