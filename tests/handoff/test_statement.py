"""A statement of work becomes deliverables; a deal's tier and kind choose the rest."""

from pathlib import Path

import pytest

from tests.factories import NOON, make_engagement, tell
from tests.handoff.world import ITEMS, apply, fresh, plan, with_statement
from throughline.delivery.models import Deliverable, Project, Service
from throughline.intake.actions import import_statement
from throughline.intake.statement_of_work import parse
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"


def as_sold() -> list[tuple[str, list[str], float, float]]:
    found = Deliverable.objects.filter(project__code="statement-of-work").order_by("pk")
    return [
        (one.title, one.definition_of_done, float(one.low_h), float(one.high_h)) for one in found
    ]


def test_each_deliverable_of_the_statement_stands_with_its_hours_and_definition_of_done():
    engagement = make_engagement()
    with_statement(engagement)

    apply(engagement)

    assert as_sold() == ITEMS
    project = Project.objects.get(code="statement-of-work")
    assert (project.title, project.kind) == ("A New Tool", "directed_development")
    promises = Deliverable.objects.filter(project=project).values_list("promise", flat=True)
    assert sorted(promises) == [
        "statement of work: Build the tool",
        "statement of work: Hand it over",
    ]
    assert plan(engagement).changes == ()


def test_an_agreed_due_date_is_the_deliverables():
    engagement = make_engagement()
    with_statement(engagement)
    tell(
        Deal.objects.get(pk=engagement.pk),
        "dates.agreed",
        start_on="2026-04-01",
        end_on="2027-03-31",
        deliverables={"Hand it over": "2026-09-30"},
    )

    apply(engagement)

    due = Deliverable.objects.filter(project__code="statement-of-work").order_by("pk")
    assert [one.due_on and one.due_on.isoformat() for one in due] == [None, "2026-09-30"]


def test_a_newer_version_of_the_statement_changes_hours_and_keeps_one_row_each():
    engagement = make_engagement()
    with_statement(engagement)
    apply(engagement)
    newer = [("Build the tool", ["It builds."], 8, 16), ITEMS[1], ("Train", ["Done."], 1, 2)]
    with_statement(fresh(engagement), newer, text="v2")

    apply(engagement)

    assert as_sold() == newer


@pytest.mark.parametrize(
    ("tier", "revenue_type", "projects", "services"),
    [
        ("premier", "", ["new-hub", "renewal"], 5),
        ("advanced", "", ["new-hub", "renewal"], 3),
        ("essential", "", ["new-hub", "renewal"], 3),
        ("", "membership-general", ["renewal"], 3),
        ("", "project", ["directed-development", "renewal"], 0),
    ],
)
def test_the_template_is_chosen_by_tier_and_without_one_by_revenue_type(
    tier, revenue_type, projects, services
):
    engagement = make_engagement()
    Deal.objects.filter(pk=engagement.pk).update(tier=tier, revenue_type=revenue_type)

    apply(engagement)

    found = Project.objects.filter(engagement=engagement).order_by("pk")
    assert [one.code for one in found] == projects
    assert Service.objects.count() == services
    assert Deliverable.objects.filter(code="renewal-confirmed").count() == 1


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    ["binder-ci-cd.md", "canvas-authentication.md", "nbgitpuller-error-handling.md",
     "sow-template.md"],
)  # fmt: skip
def test_a_real_statement_becomes_deliverables_equal_to_the_document(name):
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    engagement = make_engagement()
    import_statement(path, deal=engagement.deal, by="ada", at=NOON)

    apply(engagement)

    document = parse(path.read_text(encoding="utf-8")).as_json()
    assert as_sold() == [
        (one["title"], one["definition_of_done"], one["low_h"], one["high_h"])
        for one in document["deliverables"]
    ]
    assert plan(engagement).changes == ()
