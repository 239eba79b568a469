"""One worker at a time: the lease, and two workers at once."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.handoff.world import apply, make_whole, not_converged, plan, rows
from throughline.billing.workbook import read_groups
from throughline.delivery.actions.acceptance import accept_engagement
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
