"""What an Airtable base keeps: tables, typed fields, and records that are lists of cells."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

Cells = dict[str, Any]  # by the id of the field; an empty cell is not there

TEXTS = frozenset({"singleLineText", "multilineText", "richText", "url", "email", "phoneNumber"})
NUMBERS = frozenset({"number", "currency", "percent"})
COMPUTED = frozenset({"formula", "autoNumber", "createdTime", "lastModifiedTime", "rollup"})
LINK, CHOICE = "multipleRecordLinks", "singleSelect"
# What `fieldsToMergeOn` may name.
MERGEABLE = frozenset({
    "singleLineText", "multilineText", "number", CHOICE, "multipleSelects", "date",
})  # fmt: skip
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_numbers = count(1)


class Wrong(Exception):
    """What Airtable refuses, in its own type and words."""

    def __init__(self, kind: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.kind, self.message, self.status = kind, message, status


def new_id(prefix: str) -> str:
    """Return an id of Airtable's form: three letters of kind, fourteen of whatever."""
    number, digits = next(_numbers), ""
    for _ in range(14):
        number, place = divmod(number, len(_LETTERS))
        digits = _LETTERS[place] + digits
    return prefix + digits


@dataclass(slots=True)
class Field:
    """One column."""

    name: str
    type: str = "singleLineText"
    options: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("fld"))

    def shape(self) -> dict[str, Any]:
        """Return what the schema says of it."""
        said: dict[str, Any] = {"id": self.id, "name": self.name, "type": self.type}
        return said | ({"options": self.options} if self.options else {})

    def choices(self) -> list[str]:
        """Return the names of what a select offers."""
        return [one["name"] for one in self.options.get("choices", [])]


def choice_field(name: str, *choices: str) -> Field:
    """Return a single select that offers these."""
    offered = [{"id": new_id("sel"), "name": one, "color": "blueLight2"} for one in choices]
    return Field(name, CHOICE, {"choices": offered})


def date_field(name: str) -> Field:
    """Return a field of days."""
    return Field(name, "date", {"dateFormat": {"name": "iso", "format": "YYYY-MM-DD"}})


def number_field(name: str, precision: int = 0) -> Field:
    """Return a field of numbers."""
    return Field(name, "number", {"precision": precision})


@dataclass(slots=True)
class Record:
    """One row: what is in it, and what listings show of it yet."""

    cells: Cells
    id: str = field(default_factory=lambda: new_id("rec"))
    shown: Cells | None = None  # None: no listing shows it yet
    shown_from: int = 0  # the number of the listing that shows its cells as they are


