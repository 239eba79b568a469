"""Reading what was kept: into tickets, or for a person where it cannot be read."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from throughline.budgets.actions.receiving import note_reading
from throughline.budgets.actions.telling import Heard, hear
from throughline.budgets.matching import match_of
from throughline.budgets.models import Received
from throughline.budgets.told import Told
from throughline.budgets.words import ReceivedState, Source
from throughline.connectors.aws.notifications import (
    SnsMessage,
    confirm_subscription,
    read_message,
)
from throughline.intake.alerts.aws_text import read_aws_text
from throughline.intake.alerts.json_calls import read_azure, read_pubsub
from throughline.intake.alerts.mail_text import read_mail
from throughline.kernel.days import day_in_zone, parse_instant
from throughline.kernel.errors import Permanent, Refused, Transient
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

READER = "alerts"  # who the journal says it was
AT_ONCE = 200  # a storm is read in portions: the worker has other things to do


@dataclass(slots=True)
class AlertsRead:
    """What became of what was kept."""

    heard: list[Heard] = field(default_factory=list)
    unreadable: list[Received] = field(default_factory=list)
    nothing: int = 0
    later: int = 0  # a subscription that cannot be confirmed for now


def read_alerts(*, playbook: Playbook, at: datetime) -> AlertsRead:
    """Read what lies there unread; one that cannot be read stops no other."""
    read = AlertsRead()
    waiting = Received.objects.filter(state=ReceivedState.KEPT).order_by("kept_at", "pk")
    for one in waiting[:AT_ONCE]:
        try:
            read_one(one, read, playbook=playbook, at=at)
        except Exception as error:
            log.exception("alert %s could not be read", one.pk)
            _cannot(one, read, f"{type(error).__name__}: tell whoever looks after Throughline.", at)
    return read


def read_one(one: Received, read: AlertsRead, *, playbook: Playbook, at: datetime) -> None:
    """Read one thing that was kept."""
    try:
        told = _told(one)
    except Transient as error:
        log.warning("a subscription is confirmed later: %s", error)
        read.later += 1
    except (Refused, Permanent) as error:
        _cannot(one, read, str(error), at)
    else:
        _hear(one, told, read, playbook=playbook, at=at)


def _cannot(one: Received, read: AlertsRead, why: str, at: datetime) -> None:
    note_reading(one.pk, ReceivedState.UNREADABLE, why=why, by=READER, at=at)
    one.refresh_from_db()
    read.unreadable.append(one)


@transaction.atomic
def _hear(
    one: Received, told: Sequence[Told], read: AlertsRead, *, playbook: Playbook, at: datetime
) -> None:
    state = ReceivedState.READ if told else ReceivedState.NOTHING
    why = "" if told else "No threshold is passed."
    note_reading(one.pk, state, why=why, by=READER, at=at)
    read.nothing += not told
    for each in told:
        match = match_of(each, on=day_in_zone(each.at, playbook.organisation.zone))
        read.heard.append(hear(each, match, received=one, by=READER, at=at))


def _told(one: Received) -> list[Told]:
    match Source(one.source):
        case Source.SNS:
            return _from_sns(one)
        case Source.PUBSUB:
            return read_pubsub(one.body, at=one.kept_at)
        case Source.AZURE:
            return [read_azure(one.body, at=one.kept_at)]
        case _:
            return [_from_mail(one)]


def _from_sns(one: Received) -> list[Told]:
    message = read_message(one.body.encode())
    if message.Type == "SubscriptionConfirmation":
        confirm_subscription(message, base_url=settings.SNS_URL)
        return []
    if message.Type == "UnsubscribeConfirmation":
        raise Refused(
            f"The topic {message.TopicArn} does not send here any more.",
            remedy="Subscribe again, if alerts are to come in.",
        )
    at = parse_instant(message.Timestamp)
    return [read_aws_text(_words(message), source=Source.SNS, at=at)]


def _words(message: SnsMessage) -> str:
    """Return the text of a message; some deliveries wrap it in JSON once more."""
    text = message.Message
    if text.lstrip().startswith("{"):
        try:
            inner = json.loads(text)
        except ValueError:
            return text
        if isinstance(inner, dict) and isinstance(inner.get("default"), str):
            return str(inner["default"])
    return text


def _from_mail(one: Received) -> Told:
    mail = read_mail(one.body)
    return read_aws_text(
        mail.text, source=Source.MAIL, at=mail.sent_at or one.kept_at, addresses=mail.addresses
    )
