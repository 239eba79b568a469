"""What people type when they look for something, as every database can take it."""

from typing import Final

LONGEST: Final = 200  # characters; no name is longer that anybody looks for by typing


def sought(text: str) -> str:
    """Return a text to look for: no blanks around it, no NUL in it, at most 200 characters.

    PostgreSQL refuses a NUL, and SQLite a pattern of more than 50,000 characters.
    """
    return text.replace("\x00", "").strip()[:LONGEST]
