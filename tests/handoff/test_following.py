"""What goes on by itself: a worker follows what is kept here, as far as the playbook lets it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.elsewhere import SETTLING, World
from tests.handoff.world import apply, fresh, plan, states, sweep, verify
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.handoff.buckets import Exhausted
from throughline.handoff.changed import changed_since_look
from throughline.handoff.jobs import due_passes
from throughline.handoff.models import Outcome
from throughline.handoff.policy import rule_for
from throughline.handoff.wanted import Change, NotYet
from throughline.handoff.words import Verb
from throughline.journal.actions import record
from throughline.kernel.errors import Transient
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def welcome(engagement):
    return Outcome.objects.get(key=f"mail.welcome:{engagement.number}")


def edit(engagement, at, **fields):
    Deal.objects.filter(pk=engagement.pk).update(**fields)
    record("sales.deal.changed", engagement.deal, by="ada", at=at, changes={})


def test_the_approved_welcome_goes_out_by_itself_once_ps_has_accepted():
    engagement = make_engagement()
    apply(engagement)
    assert sweep(NOON + MINUTE) == []
    accept_engagement(engagement.number, by="pia", at=NOON + MINUTE)

    swept = sweep(NOON + 2 * MINUTE)

    assert (swept, welcome(engagement).state) == ([engagement.number], "converged")
    assert Message.objects.filter(key=f"mail.welcome:{engagement.number}").count() == 1
    assert sweep(NOON + 3 * MINUTE) == []


def test_the_welcome_that_nobody_approved_does_not_go_out():
    engagement = make_engagement()
    accept_engagement(engagement.number, by="pia", at=NOON)

    sweep(NOON + MINUTE)

    assert not Message.objects.filter(key=f"mail.welcome:{engagement.number}").exists()


def test_a_change_is_looked_at_once_and_one_before_the_last_pass_is_not():
    engagement = make_engagement()
    edit(engagement, NOON - MINUTE)
    apply(engagement)
    assert changed_since_look(at=NOON + MINUTE) == []
    edit(engagement, NOON + MINUTE)

    assert due_passes(at=NOON + MINUTE) == [engagement.number]
    sweep(NOON + 2 * MINUTE)
    assert due_passes(at=NOON + 3 * MINUTE) == []


def test_a_notice_about_an_engagement_is_no_change_of_it():
    engagement = make_engagement()
    apply(engagement)

    record("renewals.notice.queued", engagement, by="worker", at=NOON + MINUTE)

    assert changed_since_look(at=NOON + 2 * MINUTE) == []


def test_a_change_of_a_deliverable_is_its_engagements():
    engagement = make_engagement()
    apply(engagement)
    deliverable = fresh(engagement).projects.first().deliverables.first()

    record("delivery.deliverable.done", deliverable, by="pia", at=NOON + MINUTE)

    assert changed_since_look(at=NOON + 2 * MINUTE) == [engagement.number]


def test_what_changed_here_is_said_to_have_changed_here_and_waits_for_approval():
    engagement = make_engagement()
    apply(engagement)
    edit(engagement, NOON + MINUTE, end_on="2027-04-30")

    sweep(NOON + 2 * MINUTE)
    key = f"delivery.deliverable:{engagement.number}:renewal:renewal-confirmed"
    open_rows = Outcome.objects.filter(engagement=engagement, state="drifted")
    told = {row.remedy for row in open_rows}
    verify(engagement, NOON + 3 * MINUTE)

    assert told == {"What is wanted of it has changed here: apply again to make it so."}, key
    assert {row.remedy for row in open_rows.all()} == told
    assert {line.verb for line in plan(engagement).changes} == {Verb.UPDATE}


CHANGED = Change("airtable.project:1:a", "airtable", Verb.UPDATE, "a", {"n": 1}, {"n": 2})


def row_of(**fields):
    return Outcome(
        **{"key": CHANGED.outcome, "state": "converged", "seen": {"n": 1}, "receipt": {"id": "r"}}
        | fields
    )


@pytest.mark.parametrize(
    ("row", "change", "rule"),
    [
        (row_of(), CHANGED, "follows"),
        (row_of(receipt=None, state="wanted"), CHANGED, ""),  # nobody approved it yet
        (row_of(seen={"n": 7}), CHANGED, ""),  # somebody changed it out there
        (row_of(state="drifted"), CHANGED, ""),
        (row_of(), replace(CHANGED, verb=Verb.CREATE, before=None), ""),
        (row_of(), replace(CHANGED, outcome="github.issue:1:a"), ""),  # the community reads it
        (None, CHANGED, ""),
    ],
)
def test_only_what_is_true_follows_and_only_what_the_playbook_names(row, change, rule):
    assert rule_for(shipped(), row, change, is_outside=True) == rule


def test_nothing_follows_where_the_playbook_names_nothing():
    strict = replace(shipped(), follows=())

    assert rule_for(strict, row_of(), CHANGED, is_outside=True) == ""


def test_the_look_of_a_day_leaves_what_is_approved_to_the_next_pass():
    engagement = make_engagement()
    apply(engagement)
    key = f"renewals.ladder:{engagement.number}"
    Outcome.objects.filter(key=key).update(
        state="wanted", receipt=None, seen=None, next_at=NOON + MINUTE
    )
    accept_engagement(engagement.number, by="pia", at=NOON)

    found = states(verify(engagement, NOON + MINUTE))

    assert found[f"mail.welcome:{engagement.number}"] == "wanted"
    assert due_passes(at=NOON + MINUTE) == [engagement.number]
    sweep(NOON + 2 * MINUTE)
    assert welcome(engagement).state == "converged"


def following(**more):
    return replace(shipped(), follows=("elsewhere.*",), **more)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def applied(world):
    engagement = make_engagement()
    apply(engagement, terms=world.terms())
    return engagement


def go_on(world, at, playbook):
    return sweep(at, playbook=playbook, connect=world.outside)


def title_of(world, name):
    return {key.rsplit(":", 1)[1]: seen["title"] for key, seen in world.things}[name]


def test_what_follows_is_made_so_in_the_next_pass_and_nothing_is_created(world, applied):
    world.wanted |= {"b": {"title": "better"}, "d": {"title": "d"}}
    edit(applied, NOON + MINUTE)

    go_on(world, NOON + 2 * MINUTE, following())

    assert title_of(world, "b") == "better"
    assert world.count() == {"a": 1, "b": 1, "c": 1}


def test_what_does_not_follow_waits_for_approval(world, applied):
    world.wanted["b"] = {"title": "better"}
    edit(applied, NOON + MINUTE)

    go_on(world, NOON + 2 * MINUTE, shipped())

    assert title_of(world, "b") == "b"


def test_what_somebody_changed_out_there_is_left_to_a_person(world, applied):
    key = next(key for key, _ in world.things if key.endswith(":b"))
    world.things = [pair if pair[0] != key else (key, {"title": "theirs"}) for pair in world.things]
    world.wanted["b"] = {"title": "better"}
    edit(applied, NOON + MINUTE)

    go_on(world, NOON + 2 * MINUTE, following())

    assert title_of(world, "b") == "theirs"


@pytest.mark.parametrize("error", [Transient("busy"), Exhausted("busy", retry_after_s=60)])
def test_what_follows_is_tried_again_when_the_first_send_is_not_taken(world, applied, error):
    world.wanted["b"] = {"title": "better"}
    world.fails = [error]
    edit(applied, NOON + MINUTE)

    go_on(world, NOON + 2 * MINUTE, following())
    assert title_of(world, "b") == "b"
    go_on(world, NOON + 2 * MINUTE + SETTLING, following())

    assert title_of(world, "b") == "better"


def test_what_follows_is_not_taken_for_drift_while_the_system_cannot_be_looked_at(world, applied):
    world.wanted["b"] = {"title": "better"}
    world.cannot_look = Transient("down")
    edit(applied, NOON + MINUTE)

    go_on(world, NOON + 2 * MINUTE, following())
    assert Outcome.objects.filter(engagement=applied, state="drifted").count() == 0
    world.cannot_look = None
    go_on(world, NOON + 2 * MINUTE + SETTLING, following())

    assert title_of(world, "b") == "better"


@pytest.mark.parametrize("approval", ["in_house", "all"])
def test_a_creation_that_is_not_taken_is_made_later_without_a_person(world, approval):
    engagement = make_engagement()
    rule = replace(shipped(), approval=approval, follows=())
    world.fails = [Transient("busy"), Transient("busy")]

    go_on(world, NOON, rule)
    go_on(world, NOON + 2 * SETTLING, rule)

    made = {"a": 1, "b": 1, "c": 1} if approval == "all" else {}
    assert (world.count(), engagement.pk > 0) == (made, True)


def test_what_belongs_to_something_that_is_not_there_goes_on_by_itself(world):
    engagement = make_engagement()
    world.fails = [NotYet("It waits for its issue.")]

    apply(engagement, terms=world.terms())
    rows = Outcome.objects.filter(system="elsewhere").order_by("key")
    told = [(row.state, row.settles_at is None, row.doubts) for row in rows]
    sweep(NOON + 5 * MINUTE, connect=world.outside)

    assert told == [("wanted", True, 0), ("wanted", True, 0), ("converged", False, 0)]
    assert world.count() == {"a": 1, "b": 1, "c": 1}
