"""Writing single cells and names into an XLSX file without touching anything else in it.

A library that reads a whole book and writes it anew drops what it does not know: pictures, shapes,
Excel's own kinds of validation and formatting, slicers, the results of formulas. So the parts of
the file are changed where they say what is ours, byte by byte, and all others are copied.

Source: ECMA-376, part 1, §18.2 (workbook), §18.3 (worksheets).
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr, unescape

from openpyxl.utils import column_index_from_string, get_column_letter

from throughline.kernel.errors import Refused

Value = str | int | Decimal | None
Cells = Mapping[tuple[int, int], Value]  # by row and column, from 1

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
CHAIN = "xl/calcChain.xml"
STYLES = "xl/styles.xml"
TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]+)")
SAVE_AGAIN = "Save it again as .xlsx in a spreadsheet program, and try again."
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SPANS = re.compile(rb"\sspans=(\"[^\"]*\"|'[^']*')")


class NotWritable(Refused):
    """The file holds something in our cells that cannot be replaced without breaking more."""


@dataclass(slots=True)
class Element:
    """Where an element stands in the bytes of its part."""

    name: str
    attributes: dict[str, str]
    start: int
    open_end: int  # behind its opening tag
    end: int = 0
    parts: list["Element"] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The namespace prefix that the file uses, with its colon; "" where it uses none."""
        return self.name[: self.name.rfind(":") + 1]


def elements(raw: bytes, *names: str) -> list[Element]:
    """Return the elements of these local names in document order, nested ones inside `parts`."""
    found: list[Element] = []
    open_ones: list[Element] = []
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in names:
            start = parser.CurrentByteIndex
            tag = TAG.match(raw, start)
            one = Element(name, attributes, start, tag.end() if tag else start)
            (open_ones[-1].parts if open_ones else found).append(one)
            open_ones.append(one)

    def finish(name: str) -> None:
        if name.rpartition(":")[2] in names:
            one, at = open_ones.pop(), parser.CurrentByteIndex
            is_empty = raw[one.open_end - 2 : one.open_end] == b"/>"
            one.end = one.open_end if is_empty else raw.index(b">", at) + 1

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.Parse(raw, True)  # noqa: FBT003 -- expat's own signature
    return found


