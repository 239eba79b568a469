"""Answers that are kept until the journal says that they may be others."""

import threading

import pytest

from tests.factories import NOON, make_deal, make_person
from throughline.billing.grounds import DECIDING
from throughline.journal import remembering
from throughline.journal.actions import record
from throughline.journal.remembering import Acts, forget, remembered, remembered_each
from throughline.people.words import RoleName

ACTS = Acts(("sales.", "delivery."), ("sales.note.",))


@pytest.fixture
def counted(monkeypatch):
    """Remember, and return what is found out: the next number each time."""
    monkeypatch.setattr(remembering, "MOST", 2)
    forget()
    numbers = iter(range(100))
    yield lambda key="a": remembered(key, ACTS, lambda: next(numbers))
    forget()


def tell(act):
    record(act, make_deal(), by="test", at=NOON)


@pytest.mark.both_databases
def test_answer_is_found_out_again_after_an_act_that_concerns_it_and_not_after_others(
    committed_db, counted
):
    assert [counted(), counted()] == [0, 0]
    tell("mail.message.sent")
    tell("sales.note.written")
    assert counted() == 0
    tell("sales.agreement.signed")
    assert [counted(), counted()] == [1, 1]


def test_several_answers_are_found_out_again_together_and_the_journal_is_asked_once(
    committed_db, counted, django_assert_num_queries
):
    numbers = iter(range(100))
    finding = {key: lambda: next(numbers) for key in "ab"}
    assert remembered_each(ACTS, finding) == {"a": 0, "b": 1}
    with django_assert_num_queries(1):
        assert remembered_each(ACTS, finding) == {"a": 0, "b": 1}
    tell("sales.agreement.signed")
    assert remembered_each(ACTS, finding) == {"a": 2, "b": 3}


def test_of_several_answers_nothing_is_remembered_that_may_be_taken_back(db, counted):
    numbers = iter(range(100))
    finding = {"a": lambda: next(numbers)}
    assert [remembered_each(ACTS, finding)["a"] for _ in range(2)] == [0, 1]


def test_what_is_asked_otherwise_is_another_answer(committed_db, counted):
    assert [counted("a"), counted("b"), counted("a")] == [0, 1, 0]


def test_only_the_answers_asked_for_last_are_kept(committed_db, counted):
    assert [counted("a"), counted("b"), counted("a"), counted("c")] == [0, 1, 0, 2]
    assert [counted("a"), counted("b")] == [0, 3]


def test_answer_is_not_kept_for_longer_than_some_minutes(committed_db, counted, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(remembering.time, "monotonic", lambda: now)
    assert counted() == 0
    now += remembering.LONGEST_S + 1
    assert counted() == 1


def test_nothing_is_remembered_of_what_may_be_taken_back(db, counted):
    assert [counted(), counted()] == [0, 1]


def test_two_who_ask_at_once_find_out_once(at_once, counted):
    slowly = threading.Event()

    def ask():
        return remembered("slow", ACTS, lambda: slowly.wait(0.05) or object())

    first, second = at_once(ask, ask)
    assert first is second


def test_who_asks_something_else_does_not_wait_for_an_answer_that_takes_long(at_once, counted):
    begun, answered = threading.Event(), threading.Event()

    def long():
        begun.set()
        return answered.wait(10)

    def short():
        begun.wait(10)
        found = remembered("short", ACTS, lambda: "known")
        answered.set()
        return found

    assert at_once(lambda: remembered("long", ACTS, long), short) == [True, "known"]


def test_who_signs_in_changes_no_bill(committed_db, counted):
    before = DECIDING.newest()
    make_person("ada", RoleName.BD)
    assert DECIDING.newest() == before
    tell("sales.deal.dates_agreed")
    assert DECIDING.newest() > before
