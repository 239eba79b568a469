"""The default way out for mail: a file that can be read here, and nothing leaves the machine."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from throughline.documents.actions import write_atomically


class CapturedBackend(BaseEmailBackend):
    """Writes each mail to `mail/` in the home folder, named by its Message-ID: a repeat rewrites it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            content = message.message()
            write_atomically(_file_of(str(content["Message-ID"])), content.as_bytes())
        return len(email_messages)


def discard(message_id: str) -> None:
    """Remove the captured copy of a mail, if there is one."""
    _file_of(message_id).unlink(missing_ok=True)


def _file_of(message_id: str) -> Path:
    name = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    return Path(settings.HOME) / "mail" / f"{name}.eml"
