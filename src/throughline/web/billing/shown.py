"""The sheet, a month and what waits, as pages show them. Amounts are shown to those who may see."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse

from throughline.billing.cells import Cell
from throughline.billing.queries import MonthPage, month_in_full, months_with_costs
from throughline.billing.sheet import Sheet, SheetMonth, SheetRow, sheet, sources_of
from throughline.billing.unbilled import Unbilled, orphans, unbilled
from throughline.billing.words import FROZEN, MonthState, Standing
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_of, month_text, months_later, parse_month
from throughline.web.access import page_query
from throughline.web.billing.forms import CountForm
from throughline.web.moment import Moment
from throughline.web.templatetags.ui import MONTHS

SHOWN = 5  # months side by side
A_PAGE = 50  # rows
NEXT_STEPS = {  # of a month: the step, its button, and who takes it
    MonthState.OPEN: ("review", "Reviewed", "Look at every cell, then say so."),
    MonthState.REVIEWED: ("send", "Send", "A second person sends it; then it stands."),
    MonthState.SENT: ("close", "Close", "Once every invoice has the Sponsor's number."),
}


def month_name(month: date) -> str:
    """Return a month as a heading."""
    return f"{MONTHS[month.month - 1]} {month.year}"


def asked_month(text: str, now: Moment) -> date:
    """Return the month that an address names; the newest of the ledger where it names none.

    Raises:
        Http404: it names something else.
    """
    if not text:
        known = months_with_costs()
        return known[-1] if known else months_later(month_of(now.on), -1)
    try:
        return parse_month(text)
    except Refused as refused:
        raise Http404(str(refused)) from refused


def sheet_page(until: str, page: str | None, now: Moment) -> dict[str, Any]:
    """Return the context of the sheet: some months, and what is not billed yet beside them."""
    last = asked_month(until, now)
    months = [months_later(last, -back) for back in range(SHOWN - 1, -1, -1)]
    found = sheet(months, playbook=now.playbook)
    waiting = unbilled(on=now.on, playbook=now.playbook)
    rows = Paginator(found.rows, A_PAGE).get_page(page)
    return {
        "heads": [_head(one) for one in found.months],
        "page": rows,
        "page_query": page_query(until=until),
        "rows": [_row(one, months) for one in rows],
        "earlier": month_text(months_later(months[0], -1)),
        "later": month_text(months_later(last, SHOWN)) if last < month_of(now.on) else "",
        "waiting": waiting_panel(waiting),
        "has_bills": any(one.has_bills for one in found.months),
    }


def waiting_panel(found: Unbilled) -> dict[str, Any]:
    """Return the standing number and its reasons."""
    return {
        "total": found.total,
        "currency": found.book.playbook.organisation.currency,
        "reasons": [
            {"reason": reason.label, "amount": amount, "count": count, "code": reason.value}
            for reason, (amount, count) in found.by_reason.items()
        ],
    }


def _head(one: SheetMonth) -> dict[str, Any]:
    return {
        "month": one,
        "name": month_name(one.month),
        "text": month_text(one.month),
        "url": f"{reverse('web:billing-month')}?month={month_text(one.month)}",
        "nobody_url": _cell_url(one.month, None, None),
    }


def _row(row: SheetRow, months: list[date]) -> dict[str, Any]:
    deal = row.engagement.deal
    return {
        "engagement": row.engagement,
        "community": deal.community.short_name if deal.community else deal.name,
        "deal": deal.name,
        "cluster": row.cluster.name,
        "cells": [_cell(row.cells.get(month)) for month in months],
    }


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    """Return a cell: blank is a task, zero a number, "community pays" a word (E34)."""
    if cell is None:
        return None
    pays = cell.payer == Payer.COMMUNITY and cell.cost is None
    return {
        "cell": cell,
        "community_pays": pays,
        "is_task": cell.cost is None and cell.standing == Standing.BILLABLE,
        "is_users_task": cell.users is None and cell.standing == Standing.BILLABLE,
        "problem": "" if _is_well(cell) else cell.standing.label,
        "url": _cell_url(cell.month, cell.engagement, cell.cluster),
    }


def _is_well(cell: Cell) -> bool:
    return cell.standing in {Standing.BILLABLE, Standing.OURS, Standing.COMMUNITY} or not cell.cost


def _cell_url(month: date, engagement: int | None, cluster: int | None) -> str:
    asked = {"month": month_text(month), "engagement": engagement, "cluster": cluster}
    return f"{reverse('web:billing-cell')}?" + urlencode({k: v for k, v in asked.items() if v})


def month_page(month: date, now: Moment) -> dict[str, Any]:
    """Return the context of one month: its sums, charges and invoices, and the next step."""
    page = month_in_full(month, playbook=now.playbook)
    step = NEXT_STEPS.get(page.head.state)
    return {
        "head": _head(page.head),
        "page": page,
        "step": {"code": step[0], "label": step[1], "help": step[2]} if step else None,
        "charges": _charges(page),
        "invoices": _invoices(page),
        "is_frozen": page.head.state in FROZEN,
        "rows": [_row(one, [month]) for one in page.sheet.rows],
        "places": places_of(page.sheet),
        "earlier": month_text(months_later(month, -1)),
        "later": month_text(months_later(month, 1)),
    }


def _charges(page: MonthPage) -> list[dict[str, Any]]:
    book = page.sheet.book
    drafts = [
        {
            "what": one.kind.label, "of": month_text(one.of_month), "amount": one.amount,
            "deal": _deal_name(book, one.share.engagement), "number": one.share.engagement,
            "account": one.account, "standing": one.share.standing.label, "why": one.why,
            "asked": one.is_asked_for,
        }
        for one in page.drafts
    ]  # fmt: skip
    return drafts + [
        {
            "what": one.get_kind_display(), "of": month_text(one.of_month), "amount": one.amount,
            "deal": _deal_name(book, one.engagement_id), "number": one.engagement_id,
            "account": one.account, "standing": one.get_standing_display(), "why": one.why,
            "asked": one.invoice is not None,
        }
        for one in page.charges
    ]  # fmt: skip


def _deal_name(book: Any, engagement: int | None) -> str:
    return str(book.deal_of(engagement).name) if engagement else ""


def _invoices(page: MonthPage) -> list[dict[str, Any]]:
    sums: dict[int | None, Decimal] = {}
    for one in page.charges:
        sums[one.invoice_id] = sums.get(one.invoice_id, Decimal(0)) + one.amount
    return [
        {"invoice": one, "deal": one.engagement.deal.name, "total": sums.get(one.pk, Decimal(0))}
        for one in page.invoices
    ]


def places_of(found: Sheet) -> list[tuple[str, str]]:
    """Return the engagements and clusters that a correction can be of, for a form."""
    return [
        (f"{row.engagement.number}:{row.cluster.pk}",
         f"{row.engagement.number} {row.engagement.deal.name}, {row.cluster.name}")
        for row in found.rows
    ]  # fmt: skip


def cell_page(month: date, place: tuple[int | None, int | None], now: Moment) -> dict[str, Any]:
    """Return the context of a cell: the lines that make it up, each with its file.

    Raises:
        Http404: nothing is there.
    """
    found = sheet([month], playbook=now.playbook)
    row = next((one for one in found.rows if (one.engagement.pk, one.cluster.pk) == place), None)
    if place[0] is not None and row is None:
        raise Http404("No engagement runs there.")
    return {
        "head": _head(found.months[0]),
        "row": _row(row, [month]) if row else None,
        "lines": sources_of(found.book, month, place),
        "count_form": CountForm(
            initial={"month": month_text(month), "cluster": row.cluster.name}, auto_id="count-%s"
        )
        if row
        else None,
        "users": found.book.users.get((place[1], month)) if place[1] is not None else None,
    }


def waiting_page(now: Moment) -> dict[str, Any]:
    """Return the context of what is not billed yet, one by one, and what costs nobody."""
    found = unbilled(on=now.on, playbook=now.playbook)
    book = found.book
    return {
        "waiting": waiting_panel(found),
        "items": [
            {
                "item": one,
                "month": month_text(one.of_month),
                "deal": _deal_name(book, one.engagement),
                "cluster": book.clusters[one.cluster].name if one.cluster else "",
            }
            for one in found.items
        ],
        "orphans": [{"orphan": one, "since": month_text(one.since)} for one in orphans(book)],
        "uncounted": sorted({one.name for one in book.uncounted}),
    }
