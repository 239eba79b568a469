"""The heat map as a picture: a Vega-Lite specification, drawn to SVG on the server.

Colours are steps of one hue, so that they differ in lightness for everybody, and a red one for what
is over; the number stands in every cell. What is committed is solid, what is held softly is hatched
for its part of the cell, and a cell that this deal takes part of has an outline.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from throughline.capacity.maps import CapacityMap, Cell, MapRow
from throughline.documents.charts import (
    FONT,
    PADDING,
    PALETTES,
    Palette,
    Spec,
    altair,
    as_svg,
    data_of,
    finished,
)

CELL_WIDTH, ROW_HEIGHT, LABELS = 54, 30, 200  # pixels
HEAD = 34  # pixels: a line of week numbers and one of their Mondays
LINE = 13  # pixels
GAP = 0.04  # of a cell, to each side
OVER = 5
STEPS: Final = ((1, 0), (30, 1), (60, 2), (85, 3), (101, 4))  # below so many percent: the step


@dataclass(frozen=True, slots=True)
class Step:
    """The colours of a step: ground, stripes of what is soft, text; text is AA on both."""

    fill: str
    stripe: str
    text: str


STEPS_OF: Final = {
    "light": (
            Step("#ffffff", "#e4e9f5", "#5f5c54"),
            Step("#edf1f8", "#c8d2e9", "#1d1d1a"),
            Step("#d3dbed", "#a9b8db", "#1d1d1a"),
            Step("#b4c1e0", "#8c9dcd", "#1d1d1a"),
            Step("#2a4a9c", "#4c68b2", "#ffffff"),
            Step("#a4262c", "#b8484d", "#ffffff"),
        ),
    "dark": (
            Step("#1f201d", "#2f323a", "#a9a79e"),
            Step("#292c35", "#3c4354", "#edece7"),
            Step("#373e50", "#4c566f", "#edece7"),
            Step("#475270", "#5b6789", "#edece7"),
            Step("#a9bdf7", "#8299da", "#10182e"),
            Step("#f2a099", "#d4807a", "#2b0f0d"),
        ),
}  # fmt: skip


def step_of(cell: Cell) -> int:
    """Return the colour step of a cell; work that nobody can do is over."""
    pct = cell.used_pct
    if pct is None:
        return OVER if cell.used > 0 else 0
    return next((step for below, step in STEPS if pct < below), OVER)


def words_of(cell: Cell) -> str:
    """Return what a cell says: "92 %"; "–" without hours, "nobody" where work has no one."""
    if cell.used_pct is None:
        return "nobody" if cell.used > 0 else "–"
    return f"{cell.used_pct} %"


def rows_shown(found: CapacityMap, opened: frozenset[str]) -> Iterator[tuple[MapRow, bool]]:
    """Yield the rows of a map, and whether each is a person: those of opened roles follow theirs."""
    for row in found.rows:
        yield row, False
        if row.code in opened:
            yield from ((person, True) for person in row.people)


def size_of(found: CapacityMap, opened: frozenset[str]) -> dict[str, int]:
    """Return the size of the picture in pixels, so that its room is kept before it comes."""
    rows = len(list(rows_shown(found, opened)))
    return {
        "width": 2 * PADDING + LABELS + CELL_WIDTH * len(found.weeks),
        "height": 2 * PADDING + HEAD + ROW_HEIGHT * rows,
    }


def specification(found: CapacityMap, *, opened: frozenset[str], theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of a map; `opened` names roles whose people are shown."""
    alt, palette, steps = altair(), PALETTES[theme], STEPS_OF[theme]
    rows = list(rows_shown(found, opened))
    values = [
        _mark(row.cells[week], week, line, steps)
        for line, (row, _is_person) in enumerate(rows)
        for week in range(len(found.weeks))
    ]
    across = {
        "axis": _weeks_axis(alt, found, palette),
        "scale": alt.Scale(domain=[0, len(found.weeks)], nice=False),
    }
    down = {
        "axis": _rows_axis(alt, rows, palette),
        "scale": alt.Scale(domain=[len(rows), 0], nice=False),
    }
    base = alt.Chart(data_of(alt, values))
    box = {"y": alt.Y("top:Q", **down), "x2": "right:Q", "y2": "bottom:Q"}
    cells = base.mark_rect().encode(
        x=alt.X("left:Q", **across), color=alt.Color("fill:N", scale=None), **box
    )
    soft = base.mark_rect().encode(
        x=alt.X("soft_left:Q", **across), color=alt.Color("soft_fill:N", scale=None), **box
    )
    this = base.mark_rect(fill=None, stroke=palette.text, strokeWidth=2).encode(
        x=alt.X("left:Q", **across), **box
    )
    numbers = base.mark_text(fontSize=12, font=FONT).encode(
        x=alt.X("middle:Q", **across), y=alt.Y("centre:Q", **down), text="words:N",
        color=alt.Color("text:N", scale=None),
    )  # fmt: skip
    chart = alt.layer(
        cells,
        soft.transform_filter("datum.soft_left < datum.right"),
        this.transform_filter("datum.asked"),
        numbers,
    )
    return finished(
        chart.configure_axis(labelFont=FONT), palette,
        width=CELL_WIDTH * len(found.weeks), height=ROW_HEIGHT * len(rows),
    )  # fmt: skip


