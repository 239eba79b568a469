"""Applying from a page: nobody waits for other systems, and what was read is what is made."""

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.elsewhere import World
from tests.handoff.world import doing_at, fresh, sweep
from throughline.handoff.actions.applying import apply_from_page
from throughline.handoff.approvals import save_plan
from throughline.handoff.leases import take_lease
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import plan_handoff
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def engagement(db):
    return make_engagement()


def from_page(engagement, world, **more):
    return apply_from_page(
        fresh(engagement), playbook=shipped(), holder="web", doing=doing_at(NOON),
        connect=world.outside, **more,
    )  # fmt: skip


def made_here(engagement):
    rows = Outcome.objects.filter(engagement=engagement, state="converged")
    return set(rows.values_list("system", flat=True))


def work(world):
    return sweep(NOON, connect=world.outside)


def test_what_is_made_here_is_made_at_once_and_the_rest_is_left_to_a_worker(engagement, world):
    applied = from_page(engagement, world)

    assert (applied.left_to, world.looks, world.sends) == (("elsewhere",), 0, [])
    assert {"delivery", "renewals"} <= made_here(engagement)
    assert (work(world), world.count()) == ([engagement.number], {"a": 1, "b": 1, "c": 1})
    assert Plan.objects.get().state == "applied"
    assert (Plan.objects.get().decided_by, work(world)) == ("pia", [])


def test_what_is_there_by_then_as_it_was_read_is_no_difference(engagement, world):
    from_page(engagement, world)
    world.things.append((f"elsewhere.thing:{engagement.number}:a", {"title": "a"}))

    work(world)

    assert (world.count(), Plan.objects.get().state) == ({"a": 1, "b": 1, "c": 1}, "applied")


def test_what_is_not_as_it_was_read_makes_the_plan_stale_and_nothing_is_made(engagement, world):
    from_page(engagement, world)
    world.things.append((f"elsewhere.thing:{engagement.number}:a", {"title": "theirs"}))

    work(world)

    assert (world.sends, Plan.objects.get().state) == ([], "stale")


def test_without_other_systems_all_is_made_at_once(engagement):
    applied = apply_from_page(
        fresh(engagement), playbook=shipped(), holder="web", doing=doing_at(NOON),
        connect=lambda: (),
    )  # fmt: skip

    assert (applied.left_to, len(applied.rows) > 0) == ((), True)
    assert Plan.objects.count() == 0


def test_a_worker_that_is_faster_makes_all_of_it(engagement, world):
    take_lease(engagement.number, holder="worker-7", at=NOON)

    applied = from_page(engagement, world)

    assert (list(applied.rows), applied.left_to) == ([], ("elsewhere",))
    assert Plan.objects.get().state == "approved"


def test_a_plan_that_was_kept_is_left_to_the_worker_as_it_was_read(engagement, world):
    made = plan_handoff(
        fresh(engagement),
        playbook=shipped(),
        at=NOON,
        outside=world.outside(),
        clock=doing_at(NOON).clock,
    )
    kept = save_plan(made, playbook=shipped(), by="ada", at=NOON)

    from_page(engagement, world, plan=kept.pk)
    work(world)

    kept.refresh_from_db()
    assert (kept.state, world.count()) == ("applied", {"a": 1, "b": 1, "c": 1})
    with pytest.raises(Refused, match="applied"):
        from_page(engagement, world, plan=kept.pk)


def test_again_with_nothing_to_do_has_a_worker_look_once_more(engagement, world):
    from_page(engagement, world)
    work(world)
    looks = world.looks

    from_page(engagement, world)

    assert (work(world), world.looks, len(world.sends)) == ([engagement.number], looks + 1, 2)
