"""From a row of the outbox to what leaves the house."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from throughline.documents.actions import path_of
from throughline.mail.html import html_of, page_of
from throughline.mail.models import Message
from throughline.mail.unsubscribing import unsubscribe_address
from throughline.mail.words import MailKind

NOT_TAKEN = frozenset({"invalid", "rejected", "failed"})  # anymail's words


@dataclass(frozen=True, slots=True)
class Handed:
    """What a server or provider said when it took a mail."""

    provider_id: str = ""
    refused: dict[str, str] = field(default_factory=dict)  # some recipients, and why


def html_part(message: Message) -> str:
    """Return the HTML of a mail: its own, or made of its text."""
    if message.html:
        return page_of(message.subject, message.html)
    return html_of(message.subject, message.text, ours=settings.BASE_URL)


def email_of(message: Message) -> EmailMultiAlternatives:
    """Return what leaves: text and HTML, what is attached, and the id that a repeat shares."""
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.MAIL_FROM,
        to=message.to,
        headers={"Message-ID": message.message_id} | _unsubscribing(message),
    )
    email.attach_alternative(html_part(message), "text/html")
    for one in message.attachments.select_related("document"):
        content = path_of(one.document.sha256).read_bytes()
        email.attach(one.name, content, one.document.media_type)
    return email


def _unsubscribing(message: Message) -> dict[str, str]:
    """Return the headers of one-click unsubscribing (RFC 8058); duties have none."""
    if message.user is None or message.kind == MailKind.DUTY:
        return {}
    address = unsubscribe_address(message.user, message.kind)
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def hand_over(message: Message) -> Handed:
    """Give a mail to the server or provider, once."""
    email = email_of(message)
    email.metadata = {"message": message.message_id}  # type: ignore[attr-defined]  # of anymail
    email.send()
    status = getattr(email, "anymail_status", None)
    if status is None or status.message_id is None:
        return Handed(refused=getattr(email, "refused", {}))
    refused = {
        address: f"the provider says {one.status}"
        for address, one in status.recipients.items()
        if one.status in NOT_TAKEN
    }
    return Handed(_one_id(status.message_id), refused)


def _one_id(found: str | set[str]) -> str:
    """Return what a provider calls a mail; one that names each recipient's apart names none."""
    return found[:250] if isinstance(found, str) else ""
