import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hubspot.utils.signature import Signature

from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.webhooks import Weather, WebhookSender, post_over_http
from throughline.simulators.server import Reply, Simulator

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
URI = "https://throughline.example.org/hooks/hubspot?at=a%3Ab"
SECRET = "a-secret"


class Listener:
    """What the other end sees; it answers as it is told to."""

    def __init__(self):
        self.status = 204
        self.batches = []

    def __call__(self, uri, body, headers):
        self.batches.append((uri, body, headers))
        return self.status

    @property
    def events(self):
        return [event for _uri, body, _headers in self.batches for event in json.loads(body)]


class Clock:
    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def account(clock):
    return Account(clock)


@pytest.fixture
def listener():
    return Listener()


def sender_of(account, listener, **more):
    made = WebhookSender(account, URI, SECRET, listener, Random(7), **more)
    made.subscribe("deal.creation")
    made.subscribe("deal.propertyChange", "dealstage")
    return made


def test_events_are_told_as_subscribed(account, listener):
    sender = sender_of(account, listener)
    deal = account.create("0-3", {"dealname": "A", "dealstage": "contractsent"})
    account.create("0-1", {"email": "ada@example.org"})

    assert sender.send() == 2
    told = [
        {name: one[name] for name in ("subscriptionType", "objectId", "occurredAt", "attemptNumber", "portalId")}
        for one in listener.events
    ]  # fmt: skip
    both = {
        "objectId": int(deal.id),
        "occurredAt": 1790769600000,
        "attemptNumber": 0,
        "portalId": 4242,
    }
    assert told == [
        {"subscriptionType": "deal.creation", **both},
        {"subscriptionType": "deal.propertyChange", **both},
    ]
    assert listener.events[1]["propertyName"] == "dealstage"
    assert listener.events[1]["propertyValue"] == "contractsent"


def test_types_without_events_of_their_own_are_told_as_objects(account, listener):
    sender = sender_of(account, listener)
    sender.subscribe("object.creation")
    order = account.create("0-123", {"hs_order_name": "A"})

    sender.send()
    told = [
        (one["subscriptionType"], one["objectTypeId"], one["objectId"]) for one in listener.events
    ]
    assert told == [("object.creation", "0-123", int(order.id))]


def test_a_merge_names_both_and_the_one_they_became(account, listener):
    sender = sender_of(account, listener)
    sender.subscribe("deal.merge")
    first, second = (account.create("0-3", {"dealname": name}) for name in "AB")
    sender.send()

    survivor = account.merge("0-3", first.id, second.id)

    listener.batches.clear()
    sender.send()
    (told,) = [one for one in listener.events if one["subscriptionType"] == "deal.merge"]
    assert (told["primaryObjectId"], told["mergedObjectIds"], told["newObjectId"]) == (
        int(first.id), [int(first.id), int(second.id)], int(survivor.id),
    )  # fmt: skip


def test_batches_carry_the_official_signatures(account, listener):
    sender = sender_of(account, listener)
    account.create("0-3", {"dealname": "Zoë"})
    sender.send()

    ((uri, body, headers),) = listener.batches
    timestamp = headers["X-HubSpot-Request-Timestamp"]
    assert uri == URI
    assert timestamp == "1790769600000"
    assert headers["X-HubSpot-Signature"] == Signature.get_signature(SECRET, body.decode(), "v1")
    assert headers["X-HubSpot-Signature-v3"] == Signature.get_signature(
        SECRET, body.decode(), "v3", URI.replace("%3A", ":"), "POST", timestamp
    )


def test_an_older_app_signs_the_older_way_only(account, listener):
    sender = sender_of(account, listener, version="v1")
    account.create("0-3", {"dealname": "A"})
    sender.send()

    assert sorted(name for name in listener.batches[0][2] if name.startswith("X-")) == [
        "X-HubSpot-Signature", "X-HubSpot-Signature-Version",
    ]  # fmt: skip


def test_a_batch_has_less_than_a_hundred_events(account, listener):
    sender = sender_of(account, listener)
    for number in range(150):
        account.create("0-3", {"dealname": str(number)})

    assert sender.send() == 150
    assert [len(json.loads(body)) for _uri, body, _headers in listener.batches] == [99, 51]


def test_what_is_refused_comes_again_ten_times_within_a_day_and_then_never(
    account, listener, clock
):
    sender = sender_of(account, listener)
    listener.status = 500
    account.create("0-3", {"dealname": "A"})

    for _ in range(24 * 60 // 5 + 1):
        sender.send()
        clock.at += timedelta(minutes=5)

    assert [one["attemptNumber"] for one in listener.events] == list(range(11))
    assert (len(sender.given_up), sender.waiting) == (1, 0)


def test_what_was_refused_once_is_taken_later(account, listener, clock):
    sender = sender_of(account, listener)
    listener.status = 0
    account.create("0-3", {"dealname": "A"})
    assert sender.send() == 0

    listener.status = 200
    clock.at += timedelta(hours=3)
    assert sender.send() == 1
    assert sender.waiting == 0


def test_weather_brings_events_twice_late_out_of_order_and_never(account, listener, clock):
    weather = Weather(twice=0.3, never=0.3, shuffled=True, late=timedelta(hours=1))
    sender = sender_of(account, listener, weather=weather)
    made = [account.create("0-3", {"dealname": str(number)}).id for number in range(200)]
    at_once = sender.send()
    while sender.waiting:
        clock.at += timedelta(minutes=10)
        sender.send()

    seen = [str(one["objectId"]) for one in listener.events]
    assert at_once == 0
    assert 0 < len(set(seen)) < len(made)
    assert len(seen) > len(set(seen))
    assert seen != sorted(seen)


def test_the_same_seed_brings_the_same_weather(clock):
    def play():
        listener, account = Listener(), Account(clock)
        sender = sender_of(account, listener, weather=Weather(twice=0.5, never=0.2, shuffled=True))
        for number in range(30):
            account.create("0-3", {"dealname": str(number)})
        sender.send()
        return listener.events

    assert play() == play()


class Door(Simulator):
    """A server that takes everything in."""

    def __init__(self):
        super().__init__()
        self.bodies = []

    def answer(self, call):
        self.bodies.append(call.body)
        return Reply(202)


def test_batches_go_over_http():
    with Door() as door:
        assert post_over_http(f"{door.url}/hooks/hubspot", b"[]", {"X-A": "1"}) == 202
        assert door.bodies == [b"[]"]
        url = door.url
    assert post_over_http(url, b"[]", {}) == 0
