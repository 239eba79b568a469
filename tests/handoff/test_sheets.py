"""The billing columns in Google Sheets: made once, moved by people, written where they are then."""

from datetime import timedelta

import pytest

from tests.billing.bills import MAY
from tests.billing.line import make_served
from tests.factories import NOON, PS
from tests.handoff.billing_world import bill, billing, go_on, restore
from tests.handoff.world import apply, plan, verify, with_cluster
from throughline.billing.columns import CODES, ColumnGroup, column_name, group_name
from throughline.billing.workbook import workbook_path
from throughline.handoff.models import Outcome
from throughline.handoff.outside.sheets import SETTLING, connect_sheets, groups_in_sheets
from throughline.handoff.outside.sheets_standing import column_id
from throughline.handoff.outside.sheets_trouble import trouble_with_sheets
from throughline.handoff.systems import Done
from throughline.handoff.wanted import Doing, WaitsForPerson, diff
from throughline.intake.doctor import examine
from throughline.kernel.errors import Transient
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many
from throughline.simulators.sheets_requests import perform

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
LATER_STILL = LATER + timedelta(minutes=10)
HEAD = ["Month", "cloud cost", "MAU", "usage fee", "invoiced"]


@pytest.fixture
def served(spreadsheet):
    engagement, _cluster = make_served("maple")
    return engagement


def rows(simulator, tab="Cloud costs", top=2) -> list[list[object]]:
    """Return what a tab shows from a row on, without what is empty at the ends."""
    sheet = simulator.sheet(tab)
    found = [[sheet.value(row, column) for column in range(sheet.columns)]
             for row in range(top, sheet.rows)]  # fmt: skip
    while found and not any(value is not None for value in found[-1]):
        found.pop()
    return [_trimmed(row) for row in found]


def _trimmed(row):
    while row and row[-1] is None:
        row = row[:-1]
    return row


def by_hand(simulator, *requests) -> None:
    perform(simulator.book, list(requests))


def span(sheet, at, count=1, dimension="COLUMNS"):
    return {"sheetId": sheet.id, "dimension": dimension, "startIndex": at, "endIndex": at + count}


def writes(simulator) -> int:
    return sum(
        count for (_method, path), count in simulator.calls.items()
        if path.endswith((":batchUpdate", ":batchUpdateByDataFilter"))
    )  # fmt: skip


def test_handoff_makes_the_same_columns_and_cells_as_in_the_workbook(spreadsheet, served):
    bill("1234.5678", users=280)
    bill("0", month=MAY)

    done = apply(served)

    assert billing(done, "sheets") == {
        "maple": "converged", "maple:2026-04": "converged", "maple:2026-05": "converged",
    }  # fmt: skip
    assert rows(spreadsheet, top=0) == [
        ["Engagement", f"{served.number} maple hub"], ["Cluster", "maple"], HEAD,
        ["2026-04", 1234.57, 280, 1000.0], ["2026-05", 0.0],
    ]  # fmt: skip
    sheet = spreadsheet.sheet("Cloud costs")
    pattern = sheet.cells[3, 1]["userEnteredFormat"]["numberFormat"]["pattern"]
    assert (pattern, sheet.frozen) == ("#,##0.00", {"frozenRowCount": 3, "frozenColumnCount": 1})
    assert billing(done, "workbook") == {}
    assert not workbook_path().exists()
    receipt = Outcome.objects.get(key=f"sheets.columns:{served.number}:maple").receipt
    assert receipt["address"] == (
        f"https://docs.google.com/spreadsheets/d/{spreadsheet.book.id}/edit#gid={sheet.id}"
    )
    assert plan(served).changes == ()


def test_calls_are_few_and_applying_again_writes_nothing(spreadsheet, served):
    bill("1.00", users=1)
    bill("2.00", month=MAY, users=2)
    apply(served)
    # columns with their marks; rows of months; cells
    assert writes(spreadsheet) == 3
    spreadsheet.calls.clear()

    apply(served, at=LATER)

    assert spreadsheet.calls.total() == 2  # the metadata, and the columns that have it
    bill("3.00", users=1)
    go_on(served, LATER_STILL)
    assert writes(spreadsheet) == 1


