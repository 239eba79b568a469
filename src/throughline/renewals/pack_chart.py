"""What an engagement cost and who used it, month by month, as a picture for the PDF and the mail."""

from collections.abc import Sequence
from typing import Any, Final

from throughline.documents.charts import (
    PALETTES,
    Palette,
    Spec,
    altair,
    axis_of,
    data_of,
    finished,
)
from throughline.kernel.money import shown
from throughline.renewals.money import MonthCost

WIDTH, HEIGHT = 520, 110  # pixels, of each of the two
CENTS: Final = 2  # places


def specification(months: Sequence[MonthCost], *, theme: str = "light") -> Spec:
    """Return the Vega-Lite specification: cost above, active users below, one line of months.

    A month of which one of the two is not recorded has no bar there: unknown is not zero.
    """
    alt, palette = altair(), PALETTES[theme]
    currency = next((one.currency for one in months if one.cost is not None), "")
    every = [one.month for one in months]
    costs = [
        {"month": one.month, "value": float(round(one.cost, CENTS))}
        for one in months
        if one.cost is not None
    ]
    users = [{"month": one.month, "value": one.users} for one in months if one.users is not None]
    panels = [
        _bars(alt, palette, rows, every, title=title, colour=colour)
        for rows, title, colour in (
            (costs, f"cloud cost, {currency}", palette.strong),
            (users, "active users", palette.second),
        )
        if rows
    ]
    return finished(alt.vconcat(*panels, spacing=12), palette)


def _bars(
    alt: Any, palette: Palette, rows: list[dict[str, Any]], months: list[str], *, title: str,
    colour: str,
) -> Any:  # fmt: skip
    x = axis_of(alt, palette, title=None, labelAngle=0, grid=False)
    y = axis_of(alt, palette, title=title, tickCount=4)
    bars = alt.Chart(data_of(alt, rows)).mark_bar(color=colour)
    return bars.encode(
        x=alt.X("month:N", axis=x, scale=alt.Scale(domain=months)), y=alt.Y("value:Q", axis=y)
    ).properties(width=WIDTH, height=HEIGHT)


def described(months: Sequence[MonthCost]) -> str:
    """Return the picture in words, for those who do not see it."""
    return f"Cloud cost and active users by month. {'; '.join(map(said, months))}."


def said(one: MonthCost) -> str:
    """Return a month in words; what is not recorded is said to be."""
    cost = "cost not recorded" if one.cost is None else f"{shown(one.cost)} {one.currency}"
    users = "users not recorded" if one.users is None else f"{one.users} active users"
    return f"{one.month}: {cost}, {users}"


def lines(months: Sequence[MonthCost]) -> str:
    """Return the months as lines of a list, for the text of a mail; "" where nothing is recorded."""
    return "\n".join(f"- {said(one)}" for one in months)
