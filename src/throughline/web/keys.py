"""Keys that do something on pages: the one list, for help, the page of keys and the reference.

`app.js` and `search.js` act on them; a browser test presses each.
"""

from typing import Final, NamedTuple


class Key(NamedTuple):
    """Keys that do one thing, and what that is."""

    keys: tuple[str, ...]
    does: str
    is_single: bool = True  # a letter alone, which can be turned off


KEYS: Final = (
    Key(("/",), "search everything"),
    Key(("↓", "↑"), "next and previous result while searching", is_single=False),
    Key(("j", "k"), "next and previous row or card"),
    Key(("h", "l"), "column to the left and right on a board"),
    Key(("Enter",), "open what is chosen", is_single=False),
    Key(("m",), "move the deal: every stage and what it lacks"),
    Key(("t",), "the pipeline as a table, and back as a board"),
    Key(("?",), "this help"),
    Key(("Esc",), "close, and leave the search", is_single=False),
)
# After `g`: the letter of each page of the navigation that has one.
GO: Final = {
    "web:today": "t",
    "web:pipeline": "p",
    "web:process": "m",
    "web:sponsor-desk": "f",
    "web:reviews": "q",
    "web:capacity": "a",
    "web:statements": "s",
    "web:communities": "c",
    "web:engagements": "e",
    "web:meetings": "w",
    "web:my-deliverables": "d",
    "web:verification": "v",
    "web:drift": "i",
    "web:billing": "b",
    "web:budgets": "l",
    "web:renewals": "r",
    "web:reconcile": "k",
    "web:outbox": "o",
    "web:journal": "j",
    "web:hubspot": "u",
    "web:playbook": "y",
    "web:people": "n",
    "web:doctor": "x",
    "web:help": "h",
}