def test_columns_and_rows_are_found_wherever_people_have_put_them(spreadsheet, served):
    bill("1.00", users=1)
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    by_hand(
        spreadsheet,
        {"insertDimension": {"range": span(sheet, 0, 2)}},
        {"insertDimension": {"range": span(sheet, 0, 1, "ROWS")}},
        {"insertDimension": {"range": span(sheet, 2, 1, "ROWS")}},
        {"moveDimension": {"source": span(sheet, 3), "destinationIndex": 7}},
        {"updateSheetProperties": {"properties": {"sheetId": sheet.id, "title": "Costs '26"}}},
    )
    sheet.put(5, 1, "=D6*2")
    sheet.put(8, 2, "Total")
    bill("2.00", users=5)
    bill("3.00", month=MAY, users=1)

    assert set(billing(go_on(served, LATER), "sheets").values()) == {"converged"}

    assert rows(spreadsheet, "Costs '26", top=0) == [
        [],
        [None, None, "Engagement", None, None, None, f"{served.number} maple hub"],
        [],
        [None, None, "Cluster", None, None, None, "maple"],
        [None, None, "Month", "MAU", "usage fee", "invoiced", "cloud cost"],
        [None, "=D6*2", "2026-04", 5, 50.0, None, 2.0],
        [None, None, "2026-05", 1, 10.0, None, 3.0],
        [], [],
        [None, None, "Total"],
    ]  # fmt: skip
    assert plan(served).changes == ()


def test_second_engagement_stands_behind_the_first_and_months_stand_once(spreadsheet, served):
    bill("1.00", users=1)
    apply(served)
    other, _cluster = make_served("birch", account="999999999999")
    apply(other, at=LATER)

    assert rows(spreadsheet)[0] == [*HEAD, *HEAD[1:]]
    assert [row[0] for row in rows(spreadsheet)] == ["Month", "2026-04"]


@pytest.mark.parametrize(
    ("fault", "state"),
    [(losing_the_answer(), "unknown"), (dropping(), "unknown"), (answering(502), "unknown"),
     (answering(200, {"replies": 1}), "unknown"), (answering(503), "wanted"), (too_many(), "wanted")],
)  # fmt: skip
def test_failed_send_is_made_good_later_without_a_second_column(spreadsheet, served, fault, state):
    bill("1.00", users=1)
    spreadsheet.fail_next_write(fault)

    first = apply(served)
    assert billing(first, "sheets")["maple"] == state
    last = apply(apply(served, at=LATER)[0].engagement, at=LATER_STILL)

    assert set(billing(last, "sheets").values()) == {"converged"}
    assert rows(spreadsheet) == [HEAD, ["2026-04", 1.0, 1, 10.0]]
    assert len(spreadsheet.book.metadata) == 4 + 1 + 3 + 1


@pytest.mark.parametrize("place", [1, 2])
def test_lost_answer_of_rows_or_cells_is_looked_up(spreadsheet, served, place):
    apply(served)
    bill("1.00", users=1)
    spreadsheet.fail_next_write(
        *[answering(503)] * 0, *([losing_the_answer()] if place == 1 else [])
    )
    if place == 2:
        take = spreadsheet.take

        def losing(call):
            if call.path.endswith(":batchUpdateByDataFilter"):
                spreadsheet.take = take
                spreadsheet.fail_next(losing_the_answer())
            return take(call)

        spreadsheet.take = losing

    assert billing(go_on(served, LATER), "sheets")["maple:2026-04"] == "unknown"
    assert billing(apply(served, at=LATER_STILL), "sheets")["maple:2026-04"] == "converged"
    assert rows(spreadsheet) == [HEAD, ["2026-04", 1.0, 1, 10.0]]


