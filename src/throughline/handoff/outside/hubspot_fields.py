"""The properties that we write in HubSpot: ours alone, made by people there, known by their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from throughline.connectors.http import UnknownShape
from throughline.connectors.hubspot.shapes import Property, Record
from throughline.connectors.hubspot.values import read_instant, write_instant
from throughline.handoff.wanted import Seen

PREFIX: Final = "throughline_"  # whoever reads HubSpot knows by it what came from us


class Kind(Enum):
    """What a property holds: what HubSpot calls it where people make one, and its types."""

    TEXT = ("single-line text", frozenset({"string"}))
    INSTANT = ("date and time", frozenset({"datetime"}))

    def __init__(self, called: str, types: frozenset[str]) -> None:
        self.called = called
        self.types = types


@dataclass(frozen=True, slots=True)
class Field:
    """A property that is ours: its internal name, and what people call it."""

    name: str
    label: str
    kind: Kind = Kind.TEXT


DEAL_FIELDS: Final = (
    Field("throughline_engagement", "Engagement"),
    Field("throughline_delivery", "Delivery state"),
    Field("throughline_accepted_by", "Accepted by"),
    Field("throughline_verified_at", "Verified at", Kind.INSTANT),
)
COMMUNITY_FIELDS: Final = (
    Field("throughline_community", "Throughline page"),
    Field("throughline_community_id", "community_id"),
    Field("throughline_long_name", "Long name"),
    Field("throughline_website", "Website"),
    Field("throughline_github", "GitHub organisation"),
    Field("throughline_cloud", "Cloud"),
    Field("throughline_region", "Region"),
    Field("throughline_data", "Where the data are"),
)


def names_of(fields: Iterable[Field]) -> list[str]:
    """Return the internal names to ask for."""
    return [field.name for field in fields]


def seen_in(record: Record, fields: Iterable[Field]) -> Seen:
    """Return what a record says in our fields, by label; what is empty is None."""
    return {field.label: _read(record.text(field.name), field) for field in fields}


def spelled(
    after: Mapping[str, str | None], before: Seen, fields: Iterable[Field]
) -> dict[str, str]:
    """Return what has to be written, by internal name; "" empties a property."""
    return {
        field.name: after[field.label] or ""
        for field in fields
        if after[field.label] != before.get(field.label)
    }


def unfit(fields: Iterable[Field], there: Sequence[Property], things: str) -> str:
    """Return what people have to make in HubSpot before we can write; "" if nothing."""
    known = {one.name: one for one in there if not one.archived}
    missing = [
        f"“{field.label}” with the internal name {field.name} ({field.kind.called})"
        for field in fields
        if field.name not in known or known[field.name].type not in field.kind.types
    ]
    if not missing:
        return ""
    return (
        f"Make these properties of {things} in HubSpot, of just these types: {', '.join(missing)}."
    )


def seen_after(after: Mapping[str, str | None], record: Record, fields: Iterable[Field]) -> Seen:
    """Return what is there after a write: as the answer says, and as sent where it says nothing."""
    said = [field for field in fields if field.name in record.properties]
    return dict(after) | seen_in(record, said)


def _read(text: str, field: Field) -> str | None:
    """Return a value as it is wanted: an instant in one spelling, whatever HubSpot's is."""
    if field.kind is Kind.INSTANT:
        try:
            return write_instant(read_instant(text)) or None
        except UnknownShape:
            return text  # somebody else wrote it: shown as it is
    return text or None
