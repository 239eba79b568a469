"""The base is proved by pyairtable, which nobody here wrote, with its retries off."""

import httpx
import pytest
import requests
from pyairtable import Api
from pyairtable.formulas import EQ, OR, RECORD_ID, Field

from throughline.simulators.airtable import AirtableSimulator, agreements_base
from throughline.simulators.server import losing_the_answer

KEY = "Throughline key"


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def simulator():
    with agreements_base() as opened:
        yield opened


@pytest.fixture
def api(simulator):
    client = Api(simulator.token, endpoint_url=simulator.url, retry_strategy=None)
    yield client
    client.session.close()


@pytest.fixture
def table(api, simulator):
    return api.table(simulator.base, "Engagements")


def refused(call, *args, **kwargs) -> tuple[int, object]:
    """Return the status and what the body says of an error."""
    with pytest.raises(requests.HTTPError) as raised:
        call(*args, **kwargs)
    answer = raised.value.response
    return answer.status_code, answer.json()


def upsert(table, *rows, **how):
    return table.batch_upsert([{"fields": row} for row in rows], [KEY], **how)


def test_schema_is_read_with_types_choices_and_links(api, simulator):
    schema = api.base(simulator.base).schema()

    assert [one.name for one in schema.tables] == ["Engagements", "Projects", "Deliverables"]
    engagements, projects = schema.table("Engagements"), schema.table("Projects")
    assert engagements.primary_field_id == engagements.field("Name").id
    assert [one.name for one in engagements.field("Status").options.choices] == [
        "On track", "At risk", "Off track",
    ]  # fmt: skip
    assert engagements.field("End").options.date_format.name == "iso"
    link, back = projects.field("Engagement").options, engagements.field("Projects").options
    assert (link.linked_table_id, back.linked_table_id) == (engagements.id, projects.id)
    assert link.inverse_link_field_id == engagements.field("Projects").id


def test_base_is_among_the_bases_of_the_token(api, simulator):
    assert [one.id for one in api.bases()] == [simulator.base]


def test_upsert_makes_what_is_not_there_and_changes_what_is(table):
    first = upsert(table, {KEY: "k1", "Name": "One"})
    second = upsert(table, {KEY: "k1", "Name": "Uno"}, {KEY: "k2", "Name": "Two"})

    (made,) = first["createdRecords"]
    assert second["updatedRecords"] == [made]
    assert len(second["createdRecords"]) == 1
    assert [one["fields"] for one in table.all()] == [
        {KEY: "k1", "Name": "Uno"}, {KEY: "k2", "Name": "Two"},
    ]  # fmt: skip


def test_upsert_leaves_other_cells_and_a_replacing_one_clears_them(table):
    upsert(table, {KEY: "k1", "Name": "One", "Notes": "by hand"})

    upsert(table, {KEY: "k1", "Name": "Uno"})
    assert table.all()[0]["fields"] == {KEY: "k1", "Name": "Uno", "Notes": "by hand"}

    upsert(table, {KEY: "k1", "Name": "Uno"}, replace=True)
    assert table.all()[0]["fields"] == {KEY: "k1", "Name": "Uno"}


def test_upsert_where_several_records_match_fails_as_a_whole(simulator, table):
    table.batch_create([{KEY: "k1"}, {KEY: "k1"}])

    status, body = refused(upsert, table, {KEY: "k0", "Name": "new"}, {KEY: "k1", "Name": "x"})

    assert (status, body["error"]["type"]) == (422, "INVALID_REQUEST_UNKNOWN")
    assert simulator.table("Engagements").rows() == [{KEY: "k1"}, {KEY: "k1"}]


def test_upsert_with_one_wrong_value_writes_nothing_of_the_others(simulator, table):
    status, body = refused(upsert, table, {KEY: "k1"}, {KEY: "k2", "Number": "many"})

    assert (status, body["error"]["type"]) == (422, "INVALID_VALUE_FOR_COLUMN")
    assert simulator.table("Engagements").rows() == []


def test_upsert_of_more_than_ten_goes_out_in_tens_and_eleven_at_once_are_refused(
    simulator, api, table
):
    upsert(table, *({KEY: f"k{number}"} for number in range(23)))
    assert simulator.calls[("PATCH", f"/v0/{simulator.base}/Engagements")] == 3

    eleven = [{"fields": {KEY: f"x{number}"}} for number in range(11)]
    body = {"records": eleven, "performUpsert": {"fieldsToMergeOn": [KEY]}}
    status, answer = refused(api.patch, table.urls.records, json=body)
    assert (status, answer["error"]["type"]) == (422, "INVALID_RECORDS")
    assert len(simulator.table("Engagements").records) == 23