@pytest.mark.parametrize("is_begun", [True, False])
def test_repeat_by_another_worker_fails_as_a_whole_and_is_found(spreadsheet, served, is_begun):
    if is_begun:
        other, _cluster = make_served("birch", account="999999999999")
        apply(other)
    first, second = connect_sheets(), connect_sheets()
    wanted = [_bare(served)]
    assert (first.observe(wanted), second.observe(wanted)) == ({}, {})
    change = diff(wanted[0], None)
    done = first.act([change], Doing(PS, NOON))

    again = second.act([change], Doing(PS, NOON))

    assert isinstance(done[change.outcome], Done)
    assert again == done
    assert rows(spreadsheet) == [[*HEAD, *(HEAD[1:] if is_begun else [])]]


def _bare(engagement):
    from throughline.handoff.outside.sheets_wanted import wanted_of_sheets
    from throughline.playbook.loader import shipped
    from throughline.sales.queries import facts_of

    return next(iter(wanted_of_sheets(engagement, facts_of(engagement.deal, on=NOON.date()), shipped())))  # fmt: skip


def test_two_who_make_different_columns_at_once_overwrite_nothing(spreadsheet, served):
    other, _cluster = make_served("birch", account="999999999999")
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    system = connect_sheets()
    system.observe([_bare(other)])
    prepared = spreadsheet.answer

    def somebody_inserts(call):
        if call.path.endswith(":batchUpdate"):
            spreadsheet.answer = prepared
            spreadsheet.book.insert(sheet, "COLUMNS", 1, 1)
        return prepared(call)

    spreadsheet.answer = somebody_inserts
    system.act([diff(_bare(other), None)], Doing(PS, NOON))

    found = groups_in_sheets([_bare(one).group for one in (served, other)])
    assert [one.columns for one in found.values()] == [tuple(HEAD[1:])] * 2


def test_cell_that_a_person_wrote_over_is_drift_and_the_others_go_on(spreadsheet, served):
    bill("1.00", users=1)
    bill("2.00", month=MAY, users=2)
    apply(served)
    spreadsheet.sheet("Cloud costs").put(3, 1, "=9+9")
    bill("1.50", users=1)
    bill("2.50", month=MAY, users=2)

    done = go_on(served, LATER)

    assert billing(done, "sheets") == {
        "maple": "converged", "maple:2026-04": "drifted", "maple:2026-05": "converged",
    }  # fmt: skip
    assert [row[1] for row in rows(spreadsheet)[1:]] == ["=9+9", 2.5]
    restore(f"sheets.month:{served.number}:maple:2026-04", LATER_STILL)
    assert [row[1] for row in rows(spreadsheet)[1:]] == [1.5, 2.5]


def test_month_that_somebody_filled_in_before_us_waits_for_them(spreadsheet, served):
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    sheet.put(3, 0, "April 2026")
    sheet.put(3, 2, 77)
    bill("1.00", users=1)

    (waits,) = [one for one in go_on(served, LATER) if one.key.endswith("2026-04")]

    assert waits.state == "waiting"
    assert waits.remedy.startswith(
        "Somebody has written for 2026-04: MAU 77 where the ledger has 1."
    )
    assert rows(spreadsheet)[1] == ["April 2026", None, 77]


def test_column_that_was_deleted_is_drift_and_comes_back_at_the_end(spreadsheet, served):
    bill("1.00", users=1)
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    spreadsheet.book.delete(sheet, "COLUMNS", 2, 1)
    assert billing(verify(served, at=LATER), "sheets")["maple"] == "drifted"

    done = apply(served, at=LATER_STILL)

    assert set(billing(done, "sheets").values()) == {"converged"}
    assert rows(spreadsheet) == [
        ["Month", "cloud cost", "usage fee", "invoiced", "MAU"], ["2026-04", 1.0, 10.0, None, 1],
    ]  # fmt: skip


