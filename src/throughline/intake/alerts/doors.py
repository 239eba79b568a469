"""What may come in: proved first, where its sender can prove itself."""

import hmac
from datetime import datetime

from django.conf import settings

from throughline.budgets.actions.receiving import LARGEST, keep_received
from throughline.budgets.models import Received
from throughline.budgets.words import Source
from throughline.connectors.aws.notifications import (
    NotFromSns,
    check_signed,
    fetch_from,
    read_message,
)
from throughline.intake.alerts.mail_text import read_mail
from throughline.kernel.errors import Refused

BY = {Source.SNS: "SNS", Source.PUBSUB: "Google", Source.AZURE: "Azure"}


class NotProved(Refused):
    """Nothing proves who sent this."""


def take_sns(body: bytes, *, at: datetime) -> Received:
    """Keep a message of SNS that its signature proves, of a topic that is expected.

    Raises:
        Refused: no topic is expected at all.
        NotProved: it is of no topic of ours, or SNS did not sign it.
        Transient: its certificate cannot be had for now; SNS sends again.
    """
    if not settings.SNS_TOPICS:
        raise Refused(
            "Messages of SNS are not expected.",
            remedy="Set THROUGHLINE_SNS_TOPICS to their topics.",
        )
    try:
        message = read_message(body)
        if message.TopicArn not in settings.SNS_TOPICS:
            raise NotProved(
                "No messages of this topic are expected.",
                remedy="Add its ARN to THROUGHLINE_SNS_TOPICS, if it is yours.",
            )
        check_signed(message, at=at, fetch=fetch_from(settings.SNS_URL))
    except NotFromSns as error:
        raise NotProved(str(error), remedy="Only what SNS signs is taken here.") from error
    key = f"{message.TopicArn} {message.MessageId}"
    return keep_received(Source.SNS, body.decode(), by=BY[Source.SNS], at=at, key=key)[0]


def take_call(source: Source, body: bytes, *, token: str, at: datetime) -> Received:
    """Keep what Google or Azure posts, where it brings our token.

    Raises:
        NotProved: it does not.
        Refused: no token is set, or it is no text that could be an alert.
    """
    wanted = settings.ALERT_TOKEN
    if not wanted:
        raise Refused(
            "Alerts of Google and Azure are not expected.", remedy="Set THROUGHLINE_ALERT_TOKEN."
        )
    if not hmac.compare_digest(token.encode(), wanted.encode()):
        raise NotProved(
            "It does not bring our token.",
            remedy="Write ?token=… at the end of the address there, as THROUGHLINE_ALERT_TOKEN says.",
        )
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refused("It is no UTF-8.", remedy="Send JSON.") from error
    return keep_received(source, text, by=BY[source], at=at)[0]


def take_text(text: str, *, by: str, at: datetime) -> tuple[Received, bool]:
    """Keep the text of an alert: a mail as it came in or as its file has it, or pasted words.

    Raises:
        Refused: there is nothing in it, or it is too long.
    """
    key = read_mail(text).message_id if len(text) <= LARGEST else ""
    return keep_received(Source.MAIL, text, by=by, at=at, key=key)


def take_file(content: bytes, *, by: str, at: datetime) -> tuple[Received, bool]:
    """Keep a file with an alert, as `take_text` does.

    Raises:
        Refused: it is no text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        if "\0" in text:
            raise Refused(
                "This is no text.", remedy="Save the mail as .eml, or paste its words."
            ) from None
    return take_text(text, by=by, at=at)
