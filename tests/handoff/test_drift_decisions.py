"""What a person decides about drift: adopt it, restore it, or let it be for a reason."""

from datetime import date, timedelta

import pytest

from tests.factories import BD, LEAD, NOON, PS, make_person
from tests.handoff.world import apply, fresh, make_whole, plan, states, verify
from throughline.billing.workbook import workbook_path
from throughline.delivery.models import Deliverable, Project
from throughline.handoff.actions.drifting import (
    adopt_outcome,
    ignore_drift,
    mind_drift,
    restore_outcome,
)
from throughline.handoff.clocks import DATABASE_CLOCK
from throughline.handoff.drift import NoSuchOutcome, drift_of, drift_shape, drifted
from throughline.handoff.leases import Leased, take_lease
from throughline.handoff.models import IgnoredDrift, Outcome
from throughline.handoff.wanted import Doing
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
UNTIL = TODAY + timedelta(days=30)


@pytest.fixture
def applied():
    engagement = make_whole()
    apply(engagement)
    return engagement


def key(engagement, code="phase-2"):
    return f"delivery.deliverable:{engagement.number}:new-hub:{code}"


def change(engagement, **fields):
    """Let somebody change a deliverable past the handoff, and look."""
    Deliverable.objects.filter(code="phase-2").update(**fields)
    verify(engagement)
    return key(engagement)


def line_of(engagement, which=None, on=TODAY):
    wanted = which or key(engagement)
    return next(one for one in drift_of(fresh(engagement), on=on) if one.outcome.key == wanted)


def ignore(which, why="They like it so.", until=UNTIL, *, by=PS, at=NOON, stamp=""):
    return ignore_drift(which, why, until, playbook=shipped(), by=by, at=at, stamp=stamp)


def test_after_a_handoff_everything_made_is_synced(applied):
    lines = drift_of(fresh(applied), on=TODAY)

    assert {line.standing for line in lines} == {"synced"}
    assert len(lines) == Outcome.objects.filter(receipt__isnull=False).count() > 10


def test_drift_shows_both_sides_field_by_field(applied):
    change(applied, title="Our hub", due_on="2026-04-01")

    line = line_of(applied)

    wanted = line.outcome.wanted
    assert line.standing == "drifted"
    assert [(side.field, side.wanted, side.seen) for side in line.differing] == [
        ("title", wanted["title"], "Our hub"), ("due_on", wanted["due_on"], "2026-04-01"),
    ]  # fmt: skip
    assert [one.outcome.key for one in drifted(drift_of(fresh(applied), on=TODAY))] == [
        key(applied)
    ]


def test_an_adopted_title_and_due_date_are_wanted_from_then_on(applied):
    which = change(applied, title="Our hub", due_on="2026-04-01")

    adopt_outcome(which, by=BD, at=NOON)

    assert [one.outcome for one in plan(applied).changes if one.outcome == which] == []
    verify(applied)
    assert line_of(applied).standing == "synced"
    apply(applied)
    found = Deliverable.objects.get(code="phase-2")
    assert (found.title, found.due_on) == ("Our hub", date(2026, 4, 1))


def test_adopting_is_told_in_the_journal_with_what_it_replaced(applied):
    which = change(applied, title="Our hub")

    adopt_outcome(which, by=BD, at=NOON)

    told = Entry.objects.get(act="delivery.deliverable.agreed")
    assert (told.by, told.facts["now"]) == (BD, {"title": "Our hub"})
    assert told.facts["before"]["title"].startswith("Phase 2")
    assert Entry.objects.get(act="handoff.drift.adopted").facts["outcome"] == which


def test_an_adopted_due_date_yields_when_the_dates_it_replaced_move(applied):
    which = f"delivery.deliverable:{applied.number}:renewal:renewal-confirmed"
    Deliverable.objects.filter(code="renewal-confirmed").update(due_on="2026-08-01")
    verify(applied)
    adopt_outcome(which, by=BD, at=NOON)
    assert plan_due(applied, which) == "2026-08-01"

    Deal.objects.filter(pk=applied.pk).update(end_on="2027-04-30")

    assert plan_due(applied, which) == "2027-03-01"


