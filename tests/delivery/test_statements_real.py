"""Real statements of work become directed development, and can be carried to verified."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_engagement
from tests.handoff.world import apply, fresh
from throughline.delivery.actions.deliverables import mark_done, verify_deliverable
from throughline.delivery.actions.working import own_deliverable, spend_hours, tick_point
from throughline.delivery.checklists import points_of, sum_hours
from throughline.delivery.models import Deliverable, Project
from throughline.delivery.promised import promise_gaps
from throughline.delivery.queries import deliverables_of, is_verified
from throughline.intake.actions import import_statement
from throughline.intake.statement_of_work import parse
from throughline.playbook.loader import shipped
from throughline.playbook.words import RENEWAL_DELIVERABLE
from throughline.playbook.working_days import is_working_day
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"
NAMES = (
    "binder-ci-cd.md", "canvas-authentication.md", "nbgitpuller-error-handling.md",
    "sow-template.md",
)  # fmt: skip
LATER = NOON + timedelta(days=1)


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_a_real_statement_becomes_directed_development_that_is_carried_to_verified(name):
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    engagement = make_engagement(name=path.stem)
    Deal.objects.filter(pk=engagement.pk).update(tier="", revenue_type="project")
    engagement = fresh(engagement)
    import_statement(path, deal=engagement.deal, by=BD, at=NOON)
    read = parse(path.read_text(encoding="utf-8")).as_json()["deliverables"]

    apply(engagement)

    project = Project.objects.get(engagement=engagement, code="statement-of-work")
    assert project.kind == "directed_development"
    made = Deliverable.objects.filter(project=project).order_by("pk")
    assert [
        (one.title, one.definition_of_done, float(one.low_h), float(one.high_h)) for one in made
    ] == [(one["title"], one["definition_of_done"], one["low_h"], one["high_h"]) for one in read]
    assert promise_gaps(engagement, playbook=shipped()) == ()

    for one in deliverables_of(engagement):
        carry(one)

    assert is_verified(engagement)
    every = list(deliverables_of(engagement))
    assert {point.is_ticked for one in every for point in points_of(one)} == {True}
    assert sum_hours(every).spent_h == len(every)
    closed = shipped().capacity.closures
    assert all(
        is_working_day(one.due_on, closed)
        for one in every
        if one.due_on and one.code != RENEWAL_DELIVERABLE  # due on the very day of the notice
    )


def carry(deliverable):
    """Own it, tick all but the last point, count an hour, call it done, and verify it."""
    own_deliverable(deliverable.pk, PS, by=PS, at=NOON)
    for number in range(1, len(deliverable.definition_of_done)):
        tick_point(deliverable.pk, number, by=PS, at=NOON)
    spend_hours(deliverable.pk, 1, on=TODAY, by=PS, at=NOON)
    mark_done(deliverable.pk, evidence="Shown.", link="", by=PS, at=NOON)
    verify_deliverable(deliverable.pk, by=BD, at=LATER)
