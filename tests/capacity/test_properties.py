"""What holds for every team and every piece of work."""

from collections import Counter, defaultdict
from datetime import date
from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.capacity.small import matrix
from throughline.capacity.engine.answer import Question, Rules, answer_of, earliest_fit
from throughline.capacity.engine.programme import Programme
from throughline.capacity.engine.weeks import Weeks
from throughline.capacity.engine.work import Load, Task, Work

ROLES = ("app", "infra", "lead")
KINDS = [frozenset(kind) for size in (1, 2) for kind in combinations(ROLES, size)]
WEEKS = 5
RULES = Rules(search_weeks=4, refuse_above=0.5, samples=20)
ORDER = {"yes": 0, "yes_from": 1, "only_if": 2, "no": 3}

hours = st.integers(0, 12).map(float)
window = st.tuples(st.integers(0, WEEKS - 1), st.integers(0, WEEKS - 1)).map(sorted)
some_roles = st.sets(st.sampled_from(ROLES), min_size=1, max_size=2).map(sorted).map(tuple)


@st.composite
def teams(draw):
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
    return matrix(*[[draw(hours) for _ in range(WEEKS)] for _ in kinds], roles=kinds)


@st.composite
def loads(draw):
    first, last = draw(window)
    return Load(f"deal:{draw(st.integers(1, 3))}", draw(some_roles), draw(hours), first, last)


@st.composite
def tasks(draw):
    first, last = draw(window)
    return Task(draw(some_roles), ((0.0, draw(st.integers(1, 30)) * 1.0),), first, last)


worlds = st.tuples(
    teams(), st.lists(loads(), max_size=4), st.lists(tasks(), min_size=1, max_size=3)
)


def most_hours(pools, needs):
    """Return the most hours that can be placed, by augmenting paths: slow, and nobody's library."""
    left = defaultdict(Counter)
    for at, need in enumerate(needs):
        left["from"][at] += need.high
        for cell in np.ndindex(pools.hours.shape):
            if need.allows(cell, pools):
                left[at][cell] = 10**6
    for cell in np.ndindex(pools.hours.shape):
        left[cell]["to"] += pools.hours[cell]
    placed = 0.0
    while path := find_path(left, "from", {"from"}):
        step = min(left[one][other] for one, other in pairwise(path))
        for one, other in pairwise(path):
            left[one][other] -= step
            left[other][one] += step
        placed += step
    return placed


def find_path(left, node, seen):
    if node == "to":
        return [node]
    for other, hours in list(left[node].items()):
        if hours > 0 and other not in seen:
            seen.add(other)
            if path := find_path(left, other, seen):
                return [node, *path]
    return None


class Need:
    """What a brute-force placement wants of a task or a load."""

    def __init__(self, roles, high, first, last):
        self.roles, self.high, self.first, self.last = set(roles), high, first, last

    def allows(self, cell, pools):
        pool, week = cell
        return self.first <= week <= self.last and bool(pools.roles[pool] & self.roles)


@given(worlds)
@settings(max_examples=150)
def test_programme_places_as_many_hours_as_brute_force_can(world):
    pools, promised, new = world
    placed = Programme(pools, promised).place(new)

    asked = sum(task.high_h for task in new) + sum(load.hours for load in promised)
    impossible = sum(load.hours for load in promised if not pools.able(load.roles))
    missing = sum(placed.missing) + placed.promised_missing + impossible
    needs = [Need(one.roles, one.high_h, one.first, one.last) for one in new]
    needs += [Need(one.roles, one.hours, one.first, one.last) for one in promised]

    assert abs((asked - missing) - most_hours(pools, needs)) < 1e-6


@given(worlds)
@settings(max_examples=100)
def test_promises_never_give_an_hour_to_new_work(world):
    pools, promised, new = world
    alone = Programme(pools, promised).place([])

    assert (
        abs(Programme(pools, promised).place(new).promised_missing - alone.promised_missing) < 1e-6
    )


@given(worlds, st.sampled_from(["", "early", "level"]))
@settings(max_examples=150)
def test_allocation_never_breaks_a_limit(world, wish):
    pools, promised, new = world
    placed = Programme(pools, promised).place(new, wish=wish)

    assert (placed.used <= pools.hours + 1e-6).all()
    for at, task in enumerate(new):
        outside = placed.new[at].copy()
        able = list(pools.able(task.roles))
        outside[np.ix_(able, range(task.first, task.last + 1))] = 0.0
        assert np.abs(outside).max(initial=0.0) < 1e-9
        assert abs(placed.new[at].sum() + placed.missing[at] - task.high_h) < 1e-6


@given(worlds, st.sampled_from(["early", "level"]))
@settings(max_examples=100)
def test_a_wish_never_loses_an_hour(world, wish):
    pools, promised, new = world
    model = Programme(pools, promised)

    plain, wished = model.place(new), model.place(new, wish=wish)

    assert abs(sum(plain.missing) - sum(wished.missing)) < 1e-6


@given(worlds, st.integers(0, 2), st.integers(0, WEEKS - 1), hours)
@settings(max_examples=100)
def test_more_supply_never_makes_an_answer_worse(world, pool, week, more):
    pools, promised, new = world
    weeks = Weeks(date(2026, 3, 2), WEEKS)
    works = tuple(
        Work("W", task.roles, 0.0, task.high_h, weeks.monday(task.first), weeks.monday(task.last))
        for task in new
    )
    richer = pools.hours.copy()
    richer[pool % len(pools.roles), week] += more
    before, after = (
        answer_of(Question(Programme(one, promised), weeks, works, weeks.first, RULES))
        for one in (pools, type(pools)(pools.roles, richer, pools.members))
    )

    assert ORDER[after.word] <= ORDER[before.word]
    if before.word == after.word == "yes_from":
        assert after.start_on <= before.start_on
    assert (
        sum(one.hours for one in after.missing) <= sum(one.hours for one in before.missing) + 0.02
    )


@given(worlds, st.integers(0, WEEKS - 1), st.floats(0, 1))
@settings(max_examples=100)
def test_splitting_a_week_changes_nothing(world, week, part):
    pools, promised, new = world
    column = pools.hours[:, week : week + 1]
    split = np.hstack([pools.hours[:, :week], column * part, column * (1 - part),
                       pools.hours[:, week + 1 :]])  # fmt: skip

    def moved(first, last):
        return first + (first > week), last + (last >= week)

    whole = Programme(pools, promised).place(new)
    halves = Programme(
        type(pools)(pools.roles, split, pools.members),
        [Load(one.subject, one.roles, one.hours, *moved(one.first, one.last)) for one in promised],
    ).place([Task(one.roles, one.parts, *moved(one.first, one.last)) for one in new])

    assert abs(sum(whole.missing) - sum(halves.missing)) < 1e-6


@given(worlds)
@settings(max_examples=60)
def test_earliest_fit_is_what_trying_every_week_finds(world):
    pools, promised, new = world
    weeks = Weeks(date(2026, 3, 2), WEEKS)
    works = tuple(
        Work("W", one.roles, 0.0, one.high_h, weeks.monday(one.first), weeks.monday(one.last))
        for one in new
    )
    asked = Question(Programme(pools, promised), weeks, works, weeks.first, RULES)
    last = max(one.last for one in new)
    tried = (
        later
        for later in range(1, min(RULES.search_weeks, WEEKS - 1 - last) + 1)
        if asked.later(later).place().fits
    )

    assert earliest_fit(asked) == next(tried, None)
