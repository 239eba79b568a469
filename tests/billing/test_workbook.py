"""The workbook: people may rearrange it, and we write only what is ours."""

import threading

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName

from tests.billing.workbook_world import (
    cells,
    edit,
    group,
    insert_columns,
    insert_rows,
    move_column,
    rename,
)
from throughline.billing.columns import CODES, column_name, columns_for
from throughline.billing.workbook import (
    SHEET,
    WorkbookUnreadable,
    put_group,
    read_groups,
    workbook_path,
)
from throughline.infrastructure.words import Payer


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


def told() -> dict[str, object]:
    """Return what stands on our sheet, by place."""
    return {place: value for (sheet, place), value in cells().items() if sheet == SHEET}


def test_no_workbook_has_no_groups():
    assert read_groups() == {}


def test_group_is_written_with_its_headings_and_found_again():
    put_group(group())

    assert told() == {
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
    assert told()["F1"] == "13 Earth"


def test_group_put_twice_is_there_once():
    put_group(group())
    before = cells()
    put_group(group())

    assert cells() == before


def test_group_is_found_after_its_columns_were_moved():
    first, second = group(), group(13, "earth", "13 Earth")
    put_group(first)
    put_group(second)

    edit(lambda book: [move_column(book, SHEET, one, one + 10) for one in (5, 4, 3, 2)])
    put_group(group(engagement="12 LEAP renamed"))

    assert told()["L1"] == "12 LEAP renamed"
    assert [name for name in ("B1", "B3") if name in told()] == []
    assert read_groups()[second.name] == second


def test_columns_of_a_group_are_found_wherever_each_of_them_was_moved():
    put_group(group())

    def scatter(book):
        move_column(book, SHEET, 3, 9)
        insert_columns(book, SHEET, 1, 2)

    edit(scatter)

    assert read_groups() == {group().name: group()}
    assert read_groups()[group().name].places == {
        "cost": f"{SHEET}!D", "mau": f"{SHEET}!K", "fee": f"{SHEET}!F", "invoiced": f"{SHEET}!G",
    }  # fmt: skip


def test_group_on_a_sheet_that_was_renamed_is_found():
    put_group(group())

    edit(lambda book: rename(book, SHEET, "Ana's costs, 2026"))

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

    found = told()
    assert {name: found[name] for name in ("C3", "A4", "B4", "C4", "D4", "G7")} == {
        "C3": "MAU", "A4": "2026-03", "B4": 100.25, "C4": 280, "D4": "=B4*2",
        "G7": "=SUM(B4:D4)",
    }  # fmt: skip
    assert load_workbook(workbook_path())["Notes"]["A1"].value == "=1+1"


@pytest.mark.parametrize("broken", ["#REF!", f"'{SHEET}'!#REF!", "'Gone'!$B$1:$B$3"])
def test_group_whose_columns_were_deleted_is_none_and_is_made_anew(broken):
    put_group(group())

    def delete(book):
        book[SHEET].delete_cols(2, 4)
        for code in CODES:
            book.defined_names[column_name(group().name, code)].attr_text = broken

    edit(delete)
    assert read_groups() == {}

    put_group(group())

    assert read_groups() == {group().name: group()}


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_row_that_was_inserted_among_the_headings_leaves_them_readable_and_mended_in_place(at):
    put_group(group())
    edit(lambda book: insert_rows(book, SHEET, at))
    assert read_groups() == {group().name: group()}

    put_group(group(engagement="12 LEAP, again"))
    put_group(group(13, "earth", "13 Earth"))

    assert read_groups()[group().name].engagement == "12 LEAP, again"
    assert read_groups()[group().name].columns == group().columns
    assert read_groups()[group(13, "earth").name].cluster == "earth"


def test_one_column_that_was_deleted_is_missing_from_its_group_and_made_again():
    put_group(group())
    edit(lambda book: book.defined_names.pop(column_name(group().name, "fee")))
    assert read_groups()[group().name].columns == ("cloud cost", "MAU", "", "invoiced")

    put_group(group())

    assert read_groups()[group().name].columns == group().columns
    assert told()["F3"] == "usage fee"  # at the right; the three others stay where they are


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
