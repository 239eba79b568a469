"""The Sponsor's files of a month that was sent: every charge, and invoices in their own template."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.book import Book
from throughline.billing.cells import change_pct
from throughline.billing.models import BillingMonth, Charge
from throughline.billing.reckoning import reckon
from throughline.billing.words import FROZEN, ChargeKind, Standing
from throughline.kernel.errors import Refused
from throughline.kernel.money import shown
from throughline.kernel.months import month_text, months_later
from throughline.kernel.tables import as_text
from throughline.playbook.model import Playbook

# In this order for ever; new columns come last, so that what reads the file goes on reading it.
COLUMNS = (
    "month", "of_month", "invoice", "line", "engagement", "deal", "buyer", "community", "cluster",
    "provider", "account", "kind", "standing", "quantity", "amount", "currency", "income_account",
    "cost_account", "recoverable", "agreement", "order_number", "sponsor_number",
    "change_pct", "why",
)  # fmt: skip
CHECK, ROUNDING = "CHECK", "rounding"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file for the Sponsor."""

    content: bytes
    rows: int
    total: Decimal

    @property
    def sha256(self) -> str:
        """What tells whether the file arrived as it left."""
        return hashlib.sha256(self.content).hexdigest()


def charges_sent(month: date) -> list[Charge]:
    """Return the charges of a month that was sent, in the order of their invoices; one query.

    Raises:
        Refused: it was not sent, so nothing of it stands yet.
    """
    row = BillingMonth.objects.filter(month=month).first()
    if row is None or row.state not in FROZEN:
        raise Refused(
            f"{month_text(month)} was not sent.",
            remedy="Have it reviewed by one person and sent by another first.",
        )
    found = Charge.objects.filter(month=month).select_related(
        "engagement__deal__community", "cluster", "account", "invoice", "agreement"
    )
    return sorted(found, key=lambda one: (one.invoice is None, one.engagement_id or 0, one.pk))


def sponsor_csv(month: date, *, playbook: Playbook) -> Exported:
    """Return every charge of a month as the Sponsor reads it; the last row is the check.

    A cent that rounding makes is a row of its own. The check has the number of rows above it and the
    sum of their amounts.

    Raises:
        Refused: the month was not sent.
    """
    charges = charges_sent(month)
    before = _costs(Charge.objects.filter(month=months_later(month, -1)))
    lines = _line_numbers(charges)
    rows = [_row(one, lines[one.pk], before, playbook) for one in charges]
    rounding = reckon(Book([month], playbook=playbook), month).rounding
    if rounding:
        rows.append(_rounding(month, rounding, playbook))
    total = sum((one.amount for one in charges), rounding)
    check = {"month": CHECK, "line": len(rows), "amount": shown(total)}
    rows.append([check.get(name, "") for name in COLUMNS])
    return Exported(as_csv([COLUMNS, *rows]), len(rows) - 1, total)


def _rounding(month: date, amount: Decimal, playbook: Playbook) -> list[object]:
    """Return the row of what the provider's total is more than its parts, as the sheet has it."""
    cells = {
        "month": month_text(month),
        "of_month": month_text(month),
        "kind": ROUNDING,
        "amount": shown(amount),
        "currency": playbook.organisation.currency,
        "recoverable": "no",
        "why": "The provider's total less its parts, each to the cent.",
    }
    return [cells.get(name, "") for name in COLUMNS]


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV in which no cell runs as a formula; lines end as spreadsheets expect."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([as_text(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def _costs(charges: Iterable[Charge]) -> dict[tuple[int | None, int | None], Decimal]:
    found: dict[tuple[int | None, int | None], Decimal] = {}
    for one in charges:
        if one.kind == ChargeKind.CLOUD and one.of_month == one.month:
            place = (one.engagement_id, one.cluster_id)
            found[place] = found.get(place, Decimal(0)) + one.amount
    return found


def _line_numbers(charges: Iterable[Charge]) -> dict[int, int]:
    """Return the number of each charge on its invoice, from 1."""
    counts: dict[int | None, int] = {}
    numbers = {}
    for one in charges:
        counts[one.invoice_id] = counts.get(one.invoice_id, 0) + 1
        numbers[one.pk] = counts[one.invoice_id]
    return numbers


def _row(
    one: Charge, line: int, before: dict[tuple[int | None, int | None], Decimal], playbook: Playbook
) -> list[object]:
    deal = one.engagement.deal if one.engagement else None
    change = None
    if one.kind == ChargeKind.CLOUD and one.of_month == one.month:
        change = change_pct(before.get((one.engagement_id, one.cluster_id)), one.amount)
    cells = {
        "month": month_text(one.month),
        "of_month": month_text(one.of_month),
        "invoice": one.invoice.number if one.invoice else "",
        "line": line if one.invoice else "",
        "engagement": one.engagement_id,
        "deal": deal.reference if deal else "",
        "buyer": deal.buyer if deal else "",
        "community": deal.community.short_name if deal and deal.community else "",
        "cluster": one.cluster.name if one.cluster else "",
        "provider": one.account.provider if one.account else "",
        "account": one.account.identifier if one.account else "",
        "kind": one.kind,
        "standing": one.standing,
        "quantity": one.users,
        "amount": shown(one.amount),
        "currency": playbook.organisation.currency,
        "income_account": one.gl_code,
        "cost_account": one.cost_code,
        "recoverable": _recoverable(one),
        "agreement": one.agreement.title if one.agreement else "",
        "order_number": one.agreement.reference if one.agreement else "",
        "sponsor_number": one.invoice.receipt if one.invoice else "",
        "change_pct": "" if change is None else round(change),
        "why": one.why,
    }
    return [cells[name] for name in COLUMNS]


def _recoverable(one: Charge) -> str:
    if one.kind != ChargeKind.CLOUD:
        return ""
    return "yes" if one.standing == Standing.BILLABLE else "no"
