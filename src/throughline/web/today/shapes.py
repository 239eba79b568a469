"""A block of Today, and one thing that waits in it."""

from dataclasses import dataclass
from datetime import date, datetime

from throughline.sales.models import SponsorWork


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what, whose ball it is, and since when."""

    url: str
    title: str
    detail: str
    ball: str
    since: date | datetime | None = None
    due_on: date | None = None
    due_word: str = "due"
    status: str = ""  # a word the design system knows
    word: str = ""
    work: SponsorWork | None = None  # what the Sponsor can close right here


@dataclass(frozen=True, slots=True)
class Holder:
    """With whom the ball is, and what waits for them: each thing with its kind, the oldest first."""

    ball: str
    slug: str
    items: tuple[tuple[Item, str], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Things of one kind that wait."""

    code: str
    title: str
    icon: str
    items: tuple[Item, ...]
    count: int
    empty: str  # what would put something here
    more_url: str = ""
