import pytest

from tests.connectors.hubspot.conftest import NOON
from throughline.connectors.http import AnswerLost, Declined, NotFound, NotSendable, UnknownShape
from throughline.connectors.hubspot.client import Change, Filter, Link, connect
from throughline.connectors.hubspot.paths import paths_of
from throughline.connectors.hubspot.shapes import Batch
from throughline.kernel.errors import Transient
from throughline.simulators.hubspot.schema import Owner, Property
from throughline.simulators.server import answering, dropping, losing_the_answer


def deals(account, *names, **more):
    return [account.create("0-3", {"dealname": name, **more}) for name in names]


def test_pipelines_come_with_their_stages_by_internal_id(hubspot):
    (sales,) = hubspot.pipelines("deals")

    assert (sales.id, sales.label) == ("default", "Sales Pipeline")
    assert {one.id: one.label for one in sales.stages} == {
        "appointmentscheduled": "Appointment Scheduled", "contractsent": "Contract Sent",
        "closedwon": "Closed Won", "closedlost": "Closed Lost",
    }  # fmt: skip
    assert sales.stages[2].metadata["probability"] == "1.0"


def test_properties_tell_their_type_and_options(hubspot, account):
    options = (("essential", "Essential"), ("premier", "Premier"))
    account.add_property("0-3", Property(name="tier", label="Tier", options=options))

    found = {one.name: one for one in hubspot.properties("deals")}
    assert (found["closedate"].type, found["closedate"].hubspot_defined) == ("datetime", True)
    assert [(one.value, one.label) for one in found["tier"].options] == list(options)


def test_association_types_are_told_by_direction(hubspot, account):
    account.links.add_label("0-3", "0-1", "Buyer", "Buys")

    there = hubspot.association_types("deals", "contacts")
    back = hubspot.association_types("contacts", "deals")
    assert [(one.label, one.category) for one in there] == [
        (None, "HUBSPOT_DEFINED"), ("Buyer", "USER_DEFINED"),
    ]  # fmt: skip
    assert [one.label for one in back] == [None, "Buys"]


def test_owners_are_called_by_name_else_by_address(hubspot, account):
    account.owners += [
        Owner("7", "ada@example.org", "Ada", "Lovelace"),
        Owner("8", "b@example.org"),
    ]
    account.owners += [Owner(str(n), f"{n}@example.org") for n in range(100, 600)]

    first = hubspot.owners()
    rest = hubspot.owners(after=first.after)

    assert [one.name for one in first.results[:2]] == ["Ada Lovelace", "b@example.org"]
    assert (len(first.results), len(rest.results), rest.after) == (500, 2, "")


def test_a_listing_is_read_page_by_page(hubspot, simulator, account):
    made = deals(account, *(str(number) for number in range(250)))

    found, after, calls = [], "", 0
    while True:
        page = hubspot.page("deals", properties=["dealname", "amount"], after=after)
        found += page.results
        calls += 1
        after = page.after
        if not after:
            break

    assert [one.id for one in found] == [one.id for one in made]
    assert calls == sum(simulator.calls.values()) == 3
    assert (found[0].text("dealname"), found[0].text("amount")) == ("0", "")


def test_a_merged_deal_answers_as_the_one_it_became(hubspot, account):
    first, second = deals(account, "A", "B")
    survivor = account.merge("0-3", first.id, second.id)

    assert hubspot.get("deals", second.id, properties=["dealname"]).id == survivor.id
    assert [one.id for one in hubspot.page("deals", properties=[]).results] == [survivor.id]


def test_what_is_not_there_is_not_found_and_what_is_archived_only_when_asked_for(hubspot, account):
    (deal,) = deals(account, "A")
    account.archive(deal)

    with pytest.raises(NotFound):
        hubspot.get("deals", deal.id, properties=[])
    assert hubspot.get("deals", deal.id, properties=[], archived=True).archived_at == NOON
    assert [one.id for one in hubspot.page("deals", properties=[], archived=True).results] == [
        deal.id
    ]


