"""Two people, or two workers, at the same moment: one decides, and nothing is made twice."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, make_engagement, make_person
from tests.handoff.elsewhere import World
from tests.handoff.world import apply, doing_at, fresh, make_whole, sweep
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.models import Deliverable
from throughline.handoff.actions.applying import apply_from_page
from throughline.handoff.actions.drifting import adopt_outcome, ignore_drift
from throughline.handoff.actions.looking import look_at
from throughline.handoff.drift import stamp_of
from throughline.handoff.models import IgnoredDrift, Outcome, Plan
from throughline.journal.models import Entry
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.actions.knowledge import write_note

pytestmark = pytest.mark.both_databases


def names(found):
    return sorted(type(one).__name__ for one in found)


def test_a_note_written_while_ps_accepts_is_refused_its_place_or_comes_after(at_once):
    engagement = make_engagement()

    def write():
        return write_note(
            engagement.number, "We said March.", kind="promise", is_private=True, by=BD, at=NOON
        )

    accepted, _note = at_once(lambda: accept_engagement(engagement.number, by=PS, at=NOON), write)

    acts = list(
        Entry.objects.filter(
            act__in=["delivery.engagement.accepted", "sales.note.written"]
        ).order_by("pk").values_list("act", flat=True)
    )  # fmt: skip
    if type(accepted).__name__ == "Engagement":
        assert acts == ["delivery.engagement.accepted", "sales.note.written"]
    else:
        assert (acts, fresh(engagement).accepted_by) == (["sales.note.written"], "")


def test_two_people_decide_the_same_drift_and_one_of_them_has_decided(at_once):
    make_person("pat", RoleName.PS)
    engagement = make_whole()
    apply(engagement)
    key = f"delivery.deliverable:{engagement.number}:new-hub:phase-2"
    Deliverable.objects.filter(code="phase-2").update(title="Theirs")
    look_at(fresh(engagement), playbook=shipped(), doing=doing_at(NOON))

    stamp = stamp_of(Outcome.objects.get(key=key))  # what both of them see
    found = at_once(
        lambda: adopt_outcome(key, by=PS, at=NOON, stamp=stamp),
        lambda: ignore_drift(
            key, "They like it so.", (NOON + timedelta(days=9)).date(),
            playbook=shipped(), by="pat", at=NOON, stamp=stamp,
        ),
    )  # fmt: skip

    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 1, found
    decided = Entry.objects.filter(act__in=["handoff.drift.adopted", "handoff.drift.ignored"])
    assert decided.count() == 1
    assert IgnoredDrift.objects.count() == (decided.get().act == "handoff.drift.ignored")


def test_two_workers_on_one_plan_make_everything_once(at_once):
    engagement, worlds = make_engagement(), World()
    apply_from_page(
        fresh(engagement), playbook=shipped(), holder="web", doing=doing_at(NOON),
        connect=worlds.outside,
    )  # fmt: skip

    at_once(*(
        lambda name=name: sweep(NOON, holder=name, connect=worlds.outside) for name in "abc"
    ))  # fmt: skip

    assert worlds.count() == {"a": 1, "b": 1, "c": 1}
    assert Plan.objects.get().state == "applied"
    assert set(Outcome.objects.values_list("attempts", flat=True)) <= {0, 1}
    applied = Entry.objects.filter(act="handoff.plan.applied").count()
    assert applied == 1