@dataclass(slots=True)
class Table:
    """A table with its fields and records; the first field is the primary one."""

    name: str
    fields: list[Field]
    id: str = field(default_factory=lambda: new_id("tbl"))
    records: dict[str, Record] = field(default_factory=dict)

    def shape(self) -> dict[str, Any]:
        """Return what the schema says of it."""
        view = {"id": "viw" + self.id[3:], "name": "Grid view", "type": "grid"}
        return {
            "id": self.id, "name": self.name, "primaryFieldId": self.fields[0].id,
            "fields": [one.shape() for one in self.fields], "views": [view],
        }  # fmt: skip

    def field(self, name_or_id: str) -> Field:
        """Return a field by its id or its name.

        Raises:
            Wrong: the table has none.
        """
        for one in self.fields:
            if name_or_id in {one.id, one.name}:
                return one
        raise Wrong("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name_or_id}"')

    def by_name(self, cells: Cells) -> dict[str, Any]:
        """Return cells under the names of their fields."""
        return {one.name: cells[one.id] for one in self.fields if one.id in cells}

    def rows(self) -> list[dict[str, Any]]:
        """Return all records as people see them, in the order they were made."""
        return [self.by_name(record.cells) for record in self.records.values()]

    def count_by(self, name: str) -> Counter[str]:
        """Return how many records there are of each value of a field."""
        return Counter(str(row.get(name, "")) for row in self.rows())

    def matching(self, wanted: Mapping[str, Any]) -> list[Record]:
        """Return the records whose cells have these values."""
        return [
            record
            for record in self.records.values()
            if all(record.cells.get(one) == value for one, value in wanted.items())
        ]


class Tables:
    """All tables of a base: what links them, and what may stand in a cell."""

    def __init__(self) -> None:
        self._tables: list[Table] = []

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables)

    def add(self, name: str, fields: Sequence[Field]) -> Table:
        """Add a table."""
        self._tables.append(Table(name, list(fields)))
        return self._tables[-1]

    def link(self, table: Table, name: str, to: Table) -> Field:
        """Add a field of links, and its counterpart in the other table, as Airtable does."""
        forth, back = Field(name, LINK), Field(table.name, LINK)
        for one, other, aim in ((forth, back, to), (back, forth, table)):
            one.options = {
                "linkedTableId": aim.id, "isReversed": False, "prefersSingleRecordLink": False,
                "inverseLinkFieldId": other.id,
            }  # fmt: skip
        table.fields.append(forth)
        to.fields.append(back)
        return forth

    def find(self, name_or_id: str) -> Table | None:
        """Return a table by its id or its name."""
        found = (one for one in self._tables if name_or_id in {one.id, one.name})
        return next(found, None)

    def read(self, table: Table, given: Mapping[str, Any], *, typecast: bool) -> Cells:
        """Return given cells by the id of their field, None where one is emptied.

        Raises:
            Wrong: there is no such field, or it takes no such value.
        """
        return {
            one.id: self._value(one, value, typecast=typecast)
            for one, value in ((table.field(name), value) for name, value in given.items())
        }

    def _value(self, one: Field, value: Any, *, typecast: bool) -> Any:
        if one.type in COMPUTED:
            said = f'Field "{one.name}" cannot accept a value because the field is computed'
            raise Wrong("INVALID_VALUE_FOR_COLUMN", said)
        if value in (None, "", []):
            return None
        if one.type == CHOICE and isinstance(value, str):
            return _choice(one, value, typecast=typecast)
        if one.type == LINK and _are_texts(value):
            self._must_exist(one, value)
            return value
        if _fits(one, value):
            return value
        said = f'Field "{one.name}" cannot accept the provided value'
        raise Wrong("INVALID_VALUE_FOR_COLUMN", said)

    def _must_exist(self, one: Field, ids: list[str]) -> None:
        other = self.find(one.options["linkedTableId"])
        for record in ids:
            if other is None or record not in other.records:
                raise Wrong("ROW_DOES_NOT_EXIST", f"Record ID {record} does not exist")

    def put(self, table: Table, record: Record, cells: Cells) -> None:
        """Set these cells, empty those that are None, and keep the other side of links true."""
        for one in table.fields:
            if one.id in cells and one.type == LINK:
                self._turn(one, record, cells[one.id] or [])
        record.cells = {
            name: value for name, value in (record.cells | cells).items() if value is not None
        }
        table.records[record.id] = record

    def _turn(self, one: Field, record: Record, wanted: list[str]) -> None:
        """Write the counterpart of a link."""
        other = self.find(one.options["linkedTableId"])
        back = one.options.get("inverseLinkFieldId")
        if other is None or back is None:
            return
        for far in other.records.values():
            linked = [it for it in far.cells.get(back, []) if it != record.id]
            linked += [record.id] if far.id in wanted else []
            far.cells = {name: it for name, it in far.cells.items() if name != back}
            far.cells |= {back: linked} if linked else {}

    def drop(self, table: Table, record: str) -> None:
        """Delete a record, and the links to it."""
        gone = table.records.pop(record)
        for one in table.fields:
            if one.type == LINK:
                self._turn(one, gone, [])


def _choice(one: Field, value: str, *, typecast: bool) -> str:
    if value in one.choices():
        return value
    if not typecast:
        said = f'Insufficient permissions to create new select option "{json.dumps(value)}"'
        raise Wrong("INVALID_MULTIPLE_CHOICE_OPTIONS", said)
    one.options["choices"].append({"id": new_id("sel"), "name": value, "color": "grayLight2"})
    return value


def _fits(one: Field, value: Any) -> bool:
    if one.type in TEXTS:
        return isinstance(value, str)
    if one.type in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if one.type == "checkbox":
        return isinstance(value, bool)
    return one.type == "date" and isinstance(value, str) and _is_day(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
