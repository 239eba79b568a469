"""How long engagements took to their first value: a Vega-Lite specification for SVG.

A full dot came to be of value after so many days; a hollow triangle waits so long by now. They
differ in shape, and not only in colour. The dashed line is the median of those that came there.
"""

from typing import Any, Final

from throughline.delivery.first_values import FirstValue, FirstValues
from throughline.documents.charts import PALETTES, altair, axis_of, data_of, finished

WIDTH, HEIGHT = 640, 260  # pixels
MOST_POINTS: Final = 400  # of a picture: those ordered last


def specification(found: FirstValues, *, theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of the time to first value of all engagements."""
    alt, palette = altair(), PALETTES[theme]
    months = axis_of(alt, palette, title="ordered", format="%b %Y", tickCount="month")
    x = alt.X("ordered:T", axis=months, scale=alt.Scale(nice="month"))
    y = alt.Y(
        "days:Q", scale=alt.Scale(domainMin=0),
        axis=axis_of(alt, palette, title="days to the first value", tickMinStep=1),
    )  # fmt: skip
    reached = alt.Chart(_points(alt, found.reached)).mark_point(
        color=palette.strong, filled=True, size=60, opacity=1
    )
    waiting = alt.Chart(_points(alt, found.waiting)).mark_point(
        color=palette.muted, filled=False, shape="triangle-up", size=60, opacity=1
    )
    layers = [reached.encode(x=x, y=y), waiting.encode(x=x, y=y)]
    if found.median_days is not None:
        level = data_of(alt, [{"days": found.median_days}])
        rule = alt.Chart(level).mark_rule(color=palette.muted, strokeDash=[4, 3])
        layers.insert(0, rule.encode(y=alt.Y("days:Q")))
    return finished(alt.layer(*layers), palette, width=WIDTH, height=HEIGHT)


def _points(alt: Any, found: tuple[FirstValue, ...]) -> Any:
    return data_of(
        alt,
        [
            {
                "ordered": one.ordered_on.isoformat(),
                "days": one.days if one.days is not None else one.waiting_days,
            }
            for one in found[:MOST_POINTS]
        ],
    )
