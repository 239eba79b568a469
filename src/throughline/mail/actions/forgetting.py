"""Taking a person who is erased out of the outbox: that a mail went, and when, stays as it is."""

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from throughline.documents.actions import discard_document
from throughline.documents.models import Document
from throughline.journal.actions import record
from throughline.journal.actions_forgetting import Gone
from throughline.mail.capture import discard
from throughline.mail.letters import digest_of
from throughline.mail.models import Attachment, Echo, Message, Notification
from throughline.mail.words import MessageState

GREETING = re.compile(r"\A(\s*(?:Dear|Hello|Hi)\s+)[^\n]{1,80}")
UNSENT = (MessageState.QUEUED, MessageState.SENDING)


@transaction.atomic
def forget_person(gone: Gone, *, by: str, at: datetime) -> list[Message]:
    """Put a pseudonym wherever a mail names a person, and return the mails that did.

    A mail that still waits goes to its other recipients; where there is none, it is withdrawn.
    Key, days and state stay: they are the receipt. The captured copy of such a mail is removed, and
    what went along with any mail and names them: a file cannot be changed, and keeps its name alone.
    """
    _forget_what_was_said(gone)
    stripped = _forget_what_went_along(gone, by=by, at=at)
    found = [one for one in _naming(gone) if _redact(one, gone)]
    found += Message.objects.filter(pk__in=stripped - {one.pk for one in found})
    for message in found:
        message.save()
        record("mail.message.redacted", message, by=by, at=at, pseudonym=gone.pseudonym)
        transaction.on_commit(partial(discard, message.message_id))
    return found


def _forget_what_was_said(gone: Gone) -> None:
    """Put the pseudonym into what came back, and into what our own people were told."""
    addresses = {one.casefold() for one in gone.addresses}
    for echo in Echo.objects.filter(_in(gone, "address", "said", "key", "seen_by")):
        is_theirs = echo.address.casefold() in addresses
        echo.address = gone.pseudonym if is_theirs else gone.without(echo.address)
        echo.said, echo.seen_by = gone.without(echo.said), gone.without(echo.seen_by)
        if gone.without(echo.key) != echo.key:
            echo.key = digest_of(echo.key)
        echo.save(update_fields=["address", "said", "key", "seen_by"])
    for note in Notification.objects.filter(_in(gone, "subject", "text", "html")):
        note.subject, note.text = gone.without(note.subject)[:250], gone.without(note.text)
        note.html = gone.without(note.html)
        note.save(update_fields=["subject", "text", "html"])


def _forget_what_went_along(gone: Gone, *, by: str, at: datetime) -> set[int]:
    """Take files that name a person off their mails, and return which mails that changed.

    Of an older file nobody may know what it says: it is taken for one that names them.
    """
    unread = Q(document__isnull=False, document__says="")
    named = _in(gone, "name", "alt", "document__name", "document__says")
    had = set()
    for one in Attachment.objects.filter(unread | named).select_related("document"):
        document, before = one.document, (one.document_id, one.name, one.alt)
        if document and _may_name(document, gone):
            one.document = None
        one.name, one.alt = gone.without(one.name)[:255], gone.without(one.alt)
        if before == (one.document_id, one.name, one.alt):
            continue
        one.save(update_fields=["document", "name", "alt"])
        if document and one.document is None:
            discard_document(document, by=by, at=at)
        had.add(one.message_id)
    return had


def _may_name(document: Document, gone: Gone) -> bool:
    lines = document.says.splitlines()
    return not lines or any(gone.without(line) != line for line in lines)


def _in(gone: Gone, *fields: str) -> Q:
    wanted = Q(pk=None)
    for word in gone.words:
        for name in fields:
            wanted |= Q(**{f"{name}__icontains": word})
    return wanted


def _naming(gone: Gone) -> Iterable[Message]:
    found = Message.objects.annotate(to_text=Cast("to", TextField())).filter(
        _in(gone, "subject", "text", "html", "error", "queued_by", "to_text")
    )
    pks = list(found.values_list("pk", flat=True))
    return Message.objects.select_for_update().filter(pk__in=pks)


def _redact(message: Message, gone: Gone) -> bool:
    """Put the pseudonym into a mail that is not saved yet, and return whether that changed it."""
    before = _told(message)
    others = [one for one in message.to if not _is_theirs(one, gone)]
    if is_theirs := len(others) < len(message.to):
        _take_off(message, others, gone)
    message.subject = gone.without(message.subject)[:250]
    message.error, message.queued_by = gone.without(message.error), gone.without(message.queued_by)
    text = GREETING.sub(rf"\g<1>{gone.pseudonym},", message.text) if is_theirs else message.text
    message.text = gone.without(text)
    # A text of its own in HTML may greet anybody, anyhow: what is left is made of the text again.
    message.html = "" if is_theirs else gone.without(message.html)
    return before != _told(message)


def _is_theirs(recipient: str, gone: Gone) -> bool:
    """Return whether a recipient is the person, "Rae Rep <rae@example.org>" included."""
    addresses = {one.casefold() for one in gone.addresses}
    return recipient in gone.names or parseaddr(recipient)[1].casefold() in addresses


def _told(message: Message) -> tuple[object, ...]:
    return (
        message.to, message.subject, message.text, message.html, message.error, message.queued_by,
    )  # fmt: skip


def _take_off(message: Message, others: list[str], gone: Gone) -> None:
    """Take a person off a mail's recipients: none is left of one that waits for them alone."""
    waits = message.state in UNSENT
    message.to = others if waits and others else [*others, gone.pseudonym]
    if waits and not others:
        message.state, message.next_at = MessageState.WITHDRAWN, None
