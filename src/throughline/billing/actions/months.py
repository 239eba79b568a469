"""Months: reviewed by one person, sent by another, closed once every invoice is entered."""

from datetime import date, datetime

from django.db import transaction

from throughline.billing.actions.months_touched import locked_months
from throughline.billing.book import Book
from throughline.billing.charging import Draft, drafts, fingerprint, open_charges
from throughline.billing.invoice_file import buyer_of
from throughline.billing.models import BillingMonth, Charge, Customer, Invoice
from throughline.billing.reckoning import reckon
from throughline.billing.words import ChargeKind, MonthState, Standing
from throughline.delivery.models import Engagement
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.kernel.months import last_day, month_text
from throughline.people.gates import require_four_eyes
from throughline.playbook.model import Playbook

AT_ONCE = 500
LONGEST_CUSTOMER = 21  # as Intacct has it


def draft_month(month: date, *, playbook: Playbook) -> tuple[Book, list[Draft]]:
    """Return what a month that was not sent would ask for, and what it was reckoned from."""
    carried = open_charges(before=month)
    book = Book([month, *(one.of_month for one in carried)], playbook=playbook)
    return book, drafts(book, reckon(book, month), carried)


@transaction.atomic
def review_month(month: date, *, playbook: Playbook, by: str, at: datetime) -> BillingMonth:
    """Say that a month is as it should be; a second person sends it. It can be reviewed again.

    Raises:
        Refused: it was sent, is not over, or holds nothing.
    """
    row = locked_months([month])[month]
    if row.state not in {MonthState.OPEN, MonthState.REVIEWED}:
        raise Refused(f"{row} is {row.state}.", remedy="What comes late counts in the next month.")
    if day_in_zone(at, playbook.organisation.zone) <= last_day(month):
        raise Refused(f"{row} is not over.", remedy="Review it when its bills are in.")
    _book, found = draft_month(month, playbook=playbook)
    if not found:
        raise Refused(f"Nothing is booked in {row}.", remedy="Import the providers' bills first.")
    row.state, row.reviewed_by, row.reviewed_at = MonthState.REVIEWED, by, at
    row.reviewed_sha256 = fingerprint(found)
    row.save(update_fields=["state", "reviewed_by", "reviewed_at", "reviewed_sha256"])
    record("billing.month.reviewed", row, by=by, at=at, month=str(row), charges=len(found))
    return row


@transaction.atomic
def send_month(month: date, *, playbook: Playbook, by: str, at: datetime) -> BillingMonth:
    """Make the charges of a month stand, with an invoice for each engagement that is asked for money.

    Raises:
        Refused: it is not reviewed, something changed since, or the same person reviewed it.
    """
    row = locked_months([month])[month]
    if row.state != MonthState.REVIEWED:
        raise Refused(
            f"{row} is {row.state}.",
            remedy="Review it first: throughline billing review."
            if row.state == MonthState.OPEN
            else "It was sent already.",
        )
    require_four_eyes(row.reviewed_by, by, what="Sending a month")
    book, found = draft_month(month, playbook=playbook)
    if fingerprint(found) != row.reviewed_sha256:
        raise Refused(
            f"{row} is not what {row.reviewed_by} reviewed any more.", remedy="Review it again."
        )
    invoices = _invoices(month, found, book)
    Charge.objects.bulk_create(
        [_charge(month, one, invoices, book) for one in found], batch_size=AT_ONCE
    )
    settled = {one.settles.pk for one in found if one.settles is not None}
    Charge.objects.filter(pk__in=settled).update(settled_in=month)
    row.state, row.sent_by, row.sent_at = MonthState.SENT, by, at
    row.save(update_fields=["state", "sent_by", "sent_at"])
    record(
        "billing.month.sent", row, by=by, at=at, month=str(row), reviewed_by=row.reviewed_by,
        invoices=[one.number for one in invoices.values()],
    )  # fmt: skip
    return row


def invoice_number(engagement: int, month: date) -> str:
    """Return the number of an invoice: the same for ever, so that nobody enters one twice."""
    return f"TL-{engagement}-{month:%Y%m}"


def _invoices(month: date, found: list[Draft], book: Book) -> dict[int, Invoice]:
    """Return an invoice for each engagement with a charge that is not nothing."""
    asked = {
        one.share.engagement
        for one in found
        if one.is_asked_for and one.amount and one.share.engagement is not None
    }
    made = []
    for number in sorted(asked):
        terms = book.terms(number, month)
        made.append(
            Invoice(
                engagement_id=number,
                month=month,
                number=invoice_number(number, month),
                agreement=terms.governing if terms else None,
            )
        )
    Invoice.objects.bulk_create(made, batch_size=AT_ONCE)
    return {one.engagement_id: one for one in Invoice.objects.filter(month=month)}