@pytest.mark.parametrize(
    ("merged_on", "kind"),
    [
        ([], "INVALID_REQUEST_UNKNOWN"),
        (["Nothing"], "UNKNOWN_FIELD_NAME"),
        ([KEY, "Name", "Tier", "Community"], "INVALID_REQUEST_UNKNOWN"),
        (["Projects"], "INVALID_REQUEST_UNKNOWN"),
    ],
)
def test_upsert_merging_on_what_cannot_be_merged_on_is_refused(api, table, merged_on, kind):
    body = {
        "records": [{"fields": {KEY: "k"}}],
        "performUpsert": {"fieldsToMergeOn": merged_on},
    }

    status, answer = refused(api.patch, table.urls.records, json=body)

    assert (status, answer["error"]["type"]) == (422, kind)


def test_fields_may_be_named_by_id_and_answers_too(api, simulator):
    fields = {one.name: one.id for one in simulator.table("Engagements").fields}
    table = api.table(simulator.base, simulator.table("Engagements").id)

    table.batch_upsert(
        [{"fields": {fields[KEY]: "k1", fields["Number"]: 4}}], [fields[KEY]], use_field_ids=True
    )

    assert table.all(use_field_ids=True)[0]["fields"] == {fields[KEY]: "k1", fields["Number"]: 4}
    assert table.all()[0]["fields"] == {KEY: "k1", "Number": 4}


def test_listing_comes_in_pages_of_a_hundred_and_only_with_the_fields_asked_for(simulator, table):
    table.batch_create([{KEY: f"k{number}", "Name": "x"} for number in range(201)])
    before = simulator.calls.total()

    found = table.all(fields=[KEY, "Number"])

    assert [one["fields"] for one in found] == [{KEY: f"k{number}"} for number in range(201)]
    assert simulator.calls.total() - before == 3


def test_listing_takes_a_formula_even_one_longer_than_an_address(simulator, table):
    keys = [f"k'{number} \\ {'x' * 40}" for number in range(300)]
    made = table.batch_create([{KEY: key} for key in keys])

    few = table.all(formula=OR(EQ(Field(KEY), keys[3]), EQ(RECORD_ID(), made[7]["id"])))
    many = table.all(formula=OR(*(EQ(Field(KEY), key) for key in keys[:299])))

    assert [one["fields"][KEY] for one in few] == [keys[3], keys[7]]
    assert [one["fields"][KEY] for one in many] == keys[:299]
    assert simulator.calls[("POST", f"/v0/{simulator.base}/Engagements/listRecords")] == 3


@pytest.mark.parametrize("formula", ["{Nothing}='x'", "OR(", "{Name} 'x'", "SUM({Name})='x'", "#"])
def test_listing_with_a_formula_that_cannot_be_read_is_refused(table, formula):
    status, body = refused(table.all, formula=formula)

    assert (status, body["error"]["type"]) == (422, "INVALID_FILTER_BY_FORMULA")


def test_listing_whose_next_page_ran_out_is_refused(simulator, table):
    table.batch_create([{KEY: f"k{number}"} for number in range(101)])
    pages = table.iterate()
    next(pages)
    simulator.forget_iterators()

    status, body = refused(next, pages)

    assert (status, body) == (422, {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}})


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("Name", 5, "INVALID_VALUE_FOR_COLUMN"),
        ("Number", "5", "INVALID_VALUE_FOR_COLUMN"),
        ("Number", True, "INVALID_VALUE_FOR_COLUMN"),
        ("Start", "2026-02-30", "INVALID_VALUE_FOR_COLUMN"),
        ("Start", "3 March", "INVALID_VALUE_FOR_COLUMN"),
        ("Status", "Who knows", "INVALID_MULTIPLE_CHOICE_OPTIONS"),
        ("Status", 1, "INVALID_VALUE_FOR_COLUMN"),
        ("Projects", ["rec00000000000000"], "ROW_DOES_NOT_EXIST"),
        ("Projects", "rec00000000000000", "INVALID_VALUE_FOR_COLUMN"),
        ("Nowhere", "x", "UNKNOWN_FIELD_NAME"),
    ],
)
def test_value_that_a_field_does_not_take_is_refused(table, field, value, kind):
    status, body = refused(table.create, {field: value})

    assert (status, body["error"]["type"]) == (422, kind)


def test_choice_that_is_new_is_added_only_when_asked_for(table):
    table.create({"Status": "Paused"}, typecast=True)

    assert table.create({"Status": "Paused"})["fields"] == {"Status": "Paused"}


