"""What a pass does after a look, over every row that can be."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOON
from throughline.handoff.models import Outcome
from throughline.handoff.steps import MOST_DOUBTS, Step, step_for, wait_after
from throughline.handoff.wanted import Change
from throughline.handoff.words import OutcomeState, Verb

WANTED, OTHER = {"title": "wanted"}, {"title": "other"}
MAKES = (Verb.CREATE, Verb.UPDATE)
instants = st.none() | st.integers(-600, 600).map(lambda minutes: NOON + timedelta(minutes=minutes))


@st.composite
def rows(draw) -> Outcome:
    return Outcome(
        key="thing:1",
        state=draw(st.sampled_from(OutcomeState.values)),
        seen=draw(st.sampled_from([None, WANTED, OTHER])),
        doubts=draw(st.integers(0, 5)),
        next_at=draw(instants),
        settles_at=draw(instants),
    )


@st.composite
def changes(draw) -> Change:
    seen = draw(st.sampled_from([None, WANTED, OTHER]))
    if seen == WANTED:
        verb = Verb.KEEP
    elif draw(st.booleans()):
        verb = Verb.WAIT
    else:
        verb = Verb.CREATE if seen is None else Verb.UPDATE
    return Change("thing:1", "elsewhere", verb, "a thing", seen, WANTED)


@given(rows(), changes(), st.booleans(), st.booleans())
def test_nothing_is_created_again_before_it_has_settled_whoever_asks(row, change, asked, approved):
    step = step_for(row, change, at=NOON, is_asked=asked, is_approved=approved)

    is_early = row.settles_at is not None and row.settles_at > NOON
    assert not (step == Step.SEND and change.before is None and is_early)


@given(rows(), changes(), st.booleans(), st.booleans())
def test_nothing_is_sent_that_nobody_approved_that_is_there_or_that_waits(
    row, change, asked, approved
):
    step = step_for(row, change, at=NOON, is_asked=asked, is_approved=approved)

    assert not (step == Step.SEND and not (asked or approved))
    assert not (step == Step.SEND and change.verb not in MAKES)
    assert (step == Step.KEEP) == (change.verb == Verb.KEEP)


@given(rows(), changes(), st.booleans())
def test_a_worker_never_creates_after_three_lost_answers(row, change, approved):
    step = step_for(row, change, at=NOON, is_asked=False, is_approved=approved)

    assert not (step == Step.SEND and change.verb == Verb.CREATE and row.doubts >= MOST_DOUBTS)


@given(rows(), changes())
def test_what_is_approved_due_settled_and_without_doubts_is_sent(row, change):
    row.next_at = row.settles_at = None
    row.doubts = 0

    step = step_for(row, change, at=NOON, is_asked=False, is_approved=True)

    assert (step == Step.SEND) == (change.verb in MAKES)


@given(st.text(max_size=40), st.integers(0, 10_000))
def test_waits_grow_to_six_hours_and_a_quarter_more_at_most(key, rounds):
    least = min(timedelta(hours=6), timedelta(minutes=2 ** min(rounds, 12)))

    assert least <= wait_after(key, rounds) < least * 1.25


def test_waits_of_many_outcomes_are_spread():
    assert len({wait_after(f"thing:{number}", 9) for number in range(100)}) == 100
