"""Cells of the workbook: rows found by content, numbers as numbers, and nothing else touched."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import Table

from tests.billing.workbook_world import (
    cells,
    edit,
    group,
    insert_columns,
    insert_rows,
    move_column,
    parts,
    rename,
    repack,
)
from throughline.billing.columns import CODES, meant_month, missing_months, read_cell
from throughline.billing.workbook import (
    SHEET,
    put_group,
    put_months,
    read_groups,
    read_months,
    workbook_path,
)
from throughline.billing.workbook_patch import NotWritable
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text

MARCH, APRIL, MAY, JUNE = (date(2026, number, 1) for number in (3, 4, 5, 6))
NAME = group().name
VALUES = {"cost": "1234.50", "mau": 280, "fee": "1000.00", "invoiced": None}
SHAPES = b'<xdr:wsDr xmlns:xdr="x"><xdr:sp><xdr:txBody>Look here</xdr:txBody></xdr:sp></xdr:wsDr>'


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def book(home):
    put_group(group())
    put_months(NAME, {MARCH: VALUES})


def ours() -> set[tuple[str, str]]:
    """Return the places of our cells and of the labels of months."""
    page = load_workbook(workbook_path())
    return {
        (sheet, f"{letter}{row}")
        for sheet, _bang, letter in (
            place.rpartition("!") for place in read_groups()[NAME].places.values()
        )
        for row in range(1, page[sheet].max_row + 1)
    }


def test_months_are_written_as_numbers_and_blank_stays_blank(book):
    put_months(NAME, {APRIL: {"cost": "community pays", "mau": 0, "fee": "0.00"}})

    rows = [[cell.value for cell in row] for row in load_workbook(workbook_path())[SHEET]["A4:E5"]]
    assert rows == [
        ["2026-03", 1234.5, 280, 1000, None], ["2026-04", "community pays", 0, 0, None],
    ]  # fmt: skip
    sheet = load_workbook(workbook_path())[SHEET]
    assert (sheet["B4"].number_format, sheet["C4"].number_format) == ("#,##0.00", "General")
    assert read_months(NAME) == {
        MARCH: VALUES,
        APRIL: {"cost": "community pays", "mau": 0, "fee": "0.00", "invoiced": None},
    }


def test_written_twice_the_file_says_the_same(book):
    before = cells()
    put_months(NAME, {MARCH: VALUES})
    assert cells() == before


@pytest.mark.parametrize(
    "written",
    ["2026-03", "2026-03-01", "March 2026", "Mar 26", "mar-2026", "03/2026", "3.2026",
     datetime.fromisoformat("2026-03-31"), date(2026, 3, 1), 46082],
)  # fmt: skip
def test_month_that_people_write_their_own_way_is_the_same_row(book, written):
    edit(lambda book: book[SHEET].__setitem__("A4", written))

    put_months(NAME, {MARCH: VALUES | {"mau": 281}})

    assert read_months(NAME)[MARCH]["mau"] == 281
    assert load_workbook(workbook_path())[SHEET].max_row == 4


@pytest.mark.parametrize("value", ["Total", "2026", "13/2026", "ma 2026", 3, 250_000, True, None])
def test_what_is_no_month_is_none(value):
    assert meant_month(value) is None


def test_missing_months_leave_no_gap_behind_the_last_and_go_below_what_people_wrote(book):
    edit(lambda book: book[SHEET].__setitem__("A5", "Total"))

    put_months(NAME, {MAY: VALUES, date(2025, 12, 1): VALUES})

    column = [cell.value for cell in load_workbook(workbook_path())[SHEET]["A"]]
    assert column[3:] == ["2026-03", "Total", "2025-12", "2026-04", "2026-05"]


def test_months_before_the_first_are_added_alone():
    assert missing_months([MAY], [MARCH]) == [MARCH]
    assert missing_months([], [MAY, MARCH]) == [MARCH, MAY]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("cost", 1234.5, "1234.50"),
        ("cost", 0.1 + 0.2, "0.30000000000000004"),
        ("cost", Decimal("7"), "7.00"),
        ("cost", " community pays ", "community pays"),
        ("cost", "=B4*2", "=B4*2"),
        ("cost", "12.5", "12.50"),
        ("mau", 280.0, 280),
        ("mau", 280.5, "280.5"),
        ("mau", "", None),
        ("mau", True, "True"),
        ("fee", float("inf"), "inf"),
    ],
)
def test_cell_is_read_in_the_form_in_which_it_is_wanted(code, value, shown):
    assert read_cell(code, value) == shown


def test_formulas_comments_formats_and_columns_of_people_stay(book):
    def extend(book):
        sheet = book[SHEET]
        sheet["G3"], sheet["G4"], sheet["A9"], sheet["B9"] = (
            "per user",
            "=B4/C4",
            "Sum",
            "=SUM(B4:B8)",
        )
        sheet["B4"].comment = Comment("Ask AWS", "pia")
        sheet["B4"].fill = PatternFill("solid", fgColor="FFFF00")
        sheet.column_dimensions["D"].hidden = True
        sheet.auto_filter.ref = "A3:E4"
        sheet.conditional_formatting.add(
            "B4:B99", CellIsRule("greaterThan", ["1000"], fill=PatternFill(bgColor="FF0000"))
        )
        book.create_sheet("Notes")["A1"] = "=1+1"

    edit(extend)
    before = cells()

    put_months(NAME, {MARCH: VALUES | {"cost": "99.00"}, APRIL: VALUES})

    after = cells()
    changed = {place for place in {*before, *after} if before.get(place) != after.get(place)}
    assert changed == {(SHEET, place) for place in ("B4", "A5", "B5", "C5", "D5")}
    sheet = load_workbook(workbook_path())[SHEET]
    assert sheet["B4"].comment.text == "Ask AWS"
    assert sheet["B4"].fill.fgColor.rgb == "00FFFF00"
    assert sheet.column_dimensions["D"].hidden
    assert sheet.auto_filter.ref == "A3:E4"
    assert len(sheet.conditional_formatting) == 1


def test_parts_that_openpyxl_would_drop_are_the_same_bytes_afterwards(book):
    ext = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="urn:x14">'
        b'<x14:dataValidations count="1"/></ext></extLst></worksheet>'
    )
    there = parts()
    strange = {
        "xl/worksheets/sheet1.xml": there["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", ext),
        "xl/media/image1.png": b"\x89PNG not really",
        "xl/drawings/drawing1.xml": SHAPES,
        "xl/charts/chart1.xml": b"<c:chart/>",
        "xl/pivotCache/pivotCacheDefinition1.xml": b"<pivot/>",
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/threadedComments/threadedComment1.xml": b"<ThreadedComments/>",
        "customXml/item1.xml": b"<any/>",
    }
    repack(strange)

    put_group(group(13, "earth", "13 Earth"))
    put_months(NAME, {MARCH: VALUES | {"mau": 1}, APRIL: VALUES})

    now = parts()
    written = {"xl/workbook.xml", "xl/worksheets/sheet1.xml"}
    assert {name: now[name] for name in strange if name not in written} == {
        name: content for name, content in strange.items() if name not in written
    }
    assert ext in now["xl/worksheets/sheet1.xml"]
    assert {name for name in there if name not in written and now[name] != there[name]} == set()
    assert read_months(NAME)[MARCH]["mau"] == 1


@pytest.mark.parametrize(
    "calculation", [b"", b'<calcPr calcId="1"/>', b'<calcPr fullCalcOnLoad="0" calcId="1" />']
)
def test_results_of_formulas_stay_and_are_calculated_anew_when_opened(book, calculation):
    whole = parts()["xl/workbook.xml"]
    at, end = whole.index(b"<calcPr"), whole.index(b"</workbook>")
    repack({"xl/workbook.xml": whole[:at] + calculation + whole[end:]})
    sheet = parts()["xl/worksheets/sheet1.xml"]
    formula = b'<c r="F4"><f>B4*2</f><v>2469</v></c></row></sheetData>'
    repack({"xl/worksheets/sheet1.xml": sheet.replace(b"</row></sheetData>", formula)})

    put_months(NAME, {MARCH: VALUES | {"mau": 1}})

    assert b"<f>B4*2</f><v>2469</v>" in parts()["xl/worksheets/sheet1.xml"]
    assert parts()["xl/workbook.xml"].count(b' fullCalcOnLoad="1"') == 1


def test_sheet_of_another_program_with_prefixes_and_rows_without_numbers_is_written(book):
    plain = parts()["xl/worksheets/sheet1.xml"].decode()
    head, _data, tail = plain.partition("<sheetData>")
    _rows, _end, tail = tail.partition("</sheetData>")
    rows = "".join(
        f"<row><c t='inlineStr'><is><t>{text}</t></is></c><c s='1'/></row>"
        for text in ("Engagement", "Cluster", "Month", "2026-03")
    )
    page = (head + "<sheetData>" + rows + "</sheetData>" + tail).replace(
        "<row>", "<row spans='1:2'>", 1
    )
    for name in ("worksheet", "sheetData", "row", "c", "is", "t", "pageMargins", "sheetPr"):
        page = page.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    page = page.replace("<x:worksheet xmlns=", "<x:worksheet xmlns:x=")
    body = page[page.index("<x:sheetData>") : page.index("</x:sheetData>") + len("</x:sheetData>")]
    space = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    body = body.replace("<x:cols", "<x:cols")
    repack({"xl/worksheets/sheet1.xml": f"<x:worksheet {space}>{body}</x:worksheet>".encode()})

    put_months(NAME, {MARCH: VALUES, APRIL: VALUES})

    assert read_months(NAME) == {MARCH: VALUES, APRIL: VALUES}
    assert b"<x:v>1234.50</x:v>" in parts()["xl/worksheets/sheet1.xml"]


def test_formula_that_fills_others_is_not_torn_out_of_them(book):
    sheet = parts()["xl/worksheets/sheet1.xml"]
    shared = b'<c r="B4"><f t="shared" ref="B4:B9" si="0">C4*2</f><v>1</v></c>'
    at, end = sheet.index(b'<c r="B4"'), sheet.index(b'<c r="C4"')
    repack({"xl/worksheets/sheet1.xml": sheet[:at] + shared + sheet[end:]})
    before = parts()

    with pytest.raises(NotWritable, match="The cell B4 holds a formula that fills others"):
        put_months(NAME, {MARCH: VALUES})

    assert parts() == before


def test_cell_that_is_merged_with_others_is_refused_with_what_to_do(book):
    edit(lambda book: book[SHEET].merge_cells("B4:C4"))

    with pytest.raises(Refused, match=r"The cell C4 of “Cloud costs” is merged.*Unmerge C4"):
        put_months(NAME, {MARCH: VALUES})


def test_heading_inside_a_table_is_not_written_for_the_table_would_break(book):
    def tabulate(book):
        book[SHEET]["B3"] = "AWS"
        book[SHEET].add_table(Table(displayName="Costs", ref="A3:E4"))

    edit(tabulate)
    before = cells()

    with pytest.raises(Refused, match="The heading B3 is part of the table “Costs”"):
        put_group(group())
    put_months(NAME, {MARCH: VALUES | {"mau": 5}})

    assert cells() == before | {(SHEET, "C4"): 5}


def test_workbook_whose_sheet_was_deleted_is_refused_with_what_to_do(book):
    def swap(book):
        book.create_sheet("Other")
        del book[SHEET]
        book.defined_names.clear()

    edit(swap)

    with pytest.raises(Refused, match="no sheet “Cloud costs” and no column of months any more"):
        put_group(group())


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("columns"), st.integers(1, 12)),
        st.tuples(st.just("rows"), st.integers(1, 9)),
        st.tuples(st.just("move"), st.integers(1, 12)),
        st.tuples(st.just("rename"), st.sampled_from(["Costs", "Ünïcode & <more>", "It's 2026"])),
        st.tuples(st.just("write"), st.integers(1, 12), st.integers(1, 12)),
        st.tuples(st.just("hide"), st.integers(1, 12)),
    ),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_people_rearrange_our_cells_are_right_and_no_other_has_changed(steps, home):
    workbook_path().unlink(missing_ok=True)
    put_group(group())
    put_months(NAME, {MARCH: VALUES, APRIL: VALUES})
    for step in steps:
        edit(lambda book, step=step: rearrange(book, *step))
    before, kept = cells(), ours()
    wanted = {APRIL: VALUES | {"mau": 7}, JUNE: VALUES}

    put_months(NAME, wanted)

    assert {month: read_months(NAME)[month] for month in wanted} == wanted
    assert read_months(NAME)[MARCH] == VALUES
    after = cells()
    changed = {place for place in {*before, *after} if before.get(place) != after.get(place)}
    labels = {place for place in changed if after.get(place) in {month_text(MAY), month_text(JUNE)}}
    assert changed - labels <= kept | ours()
    assert [place for place in labels if place in before] == []
    assert all(column for column in read_groups()[NAME].columns)
    assert len(read_groups()[NAME].places) == len(CODES)


def rearrange(book, what, *how):
    sheet = book.worksheets[0].title
    page = book[sheet]
    ours = {place.rpartition("!")[2] for place in read_groups()[NAME].places.values()}
    match what, how:
        case "columns", (at,):
            insert_columns(book, sheet, at)
        case "rows", (at,):
            insert_rows(book, sheet, at)
        case "move", (column,):
            move_column(book, sheet, column, page.max_column + 2)
        case "rename", (title,):
            rename(book, sheet, title)
        case "hide", (column,):
            page.column_dimensions[page.cell(1, column).column_letter].hidden = True
        case "write", (row, column):
            cell = page.cell(row, column)
            if cell.value is None and cell.column_letter not in ours:
                cell.value = "=1+1" if row % 2 else "ours"
