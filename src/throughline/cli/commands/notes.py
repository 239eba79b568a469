"""`throughline note …`: what BD knows of a deal, for PS to read."""

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.sales.actions import knowledge as actions
from throughline.sales.knowledge import note_shape, notes_of, readers
from throughline.sales.models import DealNote
from throughline.sales.queries import find_deal
from throughline.sales.words import NoteKind


@click.group()
def note() -> None:
    """What PS must know beside the fields. D is a deal, N a note's number."""


def _reply(number: int, words: str) -> Reply:
    found = DealNote.objects.prefetch_related("readings", "replies").get(pk=number)
    return Reply(note_shape(found), [f"Note {number}: {words}"])


@note.command("list")
@click.argument("reference", metavar="D")
@replies
def list_notes(reference: str) -> Reply:
    """List the notes of a deal, with who has read them and what was said to them."""
    found = list(notes_of(find_deal(reference).pk))
    lines = [line for one in found for line in _lines(one)]
    return Reply({"notes": [note_shape(one) for one in found]}, lines or ["No notes."])


def _lines(one: DealNote) -> list[str]:
    read_by = ", ".join(readers(one)) or "nobody of PS"
    private = ", private" if one.is_private else ""
    return [
        f"{one.pk:>5}  {one.get_kind_display()}{private}, by {one.by}; read by {read_by}",
        f"       {one.text}",
        *(f"       {reply.by}: {reply.text}" for reply in one.replies.all()),
    ]


@note.command("add")
@click.argument("reference", metavar="D")
@click.argument("text")
@click.option("--kind", default=NoteKind.PROMISE.value, help=f"{', '.join(NoteKind.values)}.")
@click.option("--public", is_flag=True, help="It may leave the house; without this it never does.")
@by_option
@replies
def add(reference: str, text: str, kind: str, by: str | None, *, public: bool) -> Reply:
    """Write down what PS must know, in Markdown."""
    made = actions.write_note(
        find_deal(reference).pk, text, kind=kind, is_private=not public, by=operator(by), at=now()
    )
    return _reply(made.pk, "written down; somebody of PS confirms it before they accept.")


number_argument = click.argument("number", metavar="N", type=int)


@note.command("read")
@number_argument
@by_option
@replies
def read(number: int, by: str | None) -> Reply:
    """Confirm for PS, by name, that a note and what was said to it was read."""
    actions.confirm_note(number, by=operator(by), at=now())
    return _reply(number, f"read by {operator(by)}.")


@note.command("reply")
@number_argument
@click.argument("text")
@by_option
@replies
def reply(number: int, text: str, by: str | None) -> Reply:
    """Say something to a note, or answer its question."""
    actions.reply_to_note(number, text, by=operator(by), at=now())
    return _reply(number, "your reply is there.")


@note.command("settle")
@number_argument
@by_option
@replies
def settle(number: int, by: str | None) -> Reply:
    """Say that an open question is answered."""
    actions.settle_question(number, by=operator(by), at=now())
    return _reply(number, "settled.")


@note.command("withdraw")
@number_argument
@click.option("--because", required=True, help="Why it does not hold.")
@by_option
@replies
def withdraw(number: int, because: str, by: str | None) -> Reply:
    """Take a note back; it need not be read any more."""
    actions.withdraw_note(number, because, by=operator(by), at=now())
    return _reply(number, "withdrawn.")
