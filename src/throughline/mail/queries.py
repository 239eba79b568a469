"""Reads of the outbox."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from throughline.kernel.errors import Refused
from throughline.mail.models import Echo, Message, Preference
from throughline.mail.wishes import Wishes, usual_wishes
from throughline.mail.words import FOR_A_PERSON, Channel, MessageState
from throughline.playbook.model import Playbook


def outbox() -> QuerySet[Message]:
    """Return all mails, the newest first."""
    return Message.objects.order_by("-queued_at", "-pk")


def due_messages(*, at: datetime) -> QuerySet[Message]:
    """Return the mails that are to be sent by an instant, the oldest first."""
    return Message.objects.filter(next_at__lte=at).order_by("next_at", "pk")


def messages_by_key(keys: Iterable[str]) -> dict[str, Message]:
    """Return the mails with these keys."""
    return {message.key: message for message in Message.objects.filter(key__in=list(keys))}


def unsent_for_good() -> QuerySet[Message]:
    """Return the mails that failed, or of which the answer was lost: a person looks."""
    return Message.objects.filter(state__in=[MessageState.FAILED, MessageState.UNSURE]).order_by(
        "queued_at", "pk"
    )


def wishes_of(users: Iterable[int], playbook: Playbook) -> dict[int, Wishes]:
    """Return how each of some people wants to be told; one query."""
    wanted = list(users)
    usual = usual_wishes(playbook)
    found = dict.fromkeys(wanted, usual)
    for one in Preference.objects.filter(user__in=wanted):
        found[one.user] = Wishes(
            blocked=Channel(one.blocked),
            news=Channel(one.news),
            quiet_from=one.quiet_from,
            quiet_until=one.quiet_until,
            digest_at=one.digest_at,
            weekdays_only=one.weekdays_only,
            zone=one.zone,
        )
    return found


def echoes_to_see() -> QuerySet[Echo]:
    """Return what came back and waits for a person: bounces, complaints, replies; oldest first."""
    found = Echo.objects.filter(kind__in=FOR_A_PERSON, seen_at=None)
    return found.select_related("message").order_by("heard_at", "pk")


def unsure_messages() -> QuerySet[Message]:
    """Return the mails of which nobody knows whether they went, the oldest first."""
    return Message.objects.filter(state=MessageState.UNSURE).order_by("queued_at", "pk")


def find_message(number: int) -> Message:
    """Return a mail by its number.

    Raises:
        Refused: there is none.
    """
    found = outbox().filter(pk=number).first()
    if found is None:
        raise Refused(f"There is no mail {number}.", remedy="See `throughline mail list`.")
    return found
