"""The programme on cases that can be worked out by hand."""

from datetime import date

import numpy as np
import pytest

from tests.capacity.small import day, grid, load, person, place, programme, work
from throughline.capacity.engine.programme import Programme
from throughline.capacity.engine.work import Task, Work, check_work, tasks_of
from throughline.kernel.errors import Refused

ADA = person("Ada", "infra")
TWO = [person("Ada", "infra", "app"), person("Bo", "app")]


def test_work_fits_up_to_the_last_hour_and_not_beyond():
    assert place(programme([ADA]), work(20, "infra", due=1)).missing == (0.0,)
    assert place(programme([ADA]), work(21, "infra", due=1)).missing == pytest.approx((1.0,))


def test_work_for_any_of_two_roles_uses_both_and_leaves_the_one_that_is_needed_elsewhere():
    either, only_ada = work(20, "app", "infra", due=1), work(20, "infra", due=1)

    placed = place(programme(TWO), either, only_ada)

    assert placed.fits
    app, both = range(2)  # pools in order of their roles: ("app",), ("app", "infra")
    assert placed.new[0, app].sum() == pytest.approx(20)
    assert placed.new[1, both].sum() == pytest.approx(20)


def test_promises_come_first_and_move_within_their_weeks_to_make_room():
    promised = load(10, "infra", first=0, last=1)

    placed = place(programme([ADA], [promised]), work(10, "infra", due=0))

    assert placed.fits
    assert placed.promised[0, :2].tolist() == [0.0, 10.0]


def test_promises_keep_their_hours_when_new_work_wants_them():
    promised = load(10, "infra", first=0, last=0)

    placed = place(programme([ADA], [promised]), work(10, "infra", due=0))

    assert (placed.missing, placed.promised_missing) == ((10.0,), 0.0)


def test_promises_without_room_are_named_with_their_hours():
    short = programme([ADA], [load(25, "infra", first=0, last=1), load(3, "app")])

    found = {one.roles: hours for one, hours in short.promised_missing()}

    assert found == {("infra",): pytest.approx(5.0), ("app",): 3}


def test_subjects_that_are_left_out_do_not_count_and_come_back():
    model = programme([ADA], [load(80, "infra", last=7, subject="deal:1")])
    wanted = work(10, "infra", due=0)

    found = []
    for without in ({"deal:1"}, set(), {"deal:1"}):
        model.leave_out(frozenset(without))
        found.append(place(model, wanted).fits)

    assert found == [True, False, True]


def test_what_if_leaves_the_model_as_it_was():
    model = programme([ADA], [load(15, "infra", last=1)])

    before = place(model, work(10, "infra", due=1)).missing
    place(model, work(500, "infra", due=7), wish="level")
    after = place(model, work(10, "infra", due=1)).missing

    assert before == after == pytest.approx((5.0,))


def test_wish_early_takes_the_first_weeks_and_level_takes_all_alike():
    model = programme([ADA])
    wanted = work(20, "infra", due=3)

    early, level = (place(model, wanted, wish=wish).new[0, 0, :4] for wish in ("early", "level"))

    assert early.tolist() == pytest.approx([10, 10, 0, 0])
    assert level.tolist() == pytest.approx([5, 5, 5, 5])


def test_tight_weeks_are_those_where_an_hour_more_would_help():
    model = programme([ADA], [load(10, "infra", first=1, last=1)])

    placed = place(model, work(15, "infra", due=1))

    assert placed.missing == pytest.approx((5.0,))
    assert np.argwhere(placed.tight).tolist() == [[0, 0], [0, 1]]


def test_partial_weeks_count_by_their_working_days_for_all_work_together():
    wednesday, tuesday = day(0, 2), day(1, 1)
    works = [Work(str(one), ("infra",), 9, 9, wednesday, tuesday) for one in range(1)]

    placed = place(programme([ADA]), *works)

    assert placed.fits
    assert placed.new[0, 0, 0] <= 6.0 + 1e-6  # Wednesday to Friday
    assert placed.new[0, 0, 1] <= 4.0 + 1e-6  # Monday and Tuesday
    twice = place(programme([ADA]), Work("a", ("infra",), 6, 6, wednesday, tuesday),
                  Work("b", ("infra",), 6, 6, wednesday, day(1, 1)))  # fmt: skip
    assert sum(twice.missing) == pytest.approx(2.0)


def test_nobody_and_nothing_can_be_asked():
    empty = Programme(programme([]).pools, [])

    assert place(empty, work(5, "infra", due=1)).missing == (5.0,)
    assert place(programme([ADA])).fits


def test_tasks_take_alike_work_together_and_leave_out_what_takes_no_hours():
    works = [work(3, "b", "a", due=1, low=1), work(4, "a", "b", due=1), work(0, "a", due=1)]

    tasks = tasks_of(works, grid())

    assert tasks == [Task(("a", "b"), ((1, 3), (4, 4)), 0, 1)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Work("W", ("infra",), -1, 2, day(0)), "hours cannot be negative."),
        (Work("W", ("infra",), 3, 2, day(0)), "the high estimate 2 is below the low one 3."),
        (
            Work("W", ("infra",), 1, 2, day(1), day(0)),
            "it is due 2026-03-02, before it starts 2026-03-09.",
        ),
        (
            Work("W", ("wizard",), 1, 2, day(0)),
            "it asks for wizard, and the team has no such role.",
        ),
        (Work("W", (), 1, 2, day(0)), "it asks for nobody, and the team has no such role."),
    ],
)
def test_work_that_makes_no_sense_is_refused_with_its_line(wrong, message):
    with pytest.raises(Refused) as refused:
        check_work([work(1, "infra"), wrong], ["infra", "app"])

    assert refused.value.message == f"Line 2, 'W': {message}"
    assert refused.value.remedy


def test_work_beyond_the_horizon_finds_no_place():
    placed = place(programme([ADA], weeks=2), Work("W", ("infra",), 5, 5, date(2027, 1, 4)))

    assert placed.missing == (5.0,)
