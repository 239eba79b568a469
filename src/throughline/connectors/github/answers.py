"""What we rely on in GitHub's answers; everything else in them is ignored."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Label(_Answer):
    """A label of a repository, or on an issue."""

    name: str


class Account(_Answer):
    """Somebody on GitHub, by the name that they sign in with."""

    login: str


class Issue(_Answer):
    """One issue. `id` is what Projects and sub-issues ask for, `number` what people say."""

    id: int
    number: int
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    state_reason: str | None = None  # "completed", "not_planned", "duplicate", "reopened"
    html_url: str
    labels: tuple[Label | str, ...]
    assignees: tuple[Account, ...] = ()
    parent_issue_url: str | None = None
    pull_request: dict[str, Any] | None = None  # a pull request is listed as an issue as well
    closed_at: datetime | None = None

    @property
    def label_names(self) -> frozenset[str]:
        """The names of its labels."""
        return frozenset(one if isinstance(one, str) else one.name for one in self.labels)


class Issues(RootModel[tuple[Issue, ...]]):
    """One page of issues."""


class _Text(_Answer):
    raw: str


class Option(_Answer):
    """One choice of a single-select field."""

    id: str
    name: _Text | str

    @property
    def text(self) -> str:
        """Its name as people see it."""
        return self.name if isinstance(self.name, str) else self.name.raw


class BoardField(_Answer):
    """One field of a project board."""

    id: int
    name: str
    data_type: str
    options: tuple[Option, ...] = ()


class BoardFields(RootModel[tuple[BoardField, ...]]):
    """One page of a board's fields."""


class _Content(_Answer):
    id: int | None = None  # a draft has another kind of id


class _Held(_Answer):
    id: int
    value: Any = None


class BoardItem(_Answer):
    """One card of a board, with the fields that were asked for."""

    id: int
    content_type: str
    content: _Content | None = None
    fields: tuple[_Held, ...] = ()
    archived_at: datetime | None = None

    @property
    def issue_id(self) -> int | None:
        """The id of the issue that it shows; None for drafts and pull requests."""
        is_issue = self.content_type == "Issue" and self.content is not None
        return self.content.id if is_issue and self.content else None

    def value(self, field_id: int) -> str | None:
        """Return a field as text: a choice by its name, a day as YYYY-MM-DD; None where empty."""
        return next((plain(one.value) for one in self.fields if one.id == field_id), None)


class BoardItems(RootModel[tuple[BoardItem, ...]]):
    """One page of a board's cards."""


class Installed(_Answer):
    """A token of a GitHub App's installation. Its form has changed before: it is not looked at."""

    token: str = Field(min_length=1, repr=False)
    expires_at: datetime


def plain(value: Any) -> str | None:
    """Return a field's value as text, however GitHub wraps it: raw and html, or a named choice."""
    if isinstance(value, dict):
        inner = value.get("name", value.get("raw", value.get("title")))
        return plain(inner)
    return None if value is None or value == "" else str(value)
