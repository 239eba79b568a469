"""What `spreadsheets.batchUpdate` can do here: all of its requests, or none of them."""

import copy
import secrets
from collections.abc import Callable
from typing import Any

from throughline.simulators.sheets_book import COLUMNS, ROWS, Book, Cell, Metadata, Sheet, Wrong

Request = dict[str, Any]
LARGEST_ID = 2**31 - 1


def perform(book: Book, requests: list[Request]) -> list[dict[str, Any]]:
    """Perform requests in order and return their replies; one that is wrong undoes them all.

    Raises:
        Wrong: a request is not valid; the book is as it was.
    """
    if not requests:
        raise Wrong("Must specify at least one request.")
    sheets, metadata = copy.deepcopy(book.sheets), copy.deepcopy(book.metadata)
    replies = []
    try:
        for place, request in enumerate(requests):
            ((name, asked),) = request.items()
            try:
                replies.append(KNOWN.get(name, _unknown)(book, asked))
            except Wrong as wrong:
                raise Wrong(f"Invalid requests[{place}].{name}: {wrong.message}") from wrong
    except Wrong:
        book.sheets, book.metadata = sheets, metadata
        raise
    return replies


def _unknown(_book: Book, _asked: Request) -> dict[str, Any]:
    raise Wrong("The simulator knows no such request.")


def _span(book: Book, asked: Request) -> tuple[Sheet, str, int, int]:
    sheet = book.sheet(asked.get("sheetId", 0))
    start, end = asked.get("startIndex", 0), asked.get("endIndex")
    if asked.get("dimension") not in {ROWS, COLUMNS} or end is None or end <= start:
        raise Wrong("range is not bounded.")
    return sheet, asked["dimension"], start, end - start


def _add_sheet(book: Book, asked: Request) -> dict[str, Any]:
    wanted = asked.get("properties", {})
    grid = wanted.get("gridProperties", {})
    title = wanted.get("title", f"Sheet{len(book.sheets) + 1}")
    number = wanted.get("sheetId", secrets.randbelow(LARGEST_ID))
    if any(one.id == number for one in book.sheets):
        raise Wrong(f"A sheet with the id {number} already exists.")
    if any(one.title == title for one in book.sheets):
        raise Wrong(f'A sheet with the name "{title}" already exists. Please enter another name.')
    frozen = {name: it for name, it in grid.items() if name.startswith("frozen")}
    sheet = Sheet(number, title, grid.get("rowCount", 1000), grid.get("columnCount", 26), frozen)
    book.sheets.append(sheet)
    return {"addSheet": sheet.shape(len(book.sheets) - 1)}


def _delete_sheet(book: Book, asked: Request) -> dict[str, Any]:
    gone = book.sheet(asked["sheetId"])
    if len(book.sheets) == 1:
        raise Wrong("You can't remove all the sheets in a document.")
    book.sheets.remove(gone)
    book.metadata = [one for one in book.metadata if one.sheet != gone.id]
    return {}


def _update_properties(book: Book, asked: Request) -> dict[str, Any]:
    wanted = asked["properties"]
    sheet = book.sheet(wanted.get("sheetId", 0))
    grid = wanted.get("gridProperties", {})
    sheet.title = wanted.get("title", sheet.title)
    sheet.rows = grid.get("rowCount", sheet.rows)
    sheet.columns = grid.get("columnCount", sheet.columns)
    return {}


def _insert(book: Book, asked: Request) -> dict[str, Any]:
    sheet, dimension, start, count = _span(book, asked["range"])
    if asked.get("inheritFromBefore") and start == 0:
        raise Wrong("inheritFromBefore cannot be true when inserting at the start.")
    book.insert(sheet, dimension, start, count)
    _inherit(
        sheet, dimension, range(start, start + count), before=bool(asked.get("inheritFromBefore"))
    )
    return {}


def _inherit(sheet: Sheet, dimension: str, fresh: range, *, before: bool) -> None:
    """Give what was inserted the formats of its neighbour."""
    at = 0 if dimension == ROWS else 1
    neighbour = fresh.start - 1 if before else fresh.stop
    for place, cell in list(sheet.cells.items()):
        if place[at] == neighbour and "userEnteredFormat" in cell:
            for one in fresh:
                new = (one, place[1]) if at == 0 else (place[0], one)
                sheet.cells[new] = {"userEnteredFormat": cell["userEnteredFormat"]}


