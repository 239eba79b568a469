"""The spreadsheet is proved by gspread and google-auth, which nobody here wrote."""

import gspread
import pytest
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient

from throughline.simulators.server import losing_the_answer, too_many
from throughline.simulators.sheets import SCOPE, SheetsSimulator

GOOGLE = "https://sheets.googleapis.com"


@pytest.fixture
def simulator():
    with SheetsSimulator() as opened:
        yield opened


@pytest.fixture
def book(simulator):
    return open_book(simulator)


def open_book(simulator, scope=SCOPE) -> gspread.Spreadsheet:
    class ToSimulator(HTTPClient):
        """gspread's own client, which has its addresses as constants."""

        def request(self, method, endpoint, *args, **kwargs):
            return super().request(method, endpoint.replace(GOOGLE, simulator.url), *args, **kwargs)

    credentials = Credentials.from_service_account_info(simulator.credentials, scopes=[scope])
    client = gspread.Client(credentials, http_client=ToSimulator)
    return client.open_by_key(simulator.book.id)


def column(sheet: int, index: int) -> dict[str, object]:
    return {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": index, "endIndex": index + 1}


def mark(number: int, index: int, value: str = "e12") -> dict[str, object]:
    return {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataId": number, "metadataKey": "k", "metadataValue": value,
                "visibility": "DOCUMENT", "location": {"dimensionRange": column(0, index)},
            }
        }
    }  # fmt: skip


def test_independent_client_writes_reads_appends_and_clears(book):
    sheet = book.sheet1
    sheet.update([["Month", "cost"], ["2026-03", "12.5"]], "A1")
    sheet.update([["=B2*2", "12.5"]], "C2", raw=False)
    sheet.append_row(["2026-04", 3])

    assert sheet.get("A1:C3") == [["Month", "cost"], ["2026-03", "12.5", "=B2*2"], ["2026-04", "3"]]
    assert sheet.get("B2:D2", value_render_option="UNFORMATTED_VALUE") == [["12.5", "=B2*2", 12.5]]
    assert sheet.find("2026-04").row == 3
    sheet.batch_clear(["A2:A3"])
    assert sheet.col_values(1) == ["Month"]


def test_independent_client_adds_renames_and_deletes_sheets(book):
    made = book.add_worksheet("Costs & more", rows=20, cols=5)
    made.update_title("It's 2026")
    made.update([["x"]], "B2")

    assert [(one.title, one.row_count, one.col_count) for one in book.worksheets()] == [
        ("Sheet1", 1000, 26), ("It's 2026", 20, 5),
    ]  # fmt: skip
    assert book.worksheet("It's 2026").acell("B2").value == "x"
    book.del_worksheet(book.worksheet("It's 2026"))
    assert [one.title for one in book.worksheets()] == ["Sheet1"]
    with pytest.raises(APIError, match="can't remove all the sheets"):
        book.del_worksheet(book.sheet1)


def test_metadata_moves_with_its_column_and_goes_with_it(simulator, book):
    book.batch_update({"requests": [mark(7, 2), mark(8, 3)]})
    book.sheet1.update([["a", "b", "c", "d"]], "A1")
    book.sheet1.insert_cols([[]], 1)  # in front of all
    source = {"source": column(0, 3), "destinationIndex": 1}
    book.batch_update({"requests": [{"moveDimension": source}]})

    assert book.sheet1.row_values(1) == ["", "c", "a", "b", "d"]
    assert {one.id: one.index for one in simulator.book.metadata} == {7: 1, 8: 4}

    book.sheet1.delete_columns(2)
    assert {one.id: one.index for one in simulator.book.metadata} == {8: 3}


def test_metadata_id_that_is_taken_refuses_the_whole_batch(simulator, book):
    insert = {"insertDimension": {"range": column(0, 1), "inheritFromBefore": True}}
    book.batch_update({"requests": [insert, mark(7, 1)]})

    with pytest.raises(APIError) as refused:
        book.batch_update({"requests": [insert, mark(7, 1)]})

    assert refused.value.code == 400
    assert (simulator.sheet("Sheet1").columns, len(simulator.book.metadata)) == (27, 1)


@pytest.mark.parametrize(
    "request_",
    [
        {"insertDimension": {"range": column(0, 26)}},
        {"insertDimension": {"range": column(5, 1)}},
        {"insertDimension": {"range": column(0, 0), "inheritFromBefore": True}},
        {"addSheet": {"properties": {"title": "Sheet1"}}},
        {"addSheet": {"properties": {"sheetId": 0, "title": "Other"}}},
        {"updateCells": {"start": {"sheetId": 0}, "rows": []} | {"rows": [{"values": [{}]}]}},
        {"paintItBlack": {}},
        mark(0, 1),
        mark(9, 99),
    ],
)
def test_request_that_is_wrong_undoes_those_before_it(simulator, book, request_):
    before = simulator.book.shape()
    append = {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 1}}
    with pytest.raises(APIError) as refused:
        book.batch_update({"requests": [mark(1, 0)] + ([append] if "mark" in request_ else []) + [request_]})  # fmt: skip

    assert refused.value.code == 400
    assert (simulator.book.shape(), simulator.book.metadata) == (before, [])


def test_spreadsheet_that_is_not_shared_or_not_there_is_refused(simulator, book):
    simulator.is_shared = False
    with pytest.raises(PermissionError):
        open_book(simulator)
    simulator.is_shared = True
    simulator.book.id = "other"
    with pytest.raises(APIError) as refused:
        book.worksheets()
    assert refused.value.code == 404


def test_token_needs_the_scope_and_the_right_key(simulator):
    from google.auth.exceptions import RefreshError

    with pytest.raises(RefreshError, match="invalid_scope"):
        open_book(simulator, scope="https://www.googleapis.com/auth/drive")


def test_quota_of_calls_a_minute_is_refused_until_the_minute_is_over():
    now = [0.0]
    with SheetsSimulator(limit=3, clock=lambda: now[0]) as simulator:
        book = open_book(simulator)
        book.worksheets()
        book.worksheets()
        with pytest.raises(APIError) as refused:
            book.worksheets()
        assert refused.value.code == 429
        now[0] = 61.0
        assert len(book.worksheets()) == 1


def test_faults_are_those_of_every_simulator(simulator, book):
    simulator.fail_next(too_many("3"))
    with pytest.raises(APIError) as refused:
        book.worksheets()
    assert refused.value.response.status_code == 429

    simulator.fail_next_write(losing_the_answer())
    with pytest.raises(Exception, match=r"closed connection|aborted"):
        book.batch_update({"requests": [mark(7, 2)]})
    assert [one.id for one in simulator.book.metadata] == [7]