def test_a_batch_names_what_it_did_not_find(hubspot, account):
    (deal,) = deals(account, "A")

    found = hubspot.read_batch("deals", [deal.id, "99"], properties=["dealname"])

    assert [one.id for one in found.results] == [deal.id]
    assert [one.ids for one in found.errors] == [("99",)]


def test_a_row_error_without_its_usual_parts_is_read(hubspot, simulator):
    body = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [
        {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["99"]}}
    ], "startedAt": "2026-09-30T12:00:00Z", "completedAt": "2026-09-30T12:00:00Z"}  # fmt: skip
    simulator.fail_next(answering(207, body), answering(200, body))

    for _ in range(2):  # the dated versions may tell errors with a plain 200
        assert hubspot.read_batch("deals", ["99"], properties=[]).errors[0].ids == ("99",)


def test_a_batch_writes_what_it_can_and_names_the_rest_by_its_trace(hubspot, account):
    first, second = deals(account, "A", "B")

    found = hubspot.update_batch("deals", [
        Change({"amount": "5"}, id=first.id, trace="one"),
        Change({"amount": "much"}, id=second.id, trace="two"),
    ])  # fmt: skip

    assert [(one.id, one.object_write_trace_id) for one in found.results] == [(first.id, "one")]
    assert [one.trace_ids for one in found.errors] == [("two",)]
    assert [one.properties.get("amount") for one in (first, second)] == ["5", None]


def test_objects_are_made_one_by_one_and_in_batches(hubspot, account):
    made = hubspot.create("orders", {"hs_order_name": "A"})
    batch = hubspot.create_batch("orders", [Change({"hs_order_name": name}) for name in "BC"])

    assert isinstance(batch, Batch)
    assert {one.text("hs_order_name") for one in (made, *batch.results)} == {"A", "B", "C"}
    assert len(account.records("0-123")) == 3


def test_an_upsert_finds_by_a_unique_property(hubspot, account):
    account.add_property("0-410", Property(name="community_id", label="Id", is_unique=True))
    changes = [Change({"hs_course_name": "Toronto"}, id="utoronto")]

    first = hubspot.upsert_batch("0-410", changes, id_property="community_id")
    second = hubspot.upsert_batch("0-410", changes, id_property="community_id")

    assert [one.results[0].is_new for one in (first, second)] == [True, False]
    assert len(account.records("0-410")) == 1


def test_one_object_is_changed(hubspot, account, clock):
    (deal,) = deals(account, "A")
    clock.move(seconds=1.5)

    assert hubspot.update("deals", deal.id, {"amount": "5"}).updated_at == clock.at
    assert deal.properties["hs_lastmodifieddate"] == "2026-09-30T12:00:01.500Z"


def test_associations_are_made_and_read_in_batches(hubspot, account, simulator):
    made = deals(account, *(str(number) for number in range(3)))
    ada = account.create("0-1", {"email": "ada@example.org"})
    there, _back = account.links.add_label("0-3", "0-1", "Buyer")
    hubspot.link("deals", "contacts", [Link(made[0].id, ada.id, there.category, there.type_id)])

    simulator.calls.clear()
    found = hubspot.links("deals", "contacts", [one.id for one in made])

    assert sum(simulator.calls.values()) == 1
    (links,) = found.results
    assert (links.start.id, [one.to_object_id for one in links.to]) == (made[0].id, [ada.id])
    assert [one.label for one in links.to[0].association_types] == [None, "Buyer"]
    assert len(found.errors) == 2


def test_many_associations_of_one_object_are_read_on(hubspot, account):
    (deal,) = deals(account, "A")
    for number in range(501):
        item = account.create("0-8", {"name": str(number)})
        account.associate(deal, item, [("HUBSPOT_DEFINED", 19)])

    first = hubspot.links("deals", "line_items", [deal.id]).results[0]
    rest = hubspot.links("deals", "line_items", [deal.id], after={deal.id: first.after}).results[0]

    assert (len(first.to), len(rest.to), rest.after) == (500, 1, "")


