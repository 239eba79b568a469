"""Google Sheets' answers, as far as we rely on them. What is nought or empty, Google leaves out."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_PLAIN = ConfigDict(frozen=True, strict=True, populate_by_name=True)


class Grid(BaseModel):
    """How large a tab is."""

    model_config = _PLAIN

    rows: int = Field(0, alias="rowCount")
    columns: int = Field(0, alias="columnCount")


class Properties(BaseModel):
    """What a tab is called, and what it is known by."""

    model_config = _PLAIN

    id: int = Field(0, alias="sheetId")
    title: str
    grid: Grid = Field(Grid(), alias="gridProperties")


class Tab(BaseModel):
    """One tab of a spreadsheet."""

    model_config = _PLAIN

    properties: Properties


class Spreadsheet(BaseModel):
    """A spreadsheet without its cells."""

    model_config = _PLAIN

    id: str = Field(alias="spreadsheetId")
    tabs: list[Tab] = Field([], alias="sheets")


class Span(BaseModel):
    """The row or column that metadata belongs to."""

    model_config = _PLAIN

    sheet: int = Field(0, alias="sheetId")
    dimension: str = ""
    start: int = Field(0, alias="startIndex")


class Location(BaseModel):
    """Where metadata is."""

    model_config = _PLAIN

    span: Span | None = Field(None, alias="dimensionRange")


class Metadata(BaseModel):
    """One piece of developer metadata."""

    model_config = _PLAIN

    id: int = Field(alias="metadataId")
    key: str = Field(alias="metadataKey")
    value: str = Field("", alias="metadataValue")
    location: Location = Location()


class MatchedMetadata(BaseModel):
    """Metadata that a search found."""

    model_config = _PLAIN

    metadata: Metadata = Field(alias="developerMetadata")


class Search(BaseModel):
    """What a search found."""

    model_config = _PLAIN

    matched: list[MatchedMetadata] = Field([], alias="matchedDeveloperMetadata")


class Lookup(BaseModel):
    """The metadata that a filter named."""

    model_config = _PLAIN

    id: int | None = Field(None, alias="metadataId")


class Filter(BaseModel):
    """A filter as we sent it."""

    model_config = _PLAIN

    lookup: Lookup = Field(Lookup(), alias="developerMetadataLookup")


class Values(BaseModel):
    """Values of an area: columns of cells, without the empty ones at their ends."""

    model_config = _PLAIN

    range: str = ""
    columns: list[list[Any]] = Field([], alias="values")


class MatchedValues(BaseModel):
    """Values, and which filters they belong to."""

    model_config = _PLAIN

    values: Values = Field(alias="valueRange")
    filters: list[Filter] = Field([], alias="dataFilters")


class Read(BaseModel):
    """What was read by filters; an area that no filter matched is left out."""

    model_config = _PLAIN

    found: list[MatchedValues] = Field([], alias="valueRanges")


class WrittenColumn(BaseModel):
    """One column after it was written."""

    model_config = _PLAIN

    filter: Filter = Field(Filter(), alias="dataFilter")
    values: Values = Field(Values(), alias="updatedData")


class Written(BaseModel):
    """What a write left."""

    model_config = _PLAIN

    columns: list[WrittenColumn] = Field([], alias="responses")


class Changed(BaseModel):
    """What a batch of changes answered."""

    model_config = _PLAIN

    replies: list[dict[str, Any]] = []
