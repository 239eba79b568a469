"""The workbook of cloud costs: a view of the ledger that people may rearrange.

A column is found by its defined name, never by its letter, and the row of a month by what stands
in the column of months; so moving, inserting, hiding and renaming are harmless. Only the cells we
own are written, and everything else in the file is copied as it is (`workbook_patch`).
"""

import fcntl
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from throughline.billing.columns import (
    CODES,
    HEAD_ROWS,
    ColumnGroup,
    Shown,
    column_name,
    missing_months,
    read_cell,
    to_write,
)
from throughline.billing.workbook_patch import Package, Value
from throughline.billing.workbook_read import (
    COLUMN,
    MONTHS_NAME,
    SHEET,
    Books,
    Place,
    WorkbookUnreadable,
    read_books,
    standing_books,
    workbook_path,
)
from throughline.documents.actions import write_atomically
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text
from throughline.kernel.tables import as_text

Months = dict[date, dict[str, Shown]]


def read_groups() -> dict[str, ColumnGroup]:
    """Return the groups that the workbook has, by name; none where there is no workbook.

    A column that somebody deleted has no heading in its group; without any column it is none.

    Raises:
        WorkbookUnreadable: it is no workbook, or a broken one.
    """
    return groups_in(standing_books()) if workbook_path().exists() else {}


def groups_in(books: Books) -> dict[str, ColumnGroup]:
    """Return the groups that a workbook has, by name."""
    found: dict[str, dict[str, Place]] = {}
    for name, place in books.places.items():
        if match := COLUMN.fullmatch(name):
            found.setdefault(match[1], {})[match[2]] = place
    return {name: _group(name, places, books) for name, places in found.items()}


def read_months(group: str) -> Months:
    """Return what stands in the cells of a group, by month and column.

    Raises:
        WorkbookUnreadable: it is no workbook, or a broken one.
    """
    if not workbook_path().exists():
        return {}
    books = standing_books()
    found: Months = {}
    for code in CODES:
        place = books.places.get(column_name(group, code))
        if place is None:
            continue
        for month, row in books.months(place.sheet).items():
            value = books.value(place.sheet, row, place.column)
            found.setdefault(month, {})[code] = read_cell(code, value)
    return found


def _group(name: str, places: Mapping[str, Place], books: Books) -> ColumnGroup:
    def text(code: str, row: int | None) -> str:
        place = places.get(code)
        if place is None or row is None:
            return ""
        return str(books.value(place.sheet, row, place.column) or "")

    first = places.get(CODES[0])
    return ColumnGroup(
        name,
        text(CODES[0], first.row if first else None),
        text(CODES[0], books.cluster_row(first) if first else None),
        tuple(text(code, places[code].last if code in places else None) for code in CODES),
        {code: f"{place.sheet}!{place.letter}" for code, place in places.items()},
    )


def put_group(group: ColumnGroup) -> None:
    """Add a group at the right, or make an existing group's headings what they should be.

    Raises:
        Refused: the workbook cannot be read, or has no place for it.
    """
    with locked_workbook():
        raw = workbook_path().read_bytes() if workbook_path().exists() else _fresh_book()
        books = read_books(raw)
        places = {code: books.places.get(column_name(group.name, code)) for code in CODES}
        standing = [place for place in places.values() if place is not None]
        sheet = standing[0].sheet if standing else _sheet_for_new(books)
        next_column = max(books.book[sheet].max_column, 1) + 1
        package, head, names = Package(raw), _head_rows(books, sheet), {}
        for code, there in places.items():
            place = there or Place(sheet, next_column, *head)
            if there is None:
                names[column_name(group.name, code)] = _reference(place)
                next_column += 1
            _write_heading(package, books, group, code, place)
        if MONTHS_NAME not in books.places and (months := books.months_place(sheet)):
            names[MONTHS_NAME] = _reference(Place(sheet, months.column, *head))
        package.define(names)
        _keep(package.packed())


def put_months(group: str, wanted: Mapping[date, Mapping[str, Shown]]) -> None:
    """Write the cells of a group for some months; rows that are missing are added below.

    Raises:
        WorkbookUnreadable: there is none, or it is broken.
        Refused: a column is gone, or a cell cannot be written without breaking others.
    """
    with locked_workbook():
        if not workbook_path().exists():
            raise WorkbookUnreadable("There is no workbook.", remedy="Apply the handoff again.")
        raw = workbook_path().read_bytes()
        books, package = read_books(raw), Package(raw)
        by_sheet: dict[str, dict[tuple[int, int], Value]] = {}
        rows: dict[str, dict[date, int]] = {}
        for code in CODES:
            place = books.places.get(column_name(group, code))
            if place is None:
                raise Refused(
                    f"The column “{code}” of this cluster is gone.",
                    remedy="Apply the handoff: the column is made again.",
                )
            if place.sheet not in by_sheet:
                by_sheet[place.sheet] = {}
                rows[place.sheet] = _rows_for(books, place.sheet, wanted, by_sheet[place.sheet])
            for month, values in wanted.items():
                if code in values:
                    cell = (rows[place.sheet][month], place.column)
                    by_sheet[place.sheet][cell] = to_write(code, values[code])
        for sheet, cells in by_sheet.items():
            _refuse_merged(books.book[sheet], cells)
            package.write(sheet, cells)
        _keep(package.packed())


