"""What an Admin does with webhooks: subscribe, rotate the secret, stop, go on, end, send again."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from throughline.connectors.http import NotSendable
from throughline.connectors.webhooks.client import check_address
from throughline.connectors.webhooks.signatures import new_secret
from throughline.handoff.actions_webhooks.telling import newest_entry_of_all
from throughline.handoff.models import Delivery, Subscription
from throughline.handoff.words import DeliveryState
from throughline.journal.actions import record
from throughline.kernel.errors import NotThere, Refused
from throughline.people.gates import require_permission
from throughline.people.sealing import opened, sealed
from throughline.people.words import Permission

BOTH_GOOD: Final = timedelta(hours=24)  # so long a receiver has to take over the new secret
ADMINISTER: Final = Permission.ADMINISTER


class NoSuchWebhook(NotThere):
    """Nothing goes by that number."""


@transaction.atomic
def subscribe(
    name: str, url: str, acts: Collection[str], *, randomness: bytes, by: str, at: datetime
) -> tuple[Subscription, str]:
    """Have an address told of acts from now on; returns it with its secret, shown this once.

    Raises:
        Refused: the name or the address is none, or `by` is no Admin.
    """
    require_permission(by, ADMINISTER, to="have others told")
    if not (called := name.strip()) or len(called) > 60:  # noqa: PLR2004 -- the column's width
        raise Refused("A webhook needs a name of at most 60 characters.", remedy="Name it.")
    try:
        check_address(url.strip(), allows_private=settings.WEBHOOKS_TO_PRIVATE_ADDRESSES)
    except NotSendable as error:
        raise Refused(str(error), remedy="Give a public https address.") from error
    secret = new_secret(randomness)
    made = Subscription.objects.create(
        name=called,
        url=url.strip()[:500],
        acts=sorted({one.strip() for one in acts} - {""}),
        sealed_secret=sealed(secret),
        after_entry=newest_entry_of_all(),
        made_by=by,
        made_at=at,
    )
    record("handoff.webhook.subscribed", made, by=by, at=at, name=called, acts=made.acts)
    return made, secret


@transaction.atomic
def rotate_secret(
    number: int, *, randomness: bytes, by: str, at: datetime
) -> tuple[Subscription, str]:
    """Give a webhook a new secret; for a day what goes out is signed with both.

    Raises:
        NoSuchWebhook: there is none.
        NotEntitled: `by` is no Admin.
    """
    one = _locked(number, by)
    secret = new_secret(randomness)
    one.sealed_before, one.before_until = one.sealed_secret, at + BOTH_GOOD
    one.sealed_secret = sealed(secret)
    one.save(update_fields=["sealed_before", "before_until", "sealed_secret"])
    record("handoff.webhook.secret_rotated", one, by=by, at=at, name=one.name)
    return one, secret


@transaction.atomic
def stop_webhook(number: int, *, by: str, at: datetime) -> Subscription:
    """Send nothing for now; what happens meanwhile waits.

    Raises:
        NoSuchWebhook: there is none.
        NotEntitled: `by` is no Admin.
    """
    one = _locked(number, by)
    if one.stopped_at is None:
        one.stopped_at, one.stopped_because = at, f"{by} stopped it."
        one.save(update_fields=["stopped_at", "stopped_because"])
        record("handoff.webhook.stopped", one, by=by, at=at, name=one.name, why="by hand")
    return one


@transaction.atomic
def go_on_with_webhook(number: int, *, by: str, at: datetime) -> Subscription:
    """Send again, beginning with what waits; what was given up is sent again one by one.

    Raises:
        NoSuchWebhook: there is none.
        NotEntitled: `by` is no Admin.
        Refused: its secret cannot be read any more.
    """
    one = _locked(number, by)
    opened(one.sealed_secret)
    if one.stopped_at is not None:
        one.stopped_at, one.stopped_because, one.failing_since = None, "", None
        one.save(update_fields=["stopped_at", "stopped_because", "failing_since"])
        waiting = one.deliveries.filter(state=DeliveryState.WAITING)
        waiting.update(next_at=at, attempts=0)
        record("handoff.webhook.went_on", one, by=by, at=at, name=one.name)
    return one


@transaction.atomic
def end_webhook(number: int, *, by: str, at: datetime) -> Subscription:
    """Tell an address nothing any more, for good; what waited is given up, the log stays.

    Raises:
        NoSuchWebhook: there is none.
        NotEntitled: `by` is no Admin.
    """
    one = _locked(number, by)
    one.ended_at = at
    one.save(update_fields=["ended_at"])
    one.deliveries.filter(state=DeliveryState.WAITING).update(
        state=DeliveryState.GIVEN_UP, next_at=None, error="The webhook was ended."
    )
    record("handoff.webhook.ended", one, by=by, at=at, name=one.name)
    return one


@transaction.atomic
def send_again(delivery_id: int, *, by: str, at: datetime) -> Delivery:
    """Send one telling again, with the same id: a receiver that has it can tell.

    Raises:
        NoSuchWebhook: there is no such telling, or its webhook is ended.
        NotEntitled: `by` is no Admin.
    """
    require_permission(by, ADMINISTER, to="have others told")
    row = (
        Delivery.objects.select_for_update(of=("self",)).select_related("subscription")
        .filter(pk=delivery_id, subscription__ended_at=None).first()
    )  # fmt: skip
    if row is None:
        raise NoSuchWebhook("There is no such telling.", remedy="See the webhook's log.")
    row.state, row.arrived_at, row.next_at, row.attempts = DeliveryState.WAITING, None, at, 0
    row.save(update_fields=["state", "arrived_at", "next_at", "attempts"])
    record(
        "handoff.webhook.sent_again", row.subscription, by=by, at=at, name=row.subscription.name,
        message=row.message_id,
    )  # fmt: skip
    return row


@transaction.atomic
def send_test(number: int, message_id: str, *, by: str, at: datetime) -> Delivery:
    """Have a test told; `message_id` is fresh randomness from the edge.

    Raises:
        NoSuchWebhook: there is none.
        NotEntitled: `by` is no Admin.
    """
    one = _locked(number, by)
    told = {"type": "throughline.test", "timestamp": at.isoformat(), "data": {"by": by}}
    return Delivery.objects.create(
        subscription=one, message_id=message_id, entry=0, body=json.dumps(told), made_at=at,
        next_at=at,
    )  # fmt: skip


def webhooks() -> QuerySet[Subscription]:
    """Return those that are not ended, with how many tellings wait, by name."""
    waits = Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING))
    return Subscription.objects.filter(ended_at=None).annotate(waiting=waits).order_by("name", "pk")


def deliveries_of(one: Subscription) -> QuerySet[Delivery]:
    """Return what one was told, the latest first."""
    return one.deliveries.order_by("-pk")


def webhook_shape(one: Subscription) -> dict[str, Any]:
    """Return a webhook as JSON, without its secret."""
    return {
        "webhook": one.pk,
        "name": one.name,
        "url": one.url,
        "acts": one.acts,
        "made_by": one.made_by,
        "made_at": one.made_at,
        "failing_since": one.failing_since,
        "stopped_at": one.stopped_at,
        "stopped_because": one.stopped_because or None,
    }


def delivery_shape(row: Delivery) -> dict[str, Any]:
    """Return one telling as JSON."""
    return {
        "delivery": row.pk,
        "id": row.message_id,
        "entry": row.entry or None,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "error": row.error or None,
        "made_at": row.made_at,
        "next_at": row.next_at,
        "arrived_at": row.arrived_at,
    }


def webhook(number: int) -> Subscription:
    """Return a webhook that is not ended.

    Raises:
        NoSuchWebhook: there is none.
    """
    found = Subscription.objects.filter(pk=number, ended_at=None).first()
    if found is None:
        raise NoSuchWebhook(f"There is no webhook {number}.", remedy="`throughline webhook list`.")
    return found


def _locked(number: int, by: str) -> Subscription:
    require_permission(by, ADMINISTER, to="have others told")
    webhook(number)
    return Subscription.objects.select_for_update().get(pk=number)
