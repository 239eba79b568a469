"""`throughline billing …`: months, what they ask for, and what is not billed yet."""

from datetime import date
from pathlib import Path

import click

from throughline.billing.actions.correcting import bear_cost
from throughline.billing.actions.months import (
    close_month,
    enter_receipt,
    number_customer,
    review_month,
    send_month,
)
from throughline.billing.exports import Exported, sponsor_csv
from throughline.billing.invoice_file import invoice_file
from throughline.billing.models import BillingMonth
from throughline.billing.queries import MonthPage, month_in_full, months_with_costs
from throughline.billing.shapes import (
    cell_shapes,
    invoice_shape,
    month_in_full_shape,
    month_shape,
    unbilled_shape,
)
from throughline.billing.sheet import SheetMonth, sheet
from throughline.billing.unbilled import orphans, unbilled
from throughline.cli.commands.billing_changes import assign, correct, count, split
from throughline.cli.commands.billing_workbook import workbook
from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.queries import find_engagement
from throughline.documents.actions import write_atomically
from throughline.intake.bills import bytes_of
from throughline.kernel.days import day_in_zone
from throughline.kernel.money import shown
from throughline.kernel.months import month_text, parse_month
from throughline.playbook.current import current

FILE = click.Path(path_type=Path)
month_argument = click.argument("month", metavar="MONTH")
on_option = click.option("--on", default="", metavar="DATE", help="Today, where left out.")


@click.group()
def billing() -> None:
    """What the cloud costs, who pays it, and what was sent. MONTH is YYYY-MM."""


for command in (assign, split, correct, count, workbook):
    billing.add_command(command)


@billing.command("months")
@replies
def months() -> Reply:
    """List the months of the ledger: state, sum, and whether it is what the providers billed."""
    found = sheet(months_with_costs(), playbook=current()).months
    return Reply(
        [month_shape(one) for one in found],
        [_month_line(one) for one in found] or ["Nothing is in the ledger yet."],
    )


def _month_line(one: SheetMonth) -> str:
    checked = "as billed" if one.checks else f"BILLED {shown(one.provider)}"
    nobody = f", {shown(one.nobodys)} of it nobody's" if one.nobodys else ""
    return (
        f"{month_text(one.month)}  {one.state.label:<8}  {shown(one.total):>12}  {checked}{nobody}"
    )


@billing.command("month")
@month_argument
@replies
def month_(month: str) -> Reply:
    """Show a month: its cells, what it asks for, and its invoices."""
    page = month_in_full(parse_month(month), playbook=current())
    return Reply(month_in_full_shape(page), _lines(page))


def _lines(page: MonthPage) -> list[str]:
    rows = []
    for one in cell_shapes(page.sheet):
        users = "blank" if one["users"] is None else one["users"]
        changed = f"  {one['change_pct']:+} %" if one["change_pct"] is not None else ""
        rows.append(
            f"{one['engagement']:>6}  {one['cluster']:<20}  cost {one['cost'] or 'blank':>12}"
            f"  MAU {users:>6}  fee {one['usage_fee'] or 'blank':>10}"
            f"  invoiced {one['invoiced'] or '–':>10}  {one['standing']}{changed}"
        )
    invoices = [
        f"{one.number}: {one.receipt or 'no number of the Sponsor yet'}" for one in page.invoices
    ]
    return [_month_line(page.head), *rows, *invoices]


@billing.command("unbilled")
@on_option
@replies
def unbilled_(on: str) -> Reply:
    """Say what is not billed yet and why, and since when which account costs nobody."""
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    found = unbilled(on=today, playbook=playbook)
    document = unbilled_shape(found, orphans(found.book))
    lines = [f"Not billed yet: {document['total']} {playbook.organisation.currency}"]
    for one in document["items"]:
        what = one["cluster"] or one["account"] or f"engagement {one['engagement']}"
        number = f"[{one['number']}] " if one["number"] else ""
        lines.append(
            f"  {number}{one['month']}  {one['amount'] or 'unknown':>12}  {what}: {one['reason']}."
            f" {one['remedy']}"
        )
    lines += [
        f"{one['account']} costs nobody since {one['since']}: {one['amount']} ({one['standing']})"
        for one in document["nobody"]
    ]
    return Reply(document, lines)