def plan_due(engagement, which):
    return next(one.after["due_on"] for one in plan(engagement).lines if one.outcome == which)


def test_adopting_twice_remembers_what_the_plan_had_said_at_first(applied):
    adopt_outcome(change(applied, title="Our hub"), by=BD, at=NOON)

    adopt_outcome(change(applied, title="Their hub"), by=BD, at=NOON)

    assert [one for one in plan(applied).changes if one.outcome == key(applied)] == []
    assert Deliverable.objects.get(code="phase-2").agreed["title"]["now"] == "Their hub"


def test_what_comes_from_the_statement_or_the_template_cannot_be_adopted(applied):
    which = change(applied, title="Our hub", definition_of_done=["It is pretty."])

    line = line_of(applied)
    with pytest.raises(Refused) as refused:
        adopt_outcome(which, by=BD, at=NOON)

    assert line.can_adopt is False
    assert refused.value.message == "This cannot be adopted: definition of done."
    assert refused.value.remedy == (
        "It comes from the statement of work or the template: change it there, or restore it."
    )
    assert Deliverable.objects.get(code="phase-2").agreed == {}


def test_what_is_gone_cannot_be_adopted_and_says_that_restoring_makes_it_again(applied):
    Deliverable.objects.filter(code="phase-2").delete()
    verify(applied)

    with pytest.raises(Refused, match="It is gone, so there is nothing to adopt"):
        adopt_outcome(key(applied), by=BD, at=NOON)
    assert line_of(applied).standing == "drifted"


def test_a_renamed_project_says_why_it_cannot_be_adopted(applied):
    Project.objects.filter(code="new-hub").update(title="Ours")
    verify(applied)

    line = line_of(applied, f"delivery.project:{applied.number}:new-hub")

    assert [side.why_not for side in line.differing] == [
        "Projects come from the playbook and the statement of work: change it there, or restore it."
    ]


def test_a_due_date_after_the_end_is_not_adopted(applied):
    which = change(applied, due_on="2031-01-01")

    with pytest.raises(Refused, match="2031-01-01 is after the engagement's end"):
        adopt_outcome(which, by=BD, at=NOON)


def test_what_does_not_differ_is_neither_adopted_nor_ignored(applied):
    with pytest.raises(Refused, match="Both sides say the same"):
        adopt_outcome(key(applied), by=BD, at=NOON)
    with pytest.raises(Refused, match="Both sides say the same"):
        ignore(key(applied))
    with pytest.raises(NoSuchOutcome):
        adopt_outcome("delivery.weather:1", by=BD, at=NOON)


def test_somebody_who_saw_another_difference_decides_nothing(applied):
    which = change(applied, title="Our hub")
    seen = line_of(applied).stamp
    change(applied, title="Their hub")

    with pytest.raises(Refused, match="It has changed since you looked"):
        adopt_outcome(which, by=BD, at=NOON, stamp=seen)
    with pytest.raises(Refused, match="It has changed since you looked"):
        ignore(which, stamp=seen)
    adopt_outcome(which, by=BD, at=NOON, stamp=line_of(applied).stamp)


def test_a_lead_does_not_decide_about_drift(applied):
    make_person(LEAD, RoleName.LEAD)
    which = change(applied, title="Our hub")

    with pytest.raises(NotEntitled):
        adopt_outcome(which, by=LEAD, at=NOON)
    with pytest.raises(NotEntitled):
        ignore(which, by=LEAD)


def test_ignored_drift_is_no_drift_until_its_day_is_over(applied):
    which = change(applied, title="Our hub")

    ignore(which)

    assert line_of(applied).standing == "ignored"
    assert line_of(applied, on=UNTIL).standing == "ignored"
    assert line_of(applied, on=UNTIL + timedelta(days=1)).standing == "drifted"


