"""Changes of a spreadsheet in Google's words: what is inserted is marked in the same batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughline.billing.columns import (
    CODES,
    HEAD_ROWS,
    MONEY,
    ColumnGroup,
    column_name,
    meant_month,
    missing_months,
)
from throughline.connectors.sheets.client import Sheets
from throughline.connectors.sheets.shapes import Properties
from throughline.handoff.outside.sheets_standing import (
    COLUMN,
    HEADING,
    HEADING_IDS,
    MONTH,
    MONTHS,
    MONTHS_ID,
    TAB_ID,
    Standing,
    column_id,
    month_id,
)
from throughline.handoff.wanted import WaitsForPerson
from throughline.kernel.months import month_text

Request = dict[str, Any]
ROWS, COLUMNS = "ROWS", "COLUMNS"
LABELS = ("Engagement", "Cluster", "Month")
FRESH_ROWS, FRESH_COLUMNS = 100, 2
HEADING_CELL = "userEnteredValue,userEnteredFormat(textFormat,wrapStrategy)"


@dataclass(frozen=True, slots=True)
class Layout:
    """The tab that our columns go into."""

    sheet: int
    width: int  # columns that the tab has
    end: int  # where the next group begins
    headings: tuple[int, ...]


def prepared(sheets: Sheets, standing: Standing, *, tab: str) -> tuple[list[Request], Layout]:
    """Return what makes a tab ready for our columns, if anything, and how it is then.

    Raises:
        WaitsForPerson: the tab is in use, and does not say where its months are.
    """
    tabs = {one.properties.id: one.properties for one in sheets.tabs().tabs}
    if standing.months is not None and len(standing.headings) == HEAD_ROWS:
        there = tabs[standing.months.sheet]
        ours = [*standing.columns.values(), *_all_columns(sheets)]
        ends = [one.start + 1 for one in ours if one.sheet == there.id]
        end = max([standing.months.start + 1, *ends])
        return [], Layout(there.id, there.grid.columns, end, standing.headings)
    named = [one for one in tabs.values() if one.title == tab]
    if standing.months is not None:
        named = [tabs[standing.months.sheet]]
    if not named:
        return _fresh(tab), Layout(TAB_ID, FRESH_COLUMNS, 1, tuple(range(HEAD_ROWS)))
    return _adopted(sheets, named[0], standing)


def _all_columns(sheets: Sheets) -> list[Any]:
    found = sheets.find(keys=[COLUMN])
    return [one.location.span for one in found if one.location.span is not None]


def _fresh(title: str) -> list[Request]:
    grid = {
        "rowCount": FRESH_ROWS, "columnCount": FRESH_COLUMNS, "frozenRowCount": HEAD_ROWS,
        "frozenColumnCount": 1,
    }  # fmt: skip
    properties = {"sheetId": TAB_ID, "title": title, "gridProperties": grid}
    return [
        {"addSheet": {"properties": properties}},
        *(cell(TAB_ID, row, 0, text) for row, text in enumerate(LABELS)),
        mark(MONTHS_ID, MONTHS, "", sheet=TAB_ID, dimension=COLUMNS, at=0),
        *_heading_marks(TAB_ID, range(HEAD_ROWS)),
    ]


def _adopted(sheets: Sheets, tab: Properties, standing: Standing) -> tuple[list[Request], Layout]:
    """Return what marks the months and headings of a tab that is in use already.

    Raises:
        WaitsForPerson: no column of months is to be seen, or there is no room for headings.
    """
    columns = sheets.whole(tab.id).columns
    if not any(value not in {"", None} for column in columns for value in column):
        requests = [cell(tab.id, row, 0, text) for row, text in enumerate(LABELS)]
        at, first = 0, HEAD_ROWS
    else:
        requests = []
        at = standing.months.start if standing.months else _months_in(columns, tab.title)
        column = columns[at] if at < len(columns) else []
        rows = [row for row, value in enumerate(column) if meant_month(value) is not None]
        first = rows[0] if rows else HEAD_ROWS
    if first < HEAD_ROWS:
        raise WaitsForPerson(
            f"The tab “{tab.title}” has its first month in row {first + 1}: insert rows so that"
            f" {HEAD_ROWS} stand above it, for engagement, cluster and heading. Then apply again."
        )
    headings = range(first - HEAD_ROWS, first)
    if standing.months is None:
        requests.append(mark(MONTHS_ID, MONTHS, "", sheet=tab.id, dimension=COLUMNS, at=at))
    if standing.headings:
        requests.append(unmark(metadataKey=HEADING))
    requests += _heading_marks(tab.id, headings)
    end = max(len(columns), at + 1)
    return requests, Layout(tab.id, tab.grid.columns, end, tuple(headings))


def _months_in(columns: Sequence[Sequence[Any]], title: str) -> int:
    counts = [sum(meant_month(value) is not None for value in column) for column in columns]
    if not any(counts):
        raise WaitsForPerson(
            f"The tab “{title}” is in use and shows no column of months: write a month such as"
            " 2026-03 where they begin, with three rows above it; or name another tab in"
            " THROUGHLINE_SHEETS_TAB. Then apply again."
        )
    return counts.index(max(counts))


def new_columns(groups: Iterable[ColumnGroup], standing: Standing, layout: Layout) -> list[Request]:
    """Return what inserts the columns that groups lack, with headings and marks.

    An inserted column is the one that its mark is put on, whoever else works there at the same
    time: the last one that the tab had is never written, for one more is appended first.
    """
    requests: list[Request] = []
    at = layout.end
    if at >= layout.width:
        requests.append({
            "appendDimension": {
                "sheetId": layout.sheet, "dimension": COLUMNS, "length": at - layout.width + 1,
            }
        })  # fmt: skip
    for group in groups:
        lacking = standing.lacking(group)
        span = _span(layout.sheet, COLUMNS, at, len(lacking))
        requests.append({"insertDimension": {"range": span, "inheritFromBefore": at > 0}})
        for place, code in enumerate(lacking, at):
            requests += _column(group, code, place, layout)
        at += len(lacking)
    return requests


def _column(group: ColumnGroup, code: str, at: int, layout: Layout) -> list[Request]:
    texts = headings_of(group, code)
    name = column_name(group.name, code)
    requests = [cell(layout.sheet, layout.headings[row], at, text) for row, text in texts.items()]
    if code in MONEY:
        style = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}}
        area = {
            "sheetId": layout.sheet, "startRowIndex": layout.headings[-1] + 1,
            "startColumnIndex": at, "endColumnIndex": at + 1,
        }  # fmt: skip
        fields = "userEnteredFormat.numberFormat"
        requests.append({"repeatCell": {"range": area, "cell": style, "fields": fields}})
    requests.append(
        mark(column_id(name), COLUMN, name, sheet=layout.sheet, dimension=COLUMNS, at=at)
    )
    return requests


def headings_of(group: ColumnGroup, code: str) -> dict[int, str]:
    """Return the headings of a column, by which of the heading rows they stand in."""
    texts = {HEAD_ROWS - 1: group.columns[CODES.index(code)]}
    if code == CODES[0]:
        texts |= {0: group.engagement, 1: group.cluster}
    return texts


def new_rows(wanted: Iterable[date], standing: Standing) -> list[Request]:
    """Return what inserts the rows of months that are missing, each behind the month before it.

    Where they stand then is noted in `standing`.
    """
    requests: list[Request] = []
    if standing.months is None:
        return requests
    sheet, column = standing.months.sheet, standing.months.start
    below = max(standing.headings, default=-1) + 1
    for month in missing_months(standing.rows, wanted):
        earlier = [row for one, row in standing.rows.items() if one < month]
        later = [row for one, row in standing.rows.items() if one > month]
        at = max(earlier) + 1 if earlier else min(later, default=below)
        if at >= standing.height:
            length = at - standing.height + 1
            requests.append({
                "appendDimension": {"sheetId": sheet, "dimension": ROWS, "length": length}
            })  # fmt: skip
            standing.height += length
        span = _span(sheet, ROWS, at, 1)
        if month in standing.marked:  # the row has become another month's
            requests.append(unmark(metadataId=month_id(month)))
        requests += [
            {"insertDimension": {"range": span, "inheritFromBefore": at > below}},
            cell(sheet, at, column, month_text(month), is_heading=False),
            mark(month_id(month), MONTH, month_text(month), sheet=sheet, dimension=ROWS, at=at),
        ]
        standing.height += 1
        moved = {one: row + (row >= at) for one, row in standing.rows.items()}
        standing.rows = moved | {month: at}
    return requests


def cell(sheet: int, row: int, column: int, text: str, *, is_heading: bool = True) -> Request:
    """Return what writes a text into a cell; never as a formula."""
    value: Request = {"userEnteredValue": {"stringValue": text}}
    if is_heading:
        value["userEnteredFormat"] = {"textFormat": {"bold": True}, "wrapStrategy": "WRAP"}
    return {
        "updateCells": {
            "start": {"sheetId": sheet, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [value]}],
            "fields": HEADING_CELL if is_heading else "userEnteredValue",
        }
    }


def mark(number: int, key: str, value: str, *, sheet: int, dimension: str, at: int) -> Request:
    """Return what marks a row or a column as ours."""
    location = {"dimensionRange": _span(sheet, dimension, at, 1)}
    told: Mapping[str, Any] = {
        "metadataId": number, "metadataKey": key, "metadataValue": value,
        "visibility": "DOCUMENT", "location": location,
    }  # fmt: skip
    return {"createDeveloperMetadata": {"developerMetadata": told}}


def unmark(**lookup: int | str) -> Request:
    """Return what takes marks away: all that have this `metadataKey`, or the one `metadataId`."""
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


def _heading_marks(sheet: int, rows: Iterable[int]) -> list[Request]:
    return [
        mark(number, HEADING, str(place), sheet=sheet, dimension=ROWS, at=row)
        for place, (number, row) in enumerate(zip(HEADING_IDS, rows, strict=True))
    ]


def _span(sheet: int, dimension: str, at: int, count: int) -> Request:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": at, "endIndex": at + count}
