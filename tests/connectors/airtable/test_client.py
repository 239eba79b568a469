import pytest

from throughline.connectors.airtable.client import Airtable, connect
from throughline.connectors.http import AnswerLost, Declined, NotFound, UnknownShape
from throughline.kernel.errors import Transient
from throughline.simulators.airtable import agreements_base
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

KEY = "Throughline key"
RECORD = "rec" + "0" * 14


@pytest.fixture
def simulator():
    with agreements_base() as opened:
        yield opened


@pytest.fixture
def airtable(simulator):
    with connect(simulator.url, token=simulator.token, base=simulator.base) as opened:
        yield opened


@pytest.fixture
def table(simulator):
    return simulator.table("Engagements")


@pytest.fixture
def ids(table):
    return {field.name: field.id for field in table.fields}


def upsert(airtable: Airtable, ids, table, *rows):
    cells = [{ids[name]: value for name, value in row.items()} for row in rows]
    return airtable.upsert(table.id, cells, key=ids[KEY])


def test_schema_has_tables_fields_choices_and_links(simulator, airtable):
    found = {one.name: one for one in airtable.schema().tables}

    fields = {one.name: one for one in found["Projects"].fields}
    assert set(found) == {"Engagements", "Projects", "Deliverables"}
    assert fields["Engagement"].options.linked_table == simulator.table("Engagements").id
    (status,) = [one for one in found["Engagements"].fields if one.name == "Status"]
    assert (status.type, [one.name for one in status.options.choices]) == (
        "singleSelect", ["On track", "At risk", "Off track"],
    )  # fmt: skip


def test_upsert_answers_what_is_there_by_field_id(airtable, ids, table):
    first = upsert(airtable, ids, table, {KEY: "k1", "Name": "One"})
    second = upsert(airtable, ids, table, {KEY: "k1", "Number": 4}, {KEY: "k2", "Name": None})

    assert first.created == [first.records[0].id]
    assert [one.fields for one in second.records] == [
        {ids[KEY]: "k1", ids["Name"]: "One", ids["Number"]: 4}, {ids[KEY]: "k2"},
    ]  # fmt: skip
    assert second.created == [second.records[1].id]
    assert airtable.calls == 2


@pytest.mark.parametrize("count", [0, 11])
def test_upsert_of_none_or_more_than_ten_is_not_sent(simulator, airtable, ids, table, count):
    with pytest.raises(ValueError, match=f"1 to 10 records at once, not {count}"):
        upsert(airtable, ids, table, *({KEY: f"k{number}"} for number in range(count)))

    assert simulator.calls.total() == airtable.calls == 0


def test_records_come_through_all_pages(simulator, airtable, ids, table):
    for start in range(0, 210, 10):
        rows = ({KEY: f"k{number}", "Name": "x"} for number in range(start, start + 10))
        upsert(airtable, ids, table, *rows)
    before = airtable.calls

    found = airtable.records(table.id, fields=[ids[KEY]], formula="{Name}='x'")

    assert [one.fields for one in found] == [{ids[KEY]: f"k{number}"} for number in range(210)]
    assert airtable.calls - before == 3


def test_records_whose_next_page_ran_out_may_be_asked_for_again(
    simulator, airtable, ids, table, monkeypatch
):
    for start in range(0, 110, 10):
        upsert(airtable, ids, table, *({KEY: f"k{n}"} for n in range(start, start + 10)))
    plain = simulator.answer

    def forgetting(call):
        reply = plain(call)
        simulator.forget_iterators()
        return reply

    monkeypatch.setattr(simulator, "answer", forgetting)
    with pytest.raises(Transient, match="has to begin anew"):
        airtable.records(table.id, fields=[ids[KEY]], formula="")


def test_too_many_calls_are_transient_for_thirty_seconds_where_no_header_says(simulator, airtable):
    simulator.fail_next(too_many(), too_many("7"))

    waits = []
    for _ in range(2):
        with pytest.raises(Transient) as raised:
            airtable.schema()
        waits.append(raised.value.retry_after_s)

    assert waits == [30, 7]


