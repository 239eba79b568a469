"""Sending what is due: one try for each claim, and what became of it in the row.

Nobody can ask a mail server what it did. So a mail whose answer was lost, or whose worker died, is
repeated under the same Message-ID, which mail programs show once; and a person is told of it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from throughline.journal.actions import record
from throughline.mail.failures import FAILURES, Verdict, verdict_of
from throughline.mail.leaving import Handed, hand_over
from throughline.mail.models import Message
from throughline.mail.words import MessageState

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S, MOST_TRIES = 60, 6 * 3600, 12
MOST_LOST: Final = 3  # answers; then only a person lets it go out again
AFTER_LOST = timedelta(minutes=15)
# Longer than the server's time-outs together: a mail whose sender died is free again.
SENDING_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's right to one try."""

    message: Message
    until: datetime

    def settle(self, **fields: Any) -> bool:
        """Write what became of the try, and return whether the claim still held."""
        mine = Message.objects.filter(
            pk=self.message.pk, state=MessageState.SENDING, next_at=self.until
        )
        if not mine.update(**fields):
            log.warning("mail %s: its claim ran out before the try ended", self.message.pk)
            return False
        for name, value in fields.items():
            setattr(self.message, name, value)
        return True


def send_message(pk: int, *, at: datetime) -> Message | None:
    """Send one mail that is due; None where another worker has it or it is not due any more.

    The row says "sending" before the server is called, in a transaction of its own: a crash
    between the two leaves a row that is tried again, under the same Message-ID.
    """
    claim = _claim(pk, at=at)
    if claim is None:
        return None
    if claim.message.state != MessageState.SENDING:
        return claim.message  # it killed too many workers
    try:
        handed = hand_over(claim.message)
    except FAILURES as error:
        return _keep_failure(claim, error, at=at)
    return _keep_success(claim, handed, at=at)


@transaction.atomic
def _claim(pk: int, *, at: datetime) -> Claim | None:
    """Take a mail for one try. One that a dead worker left counts as an answer that was lost."""
    found = Message.objects.filter(pk=pk, next_at__lte=at).first()
    if found is None:
        return None
    was_left = found.state == MessageState.SENDING
    lost = found.lost + was_left
    is_over = was_left and lost >= MOST_LOST
    wanted: dict[str, Any] = {"state": MessageState.SENDING, "next_at": at + SENDING_FOR}
    if is_over:
        wanted = {"state": MessageState.UNSURE, "next_at": None, "error": "Its workers died."}
    same = Message.objects.filter(pk=pk, state=found.state, next_at=found.next_at)
    if not same.update(lost=lost, **wanted):
        return None
    message = Message.objects.get(pk=pk)
    if was_left:
        act = "mail.message.unsure" if is_over else "mail.message.repeated"
        record(act, message, by="worker", at=at, count=lost)
    return Claim(message, at + SENDING_FOR)


@transaction.atomic
def _keep_success(claim: Claim, handed: Handed, *, at: datetime) -> Message:
    message = claim.message
    refused = "; ".join(f"{one}: {words}" for one, words in handed.refused.items())
    if claim.settle(
        state=MessageState.SENT, sent_at=at, next_at=None, attempts=message.attempts + 1,
        error=f"Refused for some: {refused}"[:1000] if refused else "",
        provider_id=handed.provider_id,
    ):  # fmt: skip
        record("mail.message.sent", message, by="worker", at=at, count=len(message.to))
    return message


@transaction.atomic
def _keep_failure(claim: Claim, error: Exception, *, at: datetime) -> Message:
    message, verdict = claim.message, verdict_of(error)
    attempts = message.attempts + 1
    lost = message.lost + (verdict == Verdict.UNKNOWN)
    state, next_at = _what_next(verdict, attempts, lost, at=at)
    if claim.settle(
        state=state, next_at=next_at, attempts=attempts, lost=lost,
        error=f"{type(error).__name__}: {error}"[:1000],
    ):  # fmt: skip
        said = "mail.message.unsure" if verdict == Verdict.UNKNOWN else "mail.message.failed"
        kind = type(error).__name__  # its words may hold an address; the row keeps them
        record(said, message, by="worker", at=at, error=kind, count=lost)
    log.warning("mail %s failed: %s", message.pk, message.error)
    return message


def _what_next(
    verdict: Verdict, attempts: int, lost: int, *, at: datetime
) -> tuple[MessageState, datetime | None]:
    """Return the state of a mail after a failed try, and when it is tried again."""
    if verdict == Verdict.UNKNOWN:
        return MessageState.UNSURE, at + AFTER_LOST if lost < MOST_LOST else None
    if verdict == Verdict.NEVER or attempts >= MOST_TRIES:
        return MessageState.FAILED, None
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempts - 1))
    return MessageState.QUEUED, at + timedelta(seconds=wait_s)
