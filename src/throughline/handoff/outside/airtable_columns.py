"""The tables and fields that we write in Airtable, and how their values are spelt there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Any

from throughline.connectors.airtable.shapes import Record, Schema, Table, TableField
from throughline.handoff.wanted import Seen, WaitsForPerson

KEY = "Throughline key"
PAGE = "Throughline page"
ALIKE = 0.5  # how near a name must come to be offered


class Kind(Enum):
    """What a field holds: what people call it in Airtable, and the types that will do."""

    TEXT = ("single line text", ("singleLineText", "multilineText"))
    LONG_TEXT = ("long text", ("multilineText",))
    NUMBER = ("number", ("number",))
    DAY = ("date", ("date",))
    CHOICE = ("single select", ("singleSelect",))
    ADDRESS = ("URL", ("url", "singleLineText"))
    LINK = ("link to another record", ("multipleRecordLinks",))

    def __init__(self, called: str, types: tuple[str, ...]) -> None:
        self.called = called
        self.types = types


@dataclass(frozen=True, slots=True)
class Column:
    """A field that we write, by the name that people see."""

    name: str
    kind: Kind = Kind.TEXT
    to: str = ""  # of a link: the sort of record it leads to


# By sort of record, parents first: a link needs the record it leads to.
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "engagement": (
        Column("Name"),
        Column("Number", Kind.NUMBER),
        Column("Community"),
        Column("Tier"),
        Column("Start", Kind.DAY),
        Column("End", Kind.DAY),
        Column("Status", Kind.CHOICE),
        Column(PAGE, Kind.ADDRESS),
    ),
    "project": (
        Column("Name"),
        Column("Engagement", Kind.LINK, to="engagement"),
        Column("Kind"),
        Column(PAGE, Kind.ADDRESS),
    ),
    "deliverable": (
        Column("Name"),
        Column("Project", Kind.LINK, to="project"),
        Column("Due", Kind.DAY),
        Column("Definition of done", Kind.LONG_TEXT),
        Column("Low hours", Kind.NUMBER),
        Column("High hours", Kind.NUMBER),
        Column("State", Kind.CHOICE),
        Column(PAGE, Kind.ADDRESS),
    ),
}


def sort_of(key: str) -> str:
    """Return the sort of record that an outcome is: "airtable.project:12:new-hub" is a project."""
    return key.partition(":")[0].removeprefix("airtable.")


def links_of(sort: str) -> tuple[Column, ...]:
    """Return the fields of a sort of record that lead to records of another sort."""
    return tuple(column for column in COLUMNS[sort] if column.kind is Kind.LINK)


@dataclass(frozen=True, slots=True)
class Place:
    """One of our tables as this base has it, with its fields by the names that we know."""

    table: Table
    key: TableField
    fields: Mapping[str, TableField]
    columns: tuple[Column, ...]

    def formula(self, keys: Sequence[str], ids: Sequence[str]) -> str:
        """Return the formula that lets through the records of these keys, and of these ids."""
        quoted = (key.replace("\\", "\\\\").replace("'", "\\'") for key in keys)
        tests = [f"{{{KEY}}}='{key}'" for key in quoted] + [f"RECORD_ID()='{one}'" for one in ids]
        return f"OR({','.join(tests)})"

    def cells(self, key: str, wanted: Seen, ids: Mapping[str, str]) -> dict[str, Any]:
        """Return what to write, by the id of the field; `ids` has the records of linked keys."""
        found: dict[str, Any] = {self.key.id: key}
        for column in self.columns:
            value = wanted[column.name]
            if column.kind is Kind.LINK and value is not None:
                value = [ids[value]]
            found[self.fields[column.name].id] = value
        return found

    def seen(self, record: Record, keys: Mapping[str, str]) -> Seen:
        """Return a record in the shape of `wanted`; `keys` has the keys of linked records."""
        found: Seen = {}
        for column in self.columns:
            value = record.fields.get(self.fields[column.name].id)
            if column.kind is Kind.LINK and isinstance(value, list):
                linked = [keys.get(one, one) for one in value]
                value = linked[0] if len(linked) == 1 else linked or None
            found[column.name] = value
        return found

    def missing_choice(self, wanted: Seen) -> str:
        """Return what to do where a select does not offer what is wanted; "" if all is there."""
        for column in self.columns:
            field, value = self.fields[column.name], wanted[column.name]
            offered = [one.name for one in (field.options.choices if field.options else [])]
            if column.kind is Kind.CHOICE and value is not None and value not in offered:
                return (
                    f"The field “{column.name}” of Airtable's table “{self.table.name}” does not"
                    f" offer “{value}”: add it to its options."
                )
        return ""


def place_of(sort: str, schema: Schema, name: str) -> Place:
    """Return where a sort of record lies in a base, in the table of this name.

    Raises:
        WaitsForPerson: the table or a field is not there, or is of another type; the message
            names all of them, and what is there instead.
    """
    table = _table_named(name, sort, schema)
    columns = COLUMNS[sort]
    problems = [_problem(column, table) for column in (Column(KEY), *columns)]
    if any(problems):
        raise WaitsForPerson(" ".join(one for one in problems if one))
    by_name = {field.name: field for field in table.fields}
    return Place(table, by_name[KEY], {one.name: by_name[one.name] for one in columns}, columns)


def _table_named(name: str, sort: str, schema: Schema) -> Table:
    for table in schema.tables:
        if name in {table.name, table.id}:
            return table
    there = ", ".join(f"“{one.name}”" for one in schema.tables) or "none"
    raise WaitsForPerson(
        f"Airtable's base has no table “{name}” (it has {there}): make it, or name yours in"
        f" THROUGHLINE_AIRTABLE_{sort.upper()}S."
    )


def _problem(column: Column, table: Table) -> str:
    where = f"Airtable's table “{table.name}”"
    found = next((one for one in table.fields if one.name == column.name), None)
    if found is None:
        return (
            f"{where} has no field “{column.name}” ({column.kind.called}):"
            f" {_instead(column, table)}."
        )
    if found.type not in column.kind.types:
        return (
            f"The field “{column.name}” of {where} is of type {found.type}: change it to"
            f" “{column.kind.called}”."
        )
    return ""


def _instead(column: Column, table: Table) -> str:
    """Return what to do about a field that is not there: one that is called alike was renamed."""
    ours = {KEY, *(one.name for columns in COLUMNS.values() for one in columns)}
    others = {
        one.name.casefold(): one.name
        for one in table.fields
        if one.name not in ours and one.type in column.kind.types
    }
    near = get_close_matches(column.name.casefold(), others, n=1, cutoff=ALIKE)
    if near:
        return f"if it is “{others[near[0]]}” now, call it “{column.name}” again, or else add it"
    return "call it so again if it was renamed, or else add it"
