"""The workbook by command: out to a file, and back from one."""

from tests.billing.workbook_world import group
from throughline.billing.workbook import put_group, workbook_path


def test_workbook_goes_out_and_comes_back(ask, tmp_path):
    put_group(group())
    path = tmp_path / "costs.xlsx"

    out = ask("billing", "workbook", "--to", path)
    back = ask("billing", "workbook", "--from", path, "--by", "ada")

    assert set(out) == {"file", "version"}
    assert back["lacks"] == 0
    assert workbook_path().read_bytes() == path.read_bytes()


def test_copy_of_an_older_version_and_a_strange_file_are_refused(run, home, tmp_path):
    put_group(group())
    path, strange = tmp_path / "costs.xlsx", tmp_path / "a.csv"
    run("billing", "workbook", "--to", path)
    strange.write_text("month,cost")
    put_group(group(13, "earth", "13 Earth"))
    before = workbook_path().read_bytes()

    older, other = (run("billing", "workbook", "--from", one) for one in (path, strange))

    assert (older.code, other.code) == (1, 1)
    assert "Download it again, and rearrange that one." in older.err
    assert "a.csv is no XLSX workbook. Save it as .xlsx" in other.err
    assert workbook_path().read_bytes() == before


def test_command_wants_one_direction(run, home):
    ran = run("billing", "workbook")

    assert (ran.code, "Give either --to or --from." in ran.err) == (2, True)
