"""How many people use an engagement's hubs, as a picture: a Vega-Lite specification for SVG.

The line is the people of each window; where not every day is known it is dashed. A level line is
what makes a hub valuable, and the first day that reaches it has a dot.
"""

from typing import Any

from throughline.delivery.value import Value
from throughline.documents.charts import PALETTES, altair, axis_of, data_of, finished
from throughline.playbook.model import Verifying

WIDTH, HEIGHT = 640, 220  # pixels
MOST_POINTS = 400  # of a picture; a longer time shows every second day, or every third


def specification(value: Value, rules: Verifying, *, theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of an engagement's use."""
    alt, palette = altair(), PALETTES[theme]
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
    data = data_of(alt, rows)
    line = alt.Chart(data).mark_line(color=palette.strong, strokeWidth=2, strokeDash=[4, 3])
    known = alt.Chart(data).mark_line(color=palette.strong, strokeWidth=2.5)
    level = alt.Chart(data_of(alt, [{"people": rules.people}])).mark_rule(
        color=palette.muted, strokeDash=[2, 3]
    )
    first = data_of(alt, [row for row in rows if row["day"] == _iso(value)])
    dot = alt.Chart(first).mark_point(color=palette.strong, filled=True, size=90)
    chart = alt.layer(
        level.encode(y=alt.Y("people:Q")),
        line.encode(x=x, y=y),
        known.transform_filter("datum.known").encode(x=x, y=y),
        dot.encode(x=x, y=y),
    )
    return finished(chart, palette, width=WIDTH, height=HEIGHT)


def _thinned(value: Value) -> list[Any]:
    step = 1 + len(value.windows) // MOST_POINTS
    kept = {one.to_on for one in value.windows[::-step]} | {value.first_on}
    return [one for one in value.windows if one.to_on in kept]


def _iso(value: Value) -> str:
    return value.first_on.isoformat() if value.first_on else ""
