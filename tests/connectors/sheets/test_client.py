import json

import pytest

from tests.connectors.sheets.contract import method_of, mistakes, needs_specification
from throughline.connectors.http import AnswerLost, Declined, NotFound, UnknownShape
from throughline.connectors.sheets.client import connect
from throughline.connectors.sheets.tokens import KeyRefused
from throughline.kernel.errors import Transient
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many
from throughline.simulators.sheets import SheetsSimulator

KEY = "throughline.column"


class Recorded(SheetsSimulator):
    """A simulator that keeps every call with its reply."""

    def __init__(self):
        super().__init__()
        self.exchanges = []

    def answer(self, call):
        reply = super().answer(call)
        self.exchanges.append((call, reply))
        return reply


@pytest.fixture
def simulator():
    with Recorded() as opened:
        yield opened


@pytest.fixture
def sheets(simulator):
    with connect(simulator.url, key=simulator.credentials, spreadsheet=simulator.book.id) as opened:
        yield opened


def insert(number, at=1, value="e1"):
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    return [
        {"insertDimension": {"range": span, "inheritFromBefore": True}},
        {"createDeveloperMetadata": {"developerMetadata": {
            "metadataId": number, "metadataKey": KEY, "metadataValue": value,
            "visibility": "DOCUMENT", "location": {"dimensionRange": span},
        }}},
    ]  # fmt: skip


def test_column_is_made_found_written_and_read_by_its_metadata_alone(simulator, sheets):
    sheets.change(insert(7))
    sheets.change(insert(8, at=1, value="e2"))  # 7 moves on

    found = sheets.find([7])
    assert [(one.key, one.value, one.location.span.start) for one in found] == [(KEY, "e1", 2)]
    assert {one.id for one in sheets.find(keys=[KEY])} == {7, 8}
    written = sheets.write({7: ["cost", None, 12.5, "=1+1"], 8: ["", "x"]})
    assert written[7].columns == [["cost", "", 12.5, "=1+1"]]
    assert sheets.columns([7, 8, 99]) == {7: written[7], 8: written[8]}
    assert written[7].range == "Sheet1!C1:C1000"
    assert sheets.whole(0).columns == [[], ["", "x"], ["cost", "", 12.5, "=1+1"]]


def test_none_leaves_a_cell_and_an_empty_text_empties_it(sheets):
    sheets.change(insert(7))
    sheets.write({7: ["a", "b", "c"]})

    assert sheets.write({7: [None, "", None, "d"]})[7].columns == [["a", "", "c", "d"]]


def test_tabs_have_their_ids_and_sizes(sheets):
    (tab,) = sheets.tabs().tabs
    assert (tab.properties.id, tab.properties.title, tab.properties.grid.columns) == (
        0,
        "Sheet1",
        26,
    )


def test_change_whose_id_is_taken_is_declined_as_a_whole(simulator, sheets):
    sheets.change(insert(7))
    with pytest.raises(Declined) as declined:
        sheets.change(insert(7))
    assert declined.value.status == 400
    assert simulator.sheet("Sheet1").columns == 27


def test_one_token_serves_all_calls_of_all_sessions(simulator, sheets):
    sheets.tabs()
    with connect(simulator.url, key=simulator.credentials, spreadsheet=simulator.book.id) as other:
        other.tabs()
    assert simulator.calls["POST", "/token"] == 1
    assert sheets.calls == 1


def test_token_that_is_not_accepted_any_more_is_asked_for_anew(simulator, sheets):
    sheets.tabs()
    simulator.tokens.clear()
    with pytest.raises(Declined) as declined:
        sheets.tabs()
    assert declined.value.status == 401
    assert len(sheets.tabs().tabs) == 1


@pytest.mark.parametrize("fault", [answering(503), too_many(), dropping()])
def test_token_that_cannot_be_had_for_now_is_asked_for_once(simulator, sheets, fault):
    simulator.fail_next(fault)
    with pytest.raises(Transient):
        sheets.tabs()
    assert (simulator.calls.total(), sheets.calls) == (1, 0)


def test_key_that_google_refuses_needs_a_person(simulator, sheets):
    simulator.fail_next(answering(400, {"error": "invalid_grant"}))
    with pytest.raises(
        KeyRefused, match=r"does not accept the service account's key.*invalid_grant"
    ):
        sheets.tabs()


@pytest.mark.parametrize("key", [{}, {"private_key": "x", "client_email": "a", "token_uri": "b"}])
def test_what_is_no_key_is_refused_without_showing_it(key):
    with pytest.raises(KeyRefused, match="It is no key of a service account"):
        connect("http://127.0.0.1:1", key=key, spreadsheet="x")


def test_quota_is_waited_for_a_minute_where_no_header_says(simulator, sheets):
    sheets.tabs()
    simulator.fail_next(too_many(), too_many("7"))
    waits = []
    for _ in range(2):
        with pytest.raises(Transient) as raised:
            sheets.tabs()
        waits.append(raised.value.retry_after_s)
    assert waits == [60, 7]


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [(losing_the_answer(), AnswerLost, 1), (dropping(), AnswerLost, 0), (answering(502), AnswerLost, 0),
     (answering(503), Transient, 0), (answering(404), NotFound, 0),
     (answering(200, {"replies": "no"}), UnknownShape, 0)],
)  # fmt: skip
def test_write_is_sent_once_whatever_comes_back(simulator, sheets, fault, error, done):
    simulator.fail_next_write(fault)
    with pytest.raises(error):
        sheets.change(insert(7))
    assert simulator.calls["POST", f"/v4/spreadsheets/{simulator.book.id}:batchUpdate"] == 1
    assert len(simulator.book.metadata) == done


@needs_specification
def test_every_request_and_answer_is_as_google_describes_it(simulator, sheets):
    sheets.change([{"addSheet": {"properties": {"sheetId": 5, "title": "Costs"}}}, *insert(7)])
    with pytest.raises(Declined):
        sheets.change(insert(7))
    sheets.write({7: ["a", None, 2]})
    sheets.columns([7])
    sheets.whole(0)
    sheets.find([7], keys=[KEY])
    sheets.tabs()

    told = []
    for call, reply in simulator.exchanges:
        if call.path == "/token" or reply.status != 200:
            continue
        method = method_of(call.method, call.path)
        if "request" in method:
            told += mistakes(method["request"]["$ref"], json.loads(call.body))
        told += mistakes(method["response"]["$ref"], reply.body)
        told += [
            name for name in call.query if name not in method["parameters"] and name != "fields"
        ]
    assert told == []
    assert len(simulator.exchanges) == 8


@needs_specification
def test_contract_finds_what_google_does_not_know():
    assert mistakes("BatchUpdateSpreadsheetRequest", {"requests": [{"insertDimension": {"at": 1}}]})
    assert mistakes("DeveloperMetadata", {"metadataId": "seven"})