def test_a_search_gives_what_holds(hubspot, account):
    deals(account, "A", amount="5")
    (large,) = deals(account, "B", amount="50")

    found = hubspot.search(
        "deals", filters=[Filter("amount", "GT", "5")], properties=["amount"], ascending="amount"
    )

    assert ([one.id for one in found.results], found.total) == ([large.id], 1)


@pytest.mark.parametrize(
    ("status", "body", "wait"),
    [
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, 10),
        (429, {"policyName": "SECONDLY"}, 1),
        (429, {"policyName": "DAILY"}, 3600),
        (429, {}, 10),
        (429, "no JSON", 10),
        (429, [], 10),
        (423, "", 2),
        (477, "", 3600),
    ],
)
def test_come_later_tells_when_though_hubspot_does_not(hubspot, simulator, status, body, wait):
    simulator.fail_next(answering(status, body))

    with pytest.raises(Transient) as raised:
        hubspot.pipelines("deals")

    assert (type(raised.value), raised.value.retry_after_s) == (Transient, wait)


def test_a_wait_that_is_told_counts(hubspot, simulator):
    simulator.fail_next(answering(429, {"policyName": "DAILY"}, Retry_After="7"))

    with pytest.raises(Transient) as raised:
        hubspot.pipelines("deals")

    assert raised.value.retry_after_s == 7


@pytest.mark.parametrize("status", [503, 521, 523])
def test_an_unwell_hubspot_is_transient(hubspot, simulator, status):
    simulator.fail_next(answering(status))

    with pytest.raises(Transient):
        hubspot.pipelines("deals")


@pytest.mark.parametrize(
    "fault",
    [
        answering(502),
        answering(504),
        answering(520),
        answering(524),
        losing_the_answer(),
        dropping(),
    ],
)
def test_a_lost_answer_is_looked_up_and_the_call_is_sent_once(hubspot, simulator, fault):
    simulator.fail_next(fault)

    with pytest.raises(AnswerLost):
        hubspot.create("deals", {"dealname": "A"})

    assert sum(simulator.calls.values()) == 1


def test_limits_of_the_account_are_transient(hubspot, simulator):
    simulator.per_ten_seconds = 1
    hubspot.pipelines("deals")

    with pytest.raises(Transient) as raised:
        hubspot.pipelines("deals")

    assert raised.value.retry_after_s == 10


def test_a_missing_scope_is_told_with_its_name(hubspot, simulator):
    simulator.scopes = set()

    with pytest.raises(Declined, match="403") as raised:
        hubspot.pipelines("deals")

    assert raised.value.status == 403


def test_a_wrong_token_is_declined_and_not_repeated_in_the_message(simulator):
    hubspot = connect("pat-na1-wrong", base_url=simulator.url)

    with hubspot, pytest.raises(Declined, match="401") as raised:
        hubspot.pipelines("deals")

    assert "pat-na1-wrong" not in str(raised.value)


def test_an_answer_in_another_shape_is_refused(hubspot, simulator):
    simulator.fail_next(answering(200, {"results": [{"label": "no id"}]}))

    with pytest.raises(UnknownShape):
        hubspot.pipelines("deals")


def test_versions_are_dates_or_the_numbered_one():
    assert paths_of("2026-03").object("deals", "a/b") == "/crm/objects/2026-03/deals/a%2Fb"
    assert paths_of("v3").association("deals", "0-1", "labels") == (
        "/crm/v4/associations/deals/0-1/labels"
    )
    for version in ("", "v1", "2026-13", "latest", "2026-09/../x"):
        with pytest.raises(ValueError, match="write 2026-09 or v3"):
            paths_of(version)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(NotSendable):
        connect("token", base_url="http://a:port")
