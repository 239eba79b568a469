"""What was true and is not any more: seen, said, restored."""

import pytest
from openpyxl import load_workbook

from tests.handoff.world import (
    apply,
    fresh,
    make_whole,
    not_converged,
    plan,
    states,
    verify,
    with_statement,
)
from throughline.billing.columns import CODES, column_name
from throughline.billing.workbook import read_groups, workbook_path
from throughline.delivery.models import Deliverable, Project, Service
from throughline.handoff.models import Outcome
from throughline.journal.models import Entry
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def applied():
    engagement = make_whole()
    apply(engagement)
    return engagement


def changes(engagement) -> list[tuple[str, str]]:
    """Return what a plan would do; the team's bookings follow the dates, and are tested elsewhere."""
    return [
        (line.outcome.split(":")[-1], line.verb.value)
        for line in plan(engagement).changes
        if line.system != "capacity"
    ]


def test_a_renamed_deliverable_drifts_verify_says_so_and_apply_restores_it(applied):
    Deliverable.objects.filter(code="phase-2").update(title="Something else")
    key = f"delivery.deliverable:{applied.number}:new-hub:phase-2"

    assert changes(applied) == [("phase-2", "update")]
    assert states(verify(applied))[key] == "drifted"
    assert Outcome.objects.get(key=key).seen["title"] == "Something else"
    apply(applied)

    assert Deliverable.objects.get(code="phase-2").title.startswith("Phase 2: production hub")
    assert changes(applied) == []
    assert states(verify(applied))[key] == "converged"


def test_verify_changes_nothing_in_the_world(applied):
    Deliverable.objects.filter(code="phase-2").update(title="Something else")

    verify(applied)
    verify(applied)

    assert Deliverable.objects.get(code="phase-2").title == "Something else"
    assert Entry.objects.filter(act="handoff.outcome.differs").count() == 1


def test_deleted_parts_are_made_again_and_others_are_left_alone(applied):
    kept = set(Deliverable.objects.exclude(project__code="new-hub").values_list("pk", flat=True))
    Project.objects.get(code="new-hub").delete()
    Service.objects.get(code="showcase").delete()

    assert {name for name, verb in changes(applied) if verb == "create"} == {
        "new-hub", "phase-0", "phase-1", "phase-2", "phase-3", "showcase",
    }  # fmt: skip
    apply(applied)

    assert changes(applied) == []
    assert kept <= set(Deliverable.objects.values_list("pk", flat=True))


def test_a_restored_deliverable_keeps_its_verdict(applied):
    Deliverable.objects.filter(code="phase-1").update(
        title="x", state="done", done_by="pia", done_at="2026-03-02T12:00Z"
    )

    apply(applied)

    found = Deliverable.objects.get(code="phase-1")
    assert (found.title[:8], found.state, found.done_by) == ("Phase 1:", "done", "pia")


def test_an_end_date_that_moves_moves_the_due_date_and_the_ladder(applied):
    Deal.objects.filter(pk=applied.pk).update(end_on="2027-04-30")

    assert changes(applied) == [("renewal-confirmed", "update")]
    apply(applied)

    assert Deliverable.objects.get(code="renewal-confirmed").due_on.isoformat() == "2027-03-01"
    ladder = Outcome.objects.get(key=f"renewals.ladder:{applied.number}")
    assert (ladder.state, ladder.wanted["60"]) == ("converged", "2027-03-01")


def test_moved_columns_are_still_ours_and_a_changed_heading_is_restored(applied):
    book = load_workbook(workbook_path())
    for name, letters in (("earthscope", "FGHI"), ("seismic", "BCDE")):
        named = next(n for n, group in read_groups().items() if group.cluster == name)
        for code, letter in zip(CODES, letters, strict=True):
            place = f"'Cloud costs'!${letter}$1:${letter}$3"
            book.defined_names[column_name(named, code)].attr_text = place
    sheet = book["Cloud costs"]
    rows = [[cell.value for cell in row] for row in sheet["B1:I3"]]
    for row, values in zip(sheet["B1:I3"], rows, strict=True):
        for cell, value in zip(row, values[4:] + values[:4], strict=True):
            cell.value = value
    book.save(workbook_path())
    assert changes(applied) == []

    sheet["G3"] = "monthly people"
    book.save(workbook_path())

    assert changes(applied) == [("earthscope", "update")]
    apply(applied)
    assert load_workbook(workbook_path())["Cloud costs"]["G3"].value == "MAU"


def test_what_people_wrote_into_other_cells_stays(applied):
    book = load_workbook(workbook_path())
    book["Cloud costs"]["B4"] = 123.45
    book["Cloud costs"]["C2"] = "a note"
    book["Cloud costs"]["B3"] = "cost"
    book.create_sheet("Notes")["A1"] = "ours"
    book.save(workbook_path())

    apply(applied)

    after = load_workbook(workbook_path())
    assert (after["Cloud costs"]["B4"].value, after["Cloud costs"]["B3"].value) == (
        123.45,
        "cloud cost",
    )
    assert after["Notes"]["A1"].value == "ours"


@pytest.mark.parametrize(
    "area", ["'Cloud costs'!#REF!", "#REF!", "'Gone'!$B$1:$E$3", "'Cloud costs'!$B$1"]
)
def test_columns_that_a_person_deleted_are_made_again(applied, area):
    named = next(name for name, group in read_groups().items() if group.cluster == "earthscope")
    book = load_workbook(workbook_path())
    for code in CODES:
        book.defined_names[column_name(named, code)].attr_text = area
    book.save(workbook_path())

    assert changes(applied) == [("earthscope", "create")]
    apply(applied)

    assert changes(applied) == []
    assert {group.cluster for group in read_groups().values()} == {"earthscope", "seismic"}


def test_a_deliverable_that_a_newer_statement_drops_stays_for_a_person(applied):
    with_statement(fresh(applied), [("Build the tool", ["It builds."], 4, 8)], text="v2")

    apply(applied)

    kept = Deliverable.objects.filter(project__code="statement-of-work").order_by("pk")
    assert [one.title for one in kept] == ["Build the tool", "Hand it over"]
    assert Outcome.objects.filter(key__endswith="deliverable-2", state="converged").count() == 1
    assert set(not_converged(apply(applied)).values()) == {"waiting"}
