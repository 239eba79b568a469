"""The reference of keys is the list that pages go by."""

from pathlib import Path

from throughline.web.keys import GO, KEYS
from throughline.web.navigation import NAV

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "keys.md"


def rows():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [row for row in cells if row[0].startswith("`")]


def test_reference_lists_each_key_and_what_it_does():
    wanted = [
        [" ".join(f"`{key}`" for key in one.keys), one.does, "yes" if one.is_single else ""]
        for one in KEYS
    ]

    assert [row for row in rows() if len(row) == 3] == wanted


def test_reference_lists_the_letter_of_each_page():
    labels = {name: label for rows in NAV.values() for label, name, _icon, _readers in rows}

    assert [row for row in rows() if len(row) == 2] == [
        [f"`g` `{letter}`", labels[name]] for name, letter in GO.items()
    ]


def test_no_two_pages_have_one_letter():
    assert len(set(GO.values())) == len(GO)
