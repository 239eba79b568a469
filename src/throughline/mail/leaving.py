"""From a row of the outbox to what leaves the house."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from email.mime.image import MIMEImage
from html import escape

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from throughline.documents.actions import path_of
from throughline.documents.models import Document
from throughline.mail.html import PICTURE, html_of, page_of, with_pictures
from throughline.mail.models import Attachment, Message
from throughline.mail.unsubscribing import unsubscribe_address
from throughline.mail.words import MailKind

Address = Callable[[Attachment], str]
NOT_TAKEN = frozenset({"invalid", "rejected", "failed"})  # anymail's words


@dataclass(frozen=True, slots=True)
class Handed:
    """What a server or provider said when it took a mail."""

    provider_id: str = ""
    refused: dict[str, str] = field(default_factory=dict)  # some recipients, and why


def html_part(message: Message, *, address: Address | None = None) -> str:
    """Return the HTML of a mail: its own, or made of its text, and its pictures at the end.

    `address` says where a picture is; without it, beside the HTML in the mail.
    """
    html = (
        page_of(message.subject, message.html)
        if message.html
        else html_of(message.subject, message.text, ours=settings.BASE_URL)
    )
    where = address or (lambda one: f"cid:{one.content_id}")
    pictures = [
        PICTURE.format(address=escape(where(one)), alt=escape(one.alt))
        for one in _attached(message)
        if one.alt
    ]
    return with_pictures(html, pictures)


def picture_as_data(one: Attachment) -> str:
    """Return a picture as an address that holds it: for a mail that is looked at here."""
    document = _document_of(one)
    content = base64.b64encode(path_of(document.sha256).read_bytes()).decode()
    return f"data:{document.media_type};base64,{content}"


def _attached(message: Message) -> QuerySet[Attachment]:
    """Return what goes along: what was removed with a person does not."""
    return message.attachments.filter(document__isnull=False).select_related("document")


def _document_of(one: Attachment) -> Document:
    if one.document is None:
        raise ValueError(f"{one} was removed: only what is attached leaves.")
    return one.document


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
    for one in _attached(message):
        content = path_of(_document_of(one).sha256).read_bytes()
        if one.alt:
            email.attach(_inline(one, content))
        else:
            email.attach(one.name, content, _document_of(one).media_type)
    return email


def _inline(one: Attachment, content: bytes) -> MIMEImage:
    """Return a picture as the HTML of its mail names it."""
    picture = MIMEImage(content, _document_of(one).media_type.partition("/")[2])
    picture.add_header("Content-ID", f"<{one.content_id}>")
    picture.add_header("Content-Disposition", "inline", filename=one.name)
    return picture


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
