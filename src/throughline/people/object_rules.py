"""Who may do what with which thing, whatever their roles: the rules beside the table of `words`.

The actions of the rooms hold them; `tests/web/test_object_rules.py` tries each one by page, command
and API with a person who wears every hat.
"""

from typing import Final, NamedTuple


class ObjectRule(NamedTuple):
    """One rule about one kind of thing."""

    code: str
    thing: str
    what: str
    who: str  # may do it, among those whose role allows it


OBJECT_RULES: Final = (
    ObjectRule("capacity", "Deal", "give PS's capacity answer", "not the deal's owner"),
    ObjectRule("waiver", "Deal", "waive a condition", "not the deal's owner, nor who asked PS"),
    ObjectRule("early_start", "Deal", "allow an early start", "not the deal's owner"),
    ObjectRule("review", "Review", "answer, decline or hand on", "not who asked"),
    ObjectRule("verification", "Deliverable", "verify", "not who said that it is done"),
    ObjectRule("executed_copy", "Agreement", "confirm an executed copy", "not who stored the file"),
    ObjectRule("note_read", "Note", "confirm for PS that it was read", "not who wrote it"),
    ObjectRule("note_withdrawn", "Note", "withdraw", "who wrote it; else Lead and Admin"),
    ObjectRule("month", "Billing month", "send", "not who reviewed it"),
    ObjectRule("second_factor", "Person", "reset a second factor", "not the person themselves"),
    ObjectRule("token", "Token for a program", "revoke", "whose it is; else Admin"),
    ObjectRule("session", "Session", "end", "whose it is"),
    ObjectRule("calendar", "Calendar address", "revoke", "whose it is"),
    ObjectRule("links", "What a signed link opens", "read and answer", "who has that very link"),
)
