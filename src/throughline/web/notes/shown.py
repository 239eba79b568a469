"""Notes as pages show them."""

from collections.abc import Iterable
from typing import Any

from throughline.people.models import User
from throughline.people.words import Permission, RoleName
from throughline.sales.knowledge import readers
from throughline.sales.models import DealNote
from throughline.sales.words import NoteKind
from throughline.web.markdown import rendered
from throughline.web.notes.forms import ReplyForm, WithdrawForm
from throughline.web.sales.forms import StepForm

ICONS = {
    NoteKind.PROMISE: "hand",
    NoteKind.SENSITIVITY: "warning",
    NoteKind.QUESTION: "question",
}


def shown_notes(
    found: Iterable[DealNote], user: User, tried: StepForm | None = None, pk: int = 0
) -> list[dict[str, Any]]:
    """Return notes with who has read them, their threads, and what this person can do."""
    return [_shown(note, user, tried if note.pk == pk else None) for note in found]


def _shown(note: DealNote, user: User, tried: StepForm | None) -> dict[str, Any]:
    read_by = readers(note)
    name = user.get_username()
    return {
        "note": note,
        "icon": ICONS[NoteKind(note.kind)],
        "html": rendered(note.text),
        "read_by": read_by,
        "replies": [
            {"by": one.by, "at": one.at, "html": rendered(one.text)}
            for one in sorted(note.replies.all(), key=lambda one: (one.at, one.pk))
        ],
        "may_read": user.may(Permission.ACCEPT_HANDOFF) and name not in read_by and name != note.by,
        "may_settle": note.is_open_question and bool(note.replies.all()),
        "may_withdraw": name == note.by or bool(user.hats() & {RoleName.LEAD, RoleName.ADMIN}),
        "tried": tried,
        "reply_form": _form(ReplyForm, note, tried),
        "withdraw_form": _form(WithdrawForm, note, tried),
    }


def _form(kind: type[StepForm], note: DealNote, tried: StepForm | None) -> StepForm:
    if tried is not None and type(tried) is kind:
        return tried
    return kind(auto_id=f"id_{note.pk}_%s")