def test_base_that_is_asked_too_often_asks_for_thirty_seconds():
    with (
        agreements_base(limit=1) as simulator,
        connect(simulator.url, token=simulator.token, base=simulator.base) as airtable,
    ):
        airtable.schema()
        with pytest.raises(Transient) as raised:
            airtable.schema()

    assert raised.value.retry_after_s == 30


@pytest.mark.parametrize(
    ("fault", "kind", "written"),
    [
        (losing_the_answer(), AnswerLost, 1),
        (dropping(), AnswerLost, 0),
        (answering(502), AnswerLost, 0),
        (answering(503), Transient, 0),
        (answering(401), Declined, 0),
        (answering(404), NotFound, 0),
        (answering(200, {"records": []}), UnknownShape, 0),
        (answering(200, "<html>"), UnknownShape, 0),
    ],
)
def test_upsert_that_fails_is_sent_once(simulator, airtable, ids, table, fault, kind, written):
    simulator.fail_next(fault)

    with pytest.raises((Transient, Declined, UnknownShape)) as raised:
        upsert(airtable, ids, table, {KEY: "k1"})

    assert type(raised.value) is kind
    assert simulator.calls.total() == 1
    assert len(table.records) == written


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda one: setattr(one, "token", "patOther"), 401),
        (lambda one: setattr(one, "base", "app" + 14 * "x"), 403),
    ],
)
def test_schema_that_we_may_not_see_is_refused_with_its_number(simulator, airtable, change, status):
    change(simulator)

    with pytest.raises(Declined) as raised:
        airtable.schema()

    assert raised.value.status == status


def test_message_of_a_refusal_never_shows_the_token(simulator, airtable):
    simulator.fail_next(answering(401, {"error": f"{simulator.token} is no token"}))

    with pytest.raises(Declined) as raised:
        airtable.schema()

    assert simulator.token not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        {"records": [{"id": "x", "fields": {}}]},
        {"records": [{"id": RECORD, "fields": {"Name": "by name"}}]},
        {"records": [{"id": RECORD}]},
        {"records": [], "offset": 5},
        [],
    ],
)
def test_records_in_a_shape_we_do_not_know_are_refused(simulator, airtable, ids, table, body):
    simulator.fail_next(answering(200, body))

    with pytest.raises(UnknownShape):
        airtable.records(table.id, fields=[ids[KEY]], formula="")


def test_page_without_records_may_be_followed_by_another(simulator, airtable, ids, table):
    upsert(airtable, ids, table, {KEY: "k1"})
    (record,) = table.records
    simulator.fail_next(
        answering(200, {"records": [], "offset": "itr/1"}),
        answering(200, {"records": [{"id": record, "fields": {}}]}),
    )

    found = airtable.records(table.id, fields=[ids[KEY]], formula="")

    assert [one.id for one in found] == [record]


def test_listing_that_never_ends_is_refused(simulator, airtable, ids, table):
    page = {"records": [{"id": RECORD, "fields": {}}], "offset": "itr/rec"}
    simulator.fail_next(answering(200, page), answering(200, page), answering(200, page))

    with pytest.raises(UnknownShape, match="does not come to an end"):
        airtable.records(table.id, fields=[ids[KEY]], formula="")


def test_schema_may_have_fields_without_options_and_of_types_we_never_heard_of(simulator, airtable):
    fields = [
        {"id": "fld" + 14 * "1", "name": "New", "type": "hologram", "options": {"depth": 3}},
        {"id": "fld" + 14 * "2", "name": "Plain", "type": "singleLineText", "options": None},
    ]
    table = {"id": "tbl" + 14 * "1", "name": "T", "primaryFieldId": "x", "fields": fields}
    simulator.fail_next(answering(200, {"tables": [table]}))

    assert [one.type for one in airtable.schema().tables[0].fields] == [
        "hologram", "singleLineText",
    ]  # fmt: skip
