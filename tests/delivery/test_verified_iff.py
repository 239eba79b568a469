"""An engagement is verified if and only if all its deliverables are, whatever happens to them."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import BD, NOON, PS, make_deliverable, make_engagement
from tests.handoff.world import apply, fresh
from tests.sales.agreements_world import amend, sign_all
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.actions.joint import (
    leave_joint_work,
    open_joint_work,
    start_joint_work,
)
from throughline.delivery.actions.scope import Work, add_work, change_scope, drop_deliverable
from throughline.delivery.actions.structure import put_deliverable, put_project
from throughline.delivery.actions.working import need_deliverable, need_no_more, tick_point
from throughline.delivery.models import Deliverable, JointShare, JointWork, Project
from throughline.delivery.queries import is_verified
from throughline.delivery.words import DeliverableState
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.models import Agreement

pytestmark = pytest.mark.django_db
WHICH = st.integers(min_value=0, max_value=4)
AS_PS, AS_BD = {"by": PS, "at": NOON}, {"by": BD, "at": NOON}


def standing_of(engagement):
    """What an engagement must deliver, counted here without the code that is tested."""
    shares = JointShare.objects.filter(deal=engagement.pk, left_at=None)
    projects = set(shares.values_list("work__project", flat=True))
    projects |= set(Project.objects.filter(engagement=engagement).values_list("pk", flat=True))
    return [
        one.state
        for one in Deliverable.objects.all()
        if one.project_id in projects and one.state != DeliverableState.DROPPED
    ]


@dataclass
class Scene:
    """What a step may reach: two engagements, one deliverable, another one, and numbers."""

    engagements: list
    pick: int
    other: int

    @property
    def every(self):
        return list(Deliverable.objects.order_by("pk"))

    @property
    def one(self):
        return self.every[self.pick % len(self.every)]

    @property
    def two(self):
        return self.every[self.other % len(self.every)]

    @property
    def engagement(self):
        return self.engagements[self.pick % 2]

    @property
    def amendment(self):
        made = Agreement.objects.filter(
            deal=self.one.project.engagement_id, amends__isnull=False
        ).order_by("pk")
        return made.values_list("pk", flat=True).last() or 0

    @property
    def joint(self):
        return JointWork.objects.values_list("pk", flat=True).first() or 0


def amend_here(scene):
    amend(scene.engagement.deal, kind="amendment", scope="Other work.")
    sign_all(scene.engagement.deal)


def settle_from_here(scene):
    for each in scene.every[scene.pick :]:
        settle(each)


def share(scene):
    shares = {each.pk: Decimal(1) for each in scene.engagements}
    open_joint_work(scene.one.project_id, shares, title="Both", threshold=1, **AS_BD)


def leave(scene):
    deal = scene.engagement.deal
    leave_joint_work(scene.joint, deal, why="x", playbook=shipped(), **AS_BD)


def rescope(scene):
    points = {"definition_of_done": [f"Point {scene.other}"]}
    change_scope(scene.one.pk, points, amendment=scene.amendment, why="x", **AS_PS)


def add(scene):
    work = Work(f"Work {scene.other}")
    add_work(scene.engagement.number, "new-hub", work, amendment=None, **AS_PS)


DO = {
    "done": lambda it: mark_done(it.one.pk, evidence="", link="", **AS_PS),
    "verify": lambda it: verify_deliverable(it.one.pk, **AS_BD),
    "settle": settle_from_here,
    "return": lambda it: return_deliverable(it.one.pk, why="No.", **AS_BD),
    "tick": lambda it: tick_point(it.one.pk, 1, **AS_PS),
    "need": lambda it: need_deliverable(it.one.pk, it.two.pk, **AS_PS),
    "free": lambda it: need_no_more(it.one.pk, it.two.pk, **AS_PS),
    "drop": lambda it: drop_deliverable(it.one.pk, amendment=it.amendment, why="x", **AS_PS),
    "handoff": lambda it: apply(it.engagement),
    "start": lambda it: start_joint_work(it.joint, **AS_BD),
    "add": add,
    "amend": amend_here,
    "rescope": rescope,
    "share": share,
    "leave": leave,
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*DO, "settle", "settle", "verify", "amend", "return"]), WHICH, WHICH
    ),
    min_size=4,
    max_size=16,
)


def settle(deliverable):
    try:
        mark_done(deliverable.pk, evidence="", link="", by=PS, at=NOON)
        verify_deliverable(deliverable.pk, by=BD, at=NOON)
    except Refused:
        return


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_an_engagement_is_verified_if_and_only_if_all_its_deliverables_are(steps, engagements):
    with transaction.atomic():
        for what, pick, other in steps:
            with suppress(Refused):
                DO[what](Scene(engagements, pick, other))
            for one in engagements:
                states = standing_of(one)
                wanted = bool(states) and all(state == "verified" for state in states)
                assert is_verified(one) == wanted, (what, states)
        transaction.set_rollback(True)


@pytest.fixture
def engagements(db):
    """Two engagements of two deals, each with two deliverables in two projects."""
    found = []
    for number in ("900100", "900200"):
        made = make_engagement(name=f"Deal {number}", hubspot_id=number)
        put_project(made.number, "build", title="Build", kind="directed_development", **AS_PS)
        wanted = {"title": "Build", "definition_of_done": ["It builds."], "low_h": "1.00",
                  "high_h": "2.00"}  # fmt: skip
        put_deliverable(made.number, "build", "build", wanted=wanted, **AS_PS)
        make_deliverable(made)
        found.append(fresh(made))
    return found


def test_all_of_it_verified_is_verified_and_one_re_opening_or_amendment_undoes_it(
    engagements,
):
    """The same by hand, so that the property is known to be reached in both directions."""
    first, second = engagements
    seen = []
    for one in Deliverable.objects.filter(project__engagement=first):
        settle(one)
    seen.append(is_verified(first))
    build = Deliverable.objects.get(project__engagement=first, title="Build")
    return_deliverable(build.pk, why="No.", by=BD, at=NOON)
    seen.append(is_verified(first))
    settle(build)
    seen.append(is_verified(first))
    made = amend(first.deal, kind="amendment", scope="Other work.")
    sign_all(first.deal)
    change_scope(build.pk, {"low_h": "0.5"}, amendment=made.pk, why="Less.", by=BD, at=NOON)
    seen.append(is_verified(first))
    settle(build)
    seen.append(is_verified(first))

    assert (seen, is_verified(second)) == ([True, False, True, False, True], False)
