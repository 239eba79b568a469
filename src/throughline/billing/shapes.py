"""Billing as programs read it: one shape each for the command line, the API and files."""

from typing import Any

from throughline.billing.cells import Cell
from throughline.billing.charging import Draft
from throughline.billing.models import Charge, Invoice
from throughline.billing.queries import MonthPage
from throughline.billing.sheet import Sheet, SheetMonth, SheetRow
from throughline.billing.unbilled import Orphan, Unbilled, Waiting
from throughline.kernel.money import shown
from throughline.kernel.months import month_text


def month_shape(one: SheetMonth) -> dict[str, Any]:
    """Return a month with its sums and its check."""
    return {
        "month": month_text(one.month),
        "state": one.state.value,
        "reviewed_by": one.row.reviewed_by if one.row else "",
        "sent_by": one.row.sent_by if one.row else "",
        "closed_by": one.row.closed_by if one.row else "",
        "communities": shown(one.communities),
        "unassigned": shown(one.nobodys),
        "ours": shown(one.ours),
        "late": shown(one.late),
        "rounding": shown(one.rounding),
        "total": shown(one.total),
        "billed": shown(one.billed),
        "provider_total": shown(one.provider) if one.has_bills else None,
        "checks": one.checks,
    }


def cell_shape(row: SheetRow, cell: Cell) -> dict[str, Any]:
    """Return what is known of an engagement on a cluster in a month; null is blank."""
    deal = row.engagement.deal
    return {
        "engagement": row.engagement.number,
        "deal": deal.reference,
        "community": deal.community.short_name if deal.community else None,
        "cluster": row.cluster.name,
        "month": month_text(cell.month),
        "cost": shown(cell.cost),
        "users": cell.users,
        "usage_fee": shown(cell.fee),
        "adjusted": shown(cell.adjusted),
        "invoiced": shown(cell.invoiced),
        "payer": cell.payer.value,
        "standing": cell.standing.value,
        "change_pct": cell.change_pct,
    }


def cell_shapes(sheet: Sheet) -> list[dict[str, Any]]:
    """Return all cells of a sheet, row by row."""
    return [cell_shape(row, row.cells[month]) for row in sheet.rows for month in sorted(row.cells)]


def draft_shape(one: Draft) -> dict[str, Any]:
    """Return a charge of a month that was not sent."""
    return {
        "kind": one.kind.value,
        "of_month": month_text(one.of_month),
        "engagement": one.share.engagement,
        "account": one.account.identifier if one.account else None,
        "amount": shown(one.amount),
        "standing": one.share.standing.value,
        "invoiced": one.is_asked_for,
        "why": one.why,
    }


def charge_shape(one: Charge) -> dict[str, Any]:
    """Return a charge of a month that was sent, with the invoice and the agreement it hangs on."""
    return {
        "number": one.pk,
        "kind": one.kind,
        "of_month": month_text(one.of_month),
        "engagement": one.engagement_id,
        "account": one.account.identifier if one.account else None,
        "amount": shown(one.amount),
        "standing": one.standing,
        "invoice": one.invoice.number if one.invoice else None,
        "sponsor_number": one.invoice.receipt if one.invoice else "",
        "agreement": one.agreement.title if one.agreement else None,
        "income_account": one.gl_code,
        "cost_account": one.cost_code,
        "why": one.why,
    }


def invoice_shape(one: Invoice) -> dict[str, Any]:
    """Return an invoice: our number, and the one under which the Sponsor entered it."""
    return {
        "invoice": one.number,
        "month": month_text(one.month),
        "engagement": one.engagement_id,
        "agreement": one.agreement.title if one.agreement else None,
        "sponsor_number": one.receipt,
    }


def waiting_shape(one: Waiting) -> dict[str, Any]:
    """Return one thing that is not billed yet."""
    return {
        "number": one.number,
        "reason": one.reason.value,
        "month": month_text(one.of_month),
        "amount": shown(one.amount),
        "account": one.account.identifier if one.account else None,
        "engagement": one.engagement,
        "cluster": one.cluster,
        "remedy": one.remedy,
    }


def unbilled_shape(found: Unbilled, lost: list[Orphan]) -> dict[str, Any]:
    """Return what is not billed yet, by reason and one by one; and what costs nobody since when."""
    clusters = found.book.clusters
    return {
        "total": shown(found.total),
        "reasons": [
            {"reason": reason.value, "amount": shown(amount), "count": count}
            for reason, (amount, count) in found.by_reason.items()
        ],
        "items": [
            waiting_shape(one) | {"cluster": clusters[one.cluster].name if one.cluster else None}
            for one in found.items
        ],
        "nobody": [
            {
                "account": one.account.identifier,
                "provider": one.account.provider,
                "since": month_text(one.since),
                "standing": one.standing.value,
                "amount": shown(one.amount),
            }
            for one in lost
        ],
    }


def month_in_full_shape(page: MonthPage) -> dict[str, Any]:
    """Return a month with its cells, what it asks for, and its invoices."""
    return {
        **month_shape(page.head),
        "cells": cell_shapes(page.sheet),
        "charges": [
            *(draft_shape(one) for one in page.drafts),
            *(charge_shape(one) for one in page.charges),
        ],
        "invoices": [invoice_shape(one) for one in page.invoices],
    }
