"""What people do with notes: BD writes down what PS must know, PS confirms having read it."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import NotThere, Refused
from throughline.people.gates import require_four_eyes, require_hat
from throughline.people.queries import hats_of
from throughline.people.words import RoleName
from throughline.sales.actions.lock import locked_deal
from throughline.sales.knowledge import readers
from throughline.sales.models import DealNote, NoteReading, NoteReply
from throughline.sales.words import NoteKind

WRITES = ["BD", "PS", "Lead", "Admin"]
READS = ["PS", "Admin"]
LONGEST = 10_000


class NoSuchNote(NotThere):
    """Nothing goes by that number."""


@transaction.atomic
def write_note(
    deal_id: int, text: str, *, kind: str, is_private: bool, by: str, at: datetime
) -> DealNote:
    """Write down what PS must know about a deal, in Markdown.

    What somebody of PS writes counts as read by them. The journal keeps no private text.

    Raises:
        Refused: it says nothing, the kind is none, or the person is not of the staff.
    """
    deal = locked_deal(deal_id)
    require_hat(by, any_of=WRITES, to="write notes on a deal")
    if kind not in NoteKind.values:
        raise Refused(f"There is no kind {kind!r}.", remedy=f"Use {', '.join(NoteKind.values)}.")
    note = DealNote.objects.create(
        deal=deal, kind=kind, text=_said(text), is_private=is_private, by=by, at=at
    )
    record("sales.note.written", deal, by=by, at=at, note=note.pk, kind=kind,
           text=_public(note, note.text))  # fmt: skip
    if RoleName.PS in (hats_of(by) or ()):
        NoteReading.objects.create(note=note, by=by, at=at)
    return note


@transaction.atomic
def confirm_note(note_id: int, *, by: str, at: datetime) -> NoteReading:
    """Have a person of PS confirm that they have read a note and what was said to it.

    Raises:
        Refused: they wrote it, have confirmed it already, or are not of PS; it was withdrawn.
    """
    note = _standing(note_id)
    require_hat(by, any_of=READS, to="confirm a note for PS")
    if by in readers(note):
        raise Refused(f"{by} has confirmed this already.", remedy="Nothing is left to do.")
    require_four_eyes(note.by, by, what="Handing on a note")
    reading = NoteReading.objects.create(note=note, by=by, at=at)
    record("sales.note.read", note.deal, by=by, at=at, note=note.pk, kind=note.kind)
    return reading


@transaction.atomic
def reply_to_note(note_id: int, text: str, *, by: str, at: datetime) -> NoteReply:
    """Say something to a note; PS confirms again what others said after it had read.

    Raises:
        Refused: it says nothing, the note was withdrawn, or the person is not of the staff.
    """
    note = _standing(note_id)
    require_hat(by, any_of=WRITES, to="reply to notes")
    reply = NoteReply.objects.create(note=note, text=_said(text), by=by, at=at)
    record("sales.note.replied", note.deal, by=by, at=at, note=note.pk,
           text=_public(note, reply.text))  # fmt: skip
    return reply


@transaction.atomic
def settle_question(note_id: int, *, by: str, at: datetime) -> DealNote:
    """Say that an open question is answered; the answer stands in its thread.

    Raises:
        Refused: it is no open question, nobody has answered, or the person is not of the staff.
    """
    note = _standing(note_id)
    require_hat(by, any_of=WRITES, to="settle a question")
    if not note.is_open_question:
        raise Refused("This is no open question.", remedy="Only open questions are settled.")
    if not note.replies.exists():
        raise Refused("Nobody has answered it.", remedy="Reply with the answer first.")
    note.settled_by, note.settled_at = by, at
    note.save(update_fields=["settled_by", "settled_at"])
    record("sales.note.settled", note.deal, by=by, at=at, note=note.pk)
    return note


@transaction.atomic
def withdraw_note(note_id: int, because: str, *, by: str, at: datetime) -> DealNote:
    """Take a note back that is not true any more; it is not shown, and nobody need read it.

    Raises:
        Refused: there is no reason, or neither its writer nor a Lead does it.
    """
    note = _standing(note_id)
    if by != note.by:
        require_hat(by, any_of=["Lead", "Admin"], to="withdraw somebody else's note")
    if not because.strip():
        raise Refused("Taking a note back needs a reason.", remedy="Say why it does not hold.")
    note.withdrawn_because, note.withdrawn_by, note.withdrawn_at = because.strip()[:250], by, at
    note.save(update_fields=["withdrawn_because", "withdrawn_by", "withdrawn_at"])
    record("sales.note.withdrawn", note.deal, by=by, at=at, note=note.pk,
           because=_public(note, note.withdrawn_because))  # fmt: skip
    return note


def _standing(note_id: int) -> DealNote:
    """Return a note that stands, with its deal locked.

    Raises:
        NoSuchNote: there is none of that number.
        Refused: it was withdrawn.
    """
    deal_id = DealNote.objects.filter(pk=note_id).values_list("deal_id", flat=True).first()
    if deal_id is None:
        raise NoSuchNote(f"There is no note {note_id}.", remedy="See `throughline note list`.")
    deal = locked_deal(deal_id)
    note = DealNote.objects.get(pk=note_id)
    note.deal = deal
    if note.withdrawn_at is not None:
        raise Refused(
            f"{note.withdrawn_by} has withdrawn this note: {note.withdrawn_because}.",
            remedy="Write a new one where it still matters.",
        )
    return note


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise Refused("There is nothing in it.", remedy="Write what PS must know.")
    if len(said) > LONGEST:
        raise Refused("It is too long.", remedy=f"At most {LONGEST} characters; link the rest.")
    return said


def _public(note: DealNote, text: str) -> str:
    """Return a text as the journal may keep it: the words of private notes stay in the note."""
    return "" if note.is_private else text
