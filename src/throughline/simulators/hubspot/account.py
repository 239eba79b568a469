"""The account itself: its objects, what they are made of, how they hang together."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from throughline.simulators.hubspot.links import Links
from throughline.simulators.hubspot.problems import NotThere, NotValid, Taken, ValuesNotValid
from throughline.simulators.hubspot.records import Event, Record
from throughline.simulators.hubspot.schema import (
    PIPELINES,
    TYPES,
    ObjectType,
    Owner,
    Pipeline,
    Property,
    Stage,
    properties_of,
)
from throughline.simulators.hubspot.searching import Index
from throughline.simulators.hubspot.values import NotOne, fault, kept, spelled

PORTAL = 4242
FIRST_ID = 18_000_000_001
API = "INTEGRATION"  # where a change came from, as the account's history says
PEOPLE = "CRM_UI"


class Account:
    """What one customer has at HubSpot. Every change reads the clock, which the caller owns."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.portal_id = PORTAL
        self.types = {one.id: one for one in TYPES}
        self.properties = {one.id: properties_of(one) for one in TYPES}
        self.pipelines: dict[str, list[Pipeline]] = {
            one.id: list(PIPELINES.get(one.id, ())) for one in TYPES
        }
        self.owners: list[Owner] = []
        self.links = Links()
        self.index = Index()
        self.events: list[Event] = []
        # What a merge makes of the two: the primary lives on, or both become a third.
        self.merges_into_a_new_one = {"0-3"}
        self._records: dict[str, dict[str, Record]] = {one.id: {} for one in TYPES}
        self._became: dict[tuple[str, str], str] = {}
        self._next_id = FIRST_ID

    def type_named(self, name: str) -> ObjectType:
        """Return the type that a path names: by its id, its name or its plural.

        Raises:
            NotValid: there is none.
        """
        for one in self.types.values():
            if name == one.id or name.lower() in one.names:
                return one
        raise NotValid(f"Unable to infer object type from: {name}")

    def add_property(self, type_id: str, prop: Property) -> None:
        """Add a field to a type.

        Raises:
            Taken: there is one of that name.
        """
        if prop.name in self.properties[type_id]:
            raise Taken(f'A property named "{prop.name}" already exists.', "OBJECT_ALREADY_EXISTS")
        self.properties[type_id][prop.name] = prop

    def records(self, type_id: str, *, archived: bool = False) -> list[Record]:
        """Return all objects of a type, in the order of their ids."""
        return [one for one in self._records[type_id].values() if one.is_archived == archived]

    def find(self, type_id: str, record_id: str, *, archived: bool = False) -> Record | None:
        """Return the object that an id stands for now; a merged one's is its survivor's."""
        while (type_id, record_id) in self._became:
            record_id = self._became[type_id, record_id]
        found = self._records[type_id].get(record_id)
        return found if found is not None and found.is_archived == archived else None

    def find_by(self, type_id: str, name: str, value: str) -> Record | None:
        """Return the object whose unique property has a value.

        Raises:
            NotValid: the property's values are not unique.
        """
        if name == "hs_object_id":
            return self.find(type_id, value)
        prop = self.properties[type_id].get(name)
        if prop is None or not prop.is_unique:
            raise NotValid(f"{name} is no property with unique values.")
        same = value.lower()
        for one in self.records(type_id):
            if one.properties.get(name, "").lower() == same:
                return one
        return None

    def get(self, type_id: str, record_id: str, *, archived: bool = False) -> Record:
        """Return the object that an id stands for.

        Raises:
            NotThere: there is none.
        """
        found = self.find(type_id, record_id, archived=archived)
        if found is None:
            raise NotThere
        return found

    def create(self, type_id: str, properties: Mapping[str, Any], *, source: str = API) -> Record:
        """Make an object.

        Raises:
            Problem: its properties are not valid, or a unique value is taken.
        """
        values = self._checked(type_id, properties, None)
        kind, at = self.types[type_id], self.clock()
        if kind.pipeline and self.pipelines[type_id]:
            values.setdefault(kind.pipeline, self.pipelines[type_id][0].id)
        record = Record(type_id, self._new_id(), at, at)
        self._records[type_id][record.id] = record
        stamps = {"hs_object_id": record.id, kind.created_at: spelled(at)}
        self._tell(record, "creation", source)
        self._write(record, values | stamps, source)
        return record

    def change(self, record: Record, properties: Mapping[str, Any], *, source: str = API) -> Record:
        """Change properties of an object; those that are not named stay.

        Raises:
            Problem: they are not valid, or a unique value is taken.
        """
        self._write(record, self._checked(record.type_id, properties, record), source)
        return record

    def archive(self, record: Record, *, source: str = API) -> None:
        """Put an object into the bin; its associations come back only with it."""
        record.archived_at = self.clock()
        self._touch(record)
        self._tell(record, "deletion", source)

    def restore(self, type_id: str, record_id: str) -> Record:
        """Take an object out of the bin, as people can do.

        Raises:
            Problem: it is not there.
        """
        record = self.get(type_id, record_id, archived=True)
        record.archived_at = None
        self._touch(record)
        self._tell(record, "restore", PEOPLE)
        return record

    def erase(self, record: Record) -> None:
        """Forget a person for good, as the law may ask."""
        self._records[record.type_id].pop(record.id)
        self.links.cut(record.key)
        self.index.note(record, at=self.clock(), gone=True)
        self._tell(record, "privacyDeletion", API)

    def merge(
        self, type_id: str, primary_id: str, other_id: str, *, source: str = PEOPLE
    ) -> Record:
        """Make one object of two: the primary's values count, and the other's where it has none.

        Both old ids answer as the survivor from then on, and have no associations any more.

        Raises:
            NotValid: one is not there, or both are the same.
        """
        primary, other = self.get(type_id, primary_id), self.get(type_id, other_id)
        if primary is other:
            raise NotValid("Cannot merge an object with itself.")
        old = [primary, other]
        if type_id in self.merges_into_a_new_one:
            at = self.clock()
            survivor = Record(type_id, self._new_id(), at, at)
            self._records[type_id][survivor.id] = survivor
        else:
            survivor, old = primary, [other]
        values = (
            other.properties
            | primary.properties
            | {
                "hs_object_id": survivor.id,
                "hs_merged_object_ids": ";".join(dict.fromkeys(_merged_ids(primary, other, old))),
            }
        )
        for one in old:
            self._records[type_id].pop(one.id)
            self._became[one.key] = survivor.id
            self.links.move(one.key, survivor.key)
            self.index.note(one, at=self.clock(), gone=True)
        self._write(survivor, values, source)
        merged = [int(one.id) for one in (primary, other) if one is not survivor]
        self._tell(survivor, "merge", source, primaryObjectId=int(primary.id),
                   mergedObjectIds=merged, newObjectId=int(survivor.id),
                   numberOfPropertiesMoved=len(values))  # fmt: skip
        return survivor

    def associate(
        self, one: Record, other: Record, specs: Iterable[tuple[str, int]], *, source: str = API
    ) -> list[str | None]:
        """Associate two objects in some ways, and return the labels of those ways.

        Raises:
            Problem: there is no such way between the two types.
        """
        ways = [self.links.way(one.type_id, other.type_id, *spec) for spec in specs]
        if self.links.join(one.key, other.key, ways):
            self._tell_link(one, other, source, removed=False)
        return [way.label for way in ways]

    def part(self, one: Record, other: Record, *, source: str = API) -> None:
        """Remove every association between two objects."""
        if self.links.part(one.key, other.key):
            self._tell_link(one, other, source, removed=True)

    def linked(self, record: Record, to_type: str) -> list[tuple[Record, list[tuple[str, int]]]]:
        """Return what an object is associated with, in which ways; what is in the bin is not."""
        if record.is_archived:
            return []
        ends = self.links.of(record.key, to_type)
        found = [(self._records[to_type].get(end), specs) for end, specs in ends]
        return [(end, specs) for end, specs in found if end is not None and not end.is_archived]

    def stage(self, kind: ObjectType, stage_id: str) -> Stage | None:
        """Return a stage of any pipeline of a type."""
        stages = (stage for one in self.pipelines[kind.id] for stage in one.stages)
        return next((stage for stage in stages if stage.id == stage_id), None)

    def _checked(
        self, type_id: str, properties: Mapping[str, Any], record: Record | None
    ) -> dict[str, str]:
        """Return values as they are kept.

        Raises:
            ValuesNotValid: some are not valid, or a unique value is taken.
        """
        values: dict[str, str] = {}
        faults = []
        for name, given in properties.items():
            prop = self.properties[type_id].get(name)
            if prop is None or prop.archived:
                message = f'Property "{name}" does not exist'
                faults.append(fault(name, "PROPERTY_DOESNT_EXIST", message, self.portal_id))
                continue
            try:
                values[name] = kept(prop, "" if given is None else str(given))
                self._check_stage(self.types[type_id], name, values[name])
            except NotOne as not_one:
                faults.append(fault(name, not_one.code, str(not_one), self.portal_id))
        if faults:
            raise ValuesNotValid(faults)
        for name, value in values.items():
            self._check_unique(type_id, name, value, record)
        return values

    def _check_stage(self, kind: ObjectType, name: str, value: str) -> None:
        allowed: list[str] = []
        if name == kind.pipeline and kind.pipeline:
            allowed = [one.id for one in self.pipelines[kind.id] if not one.archived]
        elif name == kind.stage and kind.stage:
            allowed = [
                stage.id for one in self.pipelines[kind.id] for stage in one.stages
                if not stage.archived
            ]  # fmt: skip
        else:
            return
        if value and value not in allowed:
            raise NotOne("INVALID_OPTION", f"{value} was not one of the allowed options: {allowed}")

    def _check_unique(self, type_id: str, name: str, value: str, record: Record | None) -> None:
        if not value or not self.properties[type_id][name].is_unique:
            return
        holder = self.find_by(type_id, name, value)
        if holder is None or holder is record:
            return
        if (type_id, name) == ("0-1", "email"):
            raise Taken(f"Contact already exists. Existing ID: {holder.id}")
        raise ValuesNotValid([
            fault(
                name, "CONFLICTING_UNIQUE_VALUE",
                f"{holder.id} already has that value.", self.portal_id,
            )
        ])  # fmt: skip

    def _write(self, record: Record, values: Mapping[str, str], source: str) -> None:
        at, kind = self.clock(), self.types[record.type_id]
        written = dict(values)
        if kind.id == "0-3" and written.get(kind.stage):
            written |= _standing(self.stage(kind, written[kind.stage]))
        changed = [
            name for name, value in written.items() if record.put(name, value, at=at, source=source)
        ]
        self._touch(record)
        for name in changed:
            self._tell(
                record, "propertyChange", source,
                propertyName=name, propertyValue=record.properties.get(name, ""),
            )  # fmt: skip

    def _touch(self, record: Record) -> None:
        record.updated_at = self.clock()
        changed_at = self.types[record.type_id].changed_at
        record.properties[changed_at] = spelled(record.updated_at)
        self.index.note(record, at=record.updated_at)

    def _tell(self, record: Record, kind: str, source: str, **more: Any) -> None:
        self.events.append(Event(record.type_id, kind, record.id, self.clock(), source, more))

    def _tell_link(self, one: Record, other: Record, source: str, *, removed: bool) -> None:
        for start, end in ((one, other), (other, one)):
            names = [self.types[each.type_id].singular.upper() for each in (start, end)]
            self._tell(
                start, "associationChange", source, associationType="_TO_".join(names),
                fromObjectId=int(start.id), toObjectId=int(end.id), associationRemoved=removed,
            )  # fmt: skip

    def _new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id)


def _merged_ids(primary: Record, other: Record, old: list[Record]) -> list[str]:
    before = [one.properties.get("hs_merged_object_ids", "") for one in (primary, other)]
    return [*(part for one in before for part in one.split(";") if part), *(one.id for one in old)]


def _standing(stage: Stage | None) -> dict[str, str]:
    """Return what a deal's stage says of it."""
    chance = stage.probability if stage else ""
    return {
        "hs_deal_stage_probability": chance,
        "hs_is_closed": str(chance in {"0.0", "1.0"}).lower(),
        "hs_is_closed_won": str(chance == "1.0").lower(),
    }
