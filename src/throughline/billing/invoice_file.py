"""Invoices in the Sponsor's own template: filled by the names of its columns, none invented."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from throughline.billing.exports import Exported, as_csv, charges_sent
from throughline.billing.models import BillingMonth, Charge, Customer, Invoice
from throughline.kernel.errors import Refused
from throughline.kernel.money import shown
from throughline.kernel.months import month_text
from throughline.kernel.tables import text_in
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

# Without these no invoice can be entered. Source: Intacct's help on importing AR invoices.
REQUIRED: Final = (
    "INVOICE_NO", "CUSTOMER_ID", "CREATED_DATE", "DUE_DATE", "TOTAL_DUE", "LINE_NO", "ACCT_NO",
    "AMOUNT",
)  # fmt: skip
# What Intacct's template has beside them and we have nothing for.
LEFT_EMPTY: Final = frozenset({"DONOTIMPORT", "TOTAL_PAID", "PAID_DATE", "TERM_NAME"})
FORMATS: Final = {"MM/DD/YYYY": "%m/%d/%Y", "DD/MM/YYYY": "%d/%m/%Y", "YYYY-MM-DD": "%Y-%m-%d"}
LONGEST: Final = {"INVOICE_NO": 45, "PO_NO": 100, "CUSTOMER_ID": 21}
COMMENT = "#"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of an invoice, with all that a row can ask for."""

    charge: Charge
    invoice: Invoice
    number: int
    total: Decimal  # of the whole invoice
    customer: str
    sent_on: date
    playbook: Playbook

    def day(self, on: date) -> str:
        """Return a day as the template wants it."""
        return on.strftime(FORMATS[self.playbook.invoice_file.dates])


FILL: Final[dict[str, Callable[[_Line], object]]] = {
    "BATCH_TITLE": lambda one: f"Cloud {month_text(one.charge.month)}",
    "INVOICE_NO": lambda one: one.invoice.number,
    "PO_NO": lambda one: one.invoice.agreement.reference if one.invoice.agreement else "",
    "CUSTOMER_ID": lambda one: one.customer,
    "POSTING_DATE": lambda one: one.day(one.sent_on),
    "CREATED_DATE": lambda one: one.day(one.sent_on),
    "DUE_DATE": lambda one: one.day(
        one.sent_on + timedelta(days=one.playbook.invoice_file.due_days)
    ),
    "TOTAL_DUE": lambda one: shown(one.total),
    "DESCRIPTION": lambda one: f"{_deal(one.charge).name}, {month_text(one.charge.month)}",
    "CURRENCY": lambda one: one.playbook.organisation.currency,
    "LINE_NO": lambda one: one.number,
    "MEMO": lambda one: _memo(one.charge),
    "ACCT_NO": lambda one: one.charge.gl_code,
    "AMOUNT": lambda one: shown(one.charge.amount),
    "ARINVOICEITEM_CUSTOMERID": lambda one: one.customer,
}


def invoice_file(month: date, template: bytes, *, name: str, playbook: Playbook) -> Exported:
    """Return the invoices of a month in the Sponsor's blank template, a row for each line.

    What stands in the first column after a # is a note of the template's and stays. Each row repeats
    what it says of its invoice. Source: `connectors` §7 on Intacct; decision 0019.

    Raises:
        Refused: the month was not sent, the template is no blank one that we can fill, or somebody
            who pays has no number at the Sponsor's.
    """
    charges = [one for one in charges_sent(month) if one.invoice is not None and one.amount]
    header, notes = _read_template(template, name)
    _check_header(header, name, playbook)
    lines = _lines(month, charges, playbook)
    constants = dict(playbook.invoice_file.columns)
    rows = [[_cell(title.strip(), line, constants) for title in header] for line in lines]
    total = sum((one.amount for one in charges), Decimal(0))
    return Exported(as_csv([header, *notes, *rows]), len(rows), total)


def _cell(title: str, line: _Line, constants: dict[str, str]) -> object:
    if title in constants:
        return constants[title]
    if title not in FILL or title in line.playbook.invoice_file.left_empty:
        return ""
    cell = FILL[title](line)
    return str(cell)[: LONGEST[title]] if title in LONGEST else cell


