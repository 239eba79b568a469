"""HubSpot's own client, which nobody here wrote, works against the simulated account.

It speaks the numbered versions of the API; that the dated ones are the same account is shown with
plain calls.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from hubspot import HubSpot as OfficialClient
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
)
from hubspot.crm.associations.v4.schema import PublicAssociationDefinitionCreateRequest
from hubspot.crm.contacts import PublicGdprDeleteInput
from hubspot.crm.deals import ApiException, PublicMergeInput
from hubspot.crm.objects import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.pipelines import PipelineInput, PipelineStagePatchInput
from hubspot.crm.properties import PropertyCreate

from throughline.simulators.hubspot.schema import Owner, Property
from throughline.simulators.hubspot.server import HubSpotSimulator

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at

    def move(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def simulator(clock):
    with HubSpotSimulator(clock) as opened:
        yield opened


@pytest.fixture
def account(simulator):
    return simulator.account


@pytest.fixture
def official(simulator):
    """Every part of the official client that we use, pointed at the simulator."""
    crm = OfficialClient(access_token=simulator.token).crm
    parts = SimpleNamespace(
        objects=crm.objects.basic_api,
        batch=crm.objects.batch_api,
        search=crm.objects.search_api,
        deals=crm.deals.basic_api,
        companies=crm.companies.basic_api,
        contacts=crm.contacts.basic_api,
        pipelines=crm.pipelines.pipelines_api,
        stages=crm.pipelines.pipeline_stages_api,
        properties=crm.properties.core_api,
        links=crm.associations.v4.basic_api,
        link_batch=crm.associations.v4.batch_api,
        labels=crm.associations.v4.schema.definitions_api,
        owners=crm.owners.owners_api,
    )
    for api in vars(parts).values():
        api.api_client.configuration.host = simulator.url
        api.api_client.configuration.retries = False
    yield parts
    for api in vars(parts).values():
        api.api_client.rest_client.pool_manager.clear()


@pytest.fixture
def plain(simulator):
    headers = {"Authorization": f"Bearer {simulator.token}"}
    with httpx.Client(base_url=simulator.url, headers=headers) as opened:
        yield opened


def for_create(**properties):
    return SimplePublicObjectInputForCreate(properties=properties, associations=[])


def refusal(call, *args, **kwargs):
    with pytest.raises(Exception) as raised:  # noqa: PT011 -- each part has a class of its own
        call(*args, **kwargs)
    error = raised.value
    assert type(error).__module__.endswith("exceptions"), error
    return error.status, error.body


def test_an_object_is_made_read_changed_and_archived(official, clock):
    made = official.objects.create("deals", for_create(dealname="JupyterHub for UToronto"))
    clock.move(minutes=1)
    changed = official.objects.update(
        "deals", made.id, SimplePublicObjectInput(properties={"amount": "17500"})
    )
    read = official.objects.get_by_id(
        "deals", made.id, properties=["dealname", "amount", "closedate"]
    )

    assert changed.updated_at == NOON + timedelta(minutes=1)
    assert (read.id, read.archived, read.created_at) == (made.id, False, NOON)
    assert read.properties == {
        "dealname": "JupyterHub for UToronto", "amount": "17500", "closedate": None,
        "createdate": "2026-09-30T12:00:00Z", "hs_lastmodifieddate": "2026-09-30T12:01:00Z",
        "hs_object_id": made.id,
    }  # fmt: skip

    official.objects.archive("deals", made.id)
    assert refusal(official.objects.get_by_id, "deals", made.id)[0] == 404
    in_the_bin = official.objects.get_by_id("deals", made.id, archived=True)
    assert (in_the_bin.archived, in_the_bin.archived_at) == (True, clock.at)


@pytest.mark.parametrize("name", ["deals", "deal", "0-3"])
def test_a_type_goes_by_three_names(official, name):
    made = official.objects.create(name, for_create(dealname="A"))

    assert official.objects.get_by_id("deals", made.id).properties["dealname"] == "A"


def test_a_type_that_is_not_there_is_refused(official):
    status, body = refusal(official.objects.get_page, "starships")

    assert status == 400
    assert "Unable to infer object type from: starships" in body


def test_a_listing_has_every_object_once_over_its_pages(official):
    made = [
        official.objects.create("orders", for_create(hs_order_name=str(n))).id for n in range(7)
    ]

    seen, after, sizes = [], None, []
    while True:
        page = official.objects.get_page("0-123", limit=3, after=after)
        seen += [one.id for one in page.results]
        sizes.append(len(page.results))
        if page.paging is None:
            break
        after = page.paging.next.after

    assert (seen, sizes) == (made, [3, 3, 1])


def test_a_page_of_more_than_a_hundred_is_refused(official):
    status, body = refusal(official.objects.get_page, "deals", limit=101)

    assert (status, "VALIDATION_ERROR" in body) == (400, True)


def test_values_are_kept_as_their_property_wants_them(official, account):
    account.add_property("0-3", Property(name="signed_on", label="Signed on", type="date"))
    made = official.objects.create(
        "deals", for_create(signed_on="1775001600000", closedate="2026-04-01", amount="12.5")
    )

    read = official.objects.get_by_id(
        "deals", made.id, properties=["signed_on", "closedate", "amount"]
    )
    told = {name: read.properties[name] for name in ("signed_on", "closedate", "amount")}
    assert told == {
        "signed_on": "2026-04-01",
        "closedate": "2026-04-01T00:00:00Z",
        "amount": "12.5",
    }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such_field", "1", "PROPERTY_DOESNT_EXIST"),
        ("amount", "much", "INVALID_FLOAT"),
        ("dealstage", "nowhere", "INVALID_OPTION"),
        ("signed_on", "2026-04-01T09:00:00Z", "INVALID_DATE"),
        ("hs_is_closed_won", "true", "READ_ONLY_VALUE"),
        ("tier", "gold", "INVALID_OPTION"),
    ],
)
def test_a_value_that_is_none_is_refused_and_nothing_is_written(
    official, account, name, value, code
):
    account.add_property("0-3", Property(name="signed_on", label="Signed on", type="date"))
    options = (("essential", "Essential"),)
    account.add_property("0-3", Property(name="tier", label="Tier", options=options))
    made = official.objects.create("deals", for_create(dealname="A"))

    properties = {"dealname": "B", name: value}
    status, body = refusal(
        official.objects.update, "deals", made.id, SimplePublicObjectInput(properties=properties)
    )

    assert (status, code in body, name in body) == (400, True, True)
    assert official.objects.get_by_id("deals", made.id).properties["dealname"] == "A"


def test_a_deals_stage_says_whether_it_is_won(official):
    made = official.objects.create("deals", for_create(dealname="A", dealstage="closedwon"))

    names = ["pipeline", "hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability"]
    read = official.objects.get_by_id("deals", made.id, properties=names)
    assert [read.properties[name] for name in names] == ["default", "true", "true", "1.0"]


def test_a_contacts_address_is_theirs_alone(official):
    first = official.objects.create("contacts", for_create(email="ada@example.org"))

    status, body = refusal(official.objects.create, "contacts", for_create(email="Ada@example.org"))

    assert status == 409
    assert f"Contact already exists. Existing ID: {first.id}" in body
    assert (
        official.objects.get_by_id("contacts", "ada@example.org", id_property="email").id
        == first.id
    )


def test_a_batch_reads_what_is_there_and_names_what_is_not(official):
    ids = [official.objects.create("deals", for_create(dealname=name)).id for name in "abc"]

    asked = [{"id": one} for one in [*ids, "99"]]
    answer = official.batch.read(
        "deals",
        BatchReadInputSimplePublicObjectId(
            properties=["dealname"], properties_with_history=[], inputs=asked
        ),
    )

    assert {one.id: one.properties["dealname"] for one in answer.results} == dict(
        zip(ids, "abc", strict=True)
    )
    assert [one.id for one in answer.results] != ids  # the order of a batch is nobody's
    assert answer.num_errors == 1
    assert (answer.errors[0].category, answer.errors[0].context) == (
        "OBJECT_NOT_FOUND",
        {"ids": ["99"]},
    )


def test_a_batch_makes_what_it_can_where_every_input_is_traced(official, account):
    rows = [
        {"properties": {"dealname": "good"}, "objectWriteTraceId": "1"},
        {"properties": {"amount": "much"}, "objectWriteTraceId": "2"},
    ]

    answer = official.batch.create(
        "deals", BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows)
    )

    assert [(one.properties["dealname"], one.object_write_trace_id) for one in answer.results] == [
        ("good", "1")
    ]
    assert [one.context for one in answer.errors] == [{"objectWriteTraceId": ["2"]}]
    assert len(account.records("0-3")) == 1


def test_a_batch_without_traces_is_refused_for_one_wrong_input(official):
    rows = [{"properties": {"amount": "much"}}]

    status, body = refusal(
        official.batch.create, "deals", BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows)
    )

    assert (status, "INVALID_FLOAT" in body) == (400, True)


def test_a_batch_of_more_than_a_hundred_is_refused(official):
    rows = [{"properties": {"dealname": str(n)}} for n in range(101)]

    status, _body = refusal(
        official.batch.create, "deals", BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows)
    )

    assert status == 400


def test_a_batch_changes_objects(official):
    ids = [official.objects.create("deals", for_create(dealname=name)).id for name in "ab"]

    rows = [{"id": one, "properties": {"amount": "5"}} for one in [*ids, "99"]]
    answer = official.batch.update("deals", BatchInputSimplePublicObjectBatchInput(inputs=rows))

    assert sorted(one.id for one in answer.results) == ids
    assert answer.errors[0].context == {"ids": ["99"]}
    assert (
        official.objects.get_by_id("deals", ids[0], properties=["amount"]).properties["amount"]
        == "5"
    )


def test_an_upsert_tells_the_new_from_the_old(official, account):
    account.add_property("0-410", Property(name="community_id", label="Id", is_unique=True))

    def put(name):
        rows = [
            {"id": "utoronto", "idProperty": "community_id", "properties": {"hs_course_name": name}}
        ]
        batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=rows)
        return official.batch.upsert("0-410", batch).results[0]

    first, second = put("Toronto"), put("University of Toronto")

    assert (first.new, second.new, first.id == second.id) == (True, False, True)
    assert second.properties["hs_course_name"] == "University of Toronto"
    assert second.properties["community_id"] == "utoronto"


def test_a_search_finds_what_changed_since(official, clock):
    old = official.objects.create("deals", for_create(dealname="old"))
    clock.move(hours=1)
    new = official.objects.create("deals", for_create(dealname="new"))

    def changed_since(at):
        value = str(int(at.timestamp() * 1000))
        one = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": value}
        request = PublicObjectSearchRequest(
            filter_groups=[{"filters": [one]}], sorts=["hs_lastmodifieddate"],
            properties=["dealname"], limit=200,
        )  # fmt: skip
        answer = official.search.do_search("deals", request)
        assert answer.total == len(answer.results)
        return [one.id for one in answer.results]

    assert changed_since(NOON) == [old.id, new.id]
    assert changed_since(NOON + timedelta(minutes=1)) == [new.id]


def test_a_search_is_behind_what_was_written(official, account, clock):
    account.index.lag = timedelta(seconds=30)
    official.objects.create("deals", for_create(dealname="A"))
    everything = PublicObjectSearchRequest(filter_groups=[], properties=["dealname"], limit=10)

    assert official.search.do_search("deals", everything).total == 0
    clock.move(seconds=30)
    assert official.search.do_search("deals", everything).total == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [({"limit": 201}, "between 1 and 200"), ({"limit": 200, "after": "9801"}, "beyond 10000"),
     ({"filter_groups": [{"filters": []}] * 6}, "filterGroups"),
     ({"query": "x" * 3000}, "3000 characters")],
)  # fmt: skip
def test_a_search_that_asks_too_much_is_refused(official, more, words):
    request = PublicObjectSearchRequest(**{"filter_groups": [], **more})

    status, body = refusal(official.search.do_search, "deals", request)

    assert (status, words in body) == (400, True)


def test_pipelines_name_their_stages_by_internal_id(official):
    made = official.pipelines.create("deals", PipelineInput(
        label="Communities", display_order=1,
        stages=[{"label": "Lead", "displayOrder": 0, "metadata": {"probability": "0.1"}}],
    ))  # fmt: skip
    official.stages.update(
        "deals", made.id, made.stages[0].id, PipelineStagePatchInput(label="Fresh lead")
    )

    pipelines = official.pipelines.get_all("deals").results
    assert [one.label for one in pipelines] == ["Sales Pipeline", "Communities"]
    renamed = official.stages.get_all("deals", made.id).results[0]
    assert (renamed.id, renamed.label) == (made.stages[0].id, "Fresh lead")
    assert renamed.id.isdigit()
    assert renamed.metadata == {"isClosed": "false", "probability": "0.1"}
    assert refusal(official.pipelines.get_all, "contacts")[0] == 400


def test_properties_are_listed_added_and_archived(official):
    official.properties.create("courses", PropertyCreate(
        name="community_id", label="Community id", type="string", field_type="text",
        group_name="information", has_unique_value=True,
    ))  # fmt: skip

    found = official.properties.get_by_name("courses", "community_id")
    assert (found.label, found.has_unique_value, found.hubspot_defined) == (
        "Community id",
        True,
        False,
    )
    assert "community_id" in [one.name for one in official.properties.get_all("courses").results]

    official.properties.archive("courses", "community_id")
    assert "community_id" not in [
        one.name for one in official.properties.get_all("courses").results
    ]
    assert refusal(official.properties.get_by_name, "courses", "community_id")[0] == 404


def test_associations_carry_labels_and_are_seen_from_both_ends(official):
    deal = official.objects.create("deals", for_create(dealname="A")).id
    ada = official.objects.create("contacts", for_create(email="ada@example.org")).id
    bob = official.objects.create("contacts", for_create(email="bob@example.org")).id
    label = official.labels.create(
        "deals", "contacts", PublicAssociationDefinitionCreateRequest(label="Buyer", name="buyer")
    ).results[0]

    rows = [
        {"from": {"id": deal}, "to": {"id": ada},
         "types": [{"associationCategory": label.category, "associationTypeId": label.type_id}]},
        {"from": {"id": deal}, "to": {"id": bob},
         "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]},
    ]  # fmt: skip
    made = official.link_batch.create(
        "deals", "contacts", BatchInputPublicAssociationMultiPost(inputs=rows)
    )

    asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": deal}])
    ends = official.link_batch.get_page("deals", "contacts", asked).results[0].to
    told = {
        str(one.to_object_id): sorted(each.label or "" for each in one.association_types)
        for one in ends
    }
    assert told == {ada: ["", "Buyer"], bob: [""]}
    assert sorted(one.labels for one in made.results) == [[], ["Buyer"]]

    back = official.links.get_page("contacts", ada, "deals").results
    assert [str(one.to_object_id) for one in back] == [deal]
    official.links.archive("contacts", ada, "deals", deal)
    assert len(official.links.get_page("deals", deal, "contacts").results) == 1


def test_one_pair_is_associated_with_and_without_a_label(official):
    order = official.objects.create("orders", for_create(hs_order_name="A")).id
    deal = official.objects.create("deals", for_create(dealname="A")).id
    company = official.objects.create("companies", for_create(name="A")).id

    official.links.create_default("orders", order, "deals", deal)
    official.links.create(
        "deals", deal, "companies", company,
        [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=5)],
    )  # fmt: skip

    read = official.objects.get_by_id("orders", order, associations=["deals"])
    assert [(one.id, one.type) for one in read.associations["deals"].results] == [
        (deal, "order_to_deal")
    ]
    ends = official.links.get_page("deals", deal, "companies").results[0].association_types
    assert sorted((one.type_id, one.label) for one in ends) == [(5, "Primary"), (341, None)]


def test_objects_without_associations_are_named_among_the_errors(official):
    deal = official.objects.create("deals", for_create(dealname="A")).id

    asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": deal}])
    answer = official.link_batch.get_page("deals", "contacts", asked)

    assert (answer.results, answer.errors[0].context["fromObjectId"]) == ([], [deal])


def _with_company(official, name):
    deal = official.objects.create("deals", for_create(dealname=name)).id
    company = official.objects.create("companies", for_create(name=name)).id
    official.links.create_default("deals", deal, "companies", company)
    return deal, company


def _companies(official, deal):
    ends = official.links.get_page("deals", deal, "companies").results
    return sorted(str(one.to_object_id) for one in ends)


def test_two_deals_merge_into_a_third(official):
    first, one = _with_company(official, "A")
    second, other = _with_company(official, "B")

    survivor = official.deals.merge(
        PublicMergeInput(primary_object_id=first, object_id_to_merge=second)
    )

    assert survivor.id not in {first, second}
    assert survivor.properties["dealname"] == "A"
    assert survivor.properties["hs_merged_object_ids"] == f"{first};{second}"
    for old in (first, second):
        assert official.objects.get_by_id("deals", old).id == survivor.id
        assert _companies(official, old) == []
        asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": old}])
        assert official.link_batch.get_page("deals", "companies", asked).results == []
    assert _companies(official, survivor.id) == sorted([one, other])
    assert [one.id for one in official.objects.get_page("deals").results] == [survivor.id]


def test_two_companies_merge_into_the_first(official):
    first, second = (
        official.objects.create("companies", for_create(name=name, city=city)).id
        for name, city in (("A", ""), ("B", "Toronto"))
    )

    survivor = official.companies.merge(
        PublicMergeInput(primary_object_id=first, object_id_to_merge=second)
    )

    assert survivor.id == first
    assert (survivor.properties["name"], survivor.properties["city"]) == ("A", "Toronto")
    assert official.objects.get_by_id("companies", second).id == first


def test_a_chain_of_merges_ends_at_its_last_survivor(official):
    ids = [official.objects.create("deals", for_create(dealname=name)).id for name in "abc"]

    middle = official.deals.merge(
        PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    )
    last = official.deals.merge(
        PublicMergeInput(primary_object_id=middle.id, object_id_to_merge=ids[2])
    )

    assert {official.objects.get_by_id("deals", one).id for one in [*ids, middle.id]} == {last.id}


def test_an_archived_deal_comes_back_with_its_associations(official, account):
    deal, company = _with_company(official, "A")
    official.objects.archive("deals", deal)

    assert official.links.get_page("companies", company, "deals").results == []

    account.restore("0-3", deal)
    assert official.objects.get_by_id("deals", deal).archived is False
    assert _companies(official, deal) == [company]


def test_a_forgotten_contact_is_gone_for_good(official, account):
    ada = official.objects.create("contacts", for_create(email="ada@example.org")).id

    official.contacts.purge(PublicGdprDeleteInput(object_id="ada@example.org", id_property="email"))

    assert refusal(official.objects.get_by_id, "contacts", ada)[0] == 404
    assert refusal(official.objects.get_by_id, "contacts", ada, archived=True)[0] == 404
    assert account.events[-1].kind == "privacyDeletion"


def test_history_tells_every_value_that_was_there(official, clock):
    made = official.objects.create("deals", for_create(dealname="A"))
    clock.move(minutes=1)
    official.objects.update("deals", made.id, SimplePublicObjectInput(properties={"dealname": "B"}))

    read = official.objects.get_by_id("deals", made.id, properties_with_history=["dealname"])
    told = [(one.value, one.timestamp) for one in read.properties_with_history["dealname"]]
    assert told == [("B", clock.at), ("A", NOON)]


def test_owners_are_told_by_name_over_their_pages(official, account):
    account.owners += [Owner(str(n), f"{n}@example.org", "Ada", str(n)) for n in range(1, 4)]

    first = official.owners.get_page(limit=2)
    second = official.owners.get_page(limit=2, after=first.paging.next.after)

    told = [(one.id, one.email, one.first_name) for one in (*first.results, *second.results)]
    assert told == [(str(n), f"{n}@example.org", "Ada") for n in range(1, 4)]
    assert second.paging is None
    assert refusal(official.owners.get_page, limit=501)[0] == 400


def test_a_wrong_token_and_a_missing_scope_are_told_apart(official, simulator):
    simulator.scopes = {"crm.objects.deals.read", "crm.objects.deals.write"}
    assert refusal(official.objects.get_page, "contacts")[0] == 403
    status, body = refusal(official.properties.get_all, "deals")
    assert (status, "crm.schemas.deals.read" in body, "MISSING_SCOPES" in body) == (403, True, True)
    assert official.objects.get_page("deals").results == []

    simulator.token = "pat-na1-another"
    status, body = refusal(official.objects.get_page, "deals")
    assert (status, "INVALID_AUTHENTICATION" in body) == (401, True)


@pytest.mark.parametrize("most", [100, 190])
def test_ten_seconds_have_so_many_calls(official, simulator, clock, most):
    simulator.per_ten_seconds = most
    for _ in range(most):
        official.objects.get_page("deals")

    status, body = refusal(official.objects.get_page, "deals")
    assert status == 429
    assert '"policyName": "TEN_SECONDLY_ROLLING"' in body
    clock.move(seconds=10)
    assert official.objects.get_page("deals").results == []


def test_a_second_has_five_searches(official, simulator, clock):
    simulator.searches_per_second = 5
    request = PublicObjectSearchRequest(filter_groups=[])
    for _ in range(5):
        official.search.do_search("deals", request)

    status, body = refusal(official.search.do_search, "deals", request)
    assert (status, "You have reached your secondly limit." in body) == (429, True)
    clock.move(seconds=1)
    official.search.do_search("deals", request)


def test_answers_tell_what_is_left_but_those_of_searches_do_not(plain, simulator):
    simulator.per_ten_seconds = 100

    listing = plain.get("/crm/v3/objects/deals")
    search = plain.post("/crm/v3/objects/deals/search", json={})

    assert listing.headers["X-HubSpot-RateLimit-Remaining"] == "99"
    assert [name for name in search.headers if "ratelimit" in name] == []


@pytest.mark.parametrize("date", ["2026-03", "2026-09"])
def test_dated_paths_are_the_same_account(plain, official, date):
    deal, company = _with_company(official, "A")

    def get(path):
        answer = plain.get(path)
        assert answer.status_code == 200, path
        return answer.json()

    assert get(f"/crm/objects/{date}/deals/{deal}")["id"] == deal
    assert get(f"/crm/pipelines/{date}/deals") == get("/crm/v3/pipelines/deals")
    assert get(f"/crm/properties/{date}/deals") == get("/crm/v3/properties/deals")
    path = f"{date}/deals/companies/labels"
    assert get(f"/crm/associations/{path}") == get("/crm/v4/associations/deals/companies/labels")
    ends = plain.post(
        f"/crm/associations/{date}/deals/companies/batch/read", json={"inputs": [{"id": deal}]}
    ).json()
    assert [one["toObjectId"] for one in ends["results"][0]["to"]] == [int(company)]


@pytest.mark.parametrize(
    "path",
    ["/crm/objects/2019-01/deals", "/crm/v4/objects/deals", "/crm/v3/associations/deals/contacts/labels",
     "/crm/v5/objects/deals", "/"],
)  # fmt: skip
def test_paths_that_are_in_no_version_are_not_there(plain, path):
    assert plain.get(path).status_code == 404


def test_what_cannot_be_read_is_refused(plain):
    for body in (b"{", b"[]"):
        assert plain.post("/crm/v3/objects/deals", content=body).status_code == 400


def test_the_official_clients_refusal_is_what_the_tests_look_at(official):
    with pytest.raises(ApiException):
        official.deals.get_by_id("99")
