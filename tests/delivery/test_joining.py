"""What goes along when an engagement is joined to another, and what stays where it happened."""

from decimal import Decimal

import pytest

from tests.factories import BD, NOON, PS, make_deliverable, make_engagement
from throughline.delivery.actions.joining import join_engagements
from throughline.delivery.actions.joint import open_joint_work
from throughline.delivery.joined import code_in, home_of, joined_code, planned_as
from throughline.delivery.models import (
    Clause,
    Decision,
    Deliverable,
    HandoffReturn,
    JointShare,
    Meeting,
    Project,
    ProjectFact,
    Service,
)
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return make_engagement(name="A"), make_engagement(name="B")


def join(pair):
    whole, joined = pair
    return join_engagements(joined.number, into=whole.number, by=BD, at=NOON)


def test_a_code_says_where_it_is_from_and_leads_back_there():
    assert [joined_code(3, "hub"), joined_code(7, "hub@3")] == ["hub@3", "hub@3"]
    assert [home_of(7, "hub@3"), home_of(7, "hub")] == [(3, "hub"), (7, "hub")]
    assert [planned_as(7, "hub@3"), planned_as(7, "hub")] == ["3:hub", "7:hub"]
    assert [code_in(7, 3, "hub"), code_in(7, 7, "hub")] == ["hub@3", "hub"]


def test_clauses_go_along_and_one_of_a_taken_name_says_of_which_deal(pair):
    whole, joined = pair
    one = make_deliverable(joined)
    Deliverable.objects.filter(pk=one.pk).update(promise="clause: § 4")
    for engagement in pair:
        Clause.objects.create(
            engagement=engagement, agreement=engagement.deal.agreements.get(), name="§ 4",
            text="Backups.", by=BD, at=NOON,
        )  # fmt: skip

    join(pair)

    named = f"§ 4 (deal {joined.pk})"
    assert sorted(Clause.objects.filter(engagement=whole).values_list("name", flat=True)) == [
        "§ 4", named,
    ]  # fmt: skip
    one.refresh_from_db()
    assert one.promise == f"clause: {named}"


def test_what_is_open_goes_along_and_what_is_settled_stays(pair):
    whole, joined = pair
    meeting = Meeting.objects.create(held_on=NOON.date(), opened_by=PS, opened_at=NOON)
    settled = {"settled_by": PS, "settled_at": NOON}
    answered = {"answer": "Yes.", "answered_by": BD, "answered_at": NOON}
    for more in ({}, settled):
        Decision.objects.create(
            meeting=meeting, engagement=joined, text="Ask.", by=PS, at=NOON, **more
        )
    for more in ({}, answered):
        HandoffReturn.objects.create(
            engagement=joined, line="note:1", line_text="?", why="?", by=PS, at=NOON, **more
        )
    ProjectFact.objects.create(
        engagement=joined, project="new-hub", field="project.gpus", value="2", by=PS, at=NOON
    )
    make_deliverable(joined)

    join(pair)

    for model in (Decision, HandoffReturn):
        owners = list(model.objects.order_by("pk").values_list("engagement", flat=True))
        assert owners == [whole.pk, joined.pk]
    fact = ProjectFact.objects.get()
    assert (fact.engagement_id, fact.project) == (whole.pk, f"new-hub@{joined.pk}")


def test_a_service_that_both_have_goes_on_once_and_another_goes_along(pair):
    whole, joined = pair
    for engagement, code in ((whole, "support"), (joined, "support"), (joined, "training")):
        Service.objects.create(engagement=engagement, code=code, title=code, rhythm="monthly")

    join(pair)

    codes = Service.objects.filter(engagement=whole).order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["support", f"training@{joined.pk}"]
    assert Service.objects.get(engagement=joined).code == "support"


def test_shares_of_one_joint_work_add_up_and_a_single_one_goes_along(pair):
    whole, joined = pair
    other = make_engagement(name="C")
    works = []
    for shares in ({whole: 2, joined: 1}, {other: 1, joined: 3}):
        carrier = next(iter(shares))
        project = Project.objects.create(
            engagement=carrier, code="feature", title="Feature", kind="directed_development"
        )
        parts = {one.pk: Decimal(many) for one, many in shares.items()}
        works.append(
            open_joint_work(project.pk, parts, title="F", threshold=1, by=BD, at=NOON).work
        )

    join(pair)

    standing = JointShare.objects.filter(left_at=None).order_by("work", "deal")
    assert list(standing.values_list("work", "deal", "parts")) == [
        (works[0].pk, whole.pk, Decimal(3)),
        (works[1].pk, whole.pk, Decimal(3)),
        (works[1].pk, other.pk, Decimal(1)),
    ]


def test_what_cannot_be_joined_says_so_and_changes_nothing(pair):
    whole, joined = pair
    with pytest.raises(Refused, match="cannot join itself"):
        join((whole, whole))
    Project.objects.create(engagement=joined, code="x" * 60, title="X", kind="event")

    with pytest.raises(Refused, match="too long to say that it came from"):
        join(pair)

    assert Project.objects.get(title="X").engagement_id == joined.pk
