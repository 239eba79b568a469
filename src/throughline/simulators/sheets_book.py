"""A spreadsheet: tabs of cells, and developer metadata that moves with rows and columns."""

import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

ROWS, COLUMNS = "ROWS", "COLUMNS"
Cell = dict[str, Any]  # userEnteredValue, userEnteredFormat
_numbers = itertools.count(1)


class Wrong(Exception):
    """What Google refuses, with its status."""

    def __init__(self, message: str, code: int = 400, status: str = "INVALID_ARGUMENT") -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status


@dataclass(slots=True)
class Metadata:
    """One piece of developer metadata and where it is; no place stands for the spreadsheet."""

    id: int
    key: str
    value: str
    visibility: str
    sheet: int | None = None
    dimension: str = ""  # ROWS or COLUMNS; "" for a whole sheet
    index: int = 0

    @property
    def location_type(self) -> str:
        """SPREADSHEET, SHEET, ROW or COLUMN."""
        if self.sheet is None:
            return "SPREADSHEET"
        return {ROWS: "ROW", COLUMNS: "COLUMN"}.get(self.dimension, "SHEET")

    def shape(self) -> dict[str, Any]:
        location: dict[str, Any] = {"locationType": self.location_type}
        if self.sheet is None:
            location["spreadsheet"] = True
        elif self.dimension:
            location["dimensionRange"] = {
                "sheetId": self.sheet, "dimension": self.dimension,
                "startIndex": self.index, "endIndex": self.index + 1,
            }  # fmt: skip
        else:
            location["sheetId"] = self.sheet
        said = {"metadataId": self.id, "metadataKey": self.key, "visibility": self.visibility,
                "location": location}  # fmt: skip
        return said | ({"metadataValue": self.value} if self.value else {})


@dataclass(slots=True)
class Sheet:
    """One tab."""

    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    frozen: dict[str, int] = field(default_factory=dict)
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)  # by row and column, from 0
    hidden: set[tuple[str, int]] = field(default_factory=set)

    def size(self, dimension: str) -> int:
        return self.rows if dimension == ROWS else self.columns

    def grow(self, dimension: str, count: int) -> None:
        if dimension == ROWS:
            self.rows += count
        else:
            self.columns += count

    def value(self, row: int, column: int) -> Any:
        """Return what a person typed there; None for an empty cell."""
        return entered(self.cells.get((row, column), {}))

    def put(self, row: int, column: int, value: Any) -> None:
        """Type a value into a cell; "" empties it. Its format stays."""
        cell = {
            name: it
            for name, it in self.cells.get((row, column), {}).items()
            if name != "userEnteredValue"
        }
        if value not in ("", None):
            cell["userEnteredValue"] = typed(value)
        self.cells[row, column] = cell

    def moved(self, dimension: str, places: dict[int, int]) -> None:
        """Renumber rows or columns; those without a new number are gone."""
        at = 0 if dimension == ROWS else 1
        kept: dict[tuple[int, int], Cell] = {}
        for place, cell in self.cells.items():
            if place[at] in places:
                new = places[place[at]]
                kept[(new, place[1]) if at == 0 else (place[0], new)] = cell
        self.cells = kept

    def shape(self, index: int) -> dict[str, Any]:
        grid = {"rowCount": self.rows, "columnCount": self.columns, **self.frozen}
        return {
            "properties": {
                "sheetId": self.id, "title": self.title, "index": index, "sheetType": "GRID",
                "gridProperties": grid,
            }
        }  # fmt: skip


def typed(value: Any) -> dict[str, Any]:
    """Return a value as the API words it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    text = str(value)
    return {"formulaValue": text} if text.startswith("=") else {"stringValue": text}


def entered(cell: Cell) -> Any:
    """Return the plain value of a cell; a formula as its text, for nothing is calculated here."""
    found = cell.get("userEnteredValue") or {}
    return next(iter(found.values()), None)


class Book:
    """A spreadsheet with its tabs and its metadata."""

    def __init__(self, title: str = "Cloud billing") -> None:
        self.title = title
        self.id = f"sim{zlib.crc32(str(next(_numbers)).encode()):08x}{'S' * 33}"
        self.sheets: list[Sheet] = [Sheet(0, "Sheet1")]
        self.metadata: list[Metadata] = []

    def sheet(self, sheet_id: int) -> Sheet:
        """Return a tab.

        Raises:
            Wrong: there is none of that id.
        """
        for one in self.sheets:
            if one.id == sheet_id:
                return one
        raise Wrong(f"No grid with id: {sheet_id}")

    def titled(self, title: str) -> Sheet:
        """Return a tab by its title.

        Raises:
            Wrong: there is none.
        """
        for one in self.sheets:
            if one.title == title:
                return one
        raise Wrong(f"Unable to parse range: {title}")

    def insert(self, sheet: Sheet, dimension: str, at: int, count: int) -> None:
        """Insert rows or columns; what stood there moves on, with its metadata.

        Raises:
            Wrong: there is no such place.
        """
        size = sheet.size(dimension)
        if not 0 <= at < size:
            raise Wrong(f"range.startIndex[{at}] is too large: the sheet has {size} {dimension}.")
        self._renumber(
            sheet, dimension, {one: one + (count if one >= at else 0) for one in range(size)}
        )
        sheet.grow(dimension, count)

    def delete(self, sheet: Sheet, dimension: str, at: int, count: int) -> None:
        """Delete rows or columns, with their metadata."""
        size = sheet.size(dimension)
        gone = range(at, at + count)
        self._renumber(
            sheet,
            dimension,
            {one: one - (count if one >= at else 0) for one in range(size) if one not in gone},
        )
        sheet.grow(dimension, -count)

    def move(self, sheet: Sheet, dimension: str, at: int, count: int, to: int) -> None:
        """Move rows or columns in front of another one, counted before the move."""
        order = list(range(sheet.size(dimension)))
        part = order[at : at + count]
        rest = [one for one in order if one not in part]
        place = to if to <= at else to - count
        order = rest[:place] + part + rest[place:]
        self._renumber(sheet, dimension, {old: new for new, old in enumerate(order)})

    def _renumber(self, sheet: Sheet, dimension: str, places: dict[int, int]) -> None:
        sheet.moved(dimension, places)
        kept = []
        for one in self.metadata:
            if one.sheet == sheet.id and one.dimension == dimension:
                if one.index not in places:
                    continue
                one.index = places[one.index]
            kept.append(one)
        self.metadata = kept

    def matching(self, lookup: dict[str, Any]) -> Iterator[Metadata]:
        """Yield the metadata that a lookup selects.

        Raises:
            Wrong: it asks for something that the simulator does not know.
        """
        wanted: dict[str, Callable[[Metadata], int | str]] = {
            "metadataId": lambda one: one.id, "metadataKey": lambda one: one.key,
            "metadataValue": lambda one: one.value, "visibility": lambda one: one.visibility,
            "locationType": lambda one: one.location_type,
        }  # fmt: skip
        if unknown := set(lookup) - set(wanted):
            raise Wrong(f"The simulator knows no {sorted(unknown)} in a lookup.")
        for one in self.metadata:
            if all(read(one) == lookup[name] for name, read in wanted.items() if name in lookup):
                yield one

    def shape(self) -> dict[str, Any]:
        return {
            "spreadsheetId": self.id,
            "properties": {"title": self.title, "locale": "en_US", "timeZone": "Etc/UTC"},
            "sheets": [one.shape(index) for index, one in enumerate(self.sheets)],
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{self.id}/edit",
        }