def _append(book: Book, asked: Request) -> dict[str, Any]:
    book.sheet(asked.get("sheetId", 0)).grow(asked["dimension"], asked["length"])
    return {}


def _delete(book: Book, asked: Request) -> dict[str, Any]:
    book.delete(*_span(book, asked["range"]))
    return {}


def _move(book: Book, asked: Request) -> dict[str, Any]:
    book.move(*_span(book, asked["source"]), asked["destinationIndex"])
    return {}


def _hide(book: Book, asked: Request) -> dict[str, Any]:
    sheet, dimension, start, count = _span(book, asked["range"])
    if asked["properties"].get("hiddenByUser"):
        sheet.hidden |= {(dimension, one) for one in range(start, start + count)}
    return {}


def _create_metadata(book: Book, asked: Request) -> dict[str, Any]:
    wanted = asked["developerMetadata"]
    if not wanted.get("metadataKey") or wanted.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise Wrong("developerMetadata must have a key and a visibility.")
    number = wanted.get("metadataId", secrets.randbelow(LARGEST_ID) + 1)
    if not 0 < number <= LARGEST_ID:
        raise Wrong("developerMetadata.metadataId must be positive.")
    if any(one.id == number for one in book.metadata):
        raise Wrong(f"Developer metadata with the id {number} already exists.")
    location = wanted.get("location", {})
    one = Metadata(
        number, wanted["metadataKey"], wanted.get("metadataValue", ""), wanted["visibility"]
    )
    if "dimensionRange" in location:
        sheet, one.dimension, one.index, count = _span(book, location["dimensionRange"])
        if count != 1 or one.index >= sheet.size(one.dimension):
            raise Wrong("developerMetadata.location must be a single row or column of the sheet.")
        one.sheet = sheet.id
    elif "sheetId" in location:
        one.sheet = book.sheet(location["sheetId"]).id
    elif not location.get("spreadsheet"):
        raise Wrong("developerMetadata.location must be specified.")
    book.metadata.append(one)
    return {"createDeveloperMetadata": {"developerMetadata": one.shape()}}


def _delete_metadata(book: Book, asked: Request) -> dict[str, Any]:
    gone = list(book.matching(asked["dataFilter"]["developerMetadataLookup"]))
    book.metadata = [one for one in book.metadata if one not in gone]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": [one.shape() for one in gone]}}


def _update_cells(book: Book, asked: Request) -> dict[str, Any]:
    start = asked.get("start") or {
        "sheetId": asked["range"].get("sheetId", 0),
        "rowIndex": asked["range"].get("startRowIndex", 0),
        "columnIndex": asked["range"].get("startColumnIndex", 0),
    }
    sheet = book.sheet(start.get("sheetId", 0))
    for down, row in enumerate(asked.get("rows", [])):
        for across, cell in enumerate(row.get("values", [])):
            place = (start.get("rowIndex", 0) + down, start.get("columnIndex", 0) + across)
            _set(sheet, place, cell, asked.get("fields", ""))
    return {}


def _repeat_cell(book: Book, asked: Request) -> dict[str, Any]:
    area = asked["range"]
    sheet = book.sheet(area.get("sheetId", 0))
    for row in range(area.get("startRowIndex", 0), area.get("endRowIndex", sheet.rows)):
        for column in range(
            area.get("startColumnIndex", 0), area.get("endColumnIndex", sheet.columns)
        ):
            _set(sheet, (row, column), asked["cell"], asked.get("fields", ""))
    return {}


def _set(sheet: Sheet, place: tuple[int, int], cell: Cell, fields: str) -> None:
    if not fields:
        raise Wrong("fields must be specified.")
    if place[0] >= sheet.rows or place[1] >= sheet.columns:
        raise Wrong(f"{place} is beyond the grid limits.")
    kept = dict(sheet.cells.get(place, {}))
    for name in ("userEnteredValue", "userEnteredFormat"):
        if name in fields or fields == "*":
            kept.pop(name, None)
            if cell.get(name):
                kept[name] = cell[name]
    sheet.cells[place] = kept


KNOWN: dict[str, Callable[[Book, Request], dict[str, Any]]] = {
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "updateSheetProperties": _update_properties,
    "insertDimension": _insert,
    "appendDimension": _append,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "updateDimensionProperties": _hide,
    "createDeveloperMetadata": _create_metadata,
    "deleteDeveloperMetadata": _delete_metadata,
    "updateCells": _update_cells,
    "repeatCell": _repeat_cell,
}