@billing.command("review")
@month_argument
@by_option
@replies
def review(month: str, by: str | None) -> Reply:
    """Say that a month is as it should be; a second person sends it."""
    row = review_month(parse_month(month), playbook=current(), by=operator(by), at=now())
    return _moved(row, f"{row} is reviewed by {row.reviewed_by}; a second person sends it.")


@billing.command("send")
@month_argument
@by_option
@replies
def send(month: str, by: str | None) -> Reply:
    """Make a month's charges stand, with an invoice number for each engagement."""
    row = send_month(parse_month(month), playbook=current(), by=operator(by), at=now())
    return _moved(row, f"{row} is sent. Nothing in it changes any more.")


@billing.command("close")
@month_argument
@by_option
@replies
def close(month: str, by: str | None) -> Reply:
    """Close a month once each of its invoices has the Sponsor's number."""
    row = close_month(parse_month(month), by=operator(by), at=now())
    return _moved(row, f"{row} is closed.")


def _moved(row: BillingMonth, line: str) -> Reply:
    return Reply(month_shape(sheet([row.month], playbook=current()).months[0]), [line])


@billing.command("receipt")
@click.argument("invoice")
@click.argument("number")
@by_option
@replies
def receipt(invoice: str, number: str, by: str | None) -> Reply:
    """Write down under which NUMBER the Sponsor entered an invoice."""
    found = enter_receipt(invoice, number, by=operator(by), at=now())
    return Reply(invoice_shape(found), [f"{found.number} was entered as {found.receipt}."])


@billing.command("customer")
@click.argument("engagement", metavar="E")
@click.argument("number")
@by_option
@replies
def customer(engagement: str, number: str, by: str | None) -> Reply:
    """Write down under which NUMBER the Sponsor keeps whoever pays for an engagement."""
    made = number_customer(find_engagement(engagement), number, by=operator(by), at=now())
    return Reply(
        {"buyer": made.buyer, "number": made.number}, [f"{made.buyer} is customer {made.number}."]
    )


@billing.command("bear")
@click.argument("number", metavar="N", type=int)
@click.option("--why", required=True)
@by_option
@replies
def bear(number: int, why: str, by: str | None) -> Reply:
    """Decide that we bear a cost that nobody pays back; N is as `billing unbilled` says."""
    made = bear_cost(number, why=why, by=operator(by), at=now())
    return Reply(
        {"number": made.pk, "amount": shown(made.amount), "why": made.borne_why},
        [f"We bear {shown(made.amount)} of {month_text(made.of_month)}."],
    )


@billing.command("export")
@month_argument
@click.argument("file", type=FILE)
@replies
def export(month: str, file: Path) -> Reply:
    """Write every charge of a month that was sent, for the Sponsor (CSV; its last row checks it)."""
    wanted = parse_month(month)
    return _written(wanted, file, sponsor_csv(wanted, playbook=current()))


@billing.command("invoices")
@month_argument
@click.argument("file", type=FILE)
@click.option(
    "--template", type=FILE, required=True, help="The Sponsor's own blank template (CSV)."
)
@replies
def invoices(month: str, file: Path, template: Path) -> Reply:
    """Fill the Sponsor's blank template with the invoices of a month that was sent."""
    wanted = parse_month(month)
    content = bytes_of(template)
    made = invoice_file(wanted, content, name=template.name, playbook=current())
    return _written(wanted, file, made)


def _written(month: date, file: Path, made: Exported) -> Reply:
    write_atomically(file.absolute(), made.content)
    document = {
        "month": month_text(month),
        "file": str(file),
        "rows": made.rows,
        "total": shown(made.total),
        "sha256": made.sha256,
    }
    return Reply(document, [f"{file}: {made.rows} rows, {shown(made.total)}."])
