"""HubSpot by command: reading it, mapping its stages, and what the doctor says of it."""

import json
from datetime import UTC, date, datetime

import pytest

from throughline.sales.models import Deal
from throughline.simulators.hubspot.schema import Property
from throughline.simulators.hubspot.server import HubSpotSimulator
from throughline.simulators.server import answering

SCOPES = {
    "crm.objects.deals.read", "crm.schemas.deals.read", "crm.objects.owners.read",
    "crm.objects.companies.read", "crm.objects.courses.read", "crm.objects.contacts.read",
    "crm.objects.orders.read",
}  # fmt: skip


@pytest.fixture
def simulator(settings):
    with HubSpotSimulator(lambda: datetime.now(UTC)) as opened:
        opened.scopes = set(SCOPES)
        settings.HUBSPOT_TOKEN, settings.HUBSPOT_CONNECTED = opened.token, True
        settings.HUBSPOT_URL = opened.url
        yield opened


@pytest.fixture
def won(simulator):
    account = simulator.account
    return account.create("0-3", {"dealname": "Coral", "dealstage": "closedwon"})


def of_hubspot(run):
    ran = run("doctor", "--json")
    return next(one for one in ran.json["checks"] if one["name"] == "hubspot")


def test_reading_answers_what_became_of_each_deal(ask, run, won):
    assert run("hubspot", "read", "--json").json | {"warnings": []} == {
        "created": 1, "updated": 0, "unchanged": 0, "rejected": [], "merged": [], "gone": [],
        "back": [], "warnings": [],
    }  # fmt: skip
    assert run("hubspot", "read", "--changes", "--json").json["unchanged"] == 1
    assert ask("deal", "show", won.id)["stage"] == "Closed Won"


def test_a_deal_that_cannot_go_in_is_named_and_fails_the_command(run, simulator, won):
    simulator.account.change(won, {"amount": "-5"})

    ran = run("hubspot", "read")

    assert ran.code == 1
    assert f"deal {won.id}: amount: '-5' is less than zero." in ran.out


def test_stages_are_shown_and_mapped(ask, run, simulator, won):
    simulator.account.change(won, {"dealstage": "contractsent"})
    run("hubspot", "read")
    listed = {one["id"]: one for one in ask("hubspot", "stages")}
    assert listed["closedwon"] == {
        "id": "closedwon", "label": "Closed Won", "pipeline": "Sales Pipeline",
        "stage": "closed_won", "chosen_by": "", "gone_at": None,
    }  # fmt: skip
    assert listed["contractsent"]["stage"] == ""
    assert (
        "Sales Pipeline: Contract Sent (contractsent): not mapped" in run("hubspot", "stages").out
    )

    mapped = ask("hubspot", "map", "contractsent", "Proposal", "--by", "bea")
    assert (mapped["stage"], mapped["chosen_by"]) == ("proposal", "bea")
    run("hubspot", "read")
    assert ask("deal", "show", won.id)["stage"] == "Proposal"


def test_without_a_token_nothing_is_read_and_the_answer_says_what_to_set(run, settings):
    settings.HUBSPOT_CONNECTED = False

    ran = run("hubspot", "read")

    assert ran.code == 1
    assert "THROUGHLINE_HUBSPOT_TOKEN" in ran.err
    assert of_hubspot(run)["message"] == "HubSpot is not connected."


def test_a_hubspot_that_is_down_is_told_and_nothing_is_lost(run, simulator, won):
    simulator.fail_next(answering(503))

    ran = run("hubspot", "read")

    assert (ran.code, "503" in ran.err) == (1, True)
    assert run("hubspot", "read").code == 0


def test_doctor_is_content_once_all_is_mapped_and_deals_are_read(ask, run, simulator, won):
    run("hubspot", "read")
    assert "Nobody has said what these stages" in of_hubspot(run)["message"]
    assert "No property of deals tells when they end" in of_hubspot(run)["message"]
    simulator.account.add_property("0-3", Property(name="ends", label="Ends", type="date"))
    simulator.account.links.add_label("0-3", "0-1", "Decision maker")
    run("hubspot", "read")
    (label,) = ask("hubspot", "labels")
    assert "Decision maker" in of_hubspot(run)["message"]
    ask("hubspot", "map-label", label["id"], "none", "--by", "bea")
    assert ask("hubspot", "map-field", "ends", "contract_end_date", "--by", "bea")["field"] == (
        "contract_end_date"
    )
    for stage in ("appointmentscheduled", "contractsent"):
        ask("hubspot", "map", stage, "Proposal", "--by", "bea")

    assert of_hubspot(run)["message"] == "HubSpot is read."


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_doctor_names_a_scope_that_is_missing(run, simulator, scope):
    simulator.scopes.discard(scope)

    found = of_hubspot(run)

    assert f"Add the scope {scope} to the private app." in found["remedy"]
    assert found["remedy"].count("Add the scope") == 1


def test_doctor_tells_a_wrong_token_once(run, simulator):
    simulator.token = "another"

    assert of_hubspot(run)["message"].count("HubSpot does not know the token.") == 1


def test_doctor_tells_a_limit_and_how_long_it_lasts(run, simulator):
    simulator.fail_next(answering(429, {"policyName": "DAILY"}))

    assert "Try again in 3600 s." in of_hubspot(run)["remedy"]


