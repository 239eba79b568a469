"""Sending what is due: one send for each attempt, waits in the row, dead addresses stopped."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from throughline.connectors.webhooks.client import Answer, post
from throughline.connectors.webhooks.signatures import signed_headers
from throughline.handoff.models import Delivery, Subscription
from throughline.handoff.words import DeliveryState
from throughline.journal.actions import record
from throughline.kernel.errors import Permanent, Refused, Transient
from throughline.kernel.stopping import Stop, never
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import draft_of
from throughline.people.queries import address_of, admins
from throughline.people.sealing import opened
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

# After each attempt that failed. Source: the specification's own example, three days in all.
WAITS_S: Final = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
SENDING_FOR: Final = timedelta(minutes=2)  # longer than one send: a dead sender's row is free
MOST_AT_ONCE: Final = 50
GONE: Final = 410
SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Tried:
    """How one attempt went."""

    status: int | None
    error: str
    retry_after_s: float | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return self.status in SUCCESS


def send_due_webhooks(*, playbook: Playbook, at: datetime, stop: Stop = never) -> list[int]:
    """Send what is due, and return which rows were tried. What fails waits, and the others go on."""
    due = Delivery.objects.filter(
        state=DeliveryState.WAITING, next_at__lte=at,
        subscription__stopped_at=None, subscription__ended_at=None,
    )  # fmt: skip
    tried = []
    for row in due.select_related("subscription").order_by("next_at", "pk")[:MOST_AT_ONCE]:
        if stop():
            break
        if not _claimed(row, at):
            continue
        keep_attempt(row, _attempt(row, at), playbook=playbook, at=at)
        tried.append(row.pk)
    return tried


def _claimed(row: Delivery, at: datetime) -> bool:
    """Take a row for as long as a send takes; by compare-and-set, so that one sender does."""
    seen = Delivery.objects.filter(pk=row.pk, state=DeliveryState.WAITING, next_at=row.next_at)
    row.attempts += 1
    return bool(seen.update(next_at=at + SENDING_FOR, attempts=row.attempts))


def _attempt(row: Delivery, at: datetime) -> Tried:
    one, body = row.subscription, row.body.encode()
    try:
        headers = signed_headers(row.message_id, int(at.timestamp()), body, _secrets(one, at))
        answer: Answer = post(
            one.url, body, headers, allows_private=settings.WEBHOOKS_TO_PRIVATE_ADDRESSES
        )
    except (Refused, Permanent, Transient) as error:
        return Tried(None, str(error))
    said = "" if answer.status in SUCCESS else f"It answered {answer.status}."
    return Tried(answer.status, said, answer.retry_after_s)


def _secrets(one: Subscription, at: datetime) -> list[str]:
    """Return the secrets that are good now: the new one, and for a while the one before."""
    good = [opened(one.sealed_secret)]
    if one.sealed_before and one.before_until is not None and one.before_until > at:
        good.append(opened(one.sealed_before))
    return good


@transaction.atomic
def keep_attempt(row: Delivery, tried: Tried, *, playbook: Playbook, at: datetime) -> None:
    """Write down how an attempt went, when the next one is, and whether the address is dead."""
    one = Subscription.objects.select_for_update().get(pk=row.subscription_id)
    row.status, row.error = tried.status, tried.error[:500]
    if tried.arrived:
        row.state, row.arrived_at, row.next_at = DeliveryState.ARRIVED, at, None
        one.failing_since = None
    elif row.attempts > len(WAITS_S) or tried.status == GONE:
        row.state, row.next_at = DeliveryState.GIVEN_UP, None
        _stop(one, tried, playbook, at)
    else:
        row.next_at = at + wait_after(row, tried)
        one.failing_since = one.failing_since or at
    row.save(update_fields=["state", "status", "error", "next_at", "arrived_at"])
    one.save(update_fields=["failing_since", "stopped_at", "stopped_because"])


def wait_after(row: Delivery, tried: Tried) -> timedelta:
    """Return how long to wait: by the table, a fifth more or less, and at least as asked.

    The fifth comes from the row, so that what failed together does not come back together.
    """
    told = f"{row.message_id}:{row.attempts}".encode()
    chance = int.from_bytes(hashlib.sha256(told).digest()[:4]) / 2**32
    wait_s = WAITS_S[row.attempts - 1] * (0.8 + 0.4 * chance)
    return timedelta(seconds=max(wait_s, min(tried.retry_after_s or 0.0, WAITS_S[-1])))


def _stop(one: Subscription, tried: Tried, playbook: Playbook, at: datetime) -> None:
    """Stop telling an address that does not answer any more, and tell a person."""
    if one.stopped_at is not None:
        return
    one.stopped_at, one.stopped_because = at, tried.error[:500]
    record("handoff.webhook.stopped", one, by="worker", at=at, name=one.name, why=tried.error[:500])
    told = {address_of(one.made_by), *(admin.email for admin in admins())} - {""}
    if not told:
        log.warning("webhook %s is stopped, and nobody has an address to be told", one.pk)
        return
    facts = {
        "webhook": one.name, "url": one.url, "why": tried.error,
        "address": f"{settings.BASE_URL}/webhooks/", "organisation": playbook.organisation.name,
    }  # fmt: skip
    draft = draft_of(
        playbook.mail("webhook_stopped"), facts, to=sorted(told), about=f"webhook:{one.pk}",
        key=f"handoff.webhook.stopped:{one.pk}:{at:%Y-%m-%dT%H:%M:%S}",
    )  # fmt: skip
    queue_message(draft, by="worker", at=at)
