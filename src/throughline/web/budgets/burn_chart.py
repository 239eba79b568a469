"""What is left of a ceiling or pot after each month: a Vega-Lite specification for SVG."""

from datetime import timedelta
from typing import Any

from throughline.budgets.spending import Burn
from throughline.documents.charts import PALETTES, altair, axis_of, data_of, finished
from throughline.kernel.months import last_day
from throughline.web.budgets.shown import burn_rows

WIDTH, HEIGHT = 640, 240  # pixels


def specification(burn: Burn | None, *, theme: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of a burn-down; an empty one where nothing is known."""
    alt, palette = altair(), PALETTES[theme]
    x = alt.X("day:T", axis=axis_of(alt, palette, title=None, format="%b %Y"))
    y = alt.Y(
        "left:Q", axis=axis_of(alt, palette, title="left, " + (burn.currency if burn else ""))
    )
    line = alt.Chart(data_of(alt, _known(burn))).mark_line(
        color=palette.strong, strokeWidth=2.5, point=True
    )
    ahead = alt.Chart(data_of(alt, _ahead(burn))).mark_line(
        color=palette.strong, strokeWidth=2, strokeDash=[4, 3]
    )
    end = alt.Chart(data_of(alt, _end(burn))).mark_rule(color=palette.alarm, strokeWidth=2)
    chart = alt.layer(line.encode(x=x, y=y), ahead.encode(x=x, y=y), end.encode(x=alt.X("day:T")))
    return finished(chart, palette, width=WIDTH, height=HEIGHT)


def _known(burn: Burn | None) -> list[dict[str, Any]]:
    """Return what was left after each month, beginning with all of it."""
    if burn is None or burn.place.ceiling is None or not burn.is_compared or not burn.agreement:
        return []
    months = sorted(burn.agreement)
    first = {"day": months[0].isoformat(), "left": float(burn.place.ceiling.amount)}
    rows = zip(months, burn_rows(burn), strict=True)
    return [first] + [
        {"day": last_day(month).isoformat(), "left": float(row.left or 0)} for month, row in rows
    ]


def _ahead(burn: Burn | None) -> list[dict[str, Any]]:
    """Return where the line leads if months go on as the last ones did."""
    known = _known(burn)
    if not known or burn is None or burn.runs_out_on is None or known[-1]["left"] <= 0:
        return []
    return [known[-1], {"day": burn.runs_out_on.isoformat(), "left": 0.0}]


def _end(burn: Burn | None) -> list[dict[str, Any]]:
    end = burn.place.engagement.deal.end_on if burn else None
    # The end is included: the line stands where the next day begins.
    return [{"day": (end + timedelta(days=1)).isoformat()}] if end else []
