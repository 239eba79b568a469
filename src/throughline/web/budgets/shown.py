"""Budgets and alerts as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from throughline.budgets.models import Alert
from throughline.budgets.spending import Burn
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount
from throughline.kernel.months import month_text
from throughline.web.templatetags.ui import day


@dataclass(frozen=True, slots=True)
class BurnRow:
    """One month of an agreement: what it cost, and what is left after it."""

    month: str
    cost: Decimal
    so_far: Decimal
    left: Decimal | None
    pct: int | None


def burn_rows(burn: Burn) -> list[BurnRow]:
    """Return the months that are known, the oldest first."""
    ceiling = burn.place.ceiling if burn.is_compared else None
    so_far, rows = Decimal(0), []
    for month in sorted(burn.agreement):
        so_far += burn.agreement[month]
        rows.append(
            BurnRow(
                month=month_text(month),
                cost=burn.agreement[month],
                so_far=so_far,
                left=ceiling.amount - so_far if ceiling else None,
                pct=int(so_far / ceiling.amount * 100) if ceiling else None,
            )
        )
    return rows


def described(burn: Burn) -> str:
    """Return the picture in words, for those who do not see it; no amount."""
    end = burn.place.engagement.deal.end_on
    said = f"What is left after each month; the upright line is the agreement's end, {day(end)}. "
    if burn.runs_out_on is None:
        return f"{said}The table below has the numbers."
    return f"{said}It runs out on {day(burn.runs_out_on)}. The table below has the numbers."


def what_if(text: str, burn: Burn | None) -> dict[str, Any]:
    """Return when it runs out if each month costs what somebody types; nothing is kept."""
    asked: dict[str, Any] = {"text": text, "cost": None, "problem": "", "out_on": None}
    try:
        cost = parse_amount(text)
    except Refused as refused:
        return asked | {"problem": f"{refused.message} {refused.remedy}"}
    if burn is None or cost is None:
        return asked
    return asked | {"cost": cost, "out_on": burn.runs_out_at(cost)}


def tabs(current: str, waiting: int) -> list[dict[str, Any]]:
    """Return the two pages, with how many alerts wait."""
    return [
        {"label": "Accounts", "url": reverse("web:budgets"), "current": current == "budgets"},
        {
            "label": "Alerts",
            "url": reverse("web:alerts"),
            "current": current == "alerts",
            "count": waiting,
        },
    ]


def alert_lines(found: Iterable[Alert]) -> list[dict[str, Any]]:
    """Return alerts with what was told last and how many thresholds there were."""
    lines = []
    for one in found:
        crossings = list(one.crossings.all())
        lines.append({"alert": one, "last": crossings[0] if crossings else None,
                      "more": max(len(crossings) - 1, 0)})  # fmt: skip
    return lines
