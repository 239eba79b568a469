"""Airtable's answers, as far as we rely on them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}[0-9A-Za-z]{14}$")]
_PLAIN = ConfigDict(frozen=True, strict=True, populate_by_name=True)


class Choice(BaseModel):
    """One thing that a select offers."""

    model_config = _PLAIN

    name: str


class FieldOptions(BaseModel):
    """What a field is besides its type; each type has its own."""

    model_config = _PLAIN

    choices: list[Choice] = []
    linked_table: Id | None = Field(None, alias="linkedTableId")


class TableField(BaseModel):
    """A column of a table."""

    model_config = _PLAIN

    id: Id
    name: str
    type: str
    options: FieldOptions | None = None


class Table(BaseModel):
    """A table of a base."""

    model_config = _PLAIN

    id: Id
    name: str
    fields: list[TableField]


class Schema(BaseModel):
    """All tables of a base."""

    model_config = _PLAIN

    tables: list[Table]


class Record(BaseModel):
    """One record: its cells by the id of their field. An empty cell is left out."""

    model_config = _PLAIN

    id: Id
    fields: dict[Id, Any]


class Page(BaseModel):
    """One page of a listing; where `offset` is there, another page follows."""

    model_config = _PLAIN

    records: list[Record]
    offset: Annotated[str, StringConstraints(min_length=1)] | None = None


class Upserted(BaseModel):
    """What an upsert wrote: all records as they are now, and which of them are new."""

    model_config = _PLAIN

    records: list[Record]
    created: list[Id] = Field(alias="createdRecords")
