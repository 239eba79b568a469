"""Reads of the outbox."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from throughline.mail.models import Message
from throughline.mail.words import MessageState


def outbox() -> QuerySet[Message]:
    """Return all mails, the newest first."""
    return Message.objects.order_by("-queued_at", "-pk")


def due_messages(*, at: datetime) -> QuerySet[Message]:
    """Return the mails that are to be sent by an instant, the oldest first."""
    return Message.objects.filter(next_at__lte=at).order_by("next_at", "pk")


def messages_by_key(keys: Iterable[str]) -> dict[str, Message]:
    """Return the mails with these keys."""
    return {message.key: message for message in Message.objects.filter(key__in=list(keys))}


def unsent_for_good() -> QuerySet[Message]:
    """Return the mails that failed, or of which the answer was lost: a person looks."""
    return Message.objects.filter(state__in=[MessageState.FAILED, MessageState.UNSURE]).order_by(
        "queued_at", "pk"
    )
