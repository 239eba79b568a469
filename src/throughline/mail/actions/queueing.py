"""Putting mail into the outbox, and sending what is due."""

import hashlib
import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.mail.words import MessageState

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S, MOST_TRIES = 60, 6 * 3600, 12
SENDING_FOR = timedelta(
    minutes=5
)  # longer than the server's time-out: a dead sender's mail is free

# Trying again changes nothing: the server refuses the address, or no mail can be made of the row.
FOR_GOOD = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, ValueError)


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it is a row."""

    key: str
    to: tuple[str, ...]
    subject: str
    text: str
    about: str


@transaction.atomic
def queue_message(draft: Draft, *, by: str, at: datetime) -> tuple[Message, bool]:
    """Put a mail into the outbox and return it with whether it is new; its key goes out once.

    Raises:
        Refused: the mail has nobody to go to.
    """
    if not draft.to:
        raise Refused(f"“{draft.subject}” has nobody to go to.", remedy="Name a recipient.")
    message, created = Message.objects.get_or_create(
        key=draft.key,
        defaults={
            "message_id": message_id(draft.key),
            "to": list(draft.to),
            "subject": _one_line(draft.subject),
            "text": draft.text,
            "about": draft.about,
            "queued_at": at,
            "queued_by": by,
            "next_at": at,
        },
    )
    if created:
        record(  # no address: the row has it, and may be redacted
            "mail.message.queued", message, by=by, at=at, key=draft.key, count=len(draft.to)
        )
    return message, created


def message_id(key: str) -> str:
    """Return the Message-ID of a key: the same purpose has the same id, so a repeat shows once."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@throughline>"


def _one_line(subject: str) -> str:
    return " ".join(subject.split())[:250]


def send_message(pk: int, *, at: datetime) -> Message | None:
    """Send one mail that is due; None where another worker has it or it is not due any more.

    The row says "sending" before the server is called, in a transaction of its own: a crash
    between the two leaves a row that is tried again, under the same Message-ID.
    """
    claimed = Message.objects.filter(pk=pk, next_at__lte=at).update(
        state=MessageState.SENDING, next_at=at + SENDING_FOR
    )
    if not claimed:
        return None
    message = Message.objects.get(pk=pk)
    try:
        _email(message).send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _keep_failure(message, error, at=at)
    with transaction.atomic():
        message.state, message.sent_at, message.next_at = MessageState.SENT, at, None
        message.attempts, message.error = message.attempts + 1, ""
        message.save(update_fields=["state", "sent_at", "next_at", "attempts", "error"])
        record("mail.message.sent", message, by="worker", at=at, count=len(message.to))
    return message


def _email(message: Message) -> EmailMessage:
    return EmailMessage(
        subject=message.subject,
        body=message.text,
        from_email=settings.MAIL_FROM,
        to=message.to,
        headers={"Message-ID": message.message_id},
    )


@transaction.atomic
def _keep_failure(message: Message, error: Exception, *, at: datetime) -> Message:
    message.attempts += 1
    message.error = f"{type(error).__name__}: {error}"[:1000]
    if isinstance(error, FOR_GOOD) or message.attempts >= MOST_TRIES:
        message.state, message.next_at = MessageState.FAILED, None
    else:
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (message.attempts - 1))
        message.state, message.next_at = MessageState.QUEUED, at + timedelta(seconds=wait_s)
    message.save(update_fields=["state", "attempts", "error", "next_at"])
    kind = type(error).__name__  # its words may hold an address; the row keeps them
    record("mail.message.failed", message, by="worker", at=at, error=kind)
    log.warning("mail %s failed: %s", message.pk, message.error)
    return message