def test_heading_that_was_renamed_is_drift_and_restored_where_it_is(spreadsheet, served):
    apply(served)
    spreadsheet.sheet("Cloud costs").put(2, 1, "AWS")
    assert billing(verify(served, at=LATER), "sheets") == {"maple": "drifted"}

    restore(f"sheets.columns:{served.number}:maple", LATER_STILL)

    assert rows(spreadsheet) == [HEAD]


def test_rows_that_people_sorted_or_relabelled_are_found_by_what_they_say(spreadsheet, served):
    bill("1.00", users=1)
    bill("2.00", month=MAY, users=2)
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    april = [sheet.value(3, column) for column in range(5)]
    may = [sheet.value(4, column) for column in range(5)]
    for column in range(5):  # sorting moves what stands in cells, and no marks
        sheet.put(3, column, may[column])
        sheet.put(4, column, april[column])
    bill("3.00", users=1)

    assert set(billing(go_on(served, LATER), "sheets").values()) == {"converged"}
    assert rows(spreadsheet)[1:] == [["2026-05", 2.0, 2, 20.0], ["2026-04", 3.0, 1, 10.0]]

    sheet.put(4, 0, "in spring")  # no month any more: the mark of this row is May's
    assert billing(verify(served, at=LATER_STILL), "sheets")["maple:2026-04"] == "drifted"
    restore(f"sheets.month:{served.number}:maple:2026-04", LATER_STILL)
    assert rows(spreadsheet)[1:] == [
        ["2026-04", 3.0, 1, 10.0], ["2026-05", 2.0, 2, 20.0], ["in spring", 3.0, 1, 10.0],
    ]  # fmt: skip


def test_heading_row_that_was_deleted_waits_for_room_and_is_written_again(spreadsheet, served):
    bill("1.00", users=1)
    apply(served)
    sheet = spreadsheet.sheet("Cloud costs")
    spreadsheet.book.delete(sheet, "ROWS", 1, 1)
    key = f"sheets.columns:{served.number}:maple"

    (waits,) = [one for one in apply(served, at=LATER) if one.key == key]
    assert waits.state == "waiting"
    assert waits.remedy.startswith("The tab “Cloud costs” has its first month in row 3: insert")

    spreadsheet.book.insert(sheet, "ROWS", 1, 1)
    assert set(billing(apply(served, at=LATER_STILL), "sheets").values()) == {"converged"}
    assert [row[1] for row in rows(spreadsheet, top=0)] == [
        f"{served.number} maple hub", "maple", "cloud cost", 1.0,
    ]  # fmt: skip


def test_tab_that_people_have_already_gets_the_columns_behind_theirs(spreadsheet, served):
    book = spreadsheet.book
    perform(book, [{"addSheet": {"properties": {"sheetId": 9, "title": "Cloud costs"}}}])
    sheet = spreadsheet.sheet("Cloud costs")
    for row, values in enumerate([["2i2c"], [], [], ["", "Month", "LEAP"],
                                  ["", "March 2026", 5], ["", "2026-05-01", 7], ["", "Total", "=C5"]]):  # fmt: skip
        for column, value in enumerate(values):
            sheet.put(row, column, value)
    bill("1.00", users=1)

    assert set(billing(apply(served), "sheets").values()) == {"converged"}

    assert rows(spreadsheet, top=0) == [
        ["2i2c"],
        [None, None, None, f"{served.number} maple hub"],
        [None, None, None, "maple"],
        [None, "Month", "LEAP", *HEAD[1:]],
        [None, "March 2026", 5],
        [None, "2026-04", None, 1.0, 1, 10.0],
        [None, "2026-05-01", 7],
        [None, "Total", "=C5"],
    ]


