"""The end date moves: what was said is taken back once, and the ladder starts again."""

import pytest

from tests.renewals.world import (
    PARTNERSHIPS,
    acts,
    day,
    make_ending,
    make_representative,
    make_successor,
    make_term,
    move_end,
    notices,
    outbox,
    run,
)
from throughline.mail.models import Message
from throughline.renewals.models import Correction

pytestmark = pytest.mark.django_db
A, B, C = "2026-06-30", "2026-12-31", "2027-06-30"
SIXTY = (PARTNERSHIPS, "Agreement expiring in 60 days")


def moved(name: str, to: str) -> tuple[list[str], str]:
    return (PARTNERSHIPS, f"Agreement end date changed: {name} now ends on {to}")


@pytest.fixture
def told():
    """An engagement of whose end on 30 June the partnerships address was told on 1 May."""
    engagement = make_term(A, name="Deal")
    run("2026-05-01")
    return engagement


def test_a_moved_end_voids_what_was_sent_corrects_once_and_starts_again(told):
    move_end(told, B)

    for on in ("2026-05-02", "2026-05-03", "2026-11-01", "2026-11-02", "2026-11-30"):
        run(on)

    assert outbox() == [SIXTY, moved("Deal", "31 December 2026"), SIXTY]
    assert notices(told) == [(A, "60", "void"), (B, "60", "sent")]


def test_a_correction_names_the_date_that_was_said_and_the_one_that_counts(told):
    move_end(told, B)

    run("2026-05-02")

    text = Message.objects.order_by("pk").last().text.splitlines()
    assert text[0] == 'The agreement "Deal" with its community now ends on 31 December 2026.'
    assert text[2].startswith("You were told that it would end on 30 June 2026.")
    assert acts("renewals.") == ["renewals.notice.sent", "renewals.notice.corrected"]


def test_an_end_that_moves_before_anybody_was_told_needs_no_correction():
    engagement = make_term(A, name="Deal")
    run("2026-04-30")
    move_end(engagement, B)

    run("2026-05-01")

    assert outbox() == []


def test_an_end_that_moves_twice_before_anything_ran_is_corrected_once(told):
    move_end(told, B)
    move_end(told, C)

    run("2026-05-02")
    run("2026-05-03")

    assert outbox() == [SIXTY, moved("Deal", "30 June 2027")]
    assert Correction.objects.get().was_on == day(A)


def test_an_end_that_moves_and_comes_back_before_anything_ran_is_no_news(told):
    move_end(told, B)
    move_end(told, A)

    run("2026-05-02")

    assert outbox() == [SIXTY]
    assert notices(told) == [(A, "60", "sent")]


def test_an_end_that_moves_and_comes_back_is_corrected_each_time_and_not_announced_again(told):
    for end_on, on in ((B, "2026-05-02"), (A, "2026-05-03"), (B, "2026-05-04"), (A, "2026-05-05")):
        move_end(told, end_on)
        run(on)
        run(on)

    december, june = moved("Deal", "31 December 2026"), moved("Deal", "30 June 2026")
    assert outbox() == [SIXTY, december, june, december, june]
    assert notices(told) == [(A, "60", "sent")]


def test_runs_of_one_and_the_same_instant_correct_towards_an_earlier_end_once(told):
    move_end(told, "2026-06-15")

    run("2026-05-01")
    run("2026-05-01")

    assert outbox() == [
        SIXTY,
        moved("Deal", "15 June 2026"),
        (PARTNERSHIPS, "Agreement expiring in 45 days"),
    ]


def test_an_end_that_comes_closer_is_corrected_and_announced_on_the_same_day(told):
    move_end(told, "2026-06-10")

    run("2026-05-11")

    assert outbox()[1:] == [
        moved("Deal", "10 June 2026"),
        (PARTNERSHIPS, "Agreement expiring in 30 days"),
    ]
    assert notices(told) == [(A, "60", "void"), ("2026-06-10", "60", "sent")]


def test_a_correction_goes_to_everybody_who_was_told():
    engagement = make_term(A, name="Deal")
    make_ending(engagement)
    make_representative(engagement, "rae@example.org")
    run("2026-05-01")
    run("2026-06-16")
    move_end(engagement, B)

    run("2026-06-17")

    everybody = ["partnerships@2i2c.org", "rae@example.org"]
    assert outbox()[2:] == [
        (everybody, "Agreement end date changed: Deal now ends on 31 December 2026")
    ]


def test_a_lapsed_agreement_that_is_extended_is_corrected_although_it_had_ended(told):
    run("2026-07-20")
    move_end(told, B)

    run("2026-07-21")

    assert outbox() == [SIXTY, moved("Deal", "31 December 2026")]


def test_an_end_that_becomes_unknown_says_nothing_until_it_is_known_again(told):
    move_end(told, None)
    run("2026-05-02")
    unknown = outbox()
    move_end(told, B)

    run("2026-05-03")

    assert unknown == [SIXTY]
    assert outbox() == [SIXTY, moved("Deal", "31 December 2026")]


def test_a_renewed_agreement_still_corrects_what_it_said(told):
    make_successor(told)
    move_end(told, B)

    run("2026-05-02")
    run("2026-11-01")

    assert outbox() == [SIXTY, moved("Deal", "31 December 2026")]
