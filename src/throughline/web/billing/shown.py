"""The sheet, a month and what waits, as pages show them. Amounts are shown to those who may see."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import Http404
from django.urls import reverse

from throughline.billing.cells import Cell
from throughline.billing.overview import (
    DraftLine,
    NotBilled,
    cell_sources,
    draft_lines,
    in_full,
    not_billed,
    sheet_index,
    sheet_rows,
)
from throughline.billing.queries import charges_of_month, invoices_of_month, months_with_costs
from throughline.billing.sheet import SheetMonth, SheetRow
from throughline.billing.words import FROZEN, MonthState, Reason, Standing
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_of, month_text, months_later, parse_month
from throughline.web.access import page_query
from throughline.web.billing.forms import CountForm
from throughline.web.moment import Moment
from throughline.web.templatetags import ui

SHOWN = 5  # months side by side
A_PAGE = 50  # rows
NEXT_STEPS = {  # of a month: the step, its button, and who takes it
    MonthState.OPEN: ("review", "It is reviewed", "Look at every cell, then say so."),
    MonthState.REVIEWED: ("send", "Send", "A second person sends it; then it stands."),
    MonthState.SENT: ("close", "Close", "Once every invoice has the Sponsor's number."),
}


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
    found = sheet_index(months, playbook=now.playbook)
    waiting = not_billed(on=now.on, playbook=now.playbook)
    places = Paginator(found.places, A_PAGE).get_page(page)
    return {
        "heads": [_head(one) for one in found.months],
        "page": places,
        "page_query": page_query(until=until),
        "rows": [_row(one, months) for one in sheet_rows(places, months, playbook=now.playbook)],
        "earlier": month_text(months_later(months[0], -1)),
        "later": month_text(months_later(last, SHOWN)) if last < month_of(now.on) else "",
        "waiting": waiting_panel(waiting),
        "has_bills": any(one.has_bills for one in found.months),
    }


def waiting_panel(found: NotBilled) -> dict[str, Any]:
    """Return the standing number and its reasons."""
    return {
        "total": found.total,
        "currency": found.currency,
        "reasons": [
            {"reason": reason.label, "amount": amount, "count": count, "code": reason.value}
            for reason, (amount, count) in found.by_reason.items()
        ],
    }


def _head(one: SheetMonth) -> dict[str, Any]:
    return {
        "month": one,
        "name": ui.month(one.month),
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


def month_page(month: date, pages: Mapping[str, str], now: Moment) -> dict[str, Any]:
    """Return the context of one month: its sums, charges and invoices, and the next step.

    `pages` says which page of its rows, invoices and charges; each has its own.
    """
    index = sheet_index([month], playbook=now.playbook)
    head = index.months[0]
    step, text = NEXT_STEPS.get(head.state), month_text(month)
    places = Paginator(index.places, A_PAGE).get_page(pages.get("page"))
    rows = sheet_rows(places, [month], playbook=now.playbook)
    is_frozen = head.state in FROZEN
    charges = _charges(month, is_frozen=is_frozen, page=pages.get("charges"), now=now)
    invoices = Paginator(invoices_of_month(month), A_PAGE).get_page(pages.get("invoices"))
    return {
        "head": _head(head),
        "month": head,
        "step": {"code": step[0], "label": step[1], "help": step[2]} if step else None,
        "charges": charges,
        "invoices": invoices,
        "is_frozen": is_frozen,
        "page": places,
        "rows": [_row(one, [month]) for one in rows],
        "places": places_of(rows),
        "page_query": page_query(month=text),
        "earlier": month_text(months_later(month, -1)),
        "later": month_text(months_later(month, 1)),
    }


def _charges(month: date, *, is_frozen: bool, page: str | None, now: Moment) -> Page[Any]:
    """Return a page of what was sent, or of what would be."""
    if not is_frozen:
        return Paginator(draft_lines(month, playbook=now.playbook), A_PAGE).get_page(page)
    found: Page[Any] = Paginator(charges_of_month(month), A_PAGE).get_page(page)
    found.object_list = [
        DraftLine(
            one.get_kind_display(), one.of_month, one.amount,
            one.engagement.deal.name if one.engagement else "", one.engagement_id, one.account,
            one.get_standing_display(), one.why, one.invoice_id is not None,
        )
        for one in found
    ]  # fmt: skip
    return found


def places_of(rows: Iterable[SheetRow]) -> list[tuple[str, str]]:
    """Return the engagements and clusters that a correction can be of, for a form."""
    return [
        (f"{row.engagement.number}:{row.cluster.pk}",
         f"{row.engagement.number} {row.engagement.deal.name}, {row.cluster.name}")
        for row in rows
    ]  # fmt: skip


def is_place(text: str, month: date, now: Moment) -> bool:
    """Return whether an engagement and a cluster, as a form names them, are of a month."""
    places = sheet_index([month], playbook=now.playbook).places
    return text in {f"{number}:{cluster}" for number, cluster in places}


def cell_page(
    month: date, place: tuple[int | None, int | None], page: str | None, now: Moment
) -> dict[str, Any]:
    """Return the context of a cell: the lines that make it up by the page, each with its file.

    Raises:
        Http404: nothing is there.
    """
    number, cluster = place
    index = sheet_index([month], playbook=now.playbook)
    row = None
    if number is not None:
        if place not in set(index.places):
            raise Http404("No engagement runs there.")
        [row] = sheet_rows([(number, cluster or 0)], [month], playbook=now.playbook)
    found, users = cell_sources(month, place, playbook=now.playbook)
    lines: Page[Any] = Paginator(found, A_PAGE).get_page(page)
    lines.object_list = in_full(lines.object_list)
    return {
        "head": _head(index.months[0]),
        "row": _row(row, [month]) if row else None,
        "lines": lines,
        "page_query": page_query(
            month=month_text(month), engagement=f"{number or ''}", cluster=f"{cluster or ''}"
        ),
        "count_form": CountForm(
            initial={"month": month_text(month), "cluster": row.cluster.name}, auto_id="count-%s"
        )
        if row
        else None,
        "users": users,
    }


def waiting_page(because: str, page: str | None, now: Moment) -> dict[str, Any]:
    """Return the context of what is not billed yet, one by one, and what costs nobody.

    `because` is a reason, to show what waits for it alone; any other text shows all.
    """
    found = not_billed(on=now.on, playbook=now.playbook)
    reason = Reason(because) if because in Reason else None
    listed = [one for one in found.items if reason in {None, one.reason}]
    items = Paginator(listed, A_PAGE).get_page(page)
    return {
        "waiting": waiting_panel(found),
        "reason": reason,
        "page": items,
        "page_query": page_query(because=reason.value if reason else ""),
        "items": [
            {
                "item": one,
                "month": month_text(one.of_month),
                "deal": found.deals.get(one.engagement or 0, ""),
                "cluster": found.clusters.get(one.cluster or 0, ""),
            }
            for one in items
        ],
        "orphans": [
            {"orphan": one, "since": month_text(one.since)} for one in found.orphans[:A_PAGE]
        ],
        "more_orphans": len(found.orphans[A_PAGE:]),
        "uncounted": found.uncounted[:A_PAGE],
        "more_uncounted": len(found.uncounted[A_PAGE:]),
    }
