"""From a row of the outbox to what leaves the house."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from throughline.documents.actions import path_of
from throughline.mail.html import html_of, page_of
from throughline.mail.models import Message


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
        headers={"Message-ID": message.message_id},
    )
    email.attach_alternative(html_part(message), "text/html")
    for one in message.attachments.select_related("document"):
        content = path_of(one.document.sha256).read_bytes()
        email.attach(one.name, content, one.document.media_type)
    return email


def hand_over(message: Message) -> Handed:
    """Give a mail to the server or provider, once."""
    email = email_of(message)
    email.send()
    status = getattr(email, "anymail_status", None)
    provider_id = getattr(status, "message_id", None)
    return Handed(
        provider_id if isinstance(provider_id, str) else "", getattr(email, "refused", {})
    )
