"""Keeping what comes in, whole, before anybody reads it."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from throughline.budgets.models import Received
from throughline.budgets.words import ReceivedState, Source
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

LARGEST = 300_000  # characters: an SNS message has 256 KiB at most


class NoSuchWord(Refused):
    """Nothing that came in goes by that number."""


@transaction.atomic
def keep_received(
    source: Source, body: str, *, by: str, at: datetime, key: str = ""
) -> tuple[Received, bool]:
    """Keep something that came in, and return it with whether it is new; read later.

    `key` is what names it where the sender gives it a name: then the same may come in other words.

    Raises:
        Refused: it is empty, or too long to be an alert.
    """
    if not body.strip():
        raise Refused("There is nothing in it.", remedy="Send the whole text of the alert.")
    if len(body) > LARGEST:
        raise Refused(
            f"It is longer than {LARGEST} characters.",
            remedy="Send one alert, without attachments.",
        )
    clean = body.replace("\0", "")
    named = hashlib.sha256(f"{source}\0{key or clean.strip()}".encode()).hexdigest()
    kept, created = Received.objects.get_or_create(
        key=named, defaults={"source": source, "body": clean, "kept_at": at, "kept_by": by}
    )
    if created:
        record("budgets.word.kept", kept, by=by, at=at, source=source.label)
    else:
        Received.objects.filter(pk=kept.pk).update(times=F("times") + 1)
        kept.refresh_from_db()
    return kept, created


@transaction.atomic
def note_reading(pk: int, state: ReceivedState, *, why: str = "", by: str, at: datetime) -> None:
    """Write down what became of reading something; what waits for a person now is an entry.

    Why it cannot be read stays in the row: it may quote what came in.
    """
    found = Received.objects.select_for_update().filter(pk=pk, state=ReceivedState.KEPT).first()
    if found is None:
        return  # another worker has read it
    found.state, found.why, found.read_at = state, why[:2000], at
    found.save(update_fields=["state", "why", "read_at"])
    if state == ReceivedState.UNREADABLE:
        source = Source(found.source).label
        record("budgets.word.unreadable", found, by=by, at=at, source=source)


@transaction.atomic
def settle_received(pk: int, *, why: str, by: str, at: datetime) -> Received:
    """Say, by name, that something which could not be read has been seen to.

    Raises:
        NoSuchWord: there is none of that number.
        Refused: it needs nobody.
    """
    found = Received.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NoSuchWord(f"Nothing that came in has the number {pk}.", remedy="See `alert list`.")
    if found.state != ReceivedState.UNREADABLE:
        raise Refused("It could be read, or is settled.", remedy="Nothing is left to do.")
    found.state, found.settled_by, found.settled_at = ReceivedState.SETTLED, by, at
    found.save(update_fields=["state", "settled_by", "settled_at"])
    record("budgets.word.settled", found, by=by, at=at, why=why.strip()[:500])
    return found


@transaction.atomic
def forget_words(*, playbook: Playbook, by: str, at: datetime) -> int:
    """Delete the texts that told nothing new and are old, and return how many those were.

    Google alone sends several a day for each budget. What a ticket rests on stays, and so does
    what nobody could read or a person has settled.
    """
    before = at - timedelta(days=playbook.periods.alert_text_days)
    read = [ReceivedState.NOTHING, ReceivedState.READ]
    old = Received.objects.filter(state__in=read, kept_at__lt=before, crossings=None)
    last = old.order_by("pk").last()
    if last is None:  # a look waits for nobody, a deletion may
        return 0
    count = old.count()
    record("budgets.words.forgotten", last, by=by, at=at, count=count)
    old.delete()
    return count
