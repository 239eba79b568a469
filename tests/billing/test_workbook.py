"""The workbook: people may rearrange it, and we write only what is ours."""

import threading

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from throughline.billing.workbook import (
    PAID_BY_US,
    SHEET,
    ColumnGroup,
    WorkbookUnreadable,
    columns_for,
    group_name,
    put_group,
    read_groups,
    workbook_path,
)
from throughline.infrastructure.words import Payer


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


def group(number=12, cluster="leap", engagement="12 LEAP", columns=PAID_BY_US):
    return ColumnGroup(group_name(number, len(cluster)), engagement, cluster, columns)


def edit(change):
    """Open the file as a person would, change it, and save it."""
    book = load_workbook(workbook_path())
    change(book)
    book.save(workbook_path())


def cells():
    sheet = load_workbook(workbook_path())[SHEET]
    return {cell.coordinate: cell.value for row in sheet for cell in row if cell.value is not None}


def move(book, name, *, by):
    """Move a group's columns, and its name with them, as a spreadsheet program does."""
    ((sheet, area),) = book.defined_names[name].destinations
    plain = area.replace("$", "")
    book[sheet].move_range(plain, cols=by, translate=True)
    first, last = (part for part in plain.split(":"))
    moved = [f"${get_column_letter(book[sheet][one].column + by)}${book[sheet][one].row}"
             for one in (first, last)]  # fmt: skip
    book.defined_names[name].attr_text = f"'{sheet}'!{moved[0]}:{moved[1]}"


def test_no_workbook_has_no_groups():
    assert read_groups() == {}


def test_group_is_written_with_its_headings_and_found_again():
    put_group(group())

    assert cells() == {
        "A1": "Engagement", "A2": "Cluster", "A3": "Month",
        "B1": "12 LEAP", "B2": "leap",
        "B3": "cloud cost", "C3": "MAU", "D3": "usage fee", "E3": "invoiced",
    }  # fmt: skip
    assert read_groups() == {group().name: group()}


def test_second_group_stands_at_the_right_and_the_first_stays():
    first, second = group(), group(13, "earth", "13 Earth")
    put_group(first)
    put_group(second)

    assert read_groups() == {first.name: first, second.name: second}
    assert cells()["F1"] == "13 Earth"


def test_group_put_twice_is_there_once():
    put_group(group())
    before = cells()
    put_group(group())

    assert cells() == before


def test_group_is_found_after_its_columns_were_moved():
    first, second = group(), group(13, "earth", "13 Earth")
    put_group(first)
    put_group(second)

    edit(lambda book: move(book, first.name, by=10))
    put_group(group(engagement="12 LEAP renamed"))

    assert cells()["L1"] == "12 LEAP renamed"
    assert [name for name in ("B1", "B3") if name in cells()] == []
    assert read_groups()[second.name] == second


def test_group_on_a_sheet_that_was_renamed_is_found():
    put_group(group())

    def rename(book):
        book[SHEET].title = "Costs 2026"
        book.defined_names[group().name].attr_text = "'Costs 2026'!$B$1:$E$3"

    edit(rename)

    assert read_groups() == {group().name: group()}


def test_headings_somebody_changed_are_put_right_and_nothing_else():
    put_group(group())

    def scribble(book):
        sheet = book[SHEET]
        sheet["C3"] = "Users"
        sheet["B4"], sheet["C4"], sheet["D4"] = 100.25, 280, "=B4*2"
        sheet["A4"], sheet["G7"] = "2026-03", "=SUM(B4:D4)"
        book.create_sheet("Notes")["A1"] = "=1+1"

    edit(scribble)
    assert read_groups()[group().name].columns == ("cloud cost", "Users", "usage fee", "invoiced")

    put_group(group())

    found = cells()
    assert {name: found[name] for name in ("C3", "A4", "B4", "C4", "D4", "G7")} == {
        "C3": "MAU", "A4": "2026-03", "B4": 100.25, "C4": 280, "D4": "=B4*2",
        "G7": "=SUM(B4:D4)",
    }  # fmt: skip
    assert load_workbook(workbook_path())["Notes"]["A1"].value == "=1+1"


@pytest.mark.parametrize("broken", ["#REF!", f"'{SHEET}'!#REF!", "'Gone'!$B$1:$E$3"])
def test_group_whose_columns_were_deleted_is_none_and_is_made_anew(broken):
    put_group(group())

    def delete(book):
        book[SHEET].delete_cols(2, 4)
        book.defined_names[group().name].attr_text = broken

    edit(delete)
    assert read_groups() == {}

    put_group(group())

    assert read_groups() == {group().name: group()}


def test_names_that_are_not_ours_are_left_alone():
    put_group(group())

    def name_something(book):
        book.defined_names["total"] = DefinedName("total", attr_text=f"'{SHEET}'!$G$7")

    edit(name_something)
    put_group(group(13, "earth", "13 Earth"))

    names = load_workbook(workbook_path()).defined_names
    assert names["total"].attr_text == f"'{SHEET}'!$G$7"
    assert len(read_groups()) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_name_that_would_run_as_a_formula_is_text(start):
    put_group(group(engagement=f"{start}HYPERLINK(1)"))

    book = load_workbook(workbook_path())
    assert (book[SHEET]["B1"].value, book[SHEET]["B1"].data_type) == (
        f"'{start}HYPERLINK(1)", "s",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("payer", "first"),
    [
        (Payer.US, "cloud cost"),
        (Payer.COMMUNITY, "community pays"),
        (Payer.UNKNOWN, "payer unknown"),
    ],
)
def test_who_pays_is_said_in_a_column(payer, first):
    assert columns_for(payer) == (first, "MAU", "usage fee", "invoiced")


def test_file_that_is_no_workbook_is_refused_with_what_to_do():
    workbook_path().parent.mkdir(parents=True)
    workbook_path().write_bytes(b"not a workbook")

    for touch in (read_groups, lambda: put_group(group())):
        with pytest.raises(WorkbookUnreadable) as refused:
            touch()
        assert refused.value.message == (
            "The workbook cloud-costs.xlsx cannot be read (BadZipFile)."
        )
    assert workbook_path().read_bytes() == b"not a workbook"


def test_groups_written_by_several_at_once_are_all_there():
    groups = [group(number, "x" * number, f"{number} Y") for number in range(1, 7)]
    threads = [threading.Thread(target=put_group, args=(one,)) for one in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert read_groups() == {one.name: one for one in groups}
