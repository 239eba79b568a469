"""One worker at a time: the lease, and two workers at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests.factories import NOON, make_engagement
from tests.handoff.world import apply, make_whole, not_converged, plan, rows, sweep
from throughline.billing.workbook import read_groups
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.handoff.clocks import DATABASE_CLOCK
from throughline.handoff.jobs import due_passes
from throughline.handoff.leases import renew, want_pass
from throughline.handoff.models import Pass
from throughline.handoff.passes import Lease, Leased, give_back, take_lease
from throughline.journal.models import Entry
from throughline.mail.models import Message

FIVE = timedelta(minutes=5)


@pytest.mark.django_db
def test_a_second_holder_is_refused_with_what_to_do_and_changes_nothing():
    engagement = make_whole()
    take_lease(engagement.number, holder="first", at=NOON)
    before = rows()

    with pytest.raises(Leased) as refused:
        apply(engagement, holder="second")

    assert str(refused.value) == (
        f"Another worker is on engagement {engagement.number}. Try again in a few minutes."
    )
    assert rows() == before
    assert Pass.objects.get().leased_by == "first"


@pytest.mark.django_db
def test_a_lease_is_taken_over_from_the_instant_it_runs_out_and_not_before():
    engagement = make_whole()
    take_lease(engagement.number, holder="first", at=NOON)

    with pytest.raises(Leased):
        take_lease(engagement.number, holder="second", at=NOON + FIVE - timedelta(seconds=1))
    taken = take_lease(engagement.number, holder="second", at=NOON + FIVE)

    assert taken == Lease(engagement.number, "second", turn=2)
    assert Pass.objects.get().leased_until == NOON + 2 * FIVE


@pytest.mark.django_db
def test_give_back_ends_only_our_own_lease():
    engagement = make_whole()
    first = take_lease(engagement.number, holder="first", at=NOON)
    second = take_lease(engagement.number, holder="second", at=NOON + FIVE)

    give_back(first)
    held = Pass.objects.get().leased_by
    give_back(second)

    assert held == "second"
    assert (Pass.objects.get().leased_by, Pass.objects.get().leased_until) == ("", None)


@pytest.mark.django_db
def test_apply_gives_its_lease_back_even_when_it_cannot_be_planned(monkeypatch):
    engagement = make_whole()
    engagement.deal.tier = "a tier that the playbook has no more"
    engagement.deal.save()

    with pytest.raises(Exception, match="no tier"):
        apply(engagement)

    assert Pass.objects.get().leased_by == ""


@pytest.mark.django_db
def test_a_holder_that_was_killed_and_started_again_takes_its_own_lease_at_once():
    engagement = make_whole()
    take_lease(engagement.number, holder="worker", at=NOON)

    assert len(apply(engagement, holder="worker")) > 10


@pytest.mark.both_databases
@pytest.mark.parametrize("holders", [("one", "two"), ("same", "same")])
def test_two_workers_at_once_make_each_thing_once(at_once, holders):
    engagement = make_whole()
    accept_engagement(engagement.number, by="pia", at=NOON)
    before, lines = rows(), len(plan(engagement).lines)

    found = at_once(*(lambda name=name: apply(engagement, holder=name) for name in holders))

    others = [one for one in found if not isinstance(one, list)]
    assert [type(one) for one in others] in ([], [Leased])
    assert not_converged(apply(engagement)) == {}
    after = rows()
    made = {label: after[label] - before[label] for label in after}
    watched = ("delivery.", "handoff.", "mail.")
    assert {
        label: count for label, count in made.items() if count and label.startswith(watched)
    } == {
        "delivery.Project": 3,
        "delivery.Deliverable": 7,
        "delivery.Service": 5,
        "handoff.Pass": 1,
        "handoff.Outcome": lines,
        "mail.Message": 1,
    }
    assert Message.objects.get().key == f"mail.welcome:{engagement.number}"
    assert sorted(group.cluster for group in read_groups().values()) == ["earthscope", "seismic"]
    assert Entry.objects.filter(act="delivery.project.made").count() == 3


@pytest.mark.django_db
def test_a_second_taking_ends_the_first_even_under_one_name():
    engagement = make_whole()
    first = take_lease(engagement.number, holder="worker", at=NOON)
    second = take_lease(engagement.number, holder="worker", at=NOON)

    with pytest.raises(Leased, match="ran out"):
        renew(first, at=NOON)
    renew(second, at=NOON + timedelta(minutes=1))

    assert Pass.objects.get().leased_until == NOON + FIVE + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_lease_that_ran_out_cannot_be_renewed_although_nobody_has_taken_it():
    lease = take_lease(make_whole().number, holder="stopped", at=NOON)

    with pytest.raises(Leased):
        renew(lease, at=NOON + FIVE)


@pytest.mark.both_databases
def test_the_clock_of_leases_is_the_databases_and_runs(committed_db, monkeypatch):
    before = datetime.now(UTC)
    monkeypatch.setattr("time.time", lambda: 0.0)  # the host's clock is wrong

    first, second = DATABASE_CLOCK.now(), DATABASE_CLOCK.now()

    assert abs(first - before) < timedelta(minutes=1)
    assert (first <= second, first.tzinfo) == (True, UTC)


@pytest.mark.both_databases
def test_within_a_transaction_the_clock_of_leases_runs_on(committed_db):
    with transaction.atomic():
        first = DATABASE_CLOCK.now()
        DATABASE_CLOCK.pause(0.02)
        second = DATABASE_CLOCK.now()

    assert second > first


@pytest.mark.both_databases
def test_of_many_who_take_a_lease_at_once_one_has_it(at_once):
    number = make_whole().number

    found = at_once(
        *(lambda name=name: take_lease(number, holder=name, at=NOON) for name in "abcdef")
    )

    assert sorted(type(one).__name__ for one in found) == ["Lease", *["Leased"] * 5]


@pytest.mark.django_db
def test_finding_what_is_due_takes_three_queries_however_much_is(django_assert_num_queries):
    for name in ("one", "two", "three"):
        want_pass(make_engagement(name=name).number, at=NOON)

    with django_assert_num_queries(3):  # what changed in the journal, whose it is, what is due
        assert len(due_passes(at=NOON)) == 3


@pytest.mark.django_db
def test_what_was_asked_for_during_a_pass_is_still_due_after_it():
    engagement = make_whole()
    want_pass(engagement.number, at=NOON)
    sweep(NOON)
    done = due_passes(at=NOON)
    want_pass(engagement.number, at=NOON)
    lease = take_lease(engagement.number, holder="busy", at=NOON)
    want_pass(engagement.number, at=NOON + timedelta(seconds=1))

    give_back(lease, done_at=NOON)

    assert (done, due_passes(at=NOON + FIVE)) == ([], [engagement.number])
