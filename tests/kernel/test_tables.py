import re
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.kernel.errors import Refused
from throughline.kernel.tables import as_text, read_rows, write_rows

HEADER = ("a", "b", "c")
TABLES = st.lists(
    st.tuples(*[st.one_of(st.text(max_size=8), st.from_regex(r"[-+=@\t\r\n]\S*"))] * 3), max_size=8
)


@given(TABLES)
@settings(derandomize=True, deadline=None)
def test_any_table_is_read_back_as_written_and_no_cell_runs_as_a_formula(rows):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_rows(path, HEADER, rows)
        read = [tuple(row.cells.values()) for row in read_rows(path, required=HEADER)]

    written = [tuple(as_text(cell) for cell in row) for row in rows]
    assert read == [row for row in written if any(cell.strip() for cell in row)]
    unsafe = [
        cell
        for row in read
        for cell in row
        if cell[:1] in set("=+-@\t\r\n＝＋－＠") - {""}
        if not re.fullmatch(r"-[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?", cell)
    ]
    assert unsafe == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (Decimal("-5.00"), "-5.00"),
        (-1e-7, "-1e-07"),
        ("=1+1", "'=1+1"),
        ("+49 30 1", "'+49 30 1"),
        ("-1+1", "'-1+1"),
        ("-inf", "'-inf"),
        ("\t5", "'\t5"),
        ("\n=1", "'\n=1"),
        ("@sum", "'@sum"),
        ("＝1", "'＝1"),
        ("a=b", "a=b"),
    ],
)
def test_cell_that_a_spreadsheet_would_run_becomes_text(cell, text):
    assert as_text(cell) == text


def test_header_is_neutralised_too(tmp_path):
    path = tmp_path / "table.csv"

    assert write_rows(path, ["=a"], [["1"]]) == 1
    assert path.read_text() == "'=a\n1\n"


def test_row_knows_its_line_past_blank_lines_and_breaks_within_cells(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,b\n\n1,"x\ny"\n ,\n2,z\n3\n')

    rows = list(read_rows(path, required=["a"]))

    assert [(row.line, row.cells, row.problem) for row in rows] == [
        (3, {"a": "1", "b": "x\ny"}, ""),
        (6, {"a": "2", "b": "z"}, ""),
        (7, {"a": "3"}, "1 cells where the header has 2"),
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "line 1: the column a is missing."),
        (b"b,c\n", "line 1: the column a is missing."),
        (b"a,a\n", "line 1: the column a stands twice."),
        (b"a\n\xff\n", "is not UTF-8 (byte 2)."),
        (b'a\n"x"y\n', "line 2: ',' expected after '\"'."),
    ],
)
def test_file_that_is_no_table_is_refused_with_file_and_place(tmp_path, raw, message):
    path = tmp_path / "table.csv"
    path.write_bytes(raw)

    with pytest.raises(Refused) as refused:
        list(read_rows(path, required=["a"]))

    assert refused.value.message.removeprefix(str(path)).lstrip(", ") == message


def test_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"cannot be read: No such file or directory\."):
        list(read_rows(tmp_path / "none.csv", required=[]))
