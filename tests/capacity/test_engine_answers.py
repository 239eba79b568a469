"""The four answers, worked out by hand."""

from datetime import date

import pytest

from tests.capacity.small import MONDAY, RULES, answer, day, grid, load, person, work
from throughline.capacity.engine.answer import Limit, Missing
from throughline.capacity.engine.sampling import Finish
from throughline.capacity.engine.sentence import Beside, finish_in_words, sentence_of

ADA = person("Ada", "infra")
FULL = " – Infrastructure Engineer is the limit (100 % in week 10)."
NAMES = {"infra": "Infrastructure Engineer", "app": "App Engineer"}


def limits(found):
    return [(one.role, one.week, one.used_pct) for one in found.limits]


def test_yes_names_the_role_and_the_weeks_that_are_fullest():
    found = answer([ADA], work(15, "infra", due=2), loads=[load(4, "infra", first=1, last=1)])

    # 19 hours over three weeks of 10: each week 63 % full, whoever moves
    assert (found.word, found.start_on, found.missing) == ("yes", MONDAY, ())
    assert limits(found) == [("infra", week, 63) for week in range(3)]


def test_limit_is_the_role_whose_people_are_all_used_and_not_one_that_shares_a_person():
    team = [ADA, person("Ivy", "app", "infra"), person("Abe", "app")]

    found = answer(team, work(34, "infra", due=1), work(2, "app", due=1))

    # 34 of Ada's and Ivy's 40 hours; Ivy is as busy, but Abe has room for apps
    assert limits(found) == [("infra", 0, 85), ("infra", 1, 85)]


def test_limit_of_work_that_does_not_fit_is_the_role_that_is_missing():
    team = [ADA, person("Abe", "app")]

    found = answer(team, work(30, "infra", due=1), work(20, "app", "infra", due=1))

    # Abe is as full as Ada, but nobody has to be found for apps
    assert [one.roles for one in found.missing] == [("infra",)]
    assert {one.role for one in found.limits} == {"infra"}


def test_yes_from_moves_all_dates_to_the_first_weeks_that_fit():
    busy = load(20, "infra", first=0, last=1)

    found = answer([ADA], work(20, "infra", due=1), loads=[busy])

    assert (found.word, found.start_on, found.weeks_later) == ("yes_from", day(2), 2)
    assert found.missing == (Missing(("infra",), 20.0, day(0), day(1, 6)),)


def test_yes_from_finds_the_first_gap_even_where_a_later_week_is_full_again():
    busy = [load(10, "infra", first=week, last=week) for week in (0, 1, 3, 4, 5)]

    found = answer([ADA], work(10, "infra", due=0), loads=busy)

    assert found.start_on == day(2)


def test_only_if_says_which_hours_are_missing_when_no_later_start_helps():
    found = answer([ADA], work(15, "infra", due=0))

    assert (found.word, found.start_on) == ("only_if", MONDAY)
    assert found.missing == (Missing(("infra",), 5.0, day(0), day(0, 6)),)
    assert limits(found) == [("infra", 0, 100)]


def test_no_where_more_than_half_of_the_hours_have_no_place_by_any_start():
    found = answer([ADA], work(21, "infra", due=0))

    assert (found.word, found.start_on) == ("no", None)
    assert found.missing[0].hours == 11.0


@pytest.mark.parametrize("people", [[], [person("Bo", "app")]])
def test_only_if_names_the_role_that_nobody_has(people):
    found = answer(people, work(40, "infra", due=0))

    assert found.word == "only_if"
    assert found.missing == (Missing(("infra",), 40.0, day(0), day(0, 6), nobody=True),)
    assert (found.finish.p50_on, found.limits) == (None, ())


def test_only_if_names_every_role_when_nobody_is_known():
    found = answer([], work(4, "infra", due=0), work(5, "app", "infra", due=1))

    assert [one.roles for one in found.missing] == [("app", "infra"), ("infra",)]


def test_undated_work_starts_in_the_first_week_with_an_hour_for_it():
    busy = load(20, "infra", first=0, last=1)

    free, later = (answer([ADA], work(15, "infra"), loads=loads) for loads in ([], [busy]))

    assert (free.word, free.start_on) == ("yes", MONDAY)
    assert (later.word, later.start_on) == ("yes_from", day(2))


def test_finish_is_the_day_by_which_the_hours_are_worked():
    found = answer([ADA], work(14, "infra", due=7))

    # ten hours in the first week, four of ten in the second: Tuesday
    assert found.finish.p50_on == found.finish.p95_on == day(1, 1)


def test_finish_spreads_between_low_and_high_and_stays_the_same():
    wide = work(40, "infra", due=7, low=10)

    one, again = (answer([ADA], wide).finish for _ in range(2))

    assert one == again
    assert day(1) <= one.p50_on < one.p80_on < one.p95_on <= day(3, 4)