class Package:
    """An XLSX file whose parts are changed in place."""

    def __init__(self, raw: bytes) -> None:
        """Read the parts.

        Raises:
            Refused: the book is not where all programs put it, or not written as UTF-8.
        """
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            self._infos = archive.infolist()
            self._parts = {one.filename: archive.read(one) for one in self._infos}
        if not {WORKBOOK, RELATIONS} <= self._parts.keys():
            raise Refused("The workbook is packed in a way of its own.", remedy=SAVE_AGAIN)
        if self._parts[WORKBOOK][:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise Refused("The workbook is not UTF-8.", remedy=SAVE_AGAIN)

    def packed(self) -> bytes:
        """Return the file; parts that were not changed are what they were, in their order."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for info in self._infos:
                if info.filename in self._parts:
                    archive.writestr(info, self._parts[info.filename], info.compress_type)
        return buffer.getvalue()

    def define(self, names: Mapping[str, str]) -> None:
        """Give names to places; a name of the whole book that is there already is moved."""
        raw = self._parts[WORKBOOK]
        (book,) = elements(raw, "workbook", "sheets", "definedNames", "definedName")
        holders = [one for one in book.parts if one.name.endswith("definedNames")]
        standing = {
            one.attributes["name"]: one
            for one in (holders[0].parts if holders else [])
            if "localSheetId" not in one.attributes
        }
        edits, fresh = [], ""
        for name, place in names.items():
            text = f"<{book.prefix}definedName name={quoteattr(name)}>{escape(place)}</{book.prefix}definedName>"
            if name in standing:
                edits.append((standing[name].start, standing[name].end, text))
            else:
                fresh += text
        if fresh and holders and holders[0].parts:
            at = holders[0].parts[-1].end
            edits.append((at, at, fresh))
        elif fresh:
            edits.append(self._new_names(raw, book, holders, fresh))
        self._parts[WORKBOOK] = spliced(raw, edits)

    def _new_names(
        self, raw: bytes, book: Element, holders: list[Element], fresh: str
    ) -> tuple[int, int, str]:
        tag = f"{book.prefix}definedNames"
        text = f"<{tag}>{fresh}</{tag}>"
        if holders:
            return (holders[0].start, holders[0].end, text)
        before = elements(raw, "externalReferences", "functionGroups", "sheets")
        at = max(one.end for one in before)
        return (at, at, text)

    def write(self, sheet: str, cells: Cells, *, like: Mapping[int, str] | None = None) -> None:
        """Write cells of a sheet; None empties one.

        A cell that is there keeps its format. A new one gets the format that `like` has for its
        row: that of another cell, by its reference; else that of numbers with two decimals, if it
        is one.

        Raises:
            NotWritable: a cell holds a formula that fills others as well.
        """
        path = self._path(sheet)
        writing = _Writing(self._parts[path], like or {}, self._money)
        self._parts[path] = writing.write(cells)
        if writing.lost_formula:
            self._drop_chain()
        if b"<f" in self._parts[path] or any(b"<f" in self._parts[one] for one in self._sheets()):
            self._ask_to_calculate()

    def _sheets(self) -> Iterator[str]:
        return (name for name in self._parts if name.startswith("xl/worksheets/sheet"))

    def _path(self, sheet: str) -> str:
        raw = self._parts[WORKBOOK]
        for one in elements(raw, "sheet"):
            if one.attributes["name"] == sheet:
                wanted = next(value for key, value in one.attributes.items() if key.endswith(":id"))
                for link in elements(self._parts[RELATIONS], "Relationship"):
                    if link.attributes["Id"] == wanted:
                        target = link.attributes["Target"]
                        return target[1:] if target.startswith("/") else f"xl/{target}"
        raise Refused(f"The workbook has no sheet “{sheet}”.", remedy="Add one of that name.")

    def _money(self) -> int | None:
        """Return the format of numbers with two decimals and thousands; it is added if missing."""
        raw = self._parts.get(STYLES, b"<none/>")
        holders = elements(raw, "cellStyleXfs", "cellXfs", "xf")
        formats = next((one for one in holders if one.name.endswith("cellXfs")), None)
        if formats is None or not formats.parts:
            return None
        for place, one in enumerate(formats.parts):
            if one.attributes.get("numFmtId") == "4" and one.attributes.get("fontId") == "0":
                return place
        tag = f"{formats.prefix}xf"
        text = f'<{tag} numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        at, count = formats.parts[-1].end, len(formats.parts)
        head = re.sub(
            rb'count="[0-9]*"',
            f'count="{count + 1}"'.encode(),
            raw[formats.start : formats.open_end],
        )
        self._parts[STYLES] = spliced(
            raw, [(formats.start, formats.open_end, head.decode()), (at, at, text)]
        )
        return count

    def _drop_chain(self) -> None:
        """Drop the order in which formulas are calculated: it names one that is gone."""
        if self._parts.pop(CHAIN, None) is None:
            return
        for part, element, key, end in (
            (TYPES, "Override", "PartName", "calcChain.xml"),
            (RELATIONS, "Relationship", "Target", "calcChain.xml"),
        ):
            raw = self._parts[part]
            gone = [one for one in elements(raw, element) if one.attributes[key].endswith(end)]
            self._parts[part] = spliced(raw, [(one.start, one.end, "") for one in gone])

    def _ask_to_calculate(self) -> None:
        """Have whoever opens the book calculate its formulas anew: their results are older."""
        raw = self._parts[WORKBOOK]
        asked = elements(raw, "calcPr")
        if not asked:
            (names,) = elements(raw, "definedNames")
            text = f'<{names.prefix}calcPr fullCalcOnLoad="1"/>'
            self._parts[WORKBOOK] = spliced(raw, [(names.end, names.end, text)])
        for one in asked:
            at = one.start + 1 + len(one.name)
            bare = re.sub(rb'\sfullCalcOnLoad="[^"]*"', b"", raw[at : one.open_end]).decode()
            text = f' fullCalcOnLoad="1"{bare}'
            self._parts[WORKBOOK] = spliced(raw, [(at, one.open_end, text)])


def spliced(raw: bytes, edits: list[tuple[int, int, str]]) -> bytes:
    """Return bytes in which each span is replaced by its text."""
    for start, end, text in sorted(edits, key=lambda edit: edit[0], reverse=True):
        raw = raw[:start] + text.encode() + raw[end:]
    return raw


@dataclass(slots=True)
class _Row:
    number: int
    element: Element
    cells: dict[int, Element]


class _Writing:
    """One sheet's part, and where its rows and cells stand."""

    def __init__(
        self, raw: bytes, like: Mapping[int, str], money: Callable[[], int | None]
    ) -> None:
        self.raw, self.like, self._make_money = raw, like, money
        self.lost_formula = False
        found = elements(raw, "sheetData", "row", "c", "f")
        self.data = next(one for one in found if one.name.endswith("sheetData"))
        self.prefix = self.data.prefix
        self.rows = _rows(self.data)
        self._money: int | None = None
        self._knows_money = False

    def write(self, cells: Cells) -> bytes:
        edits: list[tuple[int, int, str]] = []
        fresh: dict[int, str] = {}
        for number in sorted({row for row, _column in cells}):
            wanted = {column: cells[row, column] for row, column in sorted(cells) if row == number}
            if number in self.rows:
                edits += self._in_row(self.rows[number], wanted)
            elif text := "".join(self._cell(number, *one) for one in wanted.items()):
                tag = f"{self.prefix}row"
                fresh[number] = f'<{tag} r="{number}">{text}</{tag}>'
        edits += self._new_rows(fresh)
        edits += self._wider(cells)
        return spliced(self.raw, edits)

    def _new_rows(self, fresh: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
        if fresh and self.data.end == self.data.open_end:
            name = self.data.name
            text = "".join(fresh[number] for number in sorted(fresh))
            yield (self.data.start, self.data.end, f"<{name}>{text}</{name}>")
            return
        places: dict[int, str] = {}
        last = max((row.element.end for row in self.rows.values()), default=self.data.open_end)
        for number in sorted(fresh):
            after = [row.element.start for other, row in self.rows.items() if other > number]
            at = min(after, default=last)
            places[at] = places.get(at, "") + fresh[number]
        yield from ((at, at, text) for at, text in places.items())

    def _in_row(self, row: _Row, wanted: Mapping[int, Value]) -> Iterator[tuple[int, int, str]]:
        element, places = row.element, dict[int, str]()
        for column, value in wanted.items():
            if column in row.cells:
                yield self._replaced(row, column, value)
            elif value is not None:
                after = [cell.start for other, cell in row.cells.items() if other > column]
                last = max((cell.end for cell in row.cells.values()), default=element.open_end)
                at = min(after, default=last)
                places[at] = places.get(at, "") + self._cell(row.number, column, value)
        if not places:
            return
        tag = SPANS.sub(b"", self.raw[element.start : element.open_end]).decode()
        if element.end == element.open_end:  # an empty element
            text = f"{tag[:-2]}>{''.join(places.values())}</{element.name}>"
            yield (element.start, element.end, text)
            return
        first = places.pop(element.open_end, "")
        yield (element.start, element.open_end, tag + first)
        yield from ((at, at, text) for at, text in places.items())

    def _replaced(self, row: _Row, column: int, value: Value) -> tuple[int, int, str]:
        cell = row.cells[column]
        for formula in cell.parts:
            self.lost_formula = True
            if "ref" in formula.attributes:
                place = f"{get_column_letter(column)}{row.number}"
                raise NotWritable(
                    f"The cell {place} holds a formula that fills others as well.",
                    remedy=f"Empty {place} by hand, and try again.",
                )
        style = cell.attributes.get("s")
        return (cell.start, cell.end, self._cell(row.number, column, value, style=style or "0"))

    def _cell(self, row: int, column: int, value: Value, *, style: str = "") -> str:
        tag = f"{self.prefix}c"
        style = style or self._style(row, value)
        head = f'<{tag} r="{get_column_letter(column)}{row}"'
        head += f' s="{style}"' if style not in {"", "0"} else ""
        match value:
            case None:
                return f"{head}/>" if style not in {"", "0"} else ""
            case str():
                text = escape(NOT_XML.sub("", value))
                inner = f'<{self.prefix}t xml:space="preserve">{text}</{self.prefix}t>'
                return f'{head} t="inlineStr"><{self.prefix}is>{inner}</{self.prefix}is></{tag}>'
            case _:
                return f"{head}><{self.prefix}v>{value}</{self.prefix}v></{tag}>"

    def _style(self, row: int, value: Value) -> str:
        if row in self.like:
            match = REFERENCE.fullmatch(self.like[row])
            if match:
                there = self.rows.get(int(match[2]))
                cell = there.cells.get(column_index_from_string(match[1])) if there else None
                return cell.attributes.get("s", "") if cell else ""
        if not isinstance(value, Decimal):
            return ""
        if not self._knows_money:
            self._money, self._knows_money = self._make_money(), True
        return "" if self._money is None else str(self._money)

    def _wider(self, cells: Cells) -> Iterator[tuple[int, int, str]]:
        """Yield the edit that makes the sheet's stated extent hold the cells."""
        for one in elements(self.raw, "dimension"):
            first, _colon, last = one.attributes.get("ref", "").partition(":")
            match = REFERENCE.fullmatch(last or first)
            if match is None or REFERENCE.fullmatch(first) is None:
                continue
            row = max(int(match[2]), *(row for row, _column in cells))
            column = max(column_index_from_string(match[1]), *(column for _row, column in cells))
            text = f'<{one.name} ref="{first}:{get_column_letter(column)}{row}"/>'
            yield (one.start, one.end, text)


def _rows(data: Element) -> dict[int, _Row]:
    """Return the rows by number; a row or a cell that does not say where it is follows the last."""
    found: dict[int, _Row] = {}
    number = 0
    for row in data.parts:
        number = int(row.attributes.get("r", number + 1))
        cells: dict[int, Element] = {}
        column = 0
        for cell in row.parts:
            match = REFERENCE.fullmatch(unescape(cell.attributes.get("r", "")))
            column = column_index_from_string(match[1]) if match else column + 1
            cells[column] = cell
        found[number] = _Row(number, row, cells)
    return found
