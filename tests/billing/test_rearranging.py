"""The workbook is taken out, rearranged and brought back, and nothing that anybody wrote is lost."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from tests.billing.workbook_world import edit, group, insert_columns, repack
from throughline.billing.actions.rearranging import bring_workbook
from throughline.billing.workbook import (
    SHEET,
    put_group,
    put_months,
    read_groups,
    read_months,
    workbook_path,
)
from throughline.billing.workbook_taken import take_workbook
from throughline.documents.actions import path_of
from throughline.documents.models import Document
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
APRIL = date(2026, 4, 1)
GROUP = group().name


@pytest.fixture(autouse=True)
def standing(tmp_path, settings):
    """Let a workbook lie there with the columns of one engagement and a month of it."""
    settings.HOME = tmp_path
    put_group(group())
    put_months(GROUP, {APRIL: {"cost": "10.00", "mau": 280}})


def rearranged(content, change=lambda _book: None):
    """Return a copy as a spreadsheet program saves it."""
    book = load_workbook(io.BytesIO(content))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def bring(content, name="mine.xlsx"):
    return bring_workbook(content, name=name, by="ada", at=NOW)


def refusal(content, name="mine.xlsx"):
    """Return why a file is refused, once it was seen that nothing was replaced or kept."""
    before = workbook_path().read_bytes()
    with pytest.raises(Refused) as refused:
        bring(content, name)
    assert workbook_path().read_bytes() == before
    assert (Document.objects.count(), Entry.objects.count()) == (0, 0)
    return refused.value.message, refused.value.remedy


def test_rearranged_copy_replaces_the_workbook_and_both_are_kept():
    before = workbook_path().read_bytes()
    mine = rearranged(take_workbook().content, lambda book: insert_columns(book, SHEET, 2, 3))

    brought = bring(mine)

    assert workbook_path().read_bytes() == mine
    assert (read_groups()[GROUP].places["cost"], brought.lacks) == (f"{SHEET}!E", 0)
    assert read_months(GROUP)[APRIL]["cost"] == "10.00"
    kept = {one.name: path_of(one.sha256).read_bytes() for one in Document.objects.all()}
    assert kept == {"cloud-costs.xlsx": before, "mine.xlsx": mine}
    entry = Entry.objects.get(act="billing.workbook.replaced")
    assert (entry.by, entry.facts["name"]) == ("ada", "mine.xlsx")


def test_copy_of_a_workbook_that_was_brought_back_can_be_brought_back_too():
    bring(rearranged(take_workbook().content))
    mine = rearranged(take_workbook().content)

    bring(mine)

    assert workbook_path().read_bytes() == mine


def test_column_of_ours_that_is_gone_is_told_and_made_again():
    def delete(book):
        del book.defined_names[f"{GROUP}_fee"]

    assert bring(rearranged(take_workbook().content, delete)).lacks == 1
    put_group(group())
    assert read_groups()[GROUP].columns == group().columns


def test_copy_of_an_older_version_is_refused_with_what_both_sides_say():
    taken = take_workbook()
    put_months(GROUP, {APRIL: {"cost": "12.00"}})
    now = take_workbook().version

    message, remedy = refusal(taken.content)
    assert message == (
        f"The workbook was written since yours was taken: it is {now[:12]} now, yours was taken at"
        f" {taken.version[:12]}. 2026-04 cloud cost of 12 LEAP on leap: 12.00 here, 10.00 in yours."
    )
    assert remedy == "Nothing was replaced. Download it again, and rearrange that one."


def test_copy_without_its_version_is_known_by_its_name_or_refused():
    taken = take_workbook()
    mine = rearranged(taken.content, lambda book: book.defined_names.pop("throughline_taken"))

    assert refusal(mine)[0] == (
        "The file does not say which version of the workbook it was taken from."
    )
    bring(mine, name=f"Copy of {taken.name}")
    assert workbook_path().read_bytes() == mine


def merged(book):
    book[SHEET].merge_cells("A4:B4")


def without_months(book):
    del book.defined_names["throughline_months"]
    book[SHEET]["A4"] = "somewhen"


def filling(book):
    book[SHEET]["B4"] = ArrayFormula("B4:C4", "=D4:E4")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (merged, ("The cell B4 of “Cloud costs” is merged with others.",
                  "Unmerge B4, and try again.")),
        (without_months, ("The sheet “Cloud costs” has no column of months.",
                          "Write a month such as 2026-03 into the cell where they begin.")),
        (filling, ("The cell B4 holds a formula that fills others as well.",
                   "Empty B4 by hand, and try again.")),
    ],
)  # fmt: skip
def test_copy_into_which_ours_could_not_be_written_is_refused(change, said):
    assert refusal(rearranged(take_workbook().content, change)) == said


def test_file_that_is_no_workbook_or_has_macros_or_is_huge_is_refused(monkeypatch):
    remedy = "Save it as .xlsx in a spreadsheet program, and bring that one."
    taken = take_workbook().content

    assert refusal(b"month,cost", "a.csv") == ("a.csv is no XLSX workbook.", remedy)
    assert refusal(taken[:-900]) == ("mine.xlsx is no XLSX workbook.", remedy)
    assert refusal(_macro_enabled(taken)) == ("mine.xlsx has macros.", remedy)
    monkeypatch.setattr("throughline.billing.actions.rearranging.UNPACKED", 1000)
    assert refusal(taken)[0] == "mine.xlsx unpacks to more than 250 MiB."


def _macro_enabled(content):
    before = workbook_path().read_bytes()
    workbook_path().write_bytes(content)
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    repack({"[Content_Types].xml": types})
    made = workbook_path().read_bytes()
    workbook_path().write_bytes(before)
    return made


def test_readable_copy_replaces_a_workbook_that_cannot_be_read_and_the_broken_one_is_kept():
    mine = take_workbook().content
    workbook_path().write_bytes(b"broken")

    bring(mine)

    assert workbook_path().read_bytes() == mine
    broken = Document.objects.get(name="cloud-costs.xlsx")
    assert path_of(broken.sha256).read_bytes() == b"broken"


def test_workbook_that_is_not_the_home_of_the_columns_is_neither_given_out_nor_taken(settings):
    mine = take_workbook().content
    settings.SHEETS_SPREADSHEET = "1AbC"
    remedy = "Rearrange them there: https://docs.google.com/spreadsheets/d/1AbC/edit"

    assert refusal(mine)[1] == remedy
    with pytest.raises(Refused) as refused:
        take_workbook()
    assert refused.value.remedy == remedy


def test_no_workbook_is_said_with_what_makes_one():
    workbook_path().unlink()

    with pytest.raises(Refused, match="There is no workbook yet"):
        take_workbook()


def test_edit_of_the_standing_file_counts_as_written():
    taken = take_workbook()
    edit(lambda book: book[SHEET].__setitem__("H9", "a note"))

    assert "Our columns say the same in both." in refusal(taken.content)[0]
