"""A deal of HubSpot as the cells of an export: one mapping of words serves file and connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from throughline.connectors.http import UnknownShape
from throughline.connectors.hubspot.names import PIPELINE, STAGE
from throughline.connectors.hubspot.shapes import Associated, Owner, Pipeline, Property, Record
from throughline.connectors.hubspot.values import read_day, read_instant
from throughline.handoff.outside.hubspot_fields import PREFIX as OURS
from throughline.intake.deal_file import KNOWN, PROBABILITY
from throughline.kernel.days import day_in_zone

MERGED = "hs_merged_object_ids"
OWNER = "hubspot_owner_id"
NAME = "dealname"
PRIMARY = "Primary"
NO_STAGE = "(no stage)"
PROBABILITY_STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Known:
    """What must be known of an account to read its deals."""

    zone: str
    kinds: Mapping[str, str]  # property: its type
    custom: Sequence[str]  # properties that the customer has added
    stages: Mapping[str, str]  # internal id: the name that our playbook knows, else the label
    pipelines: Mapping[str, str]  # internal id: label
    owners: Mapping[str, str]  # id: name
    fills: Mapping[str, str] = field(default_factory=dict)  # property: the column it stands for
    roles: Mapping[str, str] = field(default_factory=dict)  # key of a label: our role
    github: str = ""  # the property of contacts that holds their GitHub id
    denied: dict[str, str] = field(default_factory=dict)  # what the token does not open, and why

    @property
    def asked(self) -> tuple[str, ...]:
        """The properties to ask for: those that we have words for, and all of the customer's own."""
        ours = [name for name in sorted(KNOWN) if name in self.kinds]
        return tuple(dict.fromkeys([*ours, OWNER, MERGED, *self.custom]))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A contact of a deal, and what the labels say they are for it."""

    id: str
    full_name: str
    first_name: str
    email: str
    github: str
    labels: Sequence[str]  # keys


@dataclass(frozen=True, slots=True)
class Around:
    """What a deal is associated with, by name; None where that is not told by exactly one."""

    company: str | None = None
    community: str | None = None
    people: Sequence[Somebody] | None = None  # None: the token may not see contacts
    orders: Sequence[str] | None = None  # ids; None: the token may not see orders


def known_of(
    *,
    zone: str,
    properties: Sequence[Property],
    pipelines: Sequence[Pipeline],
    stages: Mapping[str, str],
    owners: Sequence[Owner],
    fills: Mapping[str, str],
    roles: Mapping[str, str],
) -> Known:
    """Return what an account says about itself, ready to read its deals."""
    return Known(
        zone=zone,
        kinds={one.name: one.type for one in properties},
        custom=sorted(one.name for one in properties if is_theirs(one)),
        stages=stages,
        pipelines={one.id: one.label for one in pipelines},
        owners={one.id: one.name for one in owners},
        fills=fills,
        roles=roles,
    )


def is_theirs(one: Property) -> bool:
    """Return whether a property is the customer's own, and not one that a handoff writes."""
    return not (one.hubspot_defined or one.name.startswith(OURS))


def cells_of(record: Record, *, known: Known, around: Around) -> dict[str, str]:
    """Return a deal's cells, by the columns of an export.

    A stage or pipeline that HubSpot no longer lists stays as its id, to be seen and mapped. What
    is associated with no one, or with several, is left out: nothing is told about it.
    """
    left_out = (MERGED, OWNER)
    cells: dict[str, str] = {}
    for name in known.asked:
        column = known.fills.get(name, name)
        if name not in left_out and not cells.get(column):
            cells[column] = _cell(name, record.text(name), known)
    stage, pipeline = record.text(STAGE), record.text(PIPELINE)
    cells |= {
        "id": record.id,
        NAME: record.text(NAME) or f"Deal {record.id}",
        STAGE: known.stages.get(stage, stage) or NO_STAGE,
        PIPELINE: known.pipelines.get(pipeline, pipeline),
        "hubspot_owner": known.owners.get(record.text(OWNER), record.text(OWNER)),
    }
    told = {"company": around.company, "community": around.community}
    return cells | {name: value for name, value in told.items() if value is not None}


def the_one(ends: Sequence[Associated]) -> str | None:
    """Return the id of the object that counts: the primary one, else the only one, else None."""
    primary = [
        end.to_object_id
        for end in ends
        if any(one.label == PRIMARY for one in end.association_types)
    ]
    found = primary or [end.to_object_id for end in ends]
    return found[0] if len(found) == 1 else None


def merged_into(record: Record) -> list[str]:
    """Return the ids of the deals that became this one."""
    return [part for part in record.text(MERGED).split(";") if part and part != record.id]


def _cell(name: str, text: str, known: Known) -> str:
    if PROBABILITY in {name, known.fills.get(name)}:
        return _rounded(text)
    try:
        if known.kinds.get(name) == "date":
            day = read_day(text)
            return day.isoformat() if day else ""
        if known.kinds.get(name) == "datetime" and (name in KNOWN or name in known.fills):
            return _day_of(text, known.zone)
    except UnknownShape:
        return text  # whoever reads the cells says what is wrong with it
    return text


def _day_of(text: str, zone: str) -> str:
    """Return the day that an instant stands for: midnight UTC is a day without a time."""
    at = read_instant(text)
    if at is None:
        return ""
    is_day = at.astimezone(UTC).time() == datetime.min.time()
    return (at.date() if is_day else day_in_zone(at, zone)).isoformat()


def _rounded(text: str) -> str:
    """Return a probability in the steps that we keep: HubSpot may write 53 digits of one."""
    try:
        return str(Decimal(text).quantize(PROBABILITY_STEP).normalize()) if text else ""
    except InvalidOperation:
        return text
