"""How long engagements took to their first value: a Vega-Lite specification for SVG.

A full dot came to be of value after so many days; a hollow triangle waits so long by now. They
differ in shape, and not only in colour. The dashed line is the median of those that came there.
"""

from typing import Any, Final

from throughline.delivery.first_values import FirstValue, FirstValues
from throughline.web.capacity.chart import PALETTES
from throughline.web.delivery.value_chart import LINES, axis_of

WIDTH, HEIGHT, PADDING = 640, 260, 8  # pixels
MOST_POINTS: Final = 400  # of a picture: those ordered last


def specification(found: FirstValues, *, theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of the time to first value of all engagements."""
    import altair as alt  # noqa: PLC0415 -- takes a quarter of a second, which only charts pay

    palette = PALETTES[theme]
    months = axis_of(alt, palette, title="ordered", format="%b %Y", tickCount="month")
    x = alt.X("ordered:T", axis=months, scale=alt.Scale(nice="month"))
    y = alt.Y(
        "days:Q", scale=alt.Scale(domainMin=0),
        axis=axis_of(alt, palette, title="days to the first value", tickMinStep=1),
    )  # fmt: skip
    reached = alt.Chart(_points(alt, found.reached)).mark_point(
        color=LINES[theme], filled=True, size=60, opacity=1
    )
    waiting = alt.Chart(_points(alt, found.waiting)).mark_point(
        color=palette.muted, filled=False, shape="triangle-up", size=60, opacity=1
    )
    layers = [reached.encode(x=x, y=y), waiting.encode(x=x, y=y)]
    if found.median_days is not None:
        level = alt.Data(values=[{"days": found.median_days}])  # type: ignore[no-untyped-call]  # its own constructor
        rule = alt.Chart(level).mark_rule(color=palette.muted, strokeDash=[4, 3])
        layers.insert(0, rule.encode(y=alt.Y("days:Q")))
    drawn = alt.layer(*layers).properties(
        width=WIDTH, height=HEIGHT, background=palette.ground, padding=PADDING
    )
    return dict(drawn.configure_view(stroke=None).to_dict())


def _points(alt: Any, found: tuple[FirstValue, ...]) -> Any:
    return alt.Data(
        values=[
            {
                "ordered": one.ordered_on.isoformat(),
                "days": one.days if one.days is not None else one.waiting_days,
            }
            for one in found[:MOST_POINTS]
        ]
    )
