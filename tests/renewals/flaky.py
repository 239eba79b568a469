"""A mail server by chance: it takes, asks to come back, or takes and loses the answer.

What it has taken stands in a file, so that a worker that dies takes nothing with it.
"""

import hashlib
import json
import smtplib
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from throughline.mail.failures import AnswerLost
from throughline.mail.models import Message

BUSY, LOST = 10, 5  # of a hundred tries


def taken(home: Path) -> list[dict[str, str]]:
    """Return what the server has, in the order in which it came; a mail that came twice is twice."""
    log = home / "server.log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


class FlakyBackend(BaseEmailBackend):
    """Decides by the mail and by how often it came: the same history has the same mishaps."""

    def send_messages(self, email_messages):
        log = Path(settings.HOME) / "server.log"
        for one in email_messages:
            message = one.message()
            tries = Message.objects.values_list("attempts", "lost").get(
                message_id=message["Message-ID"]
            )
            key = f"{message['Message-ID']} {tries}"
            dice = int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100
            if dice < BUSY:
                raise smtplib.SMTPDataError(451, b"come back")
            said = {"id": message["Message-ID"], "subject": one.subject, "to": ", ".join(one.to)}
            with log.open("a") as file:
                file.write(json.dumps(said) + "\n")
            if dice < BUSY + LOST:
                raise AnswerLost("the answer was lost on purpose")
        return len(email_messages)
