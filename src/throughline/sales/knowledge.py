"""Reads of what BD holds: a deal's notes, who has read them, and what nobody has."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from throughline.sales.models import DealNote
from throughline.sales.words import NoteKind


def notes_of(deal_id: int) -> QuerySet[DealNote]:
    """Return the standing notes of a deal with readings and replies, the oldest first."""
    return (
        DealNote.objects.filter(deal_id=deal_id, withdrawn_at=None)
        .prefetch_related("readings", "replies")
        .order_by("at", "pk")
    )


def readers(note: DealNote) -> tuple[str, ...]:
    """Return who of PS has read the note and all that others have said to it since."""
    replies = list(note.replies.all())
    return tuple(
        dict.fromkeys(
            reading.by
            for reading in sorted(note.readings.all(), key=lambda one: (one.at, one.pk))
            if all(reply.at <= reading.at for reply in replies if reply.by != reading.by)
        )
    )


def unread(notes: Iterable[DealNote]) -> tuple[DealNote, ...]:
    """Return the notes that nobody of PS has confirmed, or that have got replies since."""
    return tuple(note for note in notes if not readers(note))


def open_questions(notes: Iterable[DealNote]) -> tuple[DealNote, ...]:
    """Return the questions that wait for an answer."""
    return tuple(note for note in notes if note.is_open_question)


def private_texts(deal_id: int) -> tuple[str, ...]:
    """Return every text that must not leave the house: private notes and what was said to them.

    Withdrawn notes stay private.
    """
    found = DealNote.objects.filter(deal_id=deal_id, is_private=True).prefetch_related("replies")
    return tuple(
        text for note in found for text in (note.text, *(one.text for one in note.replies.all()))
    )


def questions_waiting() -> QuerySet[DealNote]:
    """Return the open questions of all deals, the oldest first."""
    return (
        DealNote.objects.filter(kind=NoteKind.QUESTION, settled_at=None, withdrawn_at=None)
        .select_related("deal__community")
        .order_by("at", "pk")
    )


def note_shape(note: DealNote) -> dict[str, Any]:
    """Return a note as JSON, for people of the house: private ones carry their words."""
    return {
        "note": note.pk,
        "deal": note.deal_id,
        "kind": note.kind,
        "text": note.text,
        "is_private": note.is_private,
        "by": note.by,
        "at": note.at.isoformat(),
        "read_by": list(readers(note)),
        "replies": [
            {"by": one.by, "at": one.at.isoformat(), "text": one.text}
            for one in sorted(note.replies.all(), key=lambda one: (one.at, one.pk))
        ],
        "is_open": note.is_open_question,
        "settled_by": note.settled_by or None,
        "withdrawn_by": note.withdrawn_by or None,
    }
