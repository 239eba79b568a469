"""Tables in files: read as UTF-8 with or without BOM, written so that no cell runs as a formula."""

import csv
import io
import re
from _csv import Reader  # the csv module does not name the type of its readers
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from throughline.kernel.errors import Refused

# Full-width signs too: spreadsheets of East Asian locales read them as their plain twins
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")  # what a spreadsheet takes for one


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: the line on which it starts (the header is line 1), and its cells."""

    line: int
    cells: dict[str, str]
    problem: str = ""


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        Refused: there is no such file, or it is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
    return text_in(content, name=str(path))


def text_in(content: bytes, *, name: str) -> str:
    """Return the text that a file of some name holds.

    Raises:
        Refused: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            f"{name} is not UTF-8 (byte {error.start}).", remedy="Save it as UTF-8 and try again."
        ) from error


def read_rows(path: Path, *, required: Sequence[str]) -> Iterator[Row]:
    """Yield a CSV file's rows; a row with the wrong number of cells comes with its `problem`.

    Raises:
        Refused: the file cannot be read, has no header, or lacks a required column.
    """
    return rows_in(read_text(path), name=str(path), required=required)


def rows_in(text: str, *, name: str, required: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a CSV file's text, as `read_rows` does.

    Raises:
        Refused: it is no CSV, has no header, or lacks a required column.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [cell.strip() for cell in _next(reader, name)]
    _check_header(name, header, required)
    line = reader.line_num + 1
    while (cells := _next(reader, name)) or reader.line_num >= line:
        if any(cell.strip() for cell in cells):
            problem = (
                ""
                if len(cells) == len(header)
                else f"{len(cells)} cells where the header has {len(header)}"
            )
            yield Row(line, dict(zip(header, cells, strict=False)), problem)
        line = reader.line_num + 1


def _next(reader: Reader, name: str) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as error:
        raise Refused(
            f"{name}, line {reader.line_num}: {error}.", remedy="Save the file as plain CSV."
        ) from error


def _check_header(name: str, header: list[str], required: Sequence[str]) -> None:
    if missing := [column for column in required if column not in header]:
        raise Refused(
            f"{name}, line 1: the column {', '.join(missing)} is missing.",
            remedy=f"Needed: {', '.join(required)}.",
        )
    if twice := sorted({column for column in header if column and header.count(column) > 1}):
        raise Refused(
            f"{name}, line 1: the column {', '.join(twice)} stands twice.", remedy="Keep one."
        )


def as_text(cell: object) -> str:
    """Return a cell for an export: what a spreadsheet would run as a formula becomes text.

    Numbers stay numbers: a leading minus before digits is no formula.
    Source: requirements E39; OWASP's advice on CSV injection.
    """
    text = "" if cell is None else str(cell)
    if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV file with neutralised cells, and return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([as_text(name) for name in header])
        for row in rows:
            writer.writerow([as_text(cell) for cell in row])
            count += 1
    return count