def test_finish_of_what_fits_is_not_after_what_is_due():
    busy = [load(6, "infra", first=week, last=week) for week in range(8)]

    found = answer([ADA], work(8, "infra", due=1, low=1), loads=busy)

    assert found.word == "yes"
    assert found.finish.p95_on <= day(1, 4)


def test_finish_keeps_people_for_the_work_that_only_they_can_do():
    ada, bo = person("Ada", "infra", "lead"), person("Bo", "app")

    found = answer([ada, bo], work(20, "app", "infra", due=1), work(20, "lead", due=1))

    assert (found.word, found.finish.p95_on) == ("yes", day(1, 4))


def test_finish_starts_to_count_on_the_day_of_the_start():
    thursday = day(0, 3)
    late = work(2, "infra", due=3)
    late = type(late)(late.title, late.roles, 2, 2, thursday, late.due_on)

    assert answer([ADA], late, start_on=thursday).finish.p50_on == thursday


def test_sentence_is_what_people_say():
    busy = [load(20, "infra", first=0, last=1), load(4, "infra", first=3, last=3)]
    found = answer([ADA], work(20, "infra", due=2), loads=busy)

    said = sentence_of(
        found, roles=NAMES, weeks=grid(), on=MONDAY, beside=[Beside("Beta", date(2026, 5, 4))]
    )

    assert said == (
        "Yes, from 16 March – Infrastructure Engineer is the limit (80 % in weeks 12–14); if Beta"
        " also closes, from 4 May."
    )


@pytest.mark.parametrize(
    ("hours", "due", "said"),
    [
        (5, 0, "Yes – Infrastructure Engineer is the limit (50 % in week 10)."),
        (
            15,
            0,
            "Only if we find 5 h more of Infrastructure Engineer from 2 March to 8 March" + FULL,
        ),
        (
            30,
            0,
            "No: we would have to find 20 h more of Infrastructure Engineer from 2 March to 8 March"
            + FULL,
        ),
    ],
)
def test_sentence_of_each_answer(hours, due, said):
    found = answer([ADA], work(hours, "infra", due=due))

    assert sentence_of(found, roles=NAMES, weeks=grid(), on=MONDAY) == said


def test_sentence_for_work_that_nobody_can_do_and_a_deal_that_leaves_no_room():
    found = answer([], work(5, "infra", "app", due=0))

    said = sentence_of(found, roles=NAMES, weeks=grid(), on=date(2025, 1, 1),
                       beside=[Beside("Beta", None)])  # fmt: skip

    assert said == (
        "Only if we find somebody for App Engineer or Infrastructure Engineer (5 h); if Beta also"
        " closes, not by the dates asked for."
    )


def test_sentence_shows_the_year_that_is_not_this_one():
    busy = load(20, "infra", first=0, last=1)
    found = answer([ADA], work(20, "infra", due=1), loads=[busy])

    said = sentence_of(found, roles=NAMES, weeks=grid(), on=date(2025, 12, 1))

    assert said.startswith("Yes, from 16 March 2026 –")


def test_limits_shown_are_three_spans_at_most():
    found = answer([ADA], work(1, "infra", due=7))
    spread = [Limit("infra", week, 90) for week in (0, 2, 4, 6)]

    said = sentence_of(
        type(found)("yes", MONDAY, found.finish, found.placed, limits=tuple(spread)),
        roles=NAMES, weeks=grid(), on=MONDAY,
    )  # fmt: skip

    assert said == (
        "Yes – Infrastructure Engineer is the limit (90 % in weeks 10, 12, 14, later ones)."
    )


def test_search_ends_where_the_playbook_says():
    busy = load(50, "infra", first=0, last=4)
    short = type(RULES)(search_weeks=3, refuse_above=1.0, samples=10)

    assert answer([ADA], work(10, "infra", due=0), loads=[busy], rules=short).word == "only_if"
    assert answer([ADA], work(10, "infra", due=0), loads=[busy]).start_on == day(5)


@pytest.mark.parametrize(
    ("finish", "said"),
    [
        (Finish(day(1), day(2), day(3)), ["finished by 2026-03-09 in 50 of 100 cases",
                                          "finished by 2026-03-16 in 80 of 100 cases",
                                          "finished by 2026-03-23 in 95 of 100 cases"]),
        (Finish(day(1)), ["finished by 2026-03-09 in 50 of 100 cases",
                          ("to be 80 % sure, reckon with later than 2026-04-26, the last day that"
                          " capacity looks at"),
                          ("to be 95 % sure, reckon with later than 2026-04-26, the last day that"
                          " capacity looks at")]),
        (Finish(), [("when it is finished cannot be said: not all of it is done by 2026-04-26, the"
                    " last day that capacity looks at")]),
    ],
)  # fmt: skip
def test_finish_in_words_says_what_is_not_known(finish, said):
    assert finish_in_words(finish, weeks=grid()) == said
