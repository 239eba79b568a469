"""Webhooks: forged, stale and replayed ones change nothing; all weather ends in the same state."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from tests.factories import NOON
from tests.intake.hubspot.conftest import STAGES
from throughline.intake.hubspot.actions.reading import read_all, read_hints, receive
from throughline.intake.hubspot.hooks import NotGenuine
from throughline.intake.hubspot.jobs import kind_due, read_what_is_due
from throughline.intake.models import HubSpotHint, HubSpotReading
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal
from throughline.simulators.hubspot.webhooks import Weather, WebhookSender
from throughline.simulators.server import answering

pytestmark = pytest.mark.django_db
SECRET = "the-apps-client-secret"
PATH = "/hooks/hubspot"


@pytest.fixture(autouse=True)
def told(settings, tmp_path, simulator):
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.BASE_URL = "https://throughline.example.org"
    settings.HUBSPOT_WEBHOOK_SECRET, settings.HUBSPOT_OLD_SIGNATURES = SECRET, False
    settings.HUBSPOT_TOKEN, settings.HUBSPOT_CONNECTED = simulator.token, True
    settings.HUBSPOT_URL, settings.HUBSPOT_PORTAL = simulator.url, "4242"
    return settings


@pytest.fixture
def sender(account, clock, chance):
    def post(_uri, body, headers):
        try:
            receive(body, headers=headers, method="POST", path=PATH, at=clock.at)
        except Refused:
            return 401
        return 204

    made = WebhookSender(account, f"https://throughline.example.org{PATH}", SECRET, post, chance)
    for kind in ("creation", "deletion", "restore", "merge"):
        made.subscribe(f"deal.{kind}")
    for name in ("dealname", "amount", "dealstage"):
        made.subscribe("deal.propertyChange", name)
    return made


def deal(account, name, stage="Lead", **more):
    return account.create("0-3", {"dealname": name, "dealstage": STAGES[stage], **more})


def signed(sender, *events, **other):
    body = json.dumps(events).encode()
    return {"body": body, "headers": sender.headers(body), "method": "POST", "path": PATH} | other


EVENT = {"objectId": 7, "occurredAt": 1_790_769_600_000, "portalId": 4242,
         "subscriptionId": 1, "subscriptionType": "deal.creation"}  # fmt: skip


def test_an_event_makes_its_deal_be_looked_at(source, account, sender):
    made = deal(account, "A", amount="5")
    assert sender.send() == 4

    read = read_hints(source, at=NOON)

    assert (read.created, Deal.objects.get().hubspot_id) == (1, made.id)
    assert HubSpotHint.objects.filter(read_at=None).count() == 0
    assert read_hints(source, at=NOON).unchanged == 0


def test_what_an_event_says_of_a_value_is_not_believed(source, account, sender, clock):
    made = deal(account, "A", amount="5")
    lie = EVENT | {"objectId": int(made.id), "subscriptionType": "deal.propertyChange",
                   "propertyName": "amount", "propertyValue": "1000000"}  # fmt: skip
    receive(**signed(sender, lie), at=clock.at)

    read_hints(source, at=NOON)

    assert Deal.objects.get().amount == 5


@pytest.mark.parametrize(
    "forged",
    [
        {"body": b"[]"},
        {"headers": {}},
        {"path": "/hooks/hubspot?x=1"},
        {"method": "PUT"},
        {"headers": {"X-HubSpot-Signature-v3": "eA==", "X-HubSpot-Request-Timestamp": "0"}},
    ],
)
def test_a_forged_webhook_is_refused_and_nothing_is_kept(sender, clock, forged):
    call = signed(sender, EVENT)

    with pytest.raises(NotGenuine):
        receive(**(call | forged), at=clock.at)

    assert HubSpotHint.objects.count() == 0


def test_a_stale_webhook_is_refused(sender, clock):
    call = signed(sender, EVENT)

    with pytest.raises(NotGenuine):
        receive(**call, at=clock.at + timedelta(minutes=5, seconds=1))


def test_a_replayed_webhook_is_kept_once(sender, clock):
    call = signed(sender, EVENT)
    for _ in range(3):
        receive(**call, at=clock.at)

    assert HubSpotHint.objects.count() == 1


def test_the_older_signature_counts_only_where_the_settings_say_so(sender, clock, told):
    sender.version = "v1"
    call = signed(sender, EVENT)
    with pytest.raises(NotGenuine):
        receive(**call, at=clock.at)

    told.HUBSPOT_OLD_SIGNATURES = True
    assert receive(**call, at=clock.at) == 1
    with pytest.raises(NotGenuine):
        receive(**(call | {"body": b"[]"}), at=clock.at)


def test_a_wrong_newer_signature_is_not_made_good_by_a_right_older_one(sender, clock, told):
    told.HUBSPOT_OLD_SIGNATURES = True
    call = signed(sender, EVENT)
    headers = call["headers"] | {"X-HubSpot-Signature-v3": "eA=="}

    with pytest.raises(NotGenuine):
        receive(**(call | {"headers": headers}), at=clock.at)


def test_without_a_secret_no_webhook_is_expected(sender, clock, told):
    told.HUBSPOT_WEBHOOK_SECRET = ""

    with pytest.raises(Refused, match="not expected"):
        receive(**signed(sender, EVENT), at=clock.at)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[{}]", b"null", b'[{"objectId": "x", "occurredAt": 1}]', b"[" * 500]
)
def test_what_is_no_list_of_events_is_refused(sender, clock, body):
    with pytest.raises(Refused, match="no list of events"):
        receive(body, headers=sender.headers(body), method="POST", path=PATH, at=clock.at)


@pytest.mark.parametrize("other", [{"portalId": 1}, {"subscriptionType": "contact.creation"}])
def test_events_of_another_portal_or_of_no_deal_are_left_out(sender, clock, other):
    assert receive(**signed(sender, EVENT | other), at=clock.at) == 0


def test_a_merge_makes_all_its_deals_be_looked_at(source, account, sender):
    first, second = deal(account, "A"), deal(account, "B")
    sender.send()
    read_hints(source, at=NOON)
    survivor = account.merge("0-3", first.id, second.id)
    sender.send()

    read = read_hints(source, at=NOON)

    assert sorted(number for number, _survivor in read.merged) == [first.id, second.id]
    assert Deal.objects.get(deleted_at=None).hubspot_id == survivor.id


def test_a_deletion_buries_and_a_restoration_brings_back(source, account, sender):
    made = deal(account, "A")
    sender.send()
    read_hints(source, at=NOON)

    account.archive(made)
    sender.send()
    assert read_hints(source, at=NOON).gone == [made.id]

    account.restore("0-3", made.id)
    sender.send()
    assert read_hints(source, at=NOON).back == [made.id]


def test_bad_weather_ends_in_the_same_state_as_good(source, account, sender, clock, chance):
    made = [deal(account, str(number)) for number in range(40)]
    read_all(source, at=clock.at)
    sender.send()
    sender.weather = Weather(twice=0.4, never=0.2, shuffled=True, late=timedelta(hours=2))
    for step in range(200):
        account.change(chance.choice(made), {"amount": str(step)})
        clock.move(minutes=1)
        if step % 20 == 0:
            sender.send()
            read_hints(source, at=clock.at)
    clock.move(hours=3)
    sender.send()
    read_hints(source, at=clock.at)
    clock.move(days=1)

    assert read_what_is_due(playbook=source.playbook, at=clock.at) == "all"
    theirs = {one.id: one.properties.get("amount") for one in made}
    ours = {one.hubspot_id: one.amount and str(int(one.amount)) for one in Deal.objects.all()}
    assert {number: str(amount or "") for number, amount in ours.items()} == {
        number: str(amount or "") for number, amount in theirs.items()
    }


def test_what_is_due_is_everything_then_hints_then_changes(source, account, sender, clock):
    def read():
        return read_what_is_due(playbook=source.playbook, at=clock.at)

    assert (read(), read()) == ("all", None)
    made = deal(account, "A")
    sender.send()
    assert (read(), read()) == ("hints", None)

    clock.move(minutes=5)
    account.change(made, {"amount": "7"})
    assert (read(), read()) == ("changes", None)
    assert Deal.objects.get().amount == 7
    clock.move(days=1)
    assert read() == "all"


def test_nothing_is_due_where_hubspot_is_not_connected(source, told, simulator):
    told.HUBSPOT_CONNECTED = False

    assert read_what_is_due(playbook=source.playbook, at=NOON) is None
    assert sum(simulator.calls.values()) == 0


def test_a_day_without_hubspot_is_made_up_for(source, account, simulator, clock):
    deal(account, "A")
    read_what_is_due(playbook=source.playbook, at=clock.at)
    simulator.close()
    asked = 0
    for _ in range(24 * 12):
        clock.move(minutes=5)
        asked += read_what_is_due(playbook=source.playbook, at=clock.at) is not None
    deal(account, "B")
    account.change(account.records("0-3")[0], {"amount": "5"})

    assert asked == 24 * 12
    assert "Nothing was sent" in HubSpotReading.objects.exclude(trouble="").first().trouble
    simulator.open()
    clock.move(minutes=5)
    read_what_is_due(playbook=source.playbook, at=clock.at)
    assert sorted(Deal.objects.values_list("name", "amount")) == [("A", 5), ("B", None)]
    assert HubSpotReading.objects.filter(retry_at__gt=clock.at).count() == 0


def test_a_wait_that_hubspot_asks_for_is_kept(source, simulator, clock):
    simulator.fail_next(answering(429, {"policyName": "DAILY"}))
    read_what_is_due(playbook=source.playbook, at=clock.at)

    assert kind_due(clock.at + timedelta(minutes=59)) is None
    assert kind_due(clock.at + timedelta(minutes=60)) == "all"


def test_the_door_answers_at_once_and_proves_first(sender, clock, time_machine):
    time_machine.move_to(clock.at, tick=False)
    call = signed(sender, EVENT)
    client = Client(enforce_csrf_checks=True)

    def post(body):
        return client.post(
            PATH, body, content_type="application/json", headers=call["headers"], secure=True
        )

    assert post(call["body"]).status_code == 204
    assert (post(b"[]").status_code, client.get(PATH, secure=True).status_code) == (401, 405)
    assert HubSpotHint.objects.count() == 1
