"""How HubSpot tells of events: in batches, signed, and neither in order nor exactly once."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.records import Event
from throughline.simulators.hubspot.values import milliseconds

APP = 1234
LARGEST_BATCH = 99
MOST_RETRIES = 10
RETRIED_WITHIN = timedelta(hours=24)
PATIENCE_S = 5.0  # how long an answer may take
SIGNED_AS = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip

Post = Callable[[str, bytes, Mapping[str, str]], int]


@dataclass(frozen=True, slots=True)
class Weather:
    """How badly events travel: the share of them that comes twice, or never, and the delay."""

    twice: float = 0.0
    never: float = 0.0
    shuffled: bool = False
    late: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Due:
    event: Event
    subscription_id: int
    name: str
    due_at: datetime
    attempt: int = 0


@dataclass(slots=True)
class WebhookSender:
    """The webhooks of one app: what it listens to, and what is still on its way.

    Events that happened before it was made, or before something was subscribed, are not told.
    `post` sends one batch and returns the status of its answer; 0 is none. `chance` decides what
    the weather does, so that a seed gives the same faults again.
    """

    account: Account
    uri: str
    secret: str
    post: Post
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 -- weather, no secret
    version: str = "v3"
    weather: Weather = Weather()
    given_up: list[Event] = field(default_factory=list)
    _subscriptions: dict[tuple[str, str], int] = field(default_factory=dict)
    _queue: list[_Due] = field(default_factory=list)
    _told: int = 0

    def __post_init__(self) -> None:
        self._told = len(self.account.events)

    def subscribe(self, name: str, property_name: str = "") -> int:
        """Listen to a kind of event, such as deal.creation; to one property where it has one."""
        self._take_up()
        return self._subscriptions.setdefault((name, property_name), 900 + len(self._subscriptions))

    @property
    def waiting(self) -> int:
        """How many events are on their way."""
        self._take_up()
        return len(self._queue)

    def send(self) -> int:
        """Send what is due by now, and return how many events were taken.

        What is refused, or not answered, is sent again within a day, up to ten times.
        """
        self._take_up()
        now = self.account.clock()
        due = [one for one in self._queue if one.due_at <= now]
        self._queue = [one for one in self._queue if one.due_at > now]
        if self.weather.shuffled:
            self.chance.shuffle(due)
        taken = 0
        for start in range(0, len(due), LARGEST_BATCH):
            batch = due[start : start + LARGEST_BATCH]
            if self._send(batch):
                taken += len(batch)
            else:
                self._queue += [again for one in batch if (again := self._again(one))]
        return taken

    def _take_up(self) -> None:
        fresh = self.account.events[self._told :]
        self._told += len(fresh)
        for event in fresh:
            name = self._name(event)
            key = (name, str(event.more.get("propertyName", "")))
            if key not in self._subscriptions or self.chance.random() < self.weather.never:
                continue
            copies = 2 if self.chance.random() < self.weather.twice else 1
            for _ in range(copies):
                late = self.weather.late * self.chance.random()
                self._queue.append(_Due(event, self._subscriptions[key], name, event.at + late))

    def _again(self, due: _Due) -> _Due | None:
        if due.attempt == MOST_RETRIES:
            self.given_up.append(due.event)
            return None
        pause = RETRIED_WITHIN / MOST_RETRIES * self.chance.uniform(0.5, 1.0)
        return replace(due, due_at=self.account.clock() + pause, attempt=due.attempt + 1)

    def _send(self, batch: list[_Due]) -> bool:
        body = json.dumps([self._payload(one) for one in batch]).encode()
        status = self.post(self.uri, body, self.headers(body))
        return httpx.codes.is_success(status)

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the headers that a batch goes out with."""
        sent_at = str(milliseconds(self.account.clock()))
        plain = hashlib.sha256(self.secret.encode() + body).hexdigest()
        headers = {"Content-Type": "application/json", "X-HubSpot-Signature": plain}
        headers["X-HubSpot-Signature-Version"] = "v1"
        if self.version == "v3":
            escape = re.compile("|".join(SIGNED_AS), re.IGNORECASE)
            uri = escape.sub(lambda found: SIGNED_AS[found.group().upper()], self.uri)
            signed = b"POST" + uri.encode() + body + sent_at.encode()
            digest = hmac.digest(self.secret.encode(), signed, hashlib.sha256)
            headers["X-HubSpot-Signature-v3"] = base64.b64encode(digest).decode()
            headers["X-HubSpot-Request-Timestamp"] = sent_at
        return headers

    def _name(self, event: Event) -> str:
        kind = self.account.types[event.type_id]
        return f"{kind.singular if kind.has_own_events else 'object'}.{event.kind}"

    def _payload(self, due: _Due) -> dict[str, Any]:
        event = due.event
        told = {
            "eventId": self.chance.randrange(10**9),  # told to be not unique
            "subscriptionId": due.subscription_id,
            "portalId": self.account.portal_id,
            "appId": APP,
            "occurredAt": event.occurred_at,
            "subscriptionType": due.name,
            "attemptNumber": due.attempt,
            "objectId": int(event.object_id),
            "changeSource": event.source,
            **event.more,
        }
        if due.name.startswith("object."):
            told["objectTypeId"] = event.type_id
        return told


def post_over_http(uri: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a batch, and return the status of the answer; 0 where none came in time."""
    try:
        return httpx.post(uri, content=body, headers=dict(headers), timeout=PATIENCE_S).status_code
    except httpx.HTTPError:
        return 0