def _read_template(template: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    text = text_in(template, name=name)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except csv.Error as error:
        raise Refused(f"{name}: {error}.", remedy="Download the template again.") from error
    before = [row for row in rows if row[0].strip().startswith(COMMENT)]
    told = [row for row in rows if row not in before]
    if not told:
        raise Refused(f"{name} has no header.", remedy="Download the template again.")
    if len(told) > 1:
        raise Refused(
            f"{name} is not blank: it has {len(told) - 1} rows.",
            remedy="Download a fresh template: it changes with the Sponsor's settings.",
        )
    return told[0], before


def _check_header(header: list[str], name: str, playbook: Playbook) -> None:
    titles = [title.strip() for title in header]
    constants = dict(playbook.invoice_file.columns)
    if missing := [title for title in REQUIRED if title not in titles and title not in constants]:
        raise Refused(
            f"{name} lacks the columns {', '.join(missing)}.",
            remedy="Ask the Sponsor for the template of AR invoices.",
        )
    if twice := sorted({title for title in titles if title and titles.count(title) > 1}):
        raise Refused(
            f"{name}: {', '.join(twice)} stands twice.", remedy="Download the template again."
        )
    known = {*FILL, *LEFT_EMPTY, *constants, *playbook.invoice_file.left_empty}
    if unknown := [title for title in titles if title not in known]:
        raise Refused(
            f"{name} has columns that nobody knows: {', '.join(unknown)}.",
            remedy="Say in the playbook's [billing.invoice_file] what each row has in them (columns),"
            " or that they stay empty (left_empty).",
        )


def _lines(month: date, charges: list[Charge], playbook: Playbook) -> Iterable[_Line]:
    sent_at = BillingMonth.objects.get(month=month).sent_at
    if sent_at is None:  # pragma: no cover -- a month that was sent says when
        raise ValueError(f"{month} was sent at no time")
    customers = _customers(charges)
    totals: dict[int, Decimal] = {}
    for one in charges:
        totals[one.invoice_id or 0] = totals.get(one.invoice_id or 0, Decimal(0)) + one.amount
    counts: dict[int, int] = {}
    for one in charges:
        if one.invoice is None:
            continue
        counts[one.invoice.pk] = counts.get(one.invoice.pk, 0) + 1
        yield _Line(
            one, one.invoice, counts[one.invoice.pk], totals[one.invoice.pk],
            customers[buyer_of(_deal(one))], sent_at.date(), playbook,
        )  # fmt: skip


def _customers(charges: list[Charge]) -> dict[str, str]:
    """Return the number of everybody who pays.

    Raises:
        Refused: somebody has none; the message names all.
    """
    wanted = {buyer_of(_deal(one)): _deal(one) for one in charges}
    found = dict(Customer.objects.filter(buyer__in=list(wanted)).values_list("buyer", "number"))
    if missing := sorted(
        deal.buyer or deal.name for buyer, deal in wanted.items() if buyer not in found
    ):
        raise Refused(
            f"The Sponsor's customer number is not known of: {', '.join(missing)}.",
            remedy="Write it down: throughline billing customer E NUMBER.",
        )
    return found


def buyer_of(deal: Deal) -> str:
    """Return by what a customer's number is kept: the buyer, else the deal."""
    return deal.buyer.strip() or deal.subject


def _deal(charge: Charge) -> Deal:
    if charge.engagement is None:  # pragma: no cover -- an invoice is an engagement's
        raise ValueError(f"{charge} is nobody's")
    return charge.engagement.deal


def _memo(charge: Charge) -> str:
    """Return a line in words: "Usage fee, earthscope, 2026-04: 280 users"."""
    where = charge.cluster.name if charge.cluster else ""
    said = ", ".join(filter(None, [charge.get_kind_display(), where, month_text(charge.of_month)]))
    tail = f": {charge.users} users" if charge.users is not None else ""
    return f"{said}{tail}{f': {charge.why}' if charge.why else ''}"
