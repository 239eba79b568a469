"""The export: everything, as open files, and nothing that runs when a spreadsheet opens it."""

import csv
import json

import pytest

from tests.factories import make_person
from throughline.people.words import RoleName

FORMULA = ("=", "+", "@", "\t", "\r")


@pytest.fixture
def exported(run, tmp_path):
    def export(name="out"):
        ran = run("export", tmp_path / name, "--json")
        assert (ran.code, ran.err) == (0, "")
        return tmp_path / name, ran.json

    return export


def read(folder, name):
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_is_there_with_as_many_rows_as_the_manifest_says(exported, rows, run):
    run("deal", "create", "Coral", "--by", "ada")

    folder, manifest = exported()

    tables = sorted(path.stem for path in (folder / "tables").iterdir())
    assert (set(manifest), tables) == (
        {"throughline", "exported_at", "rows"},
        sorted(manifest["rows"]),
    )
    left_out = {"people.session", "people.tally", "people.apicall"}  # they would open doors
    left_out |= {"search.item", "search.exactid", "search.reading"}  # made anew from the rest
    everything = {name.lower(): count for name, count in rows().items()}
    assert {name: count for name, count in everything.items() if name not in left_out} == manifest[
        "rows"
    ]
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    assert [one["name"] for one in read(folder, "sales.deal")] == ["Coral"]


def test_cells_that_a_spreadsheet_would_run_come_out_as_text(exported, run, record, table):
    run("import", "deals", table("7,=1+1,,,+pipeline,Lead,,", "8,-2+3,,,-0,Lead,,"))
    record("7", "community.named", short_name="@x", by="=cmd")
    record(
        "7", "community.context", answers=[{"question": "goals", "text": "@x", "source": "\t=2"}]
    )
    record("7", "cloud.preference", unknown_because="＝HYPERLINK(1)")

    folder, _manifest = exported()

    assert [one["name"] for one in read(folder, "sales.deal")] == ["'=1+1", "'-2+3"]
    pipelines = [one["pipeline"] for one in read(folder, "sales.deal")]
    assert pipelines == ["'+pipeline", "-0"]  # a number stays a number
    assert read(folder, "communities.contextanswer")[0]["text"] == "'@x"
    assert read(folder, "communities.community")[0]["cloud_unknown_because"] == "'＝HYPERLINK(1)"
    cells = [
        cell
        for path in (folder / "tables").iterdir()
        for row in csv.reader(path.open(encoding="utf-8", newline=""))
        for cell in row
    ]
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []


def test_passwords_and_tokens_stay_out(exported, db):
    make_person("joe", RoleName.BD)

    folder, _manifest = exported()

    assert "password" not in read(folder, "people.user")[0]
    header = (folder / "tables" / "people.signedlink.csv").read_text().splitlines()[0]
    assert "token_sha256" not in header.split(",")


def test_documents_and_mail_come_along_and_the_key_stays(exported, home):
    (home / "documents").mkdir()
    (home / "documents" / "abc").write_bytes(b"a contract")
    (home / "secret-key").write_text("secret")

    folder, _manifest = exported()

    assert (folder / "documents" / "abc").read_bytes() == b"a contract"
    assert list(folder.rglob("secret-key")) == []


def test_export_again_replaces_the_earlier_one(exported, run):
    folder, _manifest = exported()
    run("deal", "create", "Coral")

    exported()

    assert len(read(folder, "sales.deal")) == 1
    assert [path.name for path in folder.parent.glob(".export-*")] == []


@pytest.mark.parametrize("content", ["{}", '{"name": "a web application"}', "not JSON"])
def test_folder_with_other_files_is_left_alone_even_with_a_manifest(run, tmp_path, content):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "manifest.json").write_text(content)

    ran = run("export", folder, "--json")

    assert (ran.code, ran.json["refused"]) == (1, f"{folder} holds other files.")
    assert (folder / "manifest.json").read_text() == content


def test_export_with_a_file_of_somebody_else_beside_it_is_left_alone(exported, run):
    folder, _manifest = exported()
    (folder / "notes.txt").write_text("mine")

    assert run("export", folder).code == 1
    assert (folder / "notes.txt").read_text() == "mine"


def test_file_in_the_place_of_the_folder_is_refused(run, tmp_path):
    (tmp_path / "out").write_text("mine")

    ran = run("export", tmp_path / "out", "--json")

    assert (ran.code, ran.json["refused"]) == (1, f"{tmp_path / 'out'} is a file.")
