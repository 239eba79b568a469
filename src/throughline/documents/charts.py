"""Charts: Vega-Lite specifications made with Altair, drawn here as SVG for pages and PNG for mails.

One home for what every chart shares: the colours of both themes, axes, fonts, and the drawing, which
is remembered by what is drawn. Loading and first drawing take about a second of a process's life, so
pages name a picture's address, and only that address draws.

Colours of lines and bars have 3:1 to the ground and differ in lightness; charts tell their series
apart by shape, dash or place as well.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

FONT: Final = "Segoe UI, system-ui, Noto Sans, Helvetica Neue, Arial, Liberation Sans, sans-serif"
PADDING: Final = 8  # pixels
KEPT: Final = 64  # pictures that a process remembers, of each kind
SHARP: Final = 2.0  # pixels of a PNG for each of the specification
Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme."""

    ground: str
    text: str
    muted: str
    line: str
    strong: str  # of what a chart is about
    second: str  # of what stands beside it
    alarm: str


PALETTES: Final = {
    "light": Palette("#ffffff", "#1d1d1a", "#5f5c54", "#e5e2da", "#2a4a9c", "#c7741a", "#9c2a2a"),
    "dark": Palette("#1f201d", "#edece7", "#a9a79e", "#353632", "#a9bdf7", "#a86a1f", "#f7a9a9"),
}


def altair() -> Any:
    """Return Altair, which takes a quarter of a second to load: only charts pay it."""
    import altair as alt  # noqa: PLC0415 -- slow import

    return alt


def axis_of(alt: Any, palette: Palette, **more: Any) -> Any:
    """Return an axis in the colours of a palette."""
    return alt.Axis(
        labelColor=palette.muted, titleColor=palette.muted, gridColor=palette.line,
        domainColor=palette.line, tickColor=palette.line, labelFont=FONT, titleFont=FONT,
        titleFontWeight="normal", **more,
    )  # fmt: skip


def legend_of(alt: Any, palette: Palette, **more: Any) -> Any:
    """Return a legend above the picture, in the colours of a palette."""
    return alt.Legend(
        orient="top", title=None, labelColor=palette.text, labelFont=FONT, labelFontSize=12,
        labelLimit=320, symbolStrokeWidth=2, **more,
    )  # fmt: skip


def data_of(alt: Any, rows: list[dict[str, Any]]) -> Any:
    """Return rows as the data of a chart."""
    return alt.Data(values=rows)


def finished(chart: Any, palette: Palette, **size: int) -> Spec:
    """Return the specification of a chart on the ground of a palette.

    Units: `width` and `height` in pixels, without axes. One made of several has theirs, and no own.
    """
    drawn = chart.properties(**size, background=palette.ground, padding=PADDING)
    return dict(drawn.configure_view(stroke=None).to_dict())


def tag_of(spec: Spec) -> str:
    """Return what names a picture by what it shows: the same numbers have the same tag."""
    return hashlib.sha256(_text(spec).encode()).hexdigest()[:32]


def as_svg(spec: Spec) -> str:
    """Return a specification as SVG; the same numbers are drawn once."""
    return _svg(_text(spec))


def as_png(spec: Spec) -> bytes:
    """Return a specification as PNG, two pixels for each; the same numbers are drawn once."""
    return _png(_text(spec))


def _text(spec: Spec) -> str:
    return json.dumps(spec, sort_keys=True)


@lru_cache(maxsize=KEPT)
def _svg(spec: str) -> str:
    import vl_convert  # noqa: PLC0415 -- its first drawing takes half a second, which only charts pay

    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn


@lru_cache(maxsize=KEPT)
def _png(spec: str) -> bytes:
    import vl_convert  # noqa: PLC0415 -- as above

    drawn: bytes = vl_convert.vegalite_to_png(spec, scale=SHARP)
    return drawn
