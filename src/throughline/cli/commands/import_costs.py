"""`throughline import costs` and `import mau`: what the cloud costs, and who uses it."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from throughline.billing.told import Rate
from throughline.cli.reply import (
    DONE,
    FAILED,
    Reply,
    by_option,
    day,
    now,
    operator,
    replies,
    watched,
)
from throughline.intake.bills import READERS, import_costs, import_users
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

FILE = click.Path(path_type=Path)


@click.command("costs")
@click.argument("file", type=FILE)
@click.option("--provider", type=click.Choice(sorted(READERS)), required=True)
@click.option("--rate", default="", help="Of a file in another currency: what one unit is worth.")
@click.option("--rate-on", default="", metavar="DATE", help="The day of that rate.")
@by_option
@replies
def costs(file: Path, provider: str, rate: str, rate_on: str, by: str | None) -> Reply:
    """Take in a month's bill: Cost Explorer's CSV by linked account, or Google's billing report."""
    taken = import_costs(
        file,
        provider,
        rate=_rate(rate, rate_on),
        playbook=current(),
        by=operator(by),
        at=now(),
        watch=lambda rows: watched(rows, what="rows", total=len(rows)),
    )
    document = taken.as_json()
    lines = [
        f"{month}: {total} in the ledger, {document['provider_total'].get(month)} on the bill."
        for month, total in document["total"].items()
    ]
    strange = [
        f"unassigned: {one['account']} {one['name']} {one['total']}"
        for one in document["unassigned"]
    ]
    said = "This file was taken in before; nothing changes." if document["unchanged"] else ""
    return Reply(document, [*filter(None, [said]), *lines, *strange], taken.warnings)


def _rate(rate: str, on: str) -> Rate | None:
    if not rate and not on:
        return None
    try:
        value = Decimal(rate)
    except InvalidOperation as error:
        raise Refused(f"{rate!r} is no rate.", remedy="Write it as 1.0832.") from error
    if not value.is_finite():
        raise Refused(f"{rate!r} is no rate.", remedy="Write it as 1.0832.")
    return Rate(value, day(on, what="--rate-on"))


@click.command("mau")
@click.argument("file", type=FILE)
@by_option
@replies
def mau(file: Path, by: str | None) -> Reply:
    """Take in monthly active users (CSV: cluster,date,unique_users). Blank is not zero."""
    taken = import_users(file, by=operator(by), at=now())
    document = taken.as_json()
    lines = [f"{month}: {total} active users." for month, total in document["total"].items()]
    strange = [f"unassigned: {name}, {users} users" for name, users in taken.unassigned]
    blank = [
        f"{one['cluster']} in {one['month']}: nobody knows how many; look by hand."
        for one in document["blank"]
    ]
    changed = [
        f"{one['cluster']} in {one['month']}: {one['before']} before, {one['after']} now."
        for one in document["changes"]
    ]
    rejected = [f"line {one['row']}: {one['reason']}" for one in document["rejected"]]
    return Reply(
        document,
        [*lines, *strange, *rejected],
        [*blank, *changed],
        FAILED if rejected else DONE,
    )
