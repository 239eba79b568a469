"""What the simulated GitHub keeps: repositories with issues and labels, boards with cards."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

# GitHub's first fields of every board, and those that a team adds.
SHIPPED_OPTIONS = ("Todo", "In Progress", "Done")


@dataclass(slots=True)
class Issue:
    """One issue. `id` is unique everywhere, `number` in its repository."""

    id: int
    number: int
    title: str
    body: str | None
    by: str
    labels: list[str]
    made: int  # after how many calls: lists may lag some calls behind
    state: str = "open"
    state_reason: str | None = None
    closed_at: str = ""  # an instant; "": the day on which everything here happened
    assignees: list[str] = field(default_factory=list)
    parent: int | None = None  # the number of another issue here
    children: list[int] = field(default_factory=list)  # numbers, in order
    is_locked: bool = False
    is_deleted: bool = False
    is_pull_request: bool = False
    moved_to: str = ""  # where it was transferred: "owner/name#3"


@dataclass(slots=True)
class Repository:
    """One repository, and what its settings allow."""

    full_name: str
    id: int
    labels: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # id, colour, words
    issues: dict[int, Issue] = field(default_factory=dict)
    is_archived: bool = False
    has_issues: bool = True
    renamed_to: str = ""

    @property
    def owner(self) -> str:
        """The organisation's name."""
        return self.full_name.partition("/")[0]

    def living(self) -> list[Issue]:
        """Return the issues that are still here."""
        return [one for one in self.issues.values() if not one.is_deleted and not one.moved_to]


@dataclass(slots=True)
class Field:
    """One field of a board; a single-select field has options by id."""

    id: int
    name: str
    kind: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Card:
    """One item of a board: an issue, and values by field id."""

    id: int
    repository: str
    number: int
    made: int
    values: dict[int, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Board:
    """One Projects board of an organisation."""

    owner: str
    number: int
    fields: list[Field] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    def field_named(self, name: str) -> Field:
        """Return a field by its name."""
        return next(one for one in self.fields if one.name == name)

    def values_of(self, number: int) -> dict[str, Any]:
        """Return what the card of an issue shows, by field name; a choice by its name."""
        card = next(one for one in self.cards if one.number == number)
        shown = {}
        for one in self.fields:
            value = card.values.get(one.id)
            if value is not None:
                shown[one.name] = one.options.get(value, value)
        return shown


@dataclass(slots=True)
class App:
    """A GitHub App as its installation sees it: whose signature to take."""

    app_id: str
    public_key: str
    installation: int


class Numbers:
    """Ids that never come twice."""

    def __init__(self) -> None:
        self._next = count(1_000_001)

    def __call__(self) -> int:
        return next(self._next)


@dataclass(frozen=True, slots=True)
class Access:
    """What a token may do."""

    login: str
    may_write: bool = True
    may_board: bool = True
    expires: float | None = None  # seconds since 1970

    @property
    def words(self) -> str:
        """What GitHub says where it may not."""
        kind = "integration" if self.login.endswith("[bot]") else "personal access token"
        return f"Resource not accessible by {kind}"


class World(Protocol):
    """What issues and boards need to know of the server that they are part of."""

    repositories: dict[str, Repository]
    number: Numbers
    calls: Counter[tuple[str, str]]

    @property
    def url(self) -> str:
        """The address under which everything lies."""

    def is_listed(self, made: int) -> bool:
        """Return whether lists show what was made after so many calls."""
