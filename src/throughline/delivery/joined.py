"""Work that came from another engagement when the two became one: it keeps the name it had there.

A code says where it is from ("hub@3" is the project "hub" of engagement 3), so that what was made of
it outside is known by the same key as before, and nothing is made twice.
"""

from typing import Final

from throughline.delivery.models import Engagement

FROM: Final = "@"  # in no code of a playbook or a statement
LONGEST: Final = 60


def joined_code(number: int, code: str) -> str:
    """Return what a part of an engagement is called in the one that it goes on in."""
    return code if FROM in code else f"{code}{FROM}{number}"


def home_of(number: int, code: str) -> tuple[int, str]:
    """Return the engagement in which a part was planned first, and its code there."""
    own, _, home = code.rpartition(FROM)
    return (int(home), own) if own else (number, code)


def planned_as(number: int, code: str) -> str:
    """Return how outcomes name a part, wherever it goes on: "3:hub"."""
    return "{}:{}".format(*home_of(number, code))


def code_in(number: int, home: int, code: str) -> str:
    """Return what an engagement calls a part that an outcome names by its home."""
    return code if home == number else joined_code(home, code)


def has_gone_on(engagement: Engagement) -> bool:
    """Return whether an engagement goes on as another one: its deal was merged into that one's."""
    return engagement.deal.merged_into_id is not None
