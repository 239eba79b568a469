"""Sending what lies due in the outbox."""

import logging
from datetime import datetime

from throughline.kernel.stopping import Stop, never
from throughline.mail.actions.sending import send_message
from throughline.mail.models import Message
from throughline.mail.queries import due_messages

log = logging.getLogger(__name__)


def send_due(*, at: datetime, stop: Stop = never) -> list[Message]:
    """Try every mail that is due, each once, and return those that this run tried.

    A mail that another worker has is left to it; one that cannot be sent stops no other. `stop` is
    asked between two: the rest stays due.
    """
    tried = []
    for pk in list(due_messages(at=at).values_list("pk", flat=True)):
        if stop():
            break
        try:
            message = send_message(pk, at=at)
        except Exception:
            log.exception("mail %s could not be sent; it is tried again later", pk)
            continue
        if message is not None:
            tried.append(message)
    return tried
