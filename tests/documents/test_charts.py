"""What all charts share: colours that everybody can tell, and drawings that are made once."""

import struct

import pytest

from tests.documents.colours import contrast
from throughline.documents import charts
from throughline.documents.charts import PALETTES, altair, as_png, as_svg, data_of, finished, tag_of

SEEN = 3  # WCAG 2.2, 1.4.11: parts of a picture against what they lie on
READ = 4.5


def picture(height=40, theme="light"):
    alt = altair()
    bars = alt.Chart(data_of(alt, [{"month": "Mar", "money": 7}])).mark_bar()
    drawn = bars.encode(x="month:N", y="money:Q")
    return finished(drawn, PALETTES[theme], width=60, height=height)


@pytest.mark.parametrize("theme", PALETTES)
def test_colours_stand_out_from_the_ground_and_series_differ_in_lightness(theme):
    palette = PALETTES[theme]

    for colour in (palette.strong, palette.second, palette.alarm):
        assert contrast(colour, palette.ground) >= SEEN
    for colour in (palette.text, palette.muted):
        assert contrast(colour, palette.ground) >= READ
    assert contrast(palette.strong, palette.second) >= 2


def test_same_numbers_are_drawn_once_and_other_ones_again():
    charts._svg.cache_clear()

    as_svg(picture()), as_svg(picture()), as_svg(picture(height=41))

    assert (charts._svg.cache_info().misses, charts._svg.cache_info().hits) == (2, 1)


def test_tag_names_what_is_drawn():
    assert tag_of(picture()) == tag_of(picture())
    assert len({tag_of(picture()), tag_of(picture(height=41)), tag_of(picture(theme="dark"))}) == 3


def test_png_is_the_same_picture_with_two_pixels_for_each():
    png, svg = as_png(picture()), as_svg(picture())

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert f'width="{width // 2}"' in svg
    assert f'height="{height // 2}"' in svg