def test_doctor_tells_of_a_type_that_there_is_not(run, simulator, settings):
    settings.HUBSPOT_COMMUNITY_OBJECT = "2-999"
    simulator.scopes = None

    assert "THROUGHLINE_HUBSPOT_COMMUNITY_OBJECT" in of_hubspot(run)["remedy"]


def test_the_file_of_webhooks_names_our_address_and_every_event_that_concerns_a_deal(
    ask, run, settings
):
    settings.BASE_URL = "https://throughline.example.org"

    document = ask("hubspot", "webhooks")

    assert (document["type"], document["config"]["settings"]["targetUrl"]) == (
        "webhooks", "https://throughline.example.org/hooks/hubspot",
    )  # fmt: skip
    listed = document["config"]["subscriptions"]["crmObjects"]
    assert {one["objectType"] for one in listed} == {"deal"}
    assert {one["subscriptionType"] for one in listed} == {
        f"object.{kind}"
        for kind in (
            "creation", "deletion", "restore", "merge", "associationChange", "propertyChange",
        )
    }  # fmt: skip
    assert "dealstage" in {one.get("propertyName") for one in listed}
    assert json.loads(run("hubspot", "webhooks").out) == document


def test_doctor_names_the_properties_that_a_handoff_could_not_write(run, simulator, settings):
    settings.HUBSPOT_WRITE = True
    run("hubspot", "read")
    simulator.scopes |= {"crm.schemas.courses.read"}

    found = of_hubspot(run)

    assert "Handoffs cannot write all that they should of deals." in found["message"]
    assert "throughline_delivery (single-line text)" in found["remedy"]
    assert "throughline_community_id (single-line text)" in found["remedy"]


def test_a_property_that_is_mapped_fills_our_field(ask, run, simulator, won):
    account = simulator.account
    account.add_property("0-3", Property(name="ends", label="Ends", type="date"))
    account.change(won, {"ends": "2027-06-30"})
    run("hubspot", "read")
    assert ask("hubspot", "fields")[0]["field"] == ""

    ask("hubspot", "map-field", "ends", "contract_end_date", "--by", "bea")
    run("hubspot", "read")

    assert Deal.objects.get().contract_end_on == date(2027, 6, 30)
    ran = run("hubspot", "map-field", "ends", "sofa", "--by", "bea")
    assert (ran.code, "Choose one of" in ran.err) == (1, True)


def test_merged_deals_and_orders_that_wait_are_shown_and_settled(ask, run, simulator, won):
    account = simulator.account
    other = account.create("0-3", {"dealname": "Reef", "dealstage": "closedwon"})
    run("hubspot", "read")
    assert run("hubspot", "merges").out.strip() == "No merge waits."
    survivor = account.merge("0-3", won.id, other.id)
    order = account.create("0-123", {"hs_order_name": "Go"})
    account.associate(order, survivor, [("HUBSPOT_DEFINED", 512)])

    ran = run("hubspot", "read")
    assert (ran.code, f"throughline hubspot settle {survivor.id}" in ran.out) == (1, True)
    (waits,) = ask("hubspot", "merges")
    settled = ask(
        "hubspot", "settle", survivor.id, "keep", "--keep", won.id, "--reason", "One hub.",
        "--by", "bea",
    )  # fmt: skip

    assert (waits["survivor"], settled["how"], settled["settled_by"]) == (
        survivor.id, "keep", "bea",
    )  # fmt: skip
    assert run("hubspot", "read").code == 0
    (left,) = ask("hubspot", "orders")
    assert (left["deal"], "is not executed" in left["why"]) == (survivor.id, True)


@pytest.fixture
def writing(settings, simulator):
    settings.HUBSPOT_WRITE = True
    simulator.scopes |= {"crm.objects.deals.write"}


def test_a_stage_that_was_moved_here_is_told_and_the_answer_says_so(ask, run, simulator, writing):
    there = simulator.account.create("0-3", {"dealname": "Coral", "dealstage": "contractsent"})
    run("hubspot", "read")
    ask("hubspot", "map", "contractsent", "Proposal", "--by", "bea")
    run("hubspot", "read")
    ask("deal", "advance", there.id, "Lead", "--by", "bea")
    assert run("hubspot", "tell", "--by", "bea").code == 1  # no stage there stands for Lead
    ask("hubspot", "map", "appointmentscheduled", "Lead", "--by", "bea")

    (told,) = ask("hubspot", "tell", "--by", "bea")

    assert (told["deal"], told["stage"], told["moved_by"], told["state"]) == (
        there.id, "lead", "bea", "converged",
    )  # fmt: skip
    assert there.properties["dealstage"] == "appointmentscheduled"
    assert ask("hubspot", "tell", "--by", "bea") == []


def test_telling_without_leave_to_write_says_what_to_set(run, simulator):
    ran = run("hubspot", "tell", "--by", "bea")

    assert (ran.code, "THROUGHLINE_HUBSPOT_WRITE=1" in ran.err) == (1, True)


def test_doctor_tells_that_nothing_holds_the_github_ids_of_contacts(run, simulator, settings):
    settings.HUBSPOT_GITHUB_PROPERTY = "github_username"
    simulator.scopes |= {"crm.schemas.contacts.read"}
    run("hubspot", "read")
    assert "Contacts have no property 'github_username'" in of_hubspot(run)["message"]

    simulator.account.add_property("0-1", Property(name="github_username", label="GitHub"))
    assert "github_username" not in of_hubspot(run)["message"]
