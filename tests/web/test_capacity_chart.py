"""The heat map as a picture: every number printed, readable in both themes, drawn once."""

import re
from datetime import date

import pytest

from tests.documents.colours import contrast, luminance
from throughline.capacity.maps import CapacityMap, Cell, MapRow
from throughline.documents.charts import PALETTES
from throughline.web.capacity.chart import (
    STEPS_OF,
    drawing,
    size_of,
    specification,
    step_of,
    words_of,
)

AA = 4.5
WEEKS = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
LABELS = ("2026-W10", "2026-W11", "2026-W12")
CELLS = (Cell(20, 5, 0, 0), Cell(20, 10, 4, 4), Cell(20, 24, 0, 0))
ADA = MapRow("app", "Ada", (Cell(10, 1, 0, 0), Cell(10, 2, 0, 0), Cell(10, 3, 0, 0)))
FOUND = CapacityMap(WEEKS, LABELS, (MapRow("app", "App Engineer", CELLS, (ADA,)),))
NOBODY = frozenset()


def drawn(theme="light", opened=NOBODY):
    return drawing(specification(FOUND, opened=opened, theme=theme), theme=theme)


@pytest.mark.parametrize("theme", PALETTES)
def test_numbers_are_readable_on_ground_and_on_stripes(theme):
    palette = PALETTES[theme]
    weak = [
        (number, ground)
        for number, step in enumerate(STEPS_OF[theme])
        for ground in (step.fill, step.stripe)
        if contrast(step.text, ground) < AA
    ]

    assert weak == []
    assert min(contrast(palette.text, palette.ground), contrast(palette.muted, palette.ground)) > AA


@pytest.mark.parametrize("theme", PALETTES)
def test_steps_differ_in_lightness_so_that_no_hue_is_needed(theme):
    fills = [luminance(step.fill) for step in STEPS_OF[theme][:5]]

    assert fills in (sorted(fills), sorted(fills, reverse=True))
    assert len(set(fills)) == 5


@pytest.mark.parametrize(
    ("cell", "step", "words"),
    [
        (Cell(20, 0, 0, 0), 0, "0 %"),
        (Cell(20, 2, 0, 2), 1, "20 %"),
        (Cell(20, 6, 0, 0), 2, "30 %"),
        (Cell(20, 14, 0, 0), 3, "70 %"),
        (Cell(20, 20, 0, 0), 4, "100 %"),
        (Cell(20, 20, 0.4, 0), 5, "102 %"),
        (Cell(0, 0, 0, 0), 0, "–"),
        (Cell(0, 0, 3, 0), 5, "nobody"),
    ],
)
def test_cell_has_its_step_and_its_words(cell, step, words):
    assert (step_of(cell), words_of(cell)) == (step, words)


def test_picture_prints_every_percentage_stripes_what_is_soft_and_outlines_this_deal():
    svg = drawn()

    assert [f">{words}<" in svg for words in ("25 %", "90 %", "120 %")] == [True] * 3
    assert svg.count('fill="url(#soft-4)"') == 1
    assert svg.count('id="soft-4"') == 1
    assert svg.count(f'stroke="{PALETTES["light"].text}"') == 1
    assert ">App Engineer<" in svg
    assert "Ada" not in svg


def test_picture_names_each_week_and_its_monday():
    words = re.findall(r">([^<>]+)<", drawn())

    assert [one for one in words if one.startswith("W")] == ["W10", "W11", "W12"]
    assert [one for one in words if one.endswith("Mar")] == ["2 Mar", "9 Mar", "16 Mar"]


def test_picture_of_an_opened_role_shows_its_people():
    assert "· Ada" in drawn(opened=frozenset({"app"}))


def test_picture_in_the_dark_has_other_colours():
    assert PALETTES["dark"].ground in drawn("dark")
    assert PALETTES["light"].text not in drawn("dark")


@pytest.mark.parametrize("opened", [NOBODY, frozenset({"app"})])
def test_room_is_kept_for_the_picture_as_large_as_it_is(opened):
    size = size_of(FOUND, opened)
    width, height = re.search(r'width="(\d+)" height="(\d+)"', drawn(opened=opened)).groups()

    assert abs(size["width"] - int(width)) <= 1
    assert abs(size["height"] - int(height)) <= 1