def check_writable(raw: bytes, groups: Mapping[str, ColumnGroup]) -> None:
    """Refuse a file in which our headings and cells could not be written; nothing is written.

    Columns of ours that it lacks are no obstacle: the next handoff makes them again.

    Raises:
        Refused: it cannot be read, has no place for our columns, or our cells are not ours alone.
    """
    books, package = read_books(raw), Package(raw)
    _sheet_for_new(books)
    columns: dict[str, list[int]] = {}
    for name, place in books.places.items():
        if match := COLUMN.fullmatch(name):
            columns.setdefault(place.sheet, []).append(place.column)
            if match[1] in groups:
                _write_heading(package, books, groups[match[1]], match[2], place)
    for sheet, ours in columns.items():
        rows = _rows_for(books, sheet, {}, {}).values()
        cells: dict[tuple[int, int], Value] = {(row, one): None for row in rows for one in ours}
        _refuse_merged(books.book[sheet], cells)
        if cells:
            package.write(sheet, cells)
    read_books(package.packed())


def _rows_for(
    books: Books,
    sheet: str,
    wanted: Mapping[date, object],
    cells: dict[tuple[int, int], Value],
) -> dict[date, int]:
    """Return the row of each month; labels of those that have none yet are among the cells.

    Raises:
        Refused: the sheet has no column of months.
    """
    place = books.months_place(sheet)
    if place is None:
        raise Refused(
            f"The sheet “{sheet}” has no column of months.",
            remedy="Write a month such as 2026-03 into the cell where they begin.",
        )
    rows = books.months(sheet)
    taken = {row for row, _column in books.values[sheet]}
    following = max(rows.values(), default=place.last) + 1
    for month in missing_months(rows, wanted):
        row = max({following, *taken}) + 1 if following in taken else following
        rows[month] = row
        cells[row, place.column] = month_text(month)
        following = row + 1
    return rows


def _write_heading(
    package: Package, books: Books, group: ColumnGroup, code: str, place: Place
) -> None:
    """Write the headings of a column where they differ; nobody's cells beside them are touched.

    Raises:
        Refused: a heading is part of a table, which must be called as its columns are.
    """
    heading = group.columns[CODES.index(code)]
    texts: dict[int | None, str] = {place.last: heading}
    if code == CODES[0]:
        texts |= {place.row: group.engagement, books.cluster_row(place): group.cluster}
    page = books.book[place.sheet]
    cells: dict[tuple[int, int], Value] = {
        (row, place.column): as_text(text)
        for row, text in texts.items()
        if row is not None and books.value(place.sheet, row, place.column) != as_text(text)
    }
    if not cells:
        return
    _refuse_merged(page, cells)
    for table in page.tables.values():
        if (place.last, place.column) in cells and _holds(table.ref, place):
            raise Refused(
                f"The heading {place.letter}{place.last} is part of the table “{table.name}”.",
                remedy=f"Convert the table to a range, or write the heading by hand: {heading}.",
            )
    months = books.months_place(place.sheet)
    column = get_column_letter(months.column if months else 1)
    like = {row: f"{column}{row}" for row in range(place.row, place.last + 1)}
    package.write(place.sheet, cells, like=like)


def _refuse_merged(page: Worksheet, cells: Mapping[tuple[int, int], Value]) -> None:
    for row, column in cells:
        if isinstance(page.cell(row, column), MergedCell):
            place = f"{get_column_letter(column)}{row}"
            raise Refused(
                f"The cell {place} of “{page.title}” is merged with others.",
                remedy=f"Unmerge {place}, and try again.",
            )


def _holds(area: str, place: Place) -> bool:
    left, top, right, bottom = (int(one or 0) for one in range_boundaries(area))
    return left <= place.column <= right and top <= place.last <= bottom


def _sheet_for_new(books: Books) -> str:
    months = books.places.get(MONTHS_NAME)
    if months is not None:
        return months.sheet
    if SHEET in books.book.sheetnames:
        return SHEET
    raise Refused(
        f"The workbook has no sheet “{SHEET}” and no column of months any more.",
        remedy=f"Add an empty sheet of that name, or move the file away from"
        f" {workbook_path().parent}: it is then made anew.",
    )


def _head_rows(books: Books, sheet: str) -> tuple[int, int]:
    months = books.places.get(MONTHS_NAME)
    if months is not None and months.sheet == sheet:
        return months.row, max(months.last, months.row + HEAD_ROWS - 1)
    return 1, HEAD_ROWS


def _reference(place: Place) -> str:
    quoted = place.sheet.replace("'", "''")
    return f"'{quoted}'!${place.letter}${place.row}:${place.letter}${place.last}"


def _fresh_book() -> bytes:
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):  # pragma: no cover -- a fresh book has a worksheet
        raise TypeError("openpyxl made a book without a worksheet")
    sheet.title = SHEET
    for row, text in enumerate(("Engagement", "Cluster", "Month"), 1):
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B4"
    sheet.column_dimensions["A"].width = 14
    sheet.sheet_format.defaultColWidth = 16
    book.defined_names[MONTHS_NAME] = DefinedName(
        MONTHS_NAME, attr_text=_reference(Place(SHEET, 1, 1, HEAD_ROWS))
    )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _keep(content: bytes) -> None:
    """Write the file, once it was seen that it can be read again."""
    read_books(content)
    write_atomically(workbook_path(), content)


@contextmanager
def locked_workbook() -> Iterator[None]:
    """Keep other processes away from the file: a workbook is read and written as a whole."""
    path = workbook_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
