"""One object of the account, with all that it ever held, and what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from throughline.simulators.hubspot.values import milliseconds, spelled


@dataclass(frozen=True, slots=True)
class Held:
    """A value that a property held from an instant on."""

    value: str
    at: datetime
    source: str


@dataclass(slots=True)
class Record:
    """An object. Properties that are empty are not among its own."""

    type_id: str
    id: str
    created_at: datetime
    updated_at: datetime
    properties: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Held]] = field(default_factory=dict)
    archived_at: datetime | None = None

    @property
    def is_archived(self) -> bool:
        """Whether it lies in the bin."""
        return self.archived_at is not None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return (self.type_id, self.id)

    def put(self, name: str, value: str, *, at: datetime, source: str) -> bool:
        """Write a property, and return whether that changed anything."""
        if self.properties.get(name, "") == value:
            return False
        if value:
            self.properties[name] = value
        else:
            self.properties.pop(name, None)
        self.history.setdefault(name, []).insert(0, Held(value, at, source))
        return True

    def as_json(self, names: list[str], with_history: list[str]) -> dict[str, Any]:
        """Return it as answers show it; a property that was asked for and is empty is null."""
        shown: dict[str, Any] = {
            "id": self.id,
            "properties": {name: self.properties.get(name) for name in names},
            "createdAt": spelled(self.created_at),
            "updatedAt": spelled(self.updated_at),
            "archived": self.is_archived,
        }
        if self.archived_at is not None:
            shown["archivedAt"] = spelled(self.archived_at)
        if with_history:
            shown["propertiesWithHistory"] = {
                name: [
                    {"value": one.value, "timestamp": spelled(one.at), "sourceType": one.source}
                    for one in self.history.get(name, [])
                ]
                for name in with_history
            }
        return shown


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as a webhook may tell it: the object's type, the kind, and more."""

    type_id: str
    kind: str  # creation, propertyChange, deletion, restore, merge, privacyDeletion, …
    object_id: str
    at: datetime
    source: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def occurred_at(self) -> int:
        """When it happened, in milliseconds since 1970."""
        return milliseconds(self.at)
