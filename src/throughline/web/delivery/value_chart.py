"""How many people use an engagement's hubs, as a picture: a Vega-Lite specification for SVG.

The line is the people of each window; where not every day is known it is dashed. A level line is
what makes a hub valuable, and the first day that reaches it has a dot.
"""

from typing import Any, Final

from throughline.delivery.value import Value
from throughline.playbook.model import Verifying
from throughline.web.capacity.chart import FONT, PALETTES, Palette

WIDTH, HEIGHT, PADDING = 640, 220, 8  # pixels
MOST_POINTS = 400  # of a picture; a longer time shows every second day, or every third
LINES: Final = {"light": "#2a4a9c", "dark": "#a9bdf7"}


def specification(value: Value, rules: Verifying, *, theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of an engagement's use."""
    import altair as alt  # noqa: PLC0415 -- takes a quarter of a second, which only charts pay

    palette = PALETTES[theme]
    rows = [
        {"day": one.to_on.isoformat(), "people": one.people, "known": one.is_known}
        for one in _thinned(value)
    ]
    x = alt.X("day:T", axis=axis_of(alt, palette, title=None, format="%-d %b"))
    top = max([rules.people, *(row["people"] for row in rows)])
    y = alt.Y(
        "people:Q", scale=alt.Scale(domain=[0, top + 1]),
        axis=axis_of(alt, palette, title=f"people in {rules.window_days} days", tickMinStep=1),
    )  # fmt: skip
    data = alt.Data(values=rows)  # type: ignore[no-untyped-call]  # its own constructor
    line = alt.Chart(data).mark_line(color=LINES[theme], strokeWidth=2, strokeDash=[4, 3])
    known = alt.Chart(data).mark_line(color=LINES[theme], strokeWidth=2.5)
    level = alt.Chart(alt.Data(values=[{"people": rules.people}])).mark_rule(  # type: ignore[no-untyped-call]  # as above
        color=palette.muted, strokeDash=[2, 3]
    )
    first = alt.Data(values=[row for row in rows if row["day"] == _iso(value)])  # type: ignore[no-untyped-call]  # as above
    dot = alt.Chart(first).mark_point(color=LINES[theme], filled=True, size=90)
    chart = alt.layer(
        level.encode(y=alt.Y("people:Q")),
        line.encode(x=x, y=y),
        known.transform_filter("datum.known").encode(x=x, y=y),
        dot.encode(x=x, y=y),
    )
    drawn = chart.properties(width=WIDTH, height=HEIGHT, background=palette.ground, padding=PADDING)
    return dict(drawn.configure_view(stroke=None).to_dict())


def axis_of(alt: Any, palette: Palette, **more: Any) -> Any:
    """Return an axis in the colours of a palette."""
    return alt.Axis(
        labelColor=palette.muted, titleColor=palette.muted, gridColor=palette.line,
        domainColor=palette.line, tickColor=palette.line, labelFont=FONT, titleFont=FONT,
        titleFontWeight="normal", **more,
    )  # fmt: skip


def _thinned(value: Value) -> list[Any]:
    step = 1 + len(value.windows) // MOST_POINTS
    kept = {one.to_on for one in value.windows[::-step]} | {value.first_on}
    return [one for one in value.windows if one.to_on in kept]


def _iso(value: Value) -> str:
    return value.first_on.isoformat() if value.first_on else ""