def test_applying_leaves_ignored_drift_alone_and_says_who_let_it_be(applied):
    which = change(applied, title="Our hub")
    ignore(which)

    waits = next(one for one in plan(applied).waiting if one.outcome == which)
    apply(applied)

    assert waits.remedy == "pia lets it differ until 2026-04-01: They like it so."
    assert Deliverable.objects.get(code="phase-2").title == "Our hub"
    assert line_of(applied).standing == "ignored"


def restore(which, stamp=""):
    return restore_outcome(
        which, playbook=shipped(), holder="worker", doing=Doing(PS, NOON), stamp=stamp
    )


def test_restoring_makes_one_outcome_true_again_and_leaves_the_others(applied):
    which = change(applied, title="Our hub")
    Deliverable.objects.filter(code="phase-1").update(title="Another")
    verify(applied)

    restored = restore(which)

    assert restored.state == "converged"
    assert Deliverable.objects.get(code="phase-2").title.startswith("Phase 2")
    assert Deliverable.objects.get(code="phase-1").title == "Another"
    assert Entry.objects.get(act="handoff.drift.restored").by == PS


def test_restoring_ends_ignoring(applied):
    which = change(applied, title="Our hub")
    ignore(which)

    assert restore(which).state == "converged"
    assert line_of(applied).standing == "synced"


def test_a_deliverable_whose_project_is_gone_comes_back_with_it(applied):
    Project.objects.filter(code="new-hub").delete()
    verify(applied)

    assert restore(key(applied)).state == "converged"
    assert list(Deliverable.objects.filter(project__code="new-hub").values_list("code")) == [
        ("phase-2",)
    ]


def test_restoring_while_another_worker_is_on_it_is_refused(applied):
    which = change(applied, title="Our hub")
    take_lease(applied.number, holder="other", at=DATABASE_CLOCK.now())

    with pytest.raises(Leased):
        restore(which)
    assert Deliverable.objects.get(code="phase-2").title == "Our hub"


def test_another_difference_is_drift_again(applied):
    which = change(applied, title="Our hub")
    ignore(which)

    change(applied, title="Their hub")

    assert line_of(applied).standing == "drifted"


def test_ignoring_ends_when_somebody_minds(applied):
    which = change(applied, title="Our hub")
    ignore(which)

    mind_drift(which, by=BD, at=NOON)

    assert line_of(applied).standing == "drifted"
    assert IgnoredDrift.objects.get().ended_by == BD
    with pytest.raises(Refused, match="Nobody ignores this"):
        mind_drift(which, by=BD, at=NOON)


@pytest.mark.parametrize(
    ("why", "until", "said"),
    [
        ("  ", UNTIL, "Why may it stay so"),
        ("So.", TODAY - timedelta(days=1), "Until 2026-03-01 is not possible"),
        ("So.", TODAY + timedelta(days=367), "is not possible"),
    ],
)
def test_ignoring_without_reason_or_a_sensible_day_is_refused(why, until, said, applied):
    which = change(applied, title="Our hub")

    with pytest.raises(Refused, match=said):
        ignore(which, why, until)
    assert IgnoredDrift.objects.count() == 0


def test_drift_as_json_names_what_can_be_adopted(applied):
    which = change(applied, title="Our hub")

    shape = drift_shape(line_of(applied), with_money=True)

    assert (shape["outcome"], shape["standing"], shape["can_adopt"]) == (which, "drifted", True)
    assert [(one["field"], one["seen"]) for one in shape["fields"]] == [("title", "Our hub")]


def test_what_could_not_be_looked_at_is_neither_synced_nor_drifted(applied):
    workbook_path().write_bytes(b"no workbook")

    verify(applied)

    line = line_of(applied, f"workbook.columns:{applied.number}:earthscope")
    assert (line.standing, bool(line.outcome.remedy)) == ("unknown", True)


def test_reading_drift_takes_two_queries_however_much_there_is(applied, django_assert_num_queries):
    change(applied, title="Our hub")
    engagement = fresh(applied)

    with django_assert_num_queries(2):
        assert len(drift_of(engagement, on=TODAY)) > 10
    assert states(verify(applied))[key(applied)] == "drifted"
