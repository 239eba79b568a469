"""A provider's table as rows of cells, whatever program saved it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from throughline.intake.amounts import Style, style_of
from throughline.kernel.errors import Refused
from throughline.kernel.months import last_day, parse_month

_DELIMITERS = ",;\t"
_SUFFIX = re.compile(r"\(([^()]{1,4})\)\s*$")
_CURRENCIES = {"€": "EUR", "£": "GBP", "¥": "JPY"}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
AGAIN = "Download the file again, and do not save it with a spreadsheet."


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and the line of the file on which it starts."""

    number: int
    cells: list[str]

    def cell(self, index: int) -> str:
        """Return a cell without its outer spaces."""
        return self.cells[index].strip()


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that hold anything."""

    name: str
    lines: list[Line]
    delimiter: str

    def refuse(self, line: int, message: str, *, remedy: str = AGAIN) -> Refused:
        """Return the refusal for what is wrong on a line."""
        return Refused(f"{self.name}, line {line}: {message}", remedy=remedy)


def text_of(content: bytes, *, name: str) -> str:
    """Return a file's text: UTF-8, UTF-16 with its mark, or what Western Europe's machines write.

    Raises:
        Refused: it is no text.
    """
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text or not text.strip():
        what = "is no text" if text.strip() else "is empty"
        raise Refused(f"{name} {what}.", remedy="Download it as CSV.")
    return text


def read_table(content: bytes, *, name: str) -> Table:
    """Return a file's rows, each as wide as the first.

    Raises:
        Refused: it is no CSV, or a row is cut off; the message names the line.
    """
    text = text_of(content, name=name)
    head = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").splitlines()[0])
    delimiter = Counter({one: head.count(one) for one in _DELIMITERS}).most_common(1)[0][0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    table = Table(name, lines, delimiter)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(Line(start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise table.refuse(reader.line_num, f"{error}; the file is cut off or broken.") from error
    _check_widths(table)
    return table


def _check_widths(table: Table) -> None:
    width = len(table.lines[0].cells)
    for line in table.lines:
        if len(line.cells) != width:
            raise table.refuse(
                line.number,
                f"{len(line.cells)} cells where the first row has {width};"
                " the file is cut off or broken.",
            )


def number_style(table: Table, columns: Iterable[int], lines: Iterable[Line]) -> Style:
    """Return how the numbers in some columns are written.

    Raises:
        Refused: in two ways.
    """
    wanted = list(columns)
    cells = ((line.number, line.cells[index]) for line in lines for index in wanted)
    try:
        return style_of(cells, default="comma" if table.delimiter == ";" else "point")
    except Refused as refused:
        raise Refused(f"{table.name}: {refused.message}", remedy=refused.remedy) from refused


def currency_of(header: str, *, own: str) -> str:
    """Return the currency that a column's heading ends with, as "Total costs($)" does; "" if none.

    A dollar sign is our own currency where that is a dollar.
    """
    found = _SUFFIX.search(header)
    if found is None:
        return ""
    sign = found[1].strip().upper()
    if sign == "$":
        return own if own in _DOLLARS else "USD"
    return _CURRENCIES.get(sign, sign if re.fullmatch(r"[A-Z]{3}", sign) else "")


def without_currency(header: str) -> str:
    """Return a heading without its currency."""
    return _SUFFIX.sub("", header).strip()


def month_in(cell: str) -> str | None:
    """Return the month that a cell names, as YYYY-MM; None where it names none, or another day.

    2026-03-01, 2026-03, 3/1/2026 and 01.03.2026 are March: rows of months begin on the first.
    """
    text = cell.strip()
    if re.fullmatch(r"\d{4}-\d{2}(-01([T ].*)?)?", text):
        return text[:7]
    if (parts := _PARTS.fullmatch(text)) and "1" in {parts[1].lstrip("0"), parts[2].lstrip("0")}:
        first, second = int(parts[1]), int(parts[2])
        return f"{parts[3]}-{second if first == 1 else first:02}"
    word = re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{4})", text)
    if word and word[1][:3].lower() in _NAMES:
        return f"{word[2]}-{_NAMES.index(word[1][:3].lower()) + 1:02}"
    return None


def period_in_name(name: str) -> tuple[str, bool]:
    """Return the month in a file's name, and whether it tells of all its days; "" if none.

    Cloud reports are saved as "…, 2026-03-01 — 2026-03-31.csv".
    """
    days = re.findall(r"(?<!\d)(\d{4}-(?:0[1-9]|1[0-2]))(?:-(\d{2}))?(?!\d)", name)
    months = {month for month, _day in days}
    if len(months) != 1:
        return "", False
    month = months.pop()
    told = [int(day) for _month, day in days if day]
    whole = not told or (min(told) == 1 and max(told) == last_day(parse_month(month)).day)
    return month, whole
