"""Sentences of the journal about mail, and about how people are told."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, people

Say = str | Callable[[Facts], str]

MAIL: Final[dict[str, tuple[str, Say]]] = {
    "mail.digest.queued": ("outbox", lambda f: f"A digest of {f.get('count')} was queued"),
    "mail.echo.heard": ("mail", lambda f: f"Something came back for a mail: {f.get('kind')}"),
    "mail.echo.seen": ("eye", "What came back for a mail was seen"),
    "mail.message.arrived": ("check", "A mail has arrived after all"),
    "mail.message.failed": ("cross", "A mail failed: {error}"),
    "mail.message.queued": ("outbox", lambda f: f"A mail to {people(f)} was queued"),
    "mail.message.redacted": ("void", "A mail names {pseudonym} now, who was erased"),
    "mail.message.repeated": ("drift", "A mail whose worker died is sent again"),
    "mail.message.requeued": ("drift", "A mail is to be sent again"),
    "mail.message.sent": ("mail", lambda f: f"A mail to {people(f)} was sent"),
    "mail.message.unsure": ("warning", "A mail was handed over, and the answer was lost"),
    "mail.preference.chosen": ("hand", "They chose how to be told"),
}
