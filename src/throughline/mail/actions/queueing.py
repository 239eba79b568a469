"""Putting mail into the outbox: each purpose once, with what goes along."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from throughline.documents.models import Document
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.letters import Attached, Draft
from throughline.mail.models import Attachment, Message

__all__ = ["Attached", "Draft", "message_id", "queue_message"]

LARGEST = 10 * 1024 * 1024  # bytes of all that is attached: more is refused by many servers


@transaction.atomic
def queue_message(
    draft: Draft, *, by: str, at: datetime, not_before: datetime | None = None
) -> tuple[Message, bool]:
    """Put a mail into the outbox and return it with whether it is new; its key goes out once.

    Raises:
        Refused: the mail has nobody to go to, or what is attached is not kept here or too large.
    """
    if not draft.to:
        raise Refused(f"“{draft.subject}” has nobody to go to.", remedy="Name a recipient.")
    documents = _documents(draft)
    message, created = Message.objects.get_or_create(
        key=draft.key,
        defaults={
            "message_id": message_id(draft.key),
            "to": list(draft.to),
            "subject": _one_line(draft.subject),
            "text": draft.text,
            "html": draft.html,
            "about": draft.about,
            "kind": draft.kind,
            "user": draft.user,
            "queued_at": at,
            "queued_by": by,
            "next_at": max(at, not_before or at),
        },
    )
    if created:
        _attach(message, draft.attachments, documents)
        record(  # no address: the row has it, and may be redacted
            "mail.message.queued", message, by=by, at=at, key=draft.key, count=len(draft.to)
        )
    return message, created


def _documents(draft: Draft) -> dict[str, Document]:
    """Return the documents of a draft by their hash.

    Raises:
        Refused: one is not kept here, or together they are too large.
    """
    wanted = [one.sha256 for one in draft.attachments]
    found = {one.sha256: one for one in Document.objects.filter(sha256__in=wanted)}
    for one in draft.attachments:
        if one.sha256 not in found:
            raise Refused(f"{one.name} is not kept here.", remedy="Keep the document first.")
    if sum(found[sha256].size for sha256 in wanted) > LARGEST:
        raise Refused(
            f"What is attached to “{draft.subject}” is larger than 10 MiB.",
            remedy="Link to it instead.",
        )
    return found


def _attach(
    message: Message, attachments: Sequence[Attached], documents: dict[str, Document]
) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            document=documents[one.sha256],
            name=_one_line(one.name),
            alt=one.alt,
        )
        for one in attachments
    )


def message_id(key: str) -> str:
    """Return the Message-ID of a key: the same purpose has the same id, so a repeat shows once."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@throughline>"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:250]