def _mark(cell: Cell, week: int, line: int, steps: Sequence[Step]) -> dict[str, Any]:
    """Return a cell as data: where it is, and how it looks."""
    step = step_of(cell)
    left, right = week + GAP, week + 1 - GAP
    part = cell.soft / cell.used if cell.used else 0.0
    return {
        "left": left,
        "right": right,
        "soft_left": round(right - part * (right - left), 4),
        "middle": week + 0.5,
        "top": line + GAP,
        "bottom": line + 1 - GAP,
        "centre": line + 0.5,
        "fill": steps[step].fill,
        "soft_fill": f"url(#soft-{step})",
        "text": steps[step].text,
        "words": words_of(cell),
        "asked": cell.asked > 0,
    }


def _weeks_axis(alt: Any, found: CapacityMap, palette: Palette) -> Any:
    names = [
        [label[5:], f"{monday:%-d %b}"]
        for label, monday in zip(found.labels, found.weeks, strict=True)
    ]
    return alt.Axis(
        labelPadding=2 + LINE, labelLineHeight=LINE,  # from the cells to the first of two lines
        title=None, orient="top", values=[week + 0.5 for week in range(len(names))],
        labelExpr=f"{json.dumps(names)}[floor(datum.value)]", labelColor=palette.muted,
        labelFontSize=11, minExtent=HEAD, maxExtent=HEAD, grid=False, ticks=False, domain=False, labelOverlap=False,
    )  # fmt: skip


def _rows_axis(alt: Any, rows: list[tuple[MapRow, bool]], palette: Palette) -> Any:
    names = [f"· {row.name}" if is_person else row.name for row, is_person in rows]
    return alt.Axis(
        title=None, values=[line + 0.5 for line in range(len(names))],
        labelExpr=f"{json.dumps(names)}[floor(datum.value)]", labelColor=palette.text,
        labelFontSize=12, labelLimit=LABELS, minExtent=LABELS, grid=False, ticks=False,
        domain=False, labelPadding=8, labelOverlap=False,
    )  # fmt: skip


def drawing(spec: Spec, *, theme: str) -> str:
    """Return the map as SVG, with the patterns that what is soft is filled with."""
    return re.sub(r"(<svg\b[^>]*>)", lambda head: head[0] + _stripes(theme), as_svg(spec), count=1)


def _stripes(theme: str) -> str:
    """Return the patterns of what is soft; Vega-Lite has none of its own."""
    patterns = (
        f'<pattern id="soft-{number}" width="7" height="7" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><rect width="7" height="7" fill="{step.fill}"/>'
        f'<rect width="3.5" height="7" fill="{step.stripe}"/></pattern>'
        for number, step in enumerate(STEPS_OF[theme])
    )
    return f"<defs>{''.join(patterns)}</defs>"
