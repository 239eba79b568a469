"""The pictures of the process: Vega-Lite specifications. No series is told apart by its hue alone."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from throughline.capacity.months import MonthLoad
from throughline.documents.charts import (
    FONT,
    PALETTES,
    Palette,
    Spec,
    altair,
    axis_of,
    data_of,
    finished,
    legend_of,
)
from throughline.sales.flow import StageFlow, Went
from throughline.sales.revenue import Revenue, Sure

WIDTH, ROW, MONEY_HEIGHT, LOAD_HEIGHT = 640, 34, 220, 180  # pixels
PART: Final = 128  # of the four ways that a deal can go
WAYS: Final = {
    Went.ON: "Went on", Went.BACK: "Went back", Went.LOST: "Lost", Went.STILL: "Still there",
}  # fmt: skip
SURE: Final = {Sure.COMMITTED: "Committed", Sure.WEIGHTED: "Weighted"}


def dwell(found: Sequence[StageFlow], *, theme: str) -> Spec:
    """Return how long deals stood in each stage: a bar for half of them, a mark for nine in ten."""
    alt, palette = altair(), PALETTES[theme]
    rows = [
        {"stage": one.stage.name, "half": one.half_days, "most": one.most_days}
        for one in found
        if one.half_days is not None
    ]
    stages = [str(row["stage"]) for row in rows]
    base = alt.Chart(data_of(alt, rows)).encode(y=_stages(alt, palette, stages))
    days = axis_of(alt, palette, title="days in the stage", tickMinStep=1)
    bars = base.mark_bar(color=palette.strong, height=14).encode(x=alt.X("half:Q", axis=days))
    line = base.mark_rule(color=palette.muted, strokeWidth=2).encode(
        x=alt.X("half:Q"), x2=alt.X2("most:Q")
    )
    most = base.mark_tick(color=palette.text, thickness=3, size=18).encode(x=alt.X("most:Q"))
    height = ROW * max(len(rows), 1)
    return finished(alt.layer(bars, line, most), palette, width=WIDTH - 130, height=height)


def _stages(alt: Any, palette: Palette, names: Sequence[str]) -> Any:
    axis = axis_of(
        alt,
        palette,
        title=None,
        labelLimit=150,
        minExtent=118,
        ticks=False,
        domain=False,
        grid=False,
    )
    return alt.Y("stage:N", sort=list(names), axis=axis)


def conversion(found: Sequence[StageFlow], *, theme: str) -> Spec:
    """Return of a hundred that entered a stage how many went which way: a panel for each way."""
    alt, palette = altair(), PALETTES[theme]
    rows = [
        {"stage": one.stage.name, "way": words, "pct": one.pct(way) or 0}
        for one in found
        if one.entered
        for way, words in WAYS.items()
    ]
    stages = list(dict.fromkeys(str(row["stage"]) for row in rows))
    base = alt.Chart(data_of(alt, rows)).encode(y=_stages(alt, palette, stages))
    pct = alt.X("pct:Q", axis=None, scale=alt.Scale(domain=[0, 130]))
    bars = base.mark_bar(color=palette.strong, height=14).encode(x=pct)
    numbers = base.mark_text(align="left", dx=4, color=palette.text, font=FONT, fontSize=12)
    panel = alt.layer(bars, numbers.encode(x=pct, text=alt.Text("pct:Q")))
    head = alt.Header(
        title=None, labelColor=palette.text, labelFont=FONT, labelFontSize=12, labelAnchor="start"
    )
    columns = panel.properties(width=PART, height=ROW * max(len(stages), 1)).facet(
        column=alt.Column("way:N", sort=list(WAYS.values()), header=head), spacing=10
    )
    return finished(columns, palette)


def money(found: Revenue, *, theme: str) -> Spec:
    """Return the money of each month: what is committed, and on it what is open, weighted."""
    alt, palette = altair(), PALETTES[theme]
    return finished(_money(alt, palette, found), palette, width=WIDTH, height=MONEY_HEIGHT)


def _money(alt: Any, palette: Palette, found: Revenue) -> Any:
    rows = [
        {
            "month": month.month.isoformat(), "sure": words, "place": place,
            "money": float(round(month.amounts[sure], 2)),
        }
        for month in found.months
        for place, (sure, words) in enumerate(SURE.items())
    ]  # fmt: skip
    colours = alt.Scale(domain=list(SURE.values()), range=[palette.strong, palette.second])
    bars = alt.Chart(data_of(alt, rows)).mark_bar(stroke=palette.ground, strokeWidth=1)
    return bars.encode(
        x=_months(alt, palette),
        y=alt.Y("money:Q", axis=axis_of(alt, palette, title=found.currency, format="~s")),
        color=alt.Color("sure:N", scale=colours, legend=legend_of(alt, palette)),
        order=alt.Order("place:Q"),
    )


def _months(alt: Any, palette: Palette) -> Any:
    axis = axis_of(alt, palette, title=None, format="%b %y", labelAngle=0, grid=False)
    return alt.X("month:O", timeUnit="utcyearmonth", axis=axis)


def load(found: Revenue, months: Sequence[MonthLoad], *, theme: str) -> Spec:
    """Return the money of each month, and below it how full each role is; a shape for each role."""
    alt, palette = altair(), PALETTES[theme]
    rows = list(_load_rows(months))
    points = alt.Chart(data_of(alt, rows)).mark_point(color=palette.strong, size=70, strokeWidth=2)
    full = alt.Chart(data_of(alt, [{"pct": 100}])).mark_rule(color=palette.alarm, strokeDash=[4, 3])
    axis = axis_of(alt, palette, title="% of the hours", tickCount=5)
    below = alt.layer(
        full.encode(y=alt.Y("pct:Q")),
        points.encode(
            x=_months(alt, palette),
            y=alt.Y("pct:Q", axis=axis),
            shape=alt.Shape("role:N", legend=legend_of(alt, palette, columns=3)),
        ),
    )
    return finished(
        alt.vconcat(
            _money(alt, palette, found).properties(width=WIDTH, height=MONEY_HEIGHT - 60),
            below.properties(width=WIDTH, height=LOAD_HEIGHT),
        ).resolve_scale(color="independent", shape="independent"),
        palette,
    )


def _load_rows(months: Iterable[MonthLoad]) -> Iterable[dict[str, Any]]:
    for month in months:
        for role in month.roles:
            if role.used_pct is not None:
                yield {
                    "month": month.month.isoformat(), "role": role.name, "pct": role.used_pct
                }  # fmt: skip
