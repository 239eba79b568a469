"""The reference pages are what the code says, and complete."""

from pathlib import Path

import pytest

from throughline.cli.reference import SETTINGS, WRITTEN, page, settings_read

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", WRITTEN)
def test_committed_page_is_what_the_code_says(name):
    wanted = page(name)

    assert (PAGES / name).read_text(encoding="utf-8") == wanted, (
        "Run `.venv/bin/python -m throughline.cli.reference` and commit what it writes."
    )


def test_every_setting_that_config_reads_is_explained_and_no_other():
    assert set(SETTINGS) == settings_read()


def test_every_act_is_named_room_thing_what_happened():
    acts = [
        line.split("`")[1]
        for line in page("journal-acts.md").splitlines()
        if line.startswith("| `")
    ]

    assert [act for act in acts if act.count(".") != 2] == []
    assert len(acts) > 50