def _charge(month: date, one: Draft, invoices: dict[int, Invoice], book: Book) -> Charge:
    invoice = invoices.get(one.share.engagement or 0) if one.is_asked_for else None
    return Charge(
        month=month,
        of_month=one.of_month,
        engagement_id=one.share.engagement,
        cluster_id=one.share.cluster,
        account=one.account,
        kind=one.kind,
        amount=one.amount,
        users=one.users,
        gl_code=income_code(one, book) if one.is_asked_for else "",
        cost_code=cost_code(one, book.playbook),
        standing=one.share.standing,
        agreement=invoice.agreement if invoice else None,
        invoice=invoice,
        why=one.why,
    )


def income_code(one: Draft, book: Book) -> str:
    """Return the Sponsor's number of the account that a charge is income of."""
    playbook = book.playbook
    match one.kind:
        case ChargeKind.CLOUD | ChargeKind.ADJUSTMENT:
            return playbook.price_account(playbook.cloud_account).gl_code
        case ChargeKind.USAGE:
            return playbook.price_account(playbook.usage_account).gl_code
        case ChargeKind.MEMBERSHIP:
            terms = book.terms(one.share.engagement or 0, one.of_month)
            return playbook.usual_account(terms.tier if terms else "").gl_code


def cost_code(one: Draft, playbook: Playbook) -> str:
    """Return the Sponsor's number of the account that what we paid is booked to; "" if nothing."""
    if one.kind != ChargeKind.CLOUD:
        return ""
    codes = playbook.cost_accounts
    is_paid_back = one.share.standing == Standing.BILLABLE
    return codes.recoverable if is_paid_back else codes.not_recoverable


@transaction.atomic
def enter_receipt(number: str, receipt: str, *, by: str, at: datetime) -> Invoice:
    """Write down under which number the Sponsor entered an invoice.

    Raises:
        Refused: there is no such invoice, no number, or the month is closed.
    """
    found = Invoice.objects.select_for_update().filter(number=number.strip()).first()
    if found is None:
        raise Refused(
            f"There is no invoice {number!r}.", remedy="See `throughline billing month MONTH`."
        )
    if locked_months([found.month])[found.month].state == MonthState.CLOSED:
        raise Refused(f"{month_text(found.month)} is closed.", remedy="Nothing of it changes.")
    if not receipt.strip():
        raise Refused("There is no number.", remedy="Write the number that SAGE gave it.")
    before = found.receipt
    found.receipt, found.receipt_by, found.receipt_at = receipt.strip(), by, at
    found.save(update_fields=["receipt", "receipt_by", "receipt_at"])
    record(
        "billing.invoice.entered", found, by=by, at=at, number=found.number, before=before,
        receipt=found.receipt,
    )  # fmt: skip
    return found


@transaction.atomic
def number_customer(engagement: Engagement, number: str, *, by: str, at: datetime) -> Customer:
    """Write down under which number the Sponsor keeps who pays for an engagement.

    Raises:
        Refused: there is no number, or it is too long.
    """
    number = number.strip()
    if not 0 < len(number) <= LONGEST_CUSTOMER:
        raise Refused(
            f"{number!r} is no customer number.",
            remedy=f"Write the Sponsor's, of at most {LONGEST_CUSTOMER} characters.",
        )
    made, _created = Customer.objects.update_or_create(
        buyer=buyer_of(engagement.deal), defaults={"number": number, "by": by, "at": at}
    )
    record("billing.customer.numbered", made, by=by, at=at, buyer=made.buyer, number=number)
    return made


@transaction.atomic
def close_month(month: date, *, by: str, at: datetime) -> BillingMonth:
    """Close a month that was sent, once every invoice has the number under which it was entered.

    Raises:
        Refused: it was not sent, or an invoice has no number.
    """
    row = locked_months([month])[month]
    if row.state != MonthState.SENT:
        raise Refused(
            f"{row} is {row.state}.",
            remedy="Nothing is left to do." if row.state == MonthState.CLOSED else "Send it first.",
        )
    missing = list(Invoice.objects.filter(month=month, receipt="").values_list("number", flat=True))
    if missing:
        raise Refused(
            f"{', '.join(sorted(missing))}: nobody has written down the Sponsor's number.",
            remedy="Write it down: throughline billing receipt INVOICE NUMBER.",
        )
    row.state, row.closed_by, row.closed_at = MonthState.CLOSED, by, at
    row.save(update_fields=["state", "closed_by", "closed_at"])
    record("billing.month.closed", row, by=by, at=at, month=str(row))
    return row
