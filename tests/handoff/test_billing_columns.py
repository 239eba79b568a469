"""The cells of the workbook follow the ledger, and stop where a person wrote over them."""

from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tests.billing.bills import MAY
from tests.billing.line import agree_payer, make_served
from tests.factories import NOON
from tests.handoff.billing_world import bill, billing, go_on, restore, wanted_of
from tests.handoff.world import apply, plan, verify
from throughline.billing.workbook import SHEET, workbook_path
from throughline.handoff.drift import drift_of
from throughline.infrastructure.words import Payer

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
NEXT_DAY = NOON + timedelta(days=1)


@pytest.fixture
def served():
    engagement, _cluster = make_served("maple")
    return engagement


def sheet(top: int = 3) -> list[list[object]]:
    """Return what stands on the sheet from a row on."""
    page = load_workbook(workbook_path())[SHEET]
    return [[cell.value for cell in row] for row in page.iter_rows(min_row=top)]


def write(place: str, value: object) -> None:
    """Write into the workbook as a person does."""
    book = load_workbook(workbook_path())
    book[SHEET][place] = value
    book.save(workbook_path())


def test_handoff_makes_the_columns_and_the_cells_of_every_month_of_the_ledger(served):
    bill("1234.5678", users=280)
    bill("0", month=MAY)

    done = apply(served)

    assert billing(done, "workbook") == {
        "maple": "converged", "maple:2026-04": "converged", "maple:2026-05": "converged",
    }  # fmt: skip
    assert sheet() == [
        ["Month", "cloud cost", "MAU", "usage fee", "invoiced"],
        ["2026-04", 1234.57, 280, 1000, None],
        ["2026-05", 0, None, None, None],  # zero is a number; nobody has counted: blank
    ]
    assert plan(served).changes == ()


def test_community_that_pays_is_a_word_in_every_month(served):
    agree_payer(served, served.on_clusters.get().cluster, Payer.COMMUNITY)
    bill("7.00", users=10)

    apply(served)

    assert sheet() == [
        ["Month", "community pays", "MAU", "usage fee", "invoiced"],
        ["2026-04", "community pays", 10, 100, None],
    ]


def test_new_month_begins_by_itself_under_columns_that_a_person_approved(served):
    bill("10.00", users=1)
    assert billing(go_on(served), "workbook") == {"maple": "wanted", "maple:2026-04": "wanted"}
    assert not workbook_path().exists()
    apply(served)

    bill("20.00", month=MAY, users=2)

    assert set(billing(go_on(served, LATER), "workbook").values()) == {"converged"}
    assert sheet()[1:] == [["2026-04", 10, 1, 10, None], ["2026-05", 20, 2, 20, None]]


def test_corrected_bill_is_written_by_itself(served):
    bill("10.00", users=1)
    apply(served)

    bill("12.00", users=3)

    assert set(billing(go_on(served, LATER), "workbook").values()) == {"converged"}
    assert sheet()[1] == ["2026-04", 12, 3, 30, None]


def test_cell_that_a_person_wrote_over_is_shown_with_both_sides_and_not_trampled(served):
    bill("10.00", users=1)
    bill("20.00", month=MAY, users=1)
    apply(served)
    write("B4", 999.5)
    bill("11.00", users=1)
    bill("21.00", month=MAY, users=1)

    done = go_on(served, LATER)

    assert billing(done, "workbook") == {
        "maple": "converged", "maple:2026-04": "drifted", "maple:2026-05": "converged",
    }  # fmt: skip
    assert [row[1] for row in sheet()[1:]] == [999.5, 21]
    (line,) = [one for one in drift_of(served, on=NOON.date()) if one.standing == "drifted"]
    (side,) = line.differing
    assert (side.field, side.wanted, side.seen) == ("cloud cost", "11.00", "999.50")
    assert side.why_not.startswith("Amounts and users come from the ledger")

    assert restore(line.outcome.key, NEXT_DAY).state == "converged"
    assert [row[1] for row in sheet()[1:]] == [11, 21]


def test_formula_in_a_cell_of_ours_is_a_conflict(served):
    bill("10.00")
    apply(served)
    write("B4", "=5+5")

    assert billing(verify(served), "workbook")["maple:2026-04"] == "drifted"


def test_what_a_person_wrote_where_the_ledger_knows_nothing_is_theirs(served):
    bill("10.00")
    apply(served)
    write("C4", 17)

    assert set(billing(verify(served), "workbook").values()) == {"converged"}
    assert sheet()[1] == ["2026-04", 10, 17, None, None]

    bill("10.00", users=18)  # now the ledger knows, and says something else
    assert billing(go_on(served, LATER), "workbook")["maple:2026-04"] == "drifted"
    assert sheet()[1][2] == 17


def test_month_that_somebody_filled_in_before_us_waits_for_them(served):
    bill("10.00")
    apply(served)
    write("A5", "May 2026")
    write("B5", 500)
    bill("20.00", month=MAY, users=4)

    done = go_on(served, LATER)

    key = f"workbook.month:{served.number}:maple:2026-05"
    (waits,) = [one for one in done if one.key == key]
    assert (waits.state, waits.remedy) == (
        "waiting",
        (
            "Somebody has written for 2026-05: cloud cost 500.00 where the ledger has 20.00. Empty"
            " these cells, or correct the ledger, then apply again."
        ),
    )
    assert sheet()[2] == ["May 2026", 500, None, None, None]

    write("B5", None)
    assert set(billing(apply(served, at=NEXT_DAY), "workbook").values()) == {"converged"}
    assert sheet()[2] == ["May 2026", 20, 4, 40, None]


def test_renamed_heading_is_drift_and_the_cells_go_on_below_it(served):
    bill("10.00")
    apply(served)
    write("B3", "AWS, in $")
    bill("12.00")

    assert billing(go_on(served, LATER), "workbook") == {
        "maple": "drifted", "maple:2026-04": "converged",
    }  # fmt: skip
    assert [row[1] for row in sheet()] == ["AWS, in $", 12]


def test_wanted_names_the_columns_as_people_do(served):
    bill("10.00", users=0)
    apply(served)

    assert wanted_of(f"workbook.month:{served.number}:maple:2026-04") == {
        "cloud cost": "10.00", "MAU": 0, "usage fee": "0.00",
    }  # fmt: skip