@pytest.mark.parametrize(
    ("cells", "remedy"),
    [
        ({(0, 0): "Notes"}, "The tab “Cloud costs” is in use and shows no column of months:"),
        ({(1, 0): "2026-03"}, "The tab “Cloud costs” has its first month in row 2: insert rows"),
    ],
)
def test_tab_that_does_not_say_where_its_months_are_waits(spreadsheet, served, cells, remedy):
    perform(
        spreadsheet.book, [{"addSheet": {"properties": {"sheetId": 9, "title": "Cloud costs"}}}]
    )
    for place, value in cells.items():
        spreadsheet.sheet("Cloud costs").put(*place, value)

    (waits,) = [one for one in apply(served) if one.system == "sheets"]

    assert waits.state == "waiting"
    assert waits.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("spoil", "remedy"),
    [
        (lambda it, _settings: setattr(it, "is_shared", False),
         "Share the spreadsheet with throughline@simulated.iam.gserviceaccount.com as an editor."),
        (lambda it, _settings: setattr(it.book, "id", "gone"),
         "The spreadsheet is not there: correct THROUGHLINE_SHEETS_SPREADSHEET."),
        (lambda _it, settings: setattr(settings, "SHEETS_KEY", {"client_email": "x"}),
         "Google does not accept the service account: make a new key for it"),
        (lambda it, _settings: it.fail_next(answering(400, {"error": "invalid_grant"})),
         "Google does not accept the service account: make a new key for it"),
        (lambda it, _settings: it.fail_next(answering(503)),
         "Google Sheets does not answer: try again later."),
    ],
)  # fmt: skip
def test_what_a_person_has_to_mend_is_said_by_the_doctor_and_the_handoff(
    spreadsheet, served, settings, spoil, remedy
):
    assert trouble_with_sheets() == ""
    spreadsheet.tokens.clear()
    connect_sheets()._sheets._tokens.forget()
    spoil(spreadsheet, settings)

    (check,) = [one for one in examine(at=NOON) if one.name == "sheets"]

    assert (check.is_well, check.remedy.startswith(remedy)) == (False, True)


def test_spreadsheet_that_is_not_shared_stops_its_own_outcomes_alone(spreadsheet, served):
    spreadsheet.is_shared = False

    done = apply(served)

    assert billing(done, "sheets") == {"maple": "waiting"}
    assert {str(one.state) for one in done if one.system == "delivery"} == {"converged"}


def test_quota_leaves_the_spreadsheet_alone_for_a_minute(spreadsheet, served):
    apply(served)
    spreadsheet.fail_next(too_many())
    apply(served, at=LATER)
    spreadsheet.calls.clear()

    apply(served, at=LATER + timedelta(seconds=50))
    assert spreadsheet.calls.total() == 0
    apply(served, at=LATER + timedelta(seconds=61))
    assert spreadsheet.calls.total() == 2


def test_groups_are_read_for_evidence(spreadsheet, served):
    link = served.on_clusters.get()
    name = group_name(served.number, link.cluster_id)
    asked = [ColumnGroup(name, "", "", ()), ColumnGroup("throughline_e0_c0", "", "", ())]
    assert groups_in_sheets(asked) == {}
    apply(served)

    assert {key: one.columns for key, one in groups_in_sheets(asked).items()} == {
        name: tuple(HEAD[1:])
    }
    spreadsheet.is_shared = False
    with pytest.raises(WaitsForPerson, match="Share the spreadsheet"):
        groups_in_sheets(asked)
    spreadsheet.close()
    with pytest.raises(Transient):
        groups_in_sheets(asked)
    spreadsheet.open()


def test_ids_of_columns_are_stable_positive_and_fit_in_31_bits():
    ids = {
        column_id(column_name(group_name(number, cluster), code))
        for number in range(1, 60) for cluster in range(1, 30) for code in CODES
    }  # fmt: skip
    assert len(ids) == 59 * 29 * 4
    assert all(0 < one < 2**31 for one in ids)
    assert column_id("throughline_e12_c5_cost") == column_id("throughline_e12_c5_cost")


def test_without_a_spreadsheet_the_workbook_is_the_home():
    engagement, _cluster = make_served("maple")
    with_cluster(engagement, "second")

    assert connect_sheets() is None
    assert set(billing(apply(engagement), "workbook").values()) == {"converged"}
    assert timedelta(seconds=10) == SETTLING
