"""Values of a spreadsheet: read and written by A1 range, by grid range, or by metadata."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from throughline.simulators.sheets_book import COLUMNS, ROWS, Book, Sheet, Wrong

A1 = re.compile(r"\$?([A-Z]{1,3})?\$?([0-9]+)?(?::\$?([A-Z]{1,3})?\$?([0-9]+)?)?")
TITLED = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.+)")
LETTERS = 26
RENDERED = {"", "FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"}


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a sheet; ends are excluded."""

    sheet: Sheet
    top: int
    left: int
    bottom: int
    right: int

    @property
    def a1(self) -> str:
        title = self.sheet.title
        quoted = (
            title
            if re.fullmatch(r"[A-Za-z0-9_]+", title)
            else f"'{title.replace(chr(39), chr(39) * 2)}'"
        )
        return f"{quoted}!{letters(self.left)}{self.top + 1}:{letters(self.right - 1)}{self.bottom}"


def letters(index: int) -> str:
    """Return a column's letters: 0 is A."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, LETTERS)
        found = chr(ord("A") + rest) + found
    return found


def _number(name: str) -> int:
    found = 0
    for letter in name:
        found = found * LETTERS + ord(letter) - ord("A") + 1
    return found - 1


def by_a1(book: Book, text: str) -> Area:
    """Return the area that A1 notation names.

    Raises:
        Wrong: it names none.
    """
    match = TITLED.fullmatch(text)
    titles = {one.title for one in book.sheets}
    bare = text.strip("'").replace("''", "'")
    if match is None and bare in titles:
        sheet = book.titled(bare)
        return Area(sheet, 0, 0, sheet.rows, sheet.columns)
    sheet = book.sheets[0]
    if match is not None:
        sheet = book.titled((match[1] or match[2]).replace("''", "'"))
        text = match[3]
    found = A1.fullmatch(text)
    if found is None or not any(found.groups()):
        raise Wrong(f"Unable to parse range: {text}")
    left, top, right, bottom = found.groups()
    is_single = ":" not in text
    return Area(
        sheet,
        int(top) - 1 if top else 0,
        _number(left) if left else 0,
        int(bottom or (top if is_single and top else sheet.rows)),
        _number(right or (left if is_single and left else letters(sheet.columns - 1))) + 1,
    )


def by_filter(book: Book, wanted: Mapping[str, Any]) -> Iterator[Area]:
    """Yield the areas that a data filter selects; none where nothing matches.

    Raises:
        Wrong: it is no filter.
    """
    if "a1Range" in wanted:
        yield by_a1(book, wanted["a1Range"])
    elif "gridRange" in wanted:
        grid = wanted["gridRange"]
        sheet = book.sheet(grid.get("sheetId", 0))
        yield Area(
            sheet,
            grid.get("startRowIndex", 0),
            grid.get("startColumnIndex", 0),
            grid.get("endRowIndex", sheet.rows),
            grid.get("endColumnIndex", sheet.columns),
        )
    elif "developerMetadataLookup" in wanted:
        for one in book.matching(wanted["developerMetadataLookup"]):
            if one.sheet is None:
                continue
            sheet = book.sheet(one.sheet)
            if one.dimension == COLUMNS:
                yield Area(sheet, 0, one.index, sheet.rows, one.index + 1)
            elif one.dimension == ROWS:
                yield Area(sheet, one.index, 0, one.index + 1, sheet.columns)
            else:
                yield Area(sheet, 0, 0, sheet.rows, sheet.columns)
    else:
        raise Wrong("dataFilter must be specified.")


def read(area: Area, major: str, render: str) -> dict[str, Any]:
    """Return the values of an area, without the empty cells at its ends.

    Raises:
        Wrong: there is no such way to show them.
    """
    if render not in RENDERED:
        raise Wrong(f"Invalid value for valueRenderOption: {render}")
    rows = [
        [_shown(area.sheet.value(row, column), render) for column in range(area.left, area.right)]
        for row in range(area.top, min(area.bottom, area.sheet.rows))
    ]
    if major == COLUMNS:
        rows = [list(column) for column in zip(*rows, strict=True)]
    trimmed = [_trimmed(row) for row in rows]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    found: dict[str, Any] = {"range": area.a1, "majorDimension": major or ROWS}
    return found | ({"values": trimmed} if trimmed else {})


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row = row[:-1]
    return row


def _shown(value: Any, render: str) -> Any:
    if value is None:
        return ""
    if render in {"", "FORMATTED_VALUE"}:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value


def write(area: Area, values: list[list[Any]], major: str, option: str) -> dict[str, int]:
    """Write values from the top left on; null leaves a cell as it is, "" empties it.

    Raises:
        Wrong: there is no such option, or there are more values than the area holds.
    """
    if option not in {"RAW", "USER_ENTERED"}:
        raise Wrong("'valueInputOption' is required but not specified")
    places = set()
    for outer, line in enumerate(values):
        for inner, value in enumerate(line):
            down, across = (inner, outer) if major == COLUMNS else (outer, inner)
            row, column = area.top + down, area.left + across
            if row >= area.bottom or column >= area.right:
                raise Wrong(f"Requested writing within range [{area.a1}], but tried writing to row [{row + 1}]")  # fmt: skip
            if value is None:
                continue
            area.sheet.put(row, column, _typed(value) if option == "USER_ENTERED" else value)
            places.add((row, column))
    return {
        "updatedCells": len(places),
        "updatedRows": len({row for row, _column in places}),
        "updatedColumns": len({column for _row, column in places}),
    }


def _typed(value: Any) -> Any:
    """Return what typing a text means: digits are a number."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value) if "." in value else int(value)
    return value


def append(area: Area, values: list[list[Any]], option: str) -> tuple[Area, dict[str, int]]:
    """Write rows below the last one of the area's sheet that holds anything."""
    sheet = area.sheet
    last = max((row for (row, _), cell in sheet.cells.items() if cell.get("userEnteredValue")), default=-1)  # fmt: skip
    top = max(last + 1, area.top)
    sheet.rows = max(sheet.rows, top + len(values))
    width = max((len(row) for row in values), default=1)
    target = Area(sheet, top, area.left, top + max(len(values), 1), area.left + width)
    return target, write(target, values, ROWS, option)
