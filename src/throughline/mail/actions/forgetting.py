"""Taking a person who is erased out of the outbox: that a mail went, and when, stays as it is."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from throughline.journal.actions import record
from throughline.journal.actions_forgetting import Gone
from throughline.mail.capture import discard
from throughline.mail.models import Echo, Message, Notification
from throughline.mail.words import MessageState

GREETING = re.compile(r"\A(\s*(?:Dear|Hello|Hi)\s+)[^\n]{1,80}")
UNSENT = (MessageState.QUEUED, MessageState.SENDING)


@transaction.atomic
def forget_person(gone: Gone, *, by: str, at: datetime) -> list[Message]:
    """Put a pseudonym wherever a mail names a person, and return the mails that did.

    A mail that still waits goes to its other recipients; where there is none, it is withdrawn.
    Key, days and state stay: they are the receipt. The captured copy of such a mail is removed.
    """
    _forget_what_was_said(gone)
    found = [message for message in _naming(gone) if _redact(message, gone)]
    for message in found:
        message.save()
        record("mail.message.redacted", message, by=by, at=at, pseudonym=gone.pseudonym)
        transaction.on_commit(partial(discard, message.message_id))
    return found


def _forget_what_was_said(gone: Gone) -> None:
    """Put the pseudonym into what came back, and into what our own people were told."""
    addresses = {one.casefold() for one in gone.addresses}
    for echo in Echo.objects.filter(_in(gone, "address", "said")):
        is_theirs = echo.address.casefold() in addresses
        echo.address = gone.pseudonym if is_theirs else gone.without(echo.address)
        echo.said = gone.without(echo.said)
        echo.save(update_fields=["address", "said"])
    for note in Notification.objects.filter(_in(gone, "subject", "text", "html")):
        note.subject, note.text = gone.without(note.subject)[:250], gone.without(note.text)
        note.html = gone.without(note.html)
        note.save(update_fields=["subject", "text", "html"])


def _in(gone: Gone, *fields: str) -> Q:
    wanted = Q(pk=None)
    for word in (*gone.names, *gone.addresses):
        for name in fields:
            wanted |= Q(**{f"{name}__icontains": word})
    return wanted


def _naming(gone: Gone) -> Iterable[Message]:
    found = Message.objects.annotate(to_text=Cast("to", TextField())).filter(
        _in(gone, "subject", "text", "html", "error", "to_text")
    )
    pks = list(found.values_list("pk", flat=True))
    return Message.objects.select_for_update().filter(pk__in=pks)


def _redact(message: Message, gone: Gone) -> bool:
    """Put the pseudonym into a mail that is not saved yet, and return whether that changed it."""
    before = (message.to, message.subject, message.text, message.html, message.error)
    addresses = {one.casefold() for one in gone.addresses}
    others = [one for one in message.to if one.casefold() not in addresses]
    if is_theirs := len(others) < len(message.to):
        _take_off(message, others, gone)
    message.subject = gone.without(message.subject)[:250]
    message.error = gone.without(message.error)
    text = GREETING.sub(rf"\g<1>{gone.pseudonym},", message.text) if is_theirs else message.text
    message.text = gone.without(text)
    # A text of its own in HTML may greet anybody, anyhow: what is left is made of the text again.
    message.html = "" if is_theirs else gone.without(message.html)
    return before != (message.to, message.subject, message.text, message.html, message.error)


def _take_off(message: Message, others: list[str], gone: Gone) -> None:
    """Take a person off a mail's recipients: none is left of one that waits for them alone."""
    waits = message.state in UNSENT
    message.to = others if waits and others else [*others, gone.pseudonym]
    if waits and not others:
        message.state, message.next_at = MessageState.WITHDRAWN, None
