"""Stored plans: read, approved by name or by the playbook, carried out as approved or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.elsewhere import World
from tests.handoff.world import SetClock, apply, doing_at, fresh, make_whole, rows, sweep
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.models import Deliverable, Project
from throughline.handoff.approvals import (
    NoSuchPlan,
    PlanIsStale,
    approve_plan,
    reject_plan,
    save_plan,
)
from throughline.handoff.jobs import due_passes
from throughline.handoff.models import Outcome, Pass, Plan
from throughline.handoff.passes import Terms, apply_handoff
from throughline.handoff.plans import plan_handoff
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused, Transient
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
IN_HOUSE, ALL = replace(shipped(), approval="in_house"), replace(shipped(), approval="all")


@pytest.fixture
def engagement():
    return make_whole()


@pytest.fixture
def world():
    return World()


def saved(engagement, world=None, *, playbook=None, at=NOON) -> Plan:
    playbook = playbook or shipped()
    made = plan_handoff(
        fresh(engagement),
        playbook=playbook,
        at=at,
        outside=world.outside() if world else (),
        clock=SetClock(at),
    )
    return save_plan(made, playbook=playbook, by="ben", at=at)


def carry_out(engagement, plan, world=None, *, at=NOON):
    terms = world.terms(plan=plan.pk) if world else Terms(plan=plan.pk)
    return apply(engagement, at=at, terms=terms)


def acts() -> list[str]:
    found = Entry.objects.filter(act__startswith="handoff.plan.").order_by("pk")
    return [act.rsplit(".", 1)[1] for act in found.values_list("act", flat=True)]


def test_a_stored_plan_is_what_a_person_reads_with_the_texts_of_its_mails(engagement):
    accept_engagement(engagement.number, by="pia", at=NOON)

    plan = saved(engagement)

    lines = {one["outcome"]: one for one in plan.lines}
    welcome = lines[f"mail.welcome:{engagement.number}"]
    assert (welcome["verb"], welcome["system"], welcome["audience"]) == (
        "create", "mail", "community",
    )  # fmt: skip
    assert welcome["preview"].startswith("To: ")
    assert "\nSubject: " in welcome["preview"]
    assert lines[f"delivery.project:{engagement.number}:new-hub"]["preview"] == (
        "title: New hub\nkind: new_hub"
    )
    assert (plan.state, plan.made_by, plan.made_at) == ("proposed", "ben", NOON)


def test_the_same_plan_is_stored_once_and_a_newer_one_makes_the_older_stale(engagement):
    first, again = saved(engagement), saved(engagement, at=NOON + HOUR)
    Deal.objects.filter(pk=engagement.pk).update(end_on="2027-04-30")

    second = saved(engagement)

    assert (first.pk, second.pk != first.pk) == (again.pk, True)
    first.refresh_from_db()
    assert (first.state, second.state) == ("stale", "proposed")
    assert {one["outcome"].rsplit(":", 1)[1] for one in first.differences} >= {"renewal-confirmed"}


def test_planning_without_saving_stores_nothing(engagement):
    before = rows()

    plan_handoff(fresh(engagement), playbook=shipped(), at=NOON, outside=())

    assert rows() == before


def test_applying_a_proposed_plan_is_approval_by_whoever_applies(engagement):
    plan = saved(engagement)

    carry_out(engagement, plan, at=NOON + HOUR)

    plan.refresh_from_db()
    assert (plan.state, plan.decided_by, plan.applied_at) == ("applied", "pia", NOON + HOUR)
    assert acts() == ["proposed", "approved", "applied"]
    assert Project.objects.count() == 3


def test_an_approved_plan_is_carried_out_by_the_next_worker(engagement):
    plan = saved(engagement)
    assert due_passes(at=NOON) == []

    approve_plan(plan.pk, by="lea", at=NOON)
    applied = sweep(NOON + HOUR)

    plan.refresh_from_db()
    assert applied == [engagement.number]
    assert (plan.state, plan.decided_by) == ("applied", "lea")
    assert Project.objects.count() == 3
    assert due_passes(at=NOON + 9 * HOUR) == []


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_stale_plan_makes_nothing_and_says_which_lines_differ(engagement, is_swept):
    plan = saved(engagement)
    approve_plan(plan.pk, by="lea", at=NOON)
    Deal.objects.filter(pk=engagement.pk).update(end_on="2027-04-30")

    if is_swept:
        assert sweep(NOON + HOUR) == [engagement.number]
    else:
        with pytest.raises(PlanIsStale) as refused:
            carry_out(engagement, plan)
        assert "renewal" in str(refused.value)
        assert f"`throughline handoff plan {engagement.number} --save`" in str(refused.value)

    plan.refresh_from_db()
    found = {one["outcome"].rsplit(":", 1)[1]: one for one in plan.differences}
    line = found["renewal-confirmed"]
    assert line["what"] == "differs"
    assert (line["approved"]["after"]["due_on"], line["now"]["after"]["due_on"]) == (
        "2027-01-30", "2027-03-01",
    )  # fmt: skip
    assert (plan.state, Project.objects.count(), acts()[-1]) == ("stale", 0, "stale")
    assert due_passes(at=NOON + 9 * HOUR) == []


def test_lines_that_appear_and_vanish_make_a_plan_stale(engagement, world):
    plan = saved(engagement, world)
    world.wanted = {"a": {"title": "a"}, "d": {"title": "d"}}

    with pytest.raises(PlanIsStale):
        carry_out(engagement, plan, world)

    plan.refresh_from_db()
    assert {(one["outcome"][-1], one["what"]) for one in plan.differences} == {
        ("b", "vanishes"), ("c", "vanishes"), ("d", "appears"),
    }  # fmt: skip
    assert world.sends == []


def test_a_mail_whose_text_has_changed_makes_a_plan_stale(engagement):
    accept_engagement(engagement.number, by="pia", at=NOON)
    plan = saved(engagement)
    Deal.objects.filter(pk=engagement.pk).update(name="Another name")

    with pytest.raises(PlanIsStale):
        carry_out(engagement, plan)

    plan.refresh_from_db()
    assert f"mail.welcome:{engagement.number}" in [one["outcome"] for one in plan.differences]


def test_what_came_true_meanwhile_as_approved_makes_no_plan_stale(engagement, world):
    plan = saved(engagement, world)
    world.things.append((f"elsewhere.thing:{engagement.number}:a", {"title": "a"}))

    carry_out(engagement, plan, world)

    plan.refresh_from_db()
    assert (plan.state, world.sends) == ("applied", [["b", "c"]])


def test_what_somebody_else_made_differently_meanwhile_makes_a_plan_stale(engagement, world):
    plan = saved(engagement, world)
    world.things.append((f"elsewhere.thing:{engagement.number}:a", {"title": "theirs"}))

    with pytest.raises(PlanIsStale):
        carry_out(engagement, plan, world)

    assert world.sends == []


def test_a_plan_that_was_stopped_half_way_goes_on(engagement, world):
    plan = saved(engagement, world)
    stopped = world.terms(plan=plan.pk, batch=1, stop=lambda: bool(world.sends))
    apply(engagement, terms=stopped)
    plan.refresh_from_db()
    assert (plan.state, world.sends) == ("approved", [["a"]])

    sweep(NOON + HOUR, connect=world.outside)

    plan.refresh_from_db()
    assert (plan.state, world.count()) == ("applied", {"a": 1, "b": 1, "c": 1})


def test_a_line_whose_system_is_down_waits_in_its_row_and_the_plan_is_applied(engagement, world):
    plan = saved(engagement, world)
    world.fails = [Transient("503")] * 2

    carry_out(engagement, plan, world)

    plan.refresh_from_db()
    assert (plan.state, world.count()) == ("applied", {})
    sweep(NOON + HOUR, connect=world.outside)
    assert world.count() == {"a": 1, "b": 1, "c": 1}


def test_a_rejected_plan_has_a_reason_and_makes_nothing(engagement):
    plan = saved(engagement)
    with pytest.raises(Refused, match="reason"):
        reject_plan(plan.pk, because=" ", by="lea", at=NOON)

    reject_plan(plan.pk, because="The dates are wrong.", by="lea", at=NOON)

    with pytest.raises(Refused, match=f"Plan {plan.pk} is rejected"):
        carry_out(engagement, plan)
    plan.refresh_from_db()
    assert (plan.state, plan.reason, plan.decided_by) == ("rejected", "The dates are wrong.", "lea")
    assert Project.objects.count() == 0


def test_a_plan_of_another_engagement_or_none_is_refused_and_the_lease_is_free(engagement):
    plan = saved(engagement)
    other = make_engagement(name="Another")

    for wrong in (plan.pk, 999):
        with pytest.raises(NoSuchPlan):
            apply(other, terms=Terms(plan=wrong))

    assert Pass.objects.get(engagement=other).leased_by == ""
    assert Project.objects.count() == 0


def test_as_shipped_every_plan_needs_a_person(engagement, world):
    assert shipped().approval == "person"
    assert saved(engagement).state == "proposed"


def test_a_playbook_that_trusts_what_stays_here_approves_it_and_nothing_outside(engagement, world):
    here = saved(engagement, playbook=IN_HOUSE)
    there = saved(engagement, world, playbook=IN_HOUSE)
    everything = saved(make_engagement(name="Another"), world, playbook=ALL)

    assert (here.state, here.decided_by) == ("approved", "policy: in_house")
    assert there.state == "proposed"
    assert (everything.state, everything.decided_by) == ("approved", "policy: all")


def test_under_such_a_playbook_a_worker_makes_what_stays_here_without_being_asked(
    engagement, world
):
    applied = sweep(NOON, playbook=IN_HOUSE, connect=world.outside)

    assert applied == [engagement.number]
    assert (Project.objects.count(), world.sends) == (3, [])
    states = dict(Outcome.objects.filter(system="elsewhere").values_list("key", "state"))
    assert set(states.values()) == {"wanted"}
    assert sweep(NOON + HOUR, playbook=IN_HOUSE, connect=world.outside) == []


@pytest.mark.parametrize("playbook", [IN_HOUSE, ALL])
def test_no_playbook_puts_back_what_a_person_changed(engagement, playbook):
    apply(engagement)
    Deliverable.objects.filter(code="phase-1").update(title="Theirs")
    Pass.objects.update(due_at=NOON)

    sweep(NOON + HOUR, playbook=playbook)
    Pass.objects.update(due_at=NOON)
    sweep(NOON + 2 * HOUR, playbook=playbook)

    assert Deliverable.objects.get(code="phase-1").title == "Theirs"
    assert Outcome.objects.get(key__endswith=":phase-1").state == "drifted"
    assert saved(engagement, playbook=playbook).state == "proposed"


def test_what_changes_in_the_deal_is_made_by_such_a_playbook_also_after_a_failure(
    engagement, world
):
    apply(engagement, terms=world.terms())
    world.wanted["a"] = {"title": "new"}
    world.fails = [Transient("503")]
    Pass.objects.update(due_at=NOON)

    for hours in (1, 2):
        sweep(NOON + hours * HOUR, playbook=ALL, connect=world.outside)

    assert dict(world.things)[f"elsewhere.thing:{engagement.number}:a"] == {"title": "new"}


def test_a_waiting_line_that_was_approved_is_made_once_its_person_has_acted(engagement):
    apply(engagement)
    welcome = Outcome.objects.get(key=f"mail.welcome:{engagement.number}")
    assert welcome.state == "waiting"

    accept_engagement(engagement.number, by="pia", at=NOON)
    Pass.objects.update(due_at=NOON)
    sweep(NOON + HOUR)

    welcome.refresh_from_db()
    assert welcome.state == "converged"


def test_the_worker_that_goes_on_signs_as_itself(engagement, world):
    world.fails = [Transient("503")] * 2
    apply(engagement, terms=world.terms())

    sweep(NOON + HOUR, holder="worker-7", connect=world.outside)

    made = Entry.objects.filter(act="handoff.outcome.converged", by="worker-7")
    assert made.count() == 3


@pytest.mark.both_databases
def test_two_who_approve_and_reject_at_once_leave_one_decision(at_once):
    plan = saved(make_engagement())

    found = at_once(
        lambda: approve_plan(plan.pk, by="lea", at=NOON).state,
        lambda: reject_plan(plan.pk, because="No.", by="ben", at=NOON).state,
    )

    plan.refresh_from_db()
    assert plan.state in found
    assert (plan.decided_by, bool(plan.reason)) in {("lea", False), ("ben", True)}
    assert len(acts()) == (2 if any(isinstance(one, Refused) for one in found) else 3)


@pytest.mark.both_databases
def test_two_who_apply_one_plan_at_once_make_each_thing_once(at_once):
    engagement, world = make_engagement(), World()
    plan = saved(engagement, world)

    def carry(holder: str):
        return apply_handoff(
            fresh(engagement), playbook=shipped(), holder=holder, doing=doing_at(NOON),
            terms=world.terms(plan=plan.pk),
        )  # fmt: skip

    found = at_once(lambda: carry("one"), lambda: carry("two"))

    refused = [one for one in found if not isinstance(one, list)]
    assert [isinstance(one, Refused) for one in refused] in ([], [True])
    assert world.count() == {"a": 1, "b": 1, "c": 1}
