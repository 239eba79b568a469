"""What stands on Today for those who see money: what is not billed yet, and what waits for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from throughline.billing.overview import NotBilled, not_billed
from throughline.billing.unbilled import MonthToMove
from throughline.billing.words import REMEDIES, MonthState, Reason
from throughline.kernel.days import ONE_DAY
from throughline.kernel.months import last_day, month_text
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import money
from throughline.web.today.listing import SHOWN
from throughline.web.today.shapes import Item


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing number, and what makes it smaller: months to move on, and reasons."""

    total: Decimal
    currency: str
    items: tuple[Item, ...]
    more: int  # months that are not listed


def standing_number(now: Moment) -> Standing:
    """Return what is not billed yet as of today; a constant number of queries."""
    found = not_billed(on=now.on, playbook=now.playbook)
    months = found.to_move
    items = [_month_item(one, found.currency) for one in months[:SHOWN]]
    items += _reason_items(found)
    return Standing(found.total, found.currency, tuple(items), len(months[SHOWN:]))


def _month_item(one: MonthToMove, currency: str) -> Item:
    text = month_text(one.month)
    if one.state == MonthState.REVIEWED:
        title, detail = f"Send {text}", f"Reviewed by {one.reviewed_by}: somebody else sends it."
    else:
        title, detail = f"Review {text}", "It is over: look at every cell, then say so."
    return Item(
        f"{reverse('web:billing-month')}?month={text}", title,
        f"{money(one.amount)} {currency}. {detail}", "whoever sees money",
        since=one.reviewed_at or last_day(one.month) + ONE_DAY, status=one.state,
    )  # fmt: skip


def _reason_items(found: NotBilled) -> Iterator[Item]:
    for reason, (amount, count) in found.by_reason.items():
        if reason == Reason.NOT_SENT:
            continue
        worth = "Nobody knows how much" if amount is None else f"{money(amount)} {found.currency}"
        yield Item(
            f"{reverse('web:billing-waiting')}?because={reason.value}#one-by-one",
            f"{reason.label}: {count}",
            f"{worth}. {REMEDIES[reason]}", "whoever sees money",
        )  # fmt: skip
