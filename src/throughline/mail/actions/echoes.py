"""Keeping what came back for a mail: each once, at the mail it answers, for a person to see."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.models import Echo, Message
from throughline.mail.words import EchoKind, MessageState

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back, before it is a row. `answers`: Message-IDs, or a provider's ids."""

    key: str
    kind: EchoKind
    answers: tuple[str, ...] = ()
    address: str = ""
    code: str = ""
    said: str = ""


@transaction.atomic
def keep_echo(heard: Heard, *, by: str, at: datetime) -> tuple[Echo, bool]:
    """Keep what came back at the mail that it answers, and return it with whether it is new.

    A mail of which nobody knew whether it went has gone, once anything comes back for it.
    """
    message = _answered(heard)
    echo, is_new = Echo.objects.get_or_create(
        key=heard.key[:250],
        defaults={
            "message": message,
            "kind": heard.kind,
            "address": heard.address[:254],
            "code": heard.code[:20],
            "said": heard.said[:LONGEST],
            "heard_at": at,
        },
    )
    if is_new:
        record("mail.echo.heard", message or echo, by=by, at=at, kind=heard.kind)
        if message is not None and message.state == MessageState.UNSURE:
            _has_gone(message, by=by, at=at)
    return echo, is_new


def _answered(heard: Heard) -> Message | None:
    wanted = [one for one in heard.answers if one]
    found = Message.objects.filter(Q(message_id__in=wanted) | Q(provider_id__in=wanted))
    return found.select_for_update().order_by("pk").first() if wanted else None


def _has_gone(message: Message, *, by: str, at: datetime) -> None:
    message.state, message.next_at = MessageState.SENT, None
    message.sent_at, message.error = message.sent_at or at, ""
    message.save(update_fields=["state", "next_at", "sent_at", "error"])
    record("mail.message.arrived", message, by=by, at=at)


@transaction.atomic
def see_echo(pk: int, *, by: str, at: datetime) -> Echo:
    """Write down that a person has seen what came back; the first one stands.

    Raises:
        Refused: there is no such echo.
    """
    echo = Echo.objects.select_for_update().filter(pk=pk).first()
    if echo is None:
        raise Refused(f"Nothing came back as {pk}.", remedy="See `throughline mail list`.")
    if echo.seen_at is None:
        echo.seen_by, echo.seen_at = by, at
        echo.save(update_fields=["seen_by", "seen_at"])
        record("mail.echo.seen", echo, by=by, at=at)
    return echo


@transaction.atomic
def settle_message(pk: int, *, arrived: bool, by: str, at: datetime) -> Message:
    """Settle a mail that failed, or of which nobody knows whether it went: it arrived, or again.

    Again means under the same Message-ID: whoever has it already is shown it once.

    Raises:
        Refused: there is no such mail, or nobody needs to settle it.
    """
    message = Message.objects.select_for_update().filter(pk=pk).first()
    if message is None:
        raise Refused(f"There is no mail {pk}.", remedy="See `throughline mail list`.")
    if message.state not in {MessageState.UNSURE, MessageState.FAILED}:
        raise Refused(
            f"Mail {pk} is {message.get_state_display().casefold()}: nothing is to be settled.",
            remedy="Only mails that failed or are unsure are.",
        )
    if arrived:
        _has_gone(message, by=by, at=at)
        return message
    message.state, message.next_at = MessageState.QUEUED, at
    message.attempts = message.lost = 0
    message.save(update_fields=["state", "next_at", "attempts", "lost"])
    record("mail.message.requeued", message, by=by, at=at)
    return message
