import threading
from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from throughline.people.actions_calls import Answer, OtherCall, StillAtWork, forget_old_calls, once
from throughline.people.models import ApiCall, User

pytestmark = pytest.mark.both_databases


def call(work, *, digest="a", key="k", caller="user:1", at=NOON):
    return once(caller, key, request_sha256=digest, work=work, at=at)


class Work:
    """Work that leaves something behind, and counts how often it was done."""

    def __init__(self, status=201):
        self.status, self.done = status, 0

    def __call__(self):
        self.done += 1
        make_person(f"made-{self.done}")
        return Answer(self.status, f"answer {self.done}")


@pytest.mark.django_db
def test_same_call_is_made_once_and_answered_twice_the_same():
    work = Work()

    answers = [call(work), call(work)]

    assert answers == [(Answer(201, "answer 1"), False), (Answer(201, "answer 1"), True)]
    assert (work.done, User.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_key_of_another_call_is_refused_and_nothing_is_done():
    work = Work()
    call(work)

    with pytest.raises(OtherCall):
        call(work, digest="b")

    assert work.done == 1


@pytest.mark.django_db
def test_keys_belong_to_their_callers():
    work = Work()

    call(work)
    call(work, caller="user:2", digest="b")

    assert work.done == 2


@pytest.mark.django_db
def test_refused_call_leaves_its_key_free():
    assert call(Work(422))[0].status == 422
    assert ApiCall.objects.count() == 0

    assert call(Work(200), digest="b")[0].status == 200


@pytest.mark.django_db
def test_call_that_breaks_leaves_nothing_behind_and_its_key_free():
    def breaks():
        make_person("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(breaks)

    assert (User.objects.count(), ApiCall.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_call_whose_worker_died_is_taken_over_after_a_while_and_not_before():
    ApiCall.objects.create(caller="user:1", key="k", request_sha256="a", begun_at=NOON)
    work = Work()

    with pytest.raises(StillAtWork):
        call(work, at=NOON + timedelta(seconds=119))
    assert call(work, at=NOON + timedelta(seconds=121))[0].status == 201


@pytest.mark.django_db
def test_key_is_known_for_a_day():
    work = Work()
    call(work)
    call(work, at=NOON + timedelta(hours=23))

    call(work, at=NOON + timedelta(hours=25), digest="b")

    assert work.done == 2


@pytest.mark.django_db
def test_old_calls_are_forgotten():
    call(Work())

    gone = [forget_old_calls(at=NOON + timedelta(hours=hours)) for hours in (23, 25)]

    assert (gone, ApiCall.objects.count()) == ([0, 1], 0)


def test_two_of_the_same_call_at_once_do_the_work_once(at_once):
    begun, may_end = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert may_end.wait(timeout=10)
        return Answer(200, "done")

    def second():
        assert begun.wait(timeout=10)
        try:
            return call(lambda: Answer(200, "twice"))
        finally:
            may_end.set()

    first, other = at_once(lambda: call(slow), second)

    assert first == (Answer(200, "done"), False)
    assert isinstance(other, StillAtWork)
