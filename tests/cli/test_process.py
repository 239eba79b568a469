"""`throughline process`: one document, lines for people, and the tables as files."""

import csv

import pytest

from tests.factories import make_deal

KEYS = {
    "on", "from", "to", "stages", "delivery", "terms", "flow", "retention", "first_value",
    "revenue", "monthless", "load",
}  # fmt: skip


@pytest.mark.django_db
def test_process_answers_with_every_figure(ask):
    make_deal(stage="proposal", amount="1000.00")

    found = ask("process", "--from", "2026-01-01", "--to", "2026-06-30")

    assert set(found) == KEYS
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-06-30")
    assert [one["count"] for one in found["stages"]] == [0, 0, 1, 0, 0, 0, 0]
    assert {one["currency"] for one in found["revenue"]} == {"USD"}


@pytest.mark.django_db
def test_process_writes_its_tables_as_files(ask, tmp_path):
    make_deal(stage="proposal", amount="1000.00")

    found = ask("process", "--csv", str(tmp_path / "tables"))

    assert [file.rpartition("/")[2] for file in found["files"]] == [
        "process-map.csv", "process-flow.csv", "process-months.csv", "process-load.csv",
    ]  # fmt: skip
    rows = list(csv.reader((tmp_path / "tables" / "process-map.csv").open()))
    assert ["stage", "Proposal", "1", "USD", "1000.00", "400.00"] in rows
