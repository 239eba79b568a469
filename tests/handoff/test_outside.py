"""A pass over an outside system: one look, few sends, nothing lost, nothing doubled."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_engagement
from tests.handoff.elsewhere import SETTLING, World
from tests.handoff.world import apply, sweep, verify_with
from throughline.connectors.http import AnswerLost, UnknownShape
from throughline.handoff.jobs import due_passes
from throughline.handoff.leases import take_lease
from throughline.handoff.models import Outcome, Pass
from throughline.handoff.passes import Leased, Terms
from throughline.journal.models import Entry
from throughline.kernel.errors import Permanent, Transient

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONCE = {"a": 1, "b": 1, "c": 1}


@pytest.fixture
def engagement():
    return make_engagement()


@pytest.fixture
def world():
    return World()


def row(name: str) -> Outcome:
    return Outcome.objects.get(key__startswith="elsewhere.", key__endswith=f":{name}")


def states() -> dict[str, str]:
    found = Outcome.objects.filter(system="elsewhere")
    return {one.key.rsplit(":", 1)[1]: str(one.state) for one in found}


def later(world, after) -> list[int]:
    return sweep(NOON + after, connect=world.outside)


def calls() -> int:
    return Pass.objects.get().last_calls["elsewhere"]


def test_a_first_apply_looks_once_and_sends_in_batches(engagement, world):
    apply(engagement, terms=world.terms())

    assert (world.looks, world.sends) == (1, [["a", "b"], ["c"]])
    assert states() == dict.fromkeys("abc", "converged")
    assert row("a").receipt == {"id": "a"}
    assert calls() == 3


def test_applying_again_reads_only_and_one_changed_field_is_one_send(engagement, world):
    apply(engagement, terms=world.terms())

    apply(engagement, terms=world.terms(), at=NOON + HOUR)
    again = calls()
    world.wanted["b"] = {"title": "another"}
    apply(engagement, terms=world.terms(), at=NOON + HOUR)

    assert (again, calls(), world.sends[2:]) == (1, 2, [["b"]])
    assert world.count() == ONCE


def test_a_listing_that_lags_does_not_make_what_was_just_made_once_more(engagement, world):
    apply(engagement, terms=world.terms())
    world.hidden = True

    apply(engagement, terms=world.terms(), at=NOON + SETTLING - MINUTE)

    assert (world.count(), states()) == (ONCE, dict.fromkeys("abc", "converged"))


def test_what_a_person_changed_a_moment_ago_is_seen_at_once_and_restored_on_request(
    engagement, world
):
    apply(engagement, terms=world.terms())
    world.things = [(key, {"title": "theirs"}) for key, _content in world.things]

    verify_with(engagement, world.outside, at=NOON + MINUTE)
    assert states() == dict.fromkeys("abc", "drifted")
    apply(engagement, terms=world.terms(), at=NOON + MINUTE)

    assert (world.count(), dict(world.things)[row("a").key]) == (ONCE, {"title": "a"})


def test_a_listing_that_shows_what_was_there_before_our_change_is_not_believed_yet(
    engagement, world
):
    apply(engagement, terms=world.terms())
    before = list(world.things)
    world.wanted["b"] = {"title": "another"}
    apply(engagement, terms=world.terms(), at=NOON + HOUR)
    world.things = before

    verify_with(engagement, world.outside, at=NOON + HOUR + MINUTE)
    assert states() == dict.fromkeys("abc", "converged")
    verify_with(engagement, world.outside, at=NOON + HOUR + SETTLING + MINUTE)
    assert states() == dict.fromkeys("abc", "converged") | {"b": "drifted"}


def test_a_change_of_what_lags_waits_for_the_listing_instead_of_making_a_second(engagement, world):
    apply(engagement, terms=world.terms())
    world.hidden, world.wanted["a"] = True, {"title": "another"}

    apply(engagement, terms=world.terms(), at=NOON + MINUTE)
    assert (world.count(), row("a").next_at) == (ONCE, row("a").settles_at)

    world.hidden = False
    later(world, SETTLING + MINUTE)
    assert (world.count(), states()["a"]) == (ONCE, "converged")
    assert dict(world.things)[row("a").key] == {"title": "another"}


@pytest.mark.parametrize("is_performed", [True, False])
def test_a_lost_answer_is_looked_up_after_settling_and_made_exactly_once(
    engagement, world, is_performed
):
    world.fails, world.performs, world.hidden = [AnswerLost("No answer.")], is_performed, True
    apply(engagement, terms=world.terms(batch=3))
    assert states() == dict.fromkeys("abc", "unknown")
    assert row("a").next_at >= NOON + SETTLING

    apply(engagement, terms=world.terms(batch=3), at=NOON + SETTLING - MINUTE)
    assert len(world.sends) == 1  # not even for a person, before a look could show it
    world.hidden = False
    later(world, HOUR)

    assert (world.count(), states()) == (ONCE, dict.fromkeys("abc", "converged"))
    assert row("a").attempts == (1 if is_performed else 2)
    assert row("a").receipt == {"id": "a"}  # also where only the look has shown it


def test_after_three_lost_answers_a_person_looks_and_only_they_send_once_more(engagement, world):
    world.wanted = {"a": {"title": "a"}}
    world.fails = [AnswerLost("No answer.")] * 3
    apply(engagement, terms=world.terms())
    for hours in range(1, 60):
        later(world, hours * HOUR)

    assert (len(world.sends), states()) == (3, {"a": "waiting"})
    assert row("a").remedy == (
        "It was sent 3 times and no answer came, and elsewhere does not show it. Look there for"
        f" “thing {row('a').key}”; if it is not there, apply again and it is sent once more."
    )
    apply(engagement, terms=world.terms(), at=NOON + 60 * HOUR)
    assert (len(world.sends), states(), row("a").doubts) == (4, {"a": "converged"}, 0)


def test_a_killed_workers_intent_is_unknown_and_found_by_the_sweep(engagement, world):
    class Killed(BaseException):
        pass

    world.fails, world.performs, world.hidden = [Killed()], True, True
    with pytest.raises(Killed):
        apply(engagement, terms=world.terms())
    assert states() == {"a": "unknown", "b": "unknown", "c": "wanted"}
    assert due_passes(at=NOON) == [engagement.number]

    later(world, MINUTE)  # too early to tell for two of them; the third is made
    assert (states(), world.count()) == ({"a": "unknown", "b": "unknown", "c": "converged"}, ONCE)
    world.hidden = False
    later(world, SETTLING + HOUR)

    assert (states(), world.count()) == (dict.fromkeys("abc", "converged"), ONCE)
    told = Entry.objects.filter(act="handoff.outcome.unknown").values_list("facts", flat=True)
    assert [one["error"] for one in told] == ["The worker stopped before the answer."] * 2


def test_one_refused_send_waits_in_words_and_the_others_go_on(engagement, world):
    world.fails = [Permanent("422: no such label.")]

    apply(engagement, terms=world.terms(batch=1))

    assert states() == {"a": "waiting", "b": "converged", "c": "converged"}
    assert (row("a").remedy, row("a").intent_at) == ("422: no such label.", None)


def test_an_answer_of_unknown_shape_may_mean_done_and_is_looked_up_before_it_is_sent_again(
    engagement, world
):
    world.fails, world.performs = [UnknownShape("The answer is no Issue.")], True
    apply(engagement, terms=world.terms(batch=1))
    assert (states()["a"], row("a").intent_at) == ("waiting", NOON)

    apply(engagement, terms=world.terms(batch=1), at=NOON + HOUR)

    assert (states()["a"], world.count()) == ("converged", ONCE)


def test_a_system_that_is_down_stops_no_other_and_changes_nothing_that_was_true(engagement, world):
    apply(engagement, terms=world.terms())
    world.wanted["d"] = {"title": "d"}
    world.cannot_look = Transient("elsewhere is down.")

    done = apply(engagement, terms=world.terms(), at=NOON + HOUR)

    assert states() == {"a": "converged", "b": "converged", "c": "converged", "d": "wanted"}
    assert row("d").remedy == "elsewhere is down. It will be tried again."
    assert {one.state for one in done if one.system == "delivery"} == {"converged"}
    world.cannot_look = None
    later(world, 2 * HOUR)
    assert states()["d"] == "converged"


def test_a_revoked_token_makes_its_outcomes_wait_and_one_apply_heals_them(engagement, world):
    world.cannot_look = Permanent("401: make a new token.")
    apply(engagement, terms=world.terms())
    assert (states(), world.sends) == (dict.fromkeys("abc", "waiting"), [])
    assert due_passes(at=NOON + 9 * HOUR) == []

    world.cannot_look = None
    apply(engagement, terms=world.terms())

    assert states() == dict.fromkeys("abc", "converged")


def test_a_system_that_asks_to_be_left_alone_is_left_alone_by_every_worker(engagement, world):
    other = make_engagement(name="Another")
    world.fails = [Transient("429", retry_after_s=7200)]
    apply(engagement, terms=world.terms())

    apply(other, terms=world.terms(), at=NOON + HOUR)

    assert (world.looks, len(world.sends)) == (1, 1)
    assert {one.state for one in Outcome.objects.filter(system="elsewhere")} == {"wanted"}
    assert sorted(due_passes(at=NOON + 3 * HOUR)) == [engagement.number, other.number]
    later(world, 3 * HOUR)
    assert {one.state for one in Outcome.objects.filter(system="elsewhere")} == {"converged"}


def test_two_failed_sends_in_a_row_leave_a_system_alone_for_this_pass(engagement, world):
    world.wanted = {name: {"title": name} for name in "abcdef"}
    world.fails = [Transient("503")] * 6

    apply(engagement, terms=world.terms(batch=1))

    assert len(world.sends) == 2
    assert {one.next_at > NOON for one in Outcome.objects.filter(system="elsewhere")} == {True}
    later(world, 3 * HOUR)
    later(world, 9 * HOUR)
    later(world, 20 * HOUR)
    assert world.count() == dict.fromkeys("abcdef", 1)


def test_a_worker_makes_nothing_that_nobody_has_approved(engagement, world):
    apply(engagement, terms=world.terms())
    world.wanted["a"] = {"title": "changed in the deal"}
    world.things = [pair for pair in world.things if not pair[0].endswith(":b")]
    Pass.objects.update(due_at=NOON)

    assert later(world, HOUR) == [engagement.number]

    assert (len(world.sends), states()) == (2, {"a": "drifted", "b": "drifted", "c": "converged"})
    assert due_passes(at=NOON + 9 * HOUR) == []


def test_a_stopped_worker_ends_with_the_send_in_hand_and_the_rest_stays_due(engagement, world):
    apply(engagement, terms=world.terms(batch=1, stop=lambda: len(world.sends) >= 1))

    assert (world.sends, states()) == ([["a"]], {"a": "converged", "b": "wanted", "c": "wanted"})
    assert due_passes(at=NOON) == [engagement.number]
    later(world, MINUTE)
    assert (world.count(), due_passes(at=NOON + HOUR)) == (ONCE, [])


def test_a_worker_that_wakes_after_its_lease_was_taken_over_sends_nothing_more(engagement, world):
    def stopped_meanwhile() -> bool:
        if len(world.sends) == 1:
            take_lease(engagement.number, holder="another", at=NOON + HOUR)
        return False

    with pytest.raises(Leased):
        apply(engagement, terms=world.terms(batch=1, stop=stopped_meanwhile))

    assert world.sends == [["a"]]
    assert Pass.objects.get().leased_by == "another"


def test_only_some_outcomes_are_made_where_a_person_names_them(engagement, world):
    key = f"elsewhere.thing:{engagement.number}:b"

    apply(engagement, terms=Terms(only=frozenset([key]), connect=world.outside))

    assert world.count() == {"b": 1}
    assert list(Outcome.objects.values_list("key", flat=True)) == [key]


def test_what_is_not_wanted_any_more_and_may_have_been_made_waits_for_a_person(engagement, world):
    world.fails = [AnswerLost("No answer.")]
    apply(engagement, terms=world.terms(batch=1))
    del world.wanted["a"]

    later(world, HOUR)

    assert states()["a"] == "waiting"
    assert "remove it there" in row("a").remedy
    assert due_passes(at=NOON + 9 * HOUR) == []


def test_verify_sees_drift_and_leaves_what_is_unknown_unknown(engagement, world):
    world.fails = [AnswerLost("No answer.")]
    apply(engagement, terms=world.terms(batch=1))
    world.things = [pair for pair in world.things if not pair[0].endswith(":b")]

    verify_with(engagement, world.outside, at=NOON + HOUR)

    assert states() == {"a": "unknown", "b": "drifted", "c": "converged"}
    assert (len(world.sends), row("c").seen_at) == (3, NOON + HOUR)


def test_a_second_apply_asks_the_database_as_often_for_many_things_as_for_few(engagement, world):
    def again(number: int) -> int:
        world.wanted = {f"n{place}": {"title": "x"} for place in range(number)}
        apply(engagement, terms=world.terms(batch=200))
        with CaptureQueriesContext(connection) as found:
            apply(engagement, terms=world.terms(batch=200), at=NOON + HOUR)
        return len(found)

    assert again(2) == again(150)