def test_empty_cells_are_left_out(table):
    record = table.create({KEY: "k", "Name": "x", "Number": 1, "Status": "At risk"})

    changed = table.update(record["id"], {"Name": "", "Number": None, "Status": None})

    assert changed["fields"] == {KEY: "k"}


def test_link_is_seen_from_both_sides_and_goes_with_either(api, simulator, table):
    projects = api.table(simulator.base, "Projects")
    first, second = table.create({KEY: "e1"}), table.create({KEY: "e2"})
    project = projects.create({KEY: "p", "Engagement": [first["id"]]})
    assert table.get(first["id"])["fields"]["Projects"] == [project["id"]]

    projects.update(project["id"], {"Engagement": [second["id"]]})
    assert table.get(first["id"])["fields"] == {KEY: "e1"}
    assert table.get(second["id"])["fields"]["Projects"] == [project["id"]]

    table.delete(second["id"])
    assert projects.get(project["id"])["fields"] == {KEY: "p"}


def test_deleted_record_is_gone(table):
    record = table.create({KEY: "k"})
    table.batch_delete([record["id"]])

    assert table.all() == []
    status, body = refused(table.get, record["id"])
    assert (status, body["error"]["type"]) == (404, "MODEL_ID_NOT_FOUND")


def test_token_that_is_not_ours_is_refused(simulator):
    stranger = Api("patWrong", endpoint_url=simulator.url, retry_strategy=None)

    status, body = refused(stranger.table(simulator.base, "Engagements").all)

    assert (status, body["error"]["type"]) == (401, "AUTHENTICATION_REQUIRED")


def test_base_and_table_that_are_not_there_are_refused_without_saying_which(api, simulator):
    for missing in (api.table(simulator.base, "Nothing"), api.table("app" + 14 * "0", "Projects")):
        status, body = refused(missing.all)
        assert (status, body["error"]["type"]) == (403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")


def test_address_that_is_none_is_not_found_in_a_bare_word(api):
    assert refused(api.table("nobase", "Projects").all) == (404, {"error": "NOT_FOUND"})


def test_body_that_is_no_json_or_holds_unknown_keys_is_refused(simulator, api, table):
    headers = {"Authorization": f"Bearer {simulator.token}"}
    garbled = httpx.patch(str(table.urls.records), content=b"{", headers=headers)
    status, answer = refused(api.post, table.urls.records, json={"record": []})

    assert (garbled.status_code, garbled.json()["error"]["type"]) == (422, "INVALID_REQUEST_BODY")
    assert (status, answer["error"]["type"]) == (422, "INVALID_REQUEST_UNKNOWN")


def test_base_that_is_asked_too_often_refuses_everything_for_thirty_seconds():
    clock = Clock()
    with agreements_base(limit=5, clock=clock) as simulator:
        table = Api(simulator.token, endpoint_url=simulator.url, retry_strategy=None).table(
            simulator.base, "Engagements"
        )
        for _ in range(5):
            table.all()
        status, body = refused(table.all)
        assert (status, body["errors"][0]["error"]) == (429, "RATE_LIMIT_REACHED")

        clock.now = 29.9
        assert refused(table.all)[0] == 429
        clock.now = 30.0
        assert table.all() == []


def test_listing_that_lags_shows_what_was_written_some_listings_later(simulator, table):
    record = upsert(table, {KEY: "k1", "Name": "One"})["records"][0]
    table.all()
    simulator.lag = 2

    upsert(table, {KEY: "k1", "Name": "Uno"}, {KEY: "k2"})

    seen = [[one["fields"].get("Name", one["fields"][KEY]) for one in table.all()] for _ in "abc"]
    assert seen == [["One"], ["One"], ["Uno", "k2"]]
    assert table.get(record["id"])["fields"]["Name"] == "Uno"


def test_upsert_finds_what_listings_do_not_show_yet(simulator, table):
    simulator.lag = 5

    upsert(table, {KEY: "k1"})
    upsert(table, {KEY: "k1"})

    assert table.all() == []
    assert simulator.table("Engagements").count_by(KEY) == {"k1": 1}


def test_lost_answer_of_a_write_spares_the_reads_before_it(simulator, table):
    simulator.fail_next_write(losing_the_answer())
    assert table.all() == []

    with pytest.raises(requests.ConnectionError):
        upsert(table, {KEY: "k1"})

    assert simulator.table("Engagements").rows() == [{KEY: "k1"}]
    assert len(table.all()) == 1


def test_base_of_one_simulator_is_not_that_of_another():
    assert AirtableSimulator().base != AirtableSimulator().base
